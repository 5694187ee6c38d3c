package dev.henge.deploy;

import dev.henge.node.StartupException;
import dev.henge.router.api.Signatures;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code henge cluster}: a cluster on this machine, each node and the router a process of its own. */
@Command(
        name = "cluster",
        description = "Start a cluster on this machine as separate processes, in the foreground.",
        footer = {
            "",
            "Ctrl-C ends all processes. A process that is killed leaves the others running;",
            "the command that starts it again is printed."
        },
        sortOptions = false)
final class ClusterCommand extends VerboseCommand implements Callable<Integer> {

    private static final int NODES_MAX = 9;
    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration ROOT_KEY_MAX = Duration.ofSeconds(30);

    /** A node's metrics are at its own port plus this; the router's just before the first node's. */
    private static final int METRICS_PORT_OFFSET = 100;

    @Option(
            names = "--nodes",
            paramLabel = "N",
            defaultValue = "3",
            description = "How many nodes (default: ${DEFAULT-VALUE}).")
    private int nodeCount;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8000",
            description = "Port of the endpoint (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = LOOPBACK,
            description = "Address that the endpoint listens on (default: ${DEFAULT-VALUE}).")
    private String host = "";

    @Option(
            names = "--node-port",
            paramLabel = "PORT",
            defaultValue = "7001",
            description = "Port of the first node; the others follow (default: ${DEFAULT-VALUE}).")
    private int firstNodePort;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = Checks.DATA_DIRECTORY,
            description = "Where the data is kept (default: ./${DEFAULT-VALUE}).")
    private Path data = Path.of("");

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "16",
            description = "Partitions of a new cluster (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--cache",
            paramLabel = "SIZE",
            defaultValue = "256MB",
            description = "Memory for each node's cache (default: ${DEFAULT-VALUE}).")
    private ByteSize cache = new ByteSize(1);

    @Option(
            names = "--signatures",
            paramLabel = "WHICH",
            defaultValue = RouterDefaults.SIGNATURES,
            description = "verify: only those of henge credentials; accept-any: all that are well-formed (default:"
                    + " ${DEFAULT-VALUE}).")
    private Signatures signatures = Signatures.VERIFY;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws StartupException, InterruptedException {
        check();
        Logging.toStandardError(verbose());
        Path directory = data.toAbsolutePath().normalize();
        HostPort endpoint = Checks.address(spec, host, port);
        ClusterNodes nodes = nodes();
        ClusterFile.prepare(directory, Checks.CLUSTER_NAME, nodeCount);
        Ports.requireFree(endpoint, "--port");
        for (HostPort address : nodes.addresses().values()) {
            Ports.requireFree(address, "--node-port");
        }
        PrintWriter out = spec.commandLine().getOut();
        List<Supervisor.Program> programs = programs(directory, nodes, endpoint);
        out.println("Starting " + nodeCount + " nodes and a router.");
        out.flush();
        Supervisor supervisor = Supervisor.start(out, programs);
        RunningProcess.closeAtExit(supervisor);
        new ClusterFile(Checks.CLUSTER_NAME, nodes, endpoint).write(directory);
        greet(out, supervisor, programs, endpoint, directory, keyLines(nodes));
        if (supervisor.awaitAllEnded()) {
            throw new StartupException("no process of the cluster is left");
        }
        return 0;
    }

    private void check() {
        if (nodeCount < 1 || nodeCount > NODES_MAX) {
            throw new ParameterException(
                    spec.commandLine(), "--nodes must be from 1 to " + NODES_MAX + ", not " + nodeCount);
        }
        if (port < 1) {
            throw new ParameterException(spec.commandLine(), "--port must be from 1 to 65535, not " + port);
        }
        if (firstNodePort < 1 || firstNodePort + nodeCount > 65_536) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--node-port must leave room for all nodes below 65536, not be " + firstNodePort);
        }
        if (port >= firstNodePort && port < firstNodePort + nodeCount) {
            throw new ParameterException(spec.commandLine(), "--port " + port + " is a node's port as well");
        }
        Checks.partitions(spec, partitions);
    }

    private ClusterNodes nodes() {
        Map<String, HostPort> addresses = new LinkedHashMap<>();
        for (int i = 0; i < nodeCount; i++) {
            addresses.put("n" + (i + 1), new HostPort(LOOPBACK, firstNodePort + i));
        }
        return new ClusterNodes(addresses);
    }

    private List<Supervisor.Program> programs(Path directory, ClusterNodes nodes, HostPort endpoint) {
        List<Supervisor.Program> programs = new ArrayList<>();
        for (String name : nodes.addresses().keySet()) {
            HostPort address = nodes.addresses().get(name);
            programs.add(program(
                    name,
                    metricsPort(address == null ? 0 : address.port() + METRICS_PORT_OFFSET),
                    List.of(
                            "node",
                            "--name",
                            name,
                            "--nodes",
                            nodes.toString(),
                            "--data",
                            directory.resolve(name).toString(),
                            "--log",
                            logFile(directory, name),
                            "--partitions",
                            Integer.toString(partitions),
                            "--cache",
                            cache.toString())));
        }
        List<String> router = new ArrayList<>(List.of(
                "router",
                "--nodes",
                String.join(",", nodes.addressTexts()),
                "--listen",
                endpoint.toString(),
                "--signatures",
                signatures.toString(),
                "--log",
                logFile(directory, "router")));
        // As for metrics: a cluster does not fail for want of it.
        HostPort gossip = new HostPort(LOOPBACK, port);
        if (Ports.isFreeForDatagrams(gossip)) {
            router.addAll(List.of("--gossip", gossip.toString(), "--name", "router"));
        }
        programs.add(program("router", metricsPort(firstNodePort + METRICS_PORT_OFFSET - 1), router));
        return programs;
    }

    /** What to sign requests with. A new cluster's first key is shown here, and nowhere else ever again. */
    private String keyLines(ClusterNodes nodes) {
        if (signatures == Signatures.ACCEPT_ANY) {
            return "          Any well-formed signature is accepted, so any key, secret and region will do.\n";
        }
        try (CredentialClient client = CredentialClient.connect(nodes.addressTexts(), ROOT_KEY_MAX)) {
            return client.createFirst("root")
                    .map(key -> "          with these, shown this once, and any region:\n            AWS_ACCESS_KEY_ID="
                            + key.accessKeyId() + "\n            AWS_SECRET_ACCESS_KEY=" + key.secretKey() + '\n')
                    .orElse("          with a key of this cluster; henge credentials create makes another.\n");
        } catch (StartupException e) {
            return "          There is no key to sign with yet (" + e.getMessage()
                    + "); make one with henge credentials create.\n";
        }
    }

    private static String logFile(Path directory, String name) {
        return directory.resolve(name + ".log").toString();
    }

    /** Metrics are offered where a port is free for them; a cluster does not fail for want of one. */
    private static Optional<HostPort> metricsPort(int port) {
        return Optional.of(new HostPort(LOOPBACK, port)).filter(address -> port < 65_536 && Ports.isFree(address));
    }

    private Supervisor.Program program(String name, Optional<HostPort> metrics, List<String> basicArguments) {
        List<String> arguments = new ArrayList<>(basicArguments);
        metrics.ifPresent(address -> arguments.addAll(List.of("--metrics", address.toString())));
        List<String> supervised = new ArrayList<>(arguments);
        supervised.addAll(
                List.of("--parent-pid", Long.toString(ProcessHandle.current().pid())));
        if (verbose()) {
            supervised.add("--verbose");
        }
        return new Supervisor.Program(name, SelfCommand.of(supervised), SelfCommand.typed(arguments));
    }

    private static Optional<String> metricsOf(Supervisor.Program program) {
        int place = program.command().indexOf("--metrics");
        return place < 0
                ? Optional.empty()
                : Optional.of("http://" + program.command().get(place + 1) + "/metrics (" + program.name() + ")");
    }

    private static void greet(
            PrintWriter out,
            Supervisor supervisor,
            List<Supervisor.Program> programs,
            HostPort endpoint,
            Path directory,
            String keyLines) {
        String url = Checks.endpointUrl(endpoint);
        StringBuilder text = new StringBuilder(1024);
        text.append("\nHenge ")
                .append(VersionCommand.version())
                .append(" is ready at ")
                .append(url)
                .append("\n\n");
        text.append("  Try     aws dynamodb list-tables --endpoint-url ")
                .append(url)
                .append('\n');
        text.append(keyLines);
        text.append("  Data    ").append(directory).append(" (logs: n1.log, ..., router.log)\n");
        String metrics = programs.stream()
                .flatMap(program -> metricsOf(program).stream())
                .collect(Collectors.joining(", "));
        text.append("  Metrics ")
                .append(metrics.isEmpty() ? "nowhere: their ports are taken" : metrics)
                .append('\n');
        text.append("  Stop    Ctrl-C ends all of them\n\n");
        text.append("Each process, and what starts it again once it has ended:\n");
        for (Supervisor.Program program : programs) {
            text.append("  ")
                    .append(program.name())
                    .append(" (pid ")
                    .append(supervisor.pid(program.name()))
                    .append(")\n");
            text.append("    ").append(program.restartCommand()).append('\n');
        }
        out.println(text);
        out.flush();
    }
}

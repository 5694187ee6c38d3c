package dev.henge.deploy;

import dev.henge.node.NodeConfig;
import dev.henge.node.NodeFaultException;
import dev.henge.node.NodeServer;
import dev.henge.node.StartupException;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code henge node}: one storage node. */
@Command(
        name = "node",
        description = "Start one storage node.",
        footer = {
            "",
            "Each option may also stand in the environment (--data as HENGE_NODE_DATA) or in the",
            "file given with --config (data=...). A flag wins over the environment, that over the file."
        },
        sortOptions = false)
final class NodeCommand extends VerboseCommand implements Callable<Integer> {

    private static final int SCRUB_HOURS_MAX = 24 * 365;

    @Option(
            names = "--name",
            required = true,
            paramLabel = "NAME",
            description = "This node's name, one of those in --nodes.")
    private String name = "";

    @Option(
            names = "--nodes",
            required = true,
            paramLabel = "NAME=HOST:PORT,...",
            description = "The cluster's nodes and their addresses, the same for each of them.")
    private ClusterNodes nodes = new ClusterNodes(Map.of());

    @Option(
            names = "--data",
            required = true,
            paramLabel = "DIR",
            description = "Where this node keeps its data; its own directory.")
    private Path data = Path.of("");

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen (default: this node's address in --nodes).")
    private @Nullable HostPort listen;

    @Option(
            names = "--cluster",
            paramLabel = "NAME",
            defaultValue = Checks.CLUSTER_NAME,
            description = "Name of the cluster, the same for each node (default: ${DEFAULT-VALUE}).")
    private String cluster = "";

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "16",
            description = "Partitions of a new cluster (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--cache",
            paramLabel = "SIZE",
            defaultValue = "128MB",
            description = "Memory for the storage engine's cache (default: ${DEFAULT-VALUE}).")
    private ByteSize cache = new ByteSize(1);

    @Option(
            names = "--scrub-hours",
            paramLabel = "N",
            defaultValue = "24",
            description =
                    "How often the replicas of each partition are compared, 0 for never (default: ${DEFAULT-VALUE}).")
    private int scrubHours;

    @Option(
            names = "--item-collection-bytes-max",
            paramLabel = "SIZE",
            defaultValue = "10GB",
            description =
                    "How large the items of one partition key may grow with their entries in local secondary indexes,"
                            + " about; tables without local indexes have no such bound (default: ${DEFAULT-VALUE}).")
    private ByteSize itemCollectionBytesMax = new ByteSize(1);

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "Where to answer /metrics, /healthz and /readyz (default: nowhere).")
    private @Nullable HostPort metrics;

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description = "Log to this file, and warnings alone to the terminal (default: all to the terminal).")
    private @Nullable Path logFile;

    @Option(names = SettingsSource.FILE_OPTION, paramLabel = "FILE", description = "Properties file with more options.")
    @SuppressWarnings("unused") // read before the command line is parsed
    private @Nullable Path config;

    @Option(names = "--parent-pid", hidden = true)
    private @Nullable Long parentPid;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws StartupException, InterruptedException {
        NodeConfig nodeConfig = nodeConfig();
        Logging.set(logFile, verbose());
        if (parentPid != null) {
            RunningProcess.endWith(parentPid);
        }
        PrometheusMeterRegistry registry = MetricsEndpoint.registry();
        NodeServer server = NodeServer.start(nodeConfig, registry);
        RunningProcess.closeAtExit(server);
        if (metrics != null) {
            RunningProcess.closeAtExit(MetricsEndpoint.start(metrics, registry, () -> !server.failed(), server::ready));
        }
        ReadyLine.print(
                spec.commandLine().getOut(),
                "node " + name + " on " + nodeConfig.listen().getHostString() + ":" + server.port());
        try {
            server.awaitStop();
        } catch (NodeFaultException e) {
            throw new StartupException(String.valueOf(e.getMessage()), e);
        }
        return 0;
    }

    /** What the options come to. */
    NodeConfig nodeConfig() {
        HostPort own = nodes.addresses().get(name);
        if (own == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--name " + name + " is none of the names in --nodes ("
                            + String.join(", ", nodes.addresses().keySet()) + ")");
        }
        Checks.partitions(spec, partitions);
        if (scrubHours < 0 || scrubHours > SCRUB_HOURS_MAX) {
            throw new ParameterException(
                    spec.commandLine(), "--scrub-hours must be from 0 to " + SCRUB_HOURS_MAX + ", not " + scrubHours);
        }
        HostPort address = listen == null ? own : listen;
        return new NodeConfig(
                        cluster,
                        name,
                        nodes.asText(),
                        address.toSocketAddress(),
                        data,
                        false,
                        partitions,
                        cache.bytes())
                .withScrubInterval(Duration.ofHours(scrubHours))
                .withItemCollectionBytesMax(itemCollectionBytesMax.bytes());
    }
}

package dev.henge.chaos.process;

import static java.util.Objects.requireNonNull;

import dev.henge.chaos.support.Await;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Nodes and routers as processes of their own: three that make a cluster, and others that join it. Routers are told of the
 * first three alone. Closing it kills all.
 */
final class ElasticCluster implements NodeAddresses, AutoCloseable {

    static final List<String> FOUNDERS = List.of("n1", "n2", "n3");

    static final int NODES_MAX = 40;
    private static final int ROUTERS_MAX = 2;
    private static final int METRICS_PORT_OFFSET = NODES_MAX + ROUTERS_MAX;
    private static final String ROUTER = "router";
    private static final Duration START_MAX = Duration.ofSeconds(90);
    private static final Duration END_MAX = Duration.ofSeconds(30);

    /** What a command printed and how it ended. */
    record Answer(int code, String text) {}

    private final Path directory;
    private final int partitions;
    private final List<Integer> ports;
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final Map<String, List<String>> arguments = new LinkedHashMap<>();
    private final Map<String, Path> outputs = new LinkedHashMap<>();

    private ElasticCluster(Path directory, int partitions) throws IOException {
        this.directory = directory;
        this.partitions = partitions;
        ports = ProcessCluster.freePorts(2 * METRICS_PORT_OFFSET);
    }

    /** Returns once all have said that they are ready. */
    static ElasticCluster start(Path directory, int partitions) throws IOException {
        ElasticCluster cluster = startNodes(directory, partitions);
        try {
            cluster.startRouter(ROUTER);
            return cluster;
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    /** The same, without a router. */
    static ElasticCluster startNodes(Path directory, int partitions) throws IOException {
        ElasticCluster cluster = new ElasticCluster(directory, partitions);
        try {
            for (String node : FOUNDERS) {
                cluster.launchFounder(node);
            }
            for (String node : FOUNDERS) {
                cluster.awaitReady(node);
            }
            return cluster;
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    URI endpoint() {
        return URI.create("http://" + address(ROUTER));
    }

    /** Where a program answers /metrics, /healthz and /readyz. */
    URI metrics(String program) {
        return URI.create("http://127.0.0.1:" + ports.get(place(program) + METRICS_PORT_OFFSET));
    }

    private static boolean isRouter(String program) {
        return program.startsWith(ROUTER);
    }

    /** {@code router} and {@code router2} come first, then {@code n1} and so on. */
    private static int place(String program) {
        if (isRouter(program)) {
            return program.equals(ROUTER) ? 0 : 1;
        }
        return ROUTERS_MAX + Integer.parseInt(program.substring(1)) - 1;
    }

    /** Those that run. */
    @Override
    public List<String> nodes() {
        return processes.keySet().stream()
                .filter(program -> !isRouter(program) && isAlive(program))
                .toList();
    }

    @Override
    public String address(String program) {
        return "127.0.0.1:" + ports.get(place(program));
    }

    @Override
    public boolean isAlive(String program) {
        Process process = processes.get(program);
        return process != null && process.isAlive();
    }

    /** Starts a router, {@code router} or {@code router2}; returns once it is ready. */
    void startRouter(String router, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "router",
                "--nodes",
                String.join(",", FOUNDERS.stream().map(this::address).toList()),
                "--listen",
                address(router),
                "--metrics",
                metrics(router).getAuthority(),
                "--signatures",
                "accept-any"));
        arguments.addAll(List.of(more));
        launch(router, arguments);
        awaitReady(router);
    }

    /** Starts a program that has ended as it was started before; returns once it has said that it is ready. */
    void startAgain(String program) throws IOException {
        launch(program, requireNonNull(arguments.get(program), program));
        awaitReady(program);
    }

    private void launchFounder(String node) throws IOException {
        launch(
                node,
                nodeArguments(
                        node,
                        directory,
                        "--nodes",
                        String.join(
                                ",",
                                FOUNDERS.stream()
                                        .map(name -> name + "=" + address(name))
                                        .toList()),
                        "--partitions",
                        Integer.toString(partitions)));
    }

    /** Starts a further node, told of some that run; returns once it is ready. */
    void join(String node) throws IOException {
        join(node, List.of(), directory);
    }

    /**
     * The same for a node that leaves the processors to the others, as one on a machine of its own would.
     *
     * @param parent where its data directory goes
     */
    void joinAside(String node, Path parent) throws IOException {
        join(node, List.of("nice", "-n", "19"), parent);
    }

    private void join(String node, List<String> prefix, Path parent) throws IOException {
        launch(
                node,
                prefix,
                nodeArguments(
                        node,
                        parent,
                        "--join",
                        String.join(",", nodes().stream().map(this::address).toList()),
                        "--listen",
                        address(node)));
        awaitReady(node);
    }

    private List<String> nodeArguments(String node, Path parent, String... entry) {
        List<String> arguments = new ArrayList<>(List.of("node", "--name", node));
        arguments.addAll(List.of(entry));
        arguments.addAll(List.of(
                "--cache",
                "32MB",
                "--metrics",
                metrics(node).getAuthority(),
                "--data",
                parent.resolve(node).toString()));
        return arguments;
    }

    long pid(String program) {
        return process(program).pid();
    }

    /** {@code kill -9}; returns once the process is gone. */
    void kill(String program) {
        process(program).destroyForcibly();
        awaitEnd(program);
    }

    /** SIGTERM; returns the exit code. */
    int stop(String program) {
        process(program).destroy();
        return awaitEnd(program);
    }

    /** Returns the exit code of a program that ends within the bound. */
    int awaitEnd(String program) {
        Process process = process(program);
        try {
            if (!process.waitFor(END_MAX.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError(program + " is still alive after " + END_MAX.toSeconds() + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return process.exitValue();
    }

    /** What a program has printed since it was last started. */
    String output(String program) throws IOException {
        return Files.readString(requireNonNull(outputs.get(program), program));
    }

    /** Runs one of {@code henge}'s commands on the nodes that run. */
    Answer command(Duration atMost, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of(
                "--nodes", String.join(",", nodes().stream().map(this::address).toList())));
        Path output = Files.createTempFile(directory, "command-", ".out");
        Process process = new ProcessBuilder(ProcessCluster.henge(all.toArray(String[]::new)))
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output.toFile())
                .start();
        try {
            if (!process.waitFor(atMost.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(all + " did not end in " + atMost + ":\n" + Files.readString(output));
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return new Answer(process.exitValue(), Files.readString(output));
    }

    @Override
    public void close() {
        processes.values().forEach(Process::destroyForcibly);
        processes.keySet().forEach(this::awaitEnd);
    }

    private void launch(String program, List<String> given) throws IOException {
        launch(program, List.of(), given);
    }

    private void launch(String program, List<String> prefix, List<String> given) throws IOException {
        Files.createDirectories(directory);
        arguments.put(program, given);
        Path output = directory.resolve(program + ".out");
        outputs.put(program, output);
        List<String> command = new ArrayList<>(prefix);
        command.addAll(ProcessCluster.henge(given.toArray(String[]::new)));
        processes.put(
                program,
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(output.toFile())
                        .start());
    }

    private void awaitReady(String program) throws IOException {
        Await.until(program + " is ready", START_MAX, () -> output(program).contains("Ready: ") || !isAlive(program));
        if (!output(program).contains("Ready: ")) {
            throw new AssertionError(program + " ended before it was ready:\n" + output(program));
        }
    }

    private Process process(String program) {
        return requireNonNull(processes.get(program), program);
    }
}

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
 * Nodes and a router as processes of their own: three that make a cluster, and others that join it. The router is told of the
 * first three alone. Closing it kills all.
 */
final class ElasticCluster implements NodeAddresses, AutoCloseable {

    static final List<String> FOUNDERS = List.of("n1", "n2", "n3");

    private static final int NODES_MAX = 8;
    private static final Duration START_MAX = Duration.ofSeconds(90);
    private static final Duration END_MAX = Duration.ofSeconds(30);

    /** What a command printed and how it ended. */
    record Answer(int code, String text) {}

    private final Path directory;
    private final int partitions;
    private final List<Integer> ports;
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final Map<String, Path> outputs = new LinkedHashMap<>();

    private ElasticCluster(Path directory, int partitions) throws IOException {
        this.directory = directory;
        this.partitions = partitions;
        ports = ProcessCluster.freePorts(NODES_MAX + 1);
    }

    /** Returns once all have said that they are ready. */
    static ElasticCluster start(Path directory, int partitions) throws IOException {
        ElasticCluster cluster = new ElasticCluster(directory, partitions);
        try {
            for (String node : FOUNDERS) {
                cluster.launchFounder(node);
            }
            for (String node : FOUNDERS) {
                cluster.awaitReady(node);
            }
            cluster.launch(
                    "router",
                    List.of(
                            "router",
                            "--nodes",
                            String.join(
                                    ",", FOUNDERS.stream().map(cluster::address).toList()),
                            "--listen",
                            cluster.endpoint().getAuthority(),
                            "--signatures",
                            "accept-any"));
            cluster.awaitReady("router");
            return cluster;
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + ports.getFirst());
    }

    /** Those that run. */
    @Override
    public List<String> nodes() {
        return processes.keySet().stream()
                .filter(program -> !program.equals("router") && isAlive(program))
                .toList();
    }

    @Override
    public String address(String node) {
        return "127.0.0.1:" + ports.get(Integer.parseInt(node.substring(1)));
    }

    @Override
    public boolean isAlive(String program) {
        Process process = processes.get(program);
        return process != null && process.isAlive();
    }

    private void launchFounder(String node) throws IOException {
        launch(
                node,
                nodeArguments(
                        node,
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
        launch(
                node,
                nodeArguments(
                        node,
                        "--join",
                        String.join(",", nodes().stream().map(this::address).toList()),
                        "--listen",
                        address(node)));
        awaitReady(node);
    }

    private List<String> nodeArguments(String node, String... entry) {
        List<String> arguments = new ArrayList<>(List.of("node", "--name", node));
        arguments.addAll(List.of(entry));
        arguments.addAll(
                List.of("--cache", "32MB", "--data", directory.resolve(node).toString()));
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

    private void launch(String program, List<String> arguments) throws IOException {
        Files.createDirectories(directory);
        Path output = directory.resolve(program + ".out");
        outputs.put(program, output);
        processes.put(
                program,
                new ProcessBuilder(ProcessCluster.henge(arguments.toArray(String[]::new)))
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

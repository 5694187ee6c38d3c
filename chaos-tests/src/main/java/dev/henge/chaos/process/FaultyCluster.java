package dev.henge.chaos.process;

import static java.util.Objects.requireNonNull;

import dev.henge.chaos.support.Await;
import java.io.File;
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
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Nodes and a router as real processes in a sandbox, each with an address of its own on a network that can be cut, each
 * node with a disk that can fail.
 */
final class FaultyCluster implements NodeAddresses, AutoCloseable {

    /**
     * Its shape.
     *
     * @param nodeCount 3 or 5
     * @param partitionCount of a new cluster
     * @param preloaded whether nodes run with the library that makes disks fail
     */
    record Options(int nodeCount, int partitionCount, boolean preloaded) {
        static Options usual(int nodeCount) {
            return new Options(nodeCount, 16, true);
        }
    }

    static final String ROUTER = "router";
    private static final int NODE_PORT = 7000;
    private static final int ROUTER_PORT = 8000;
    private static final Duration START_MAX = Duration.ofSeconds(90);
    private static final Duration END_MAX = Duration.ofSeconds(30);

    private final Path directory;
    private final List<String> nodes;
    private final Options options;
    private final FaultyNetwork network;
    private final FaultyDisk.Library library;
    private final Map<String, FaultyDisk> disks = new LinkedHashMap<>();
    private final Map<String, Process> processes = new LinkedHashMap<>();
    private final Map<String, Path> outputs = new LinkedHashMap<>();

    private FaultyCluster(Path directory, Options options) throws IOException {
        this.directory = directory;
        this.options = options;
        nodes = IntStream.rangeClosed(1, options.nodeCount())
                .mapToObj(number -> "n" + number)
                .toList();
        network = new FaultyNetwork();
        library = options.preloaded()
                ? FaultyDisk.build(directory)
                : new FaultyDisk.Library.Missing("this run does without");
        for (String node : nodes) {
            network.addHost(node);
            disks.put(node, new FaultyDisk(directory.resolve(node), directory.resolve(node + ".disk"), library));
        }
        network.addHost(ROUTER);
        // Makes every entry, so that a cut changes an entry that is there.
        network.healAll();
    }

    /** Starts all. @param directory where outputs and data go; it must be there and be empty */
    static FaultyCluster start(Path directory, Options options) throws IOException {
        FaultyCluster cluster = new FaultyCluster(directory, options);
        cluster.startAll();
        return cluster;
    }

    @Override
    public List<String> nodes() {
        return nodes;
    }

    @Override
    public String address(String node) {
        return network.address(node) + ":" + NODE_PORT;
    }

    @Override
    public boolean isAlive(String program) {
        Process process = processes.get(program);
        return process != null && process.isAlive();
    }

    URI endpoint() {
        return URI.create("http://" + network.address(ROUTER) + ":" + ROUTER_PORT);
    }

    FaultyNetwork network() {
        return network;
    }

    FaultyDisk disk(String node) {
        return requireNonNull(disks.get(node), node);
    }

    /** Why disks can't be made slow or failing here; null when they can. Full disks always can. */
    @Nullable
    String missingLibrary() {
        return library instanceof FaultyDisk.Library.Missing(String why) ? why : null;
    }

    long pid(String program) {
        return process(program).pid();
    }

    /** What a program has printed since it was last started. */
    String output(String program) throws IOException {
        return Files.readString(requireNonNull(outputs.get(program), program));
    }

    /** {@code kill -9}; returns once the process is gone. */
    void kill(String program) {
        process(program).destroyForcibly();
        awaitEnd(program);
    }

    /** {@code kill -9} of all, as close to one moment as can be. */
    void killAll() {
        processes.values().forEach(Process::destroyForcibly);
        processes.keySet().forEach(this::awaitEnd);
    }

    /** SIGTERM. */
    void terminate(String program) {
        process(program).destroy();
    }

    /** SIGSTOP: alive, and silent. */
    void pause(String program) {
        Sandbox.command("kill", "-STOP", Long.toString(pid(program)));
    }

    /** SIGCONT. */
    void resume(String program) {
        Sandbox.command("kill", "-CONT", Long.toString(pid(program)));
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

    /** Starts a program that isn't running; returns once it has said that it is ready. */
    void start(String program) throws IOException {
        launch(program);
        awaitReady(program);
    }

    /** Starts all that isn't running; returns once each has said that it is ready. */
    void startAll() throws IOException {
        List<String> started = new ArrayList<>();
        for (String program : programs()) {
            if (!isAlive(program)) {
                launch(program);
                started.add(program);
            }
        }
        for (String program : started) {
            awaitReady(program);
        }
    }

    /** All nodes and the router. */
    List<String> programs() {
        List<String> programs = new ArrayList<>(nodes);
        programs.add(ROUTER);
        return programs;
    }

    /** Kills all. Interfaces and mounts end with the sandbox. */
    @Override
    public void close() {
        processes.values().forEach(Process::destroyForcibly);
    }

    private void launch(String program) throws IOException {
        List<String> command = new ArrayList<>(List.of(network.enter(program)));
        command.addAll(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC",
                "-Xms64m",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.henge.deploy.Henge"));
        command.addAll(program.equals(ROUTER) ? routerArguments() : nodeArguments(program));
        Path output = directory.resolve(program + ".out");
        Path before = directory.resolve(program + ".old.out");
        // All that a program printed is kept over its restarts, but what it prints now is looked at alone.
        if (Files.exists(output)) {
            Files.write(
                    before,
                    Files.readAllBytes(output),
                    java.nio.file.StandardOpenOption.CREATE,
                    java.nio.file.StandardOpenOption.APPEND);
        }
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output.toFile());
        FaultyDisk disk = disks.get(program);
        if (disk != null) {
            builder.environment().putAll(disk.environment());
        }
        outputs.put(program, output);
        processes.put(program, builder.start());
    }

    private List<String> nodeArguments(String node) {
        List<String> addresses =
                nodes.stream().map(name -> name + "=" + address(name)).toList();
        return List.of(
                "node",
                "--name",
                node,
                "--nodes",
                String.join(",", addresses),
                "--partitions",
                Integer.toString(options.partitionCount()),
                "--cache",
                "64MB",
                "--data",
                disk(node).data().resolve("data").toString());
    }

    private List<String> routerArguments() {
        List<String> addresses = nodes.stream().map(this::address).toList();
        return List.of(
                "router",
                "--nodes",
                String.join(",", addresses),
                "--listen",
                network.address(ROUTER) + ":" + ROUTER_PORT,
                "--signatures",
                "accept-any");
    }

    private void awaitReady(String program) throws IOException {
        Await.until(program + " is ready", START_MAX, () -> output(program).contains("Ready: ") || !isAlive(program));
        if (!output(program).contains("Ready: ")) {
            throw new AssertionError(program + " ended with " + process(program).exitValue() + " before it was ready:\n"
                    + output(program));
        }
    }

    private Process process(String program) {
        return requireNonNull(processes.get(program), program);
    }
}

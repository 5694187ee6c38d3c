package dev.henge.chaos.process;

import dev.henge.chaos.support.Await;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code henge cluster} as a person runs it: a process with four below it, each of which can be killed and started again
 * by the command that the cluster printed. Closing it kills all of them.
 */
final class ProcessCluster implements NodeAddresses, AutoCloseable {

    static final List<String> NODES = List.of("n1", "n2", "n3");
    static final String ROUTER = "router";

    /** Small, and soon there, as tests need it; a measurement sets what nodes and routers have by themselves, {@code -Xmx512m}. */
    private static final String JVM = System.getProperty("henge.process.jvm", "-XX:TieredStopAtLevel=1 -Xmx256m");

    private static final Duration START_MAX = Duration.ofSeconds(90);
    private static final Duration END_MAX = Duration.ofSeconds(30);
    private static final Pattern PROGRAM =
            Pattern.compile("^ {2}(\\w+) \\(pid (\\d+)\\)\\R {4}(.+)$", Pattern.MULTILINE);
    private static final Pattern ACCESS_KEY =
            Pattern.compile("AWS_ACCESS_KEY_ID=(\\S+)\\R\\s+AWS_SECRET_ACCESS_KEY=(\\S+)");
    private static final Pattern READY_PID = Pattern.compile("^Ready: .*\\(pid (\\d+)\\)$", Pattern.MULTILINE);

    private final Path directory;
    private final String signatures;
    private final int endpointPort;
    private final int firstNodePort;
    private final List<Process> started = new ArrayList<>();
    private final Map<String, ProcessHandle> programs = new LinkedHashMap<>();
    private final Map<String, String> restartCommands = new LinkedHashMap<>();
    private int outputs;
    private Path supervisorOutput;
    private Process supervisor;

    private ProcessCluster(Path directory, String signatures) throws IOException {
        this.directory = directory;
        this.signatures = signatures;
        List<Integer> ports = freePorts(NODES.size() + 1);
        endpointPort = ports.getFirst();
        firstNodePort = ports.get(1);
        supervisorOutput = newOutput("cluster");
        supervisor = launchSupervisor();
    }

    /**
     * A cluster that lets any well-formed signature in.
     *
     * @param directory where data and outputs go
     */
    static ProcessCluster start(Path directory) throws IOException {
        return start(directory, "accept-any");
    }

    /** A cluster that verifies signatures, as by itself; {@link #accessKey} tells what to sign with. */
    static ProcessCluster startVerifying(Path directory) throws IOException {
        return start(directory, "verify");
    }

    private static ProcessCluster start(Path directory, String signatures) throws IOException {
        ProcessCluster cluster = new ProcessCluster(directory, signatures);
        try {
            cluster.awaitGreeting();
            return cluster;
        } catch (IOException | RuntimeException | Error e) {
            cluster.close();
            throw e;
        }
    }

    /** Starts {@code henge cluster} again on the same data and ports, after all processes have ended. */
    void startAgain() throws IOException {
        supervisorOutput = newOutput("cluster");
        supervisor = launchSupervisor();
        awaitGreeting();
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + endpointPort);
    }

    @Override
    public List<String> nodes() {
        return NODES;
    }

    @Override
    public boolean isAlive(String program) {
        return process(program).isAlive();
    }

    @Override
    public String address(String node) {
        return "127.0.0.1:" + (firstNodePort + NODES.indexOf(node));
    }

    int endpointPort() {
        return endpointPort;
    }

    int firstNodePort() {
        return firstNodePort;
    }

    Path data() {
        return directory.resolve("data");
    }

    /** The process of a program, as it was last started. */
    ProcessHandle process(String program) {
        ProcessHandle process = programs.get(program);
        if (process == null) {
            throw new IllegalArgumentException("there is no " + program + " but " + programs.keySet());
        }
        return process;
    }

    /** What the cluster printed as the command that starts the program again. */
    String restartCommand(String program) {
        return String.valueOf(restartCommands.get(program));
    }

    /** The key that a new cluster shows once. */
    record AccessKey(String id, String secret) {}

    AccessKey accessKey() throws IOException {
        Matcher shown = ACCESS_KEY.matcher(output());
        if (!shown.find()) {
            throw new AssertionError("no access key is shown in\n" + output());
        }
        return new AccessKey(shown.group(1), shown.group(2));
    }

    /** All that {@code henge cluster} has printed since it was last started. */
    String output() throws IOException {
        return Files.readString(supervisorOutput);
    }

    /** {@code kill -9}; returns once the process is gone. */
    void kill(String program) {
        ProcessHandle process = process(program);
        process.destroyForcibly();
        awaitEnd(process);
    }

    /** {@code kill -9} of the nodes and the router, as close to one moment as can be; the supervisor ends by itself. */
    void killAll() {
        programs.values().forEach(ProcessHandle::destroyForcibly);
        programs.values().forEach(ProcessCluster::awaitEnd);
        awaitEnd(supervisor.toHandle());
    }

    /** {@code kill -9} of {@code henge cluster} itself; returns once all that it had started has ended too. */
    void killSupervisor() {
        supervisor.destroyForcibly();
        awaitEnd(supervisor.toHandle());
        programs.values().forEach(ProcessCluster::awaitEnd);
    }

    /** SIGTERM to {@code henge cluster}, as by Ctrl-C; returns once all have ended. */
    void stop() {
        supervisor.destroy();
        awaitEnd(supervisor.toHandle());
        programs.values().forEach(ProcessCluster::awaitEnd);
    }

    /** Starts a program again by the printed command; returns once it has told that it is ready. */
    void restart(String program) throws IOException {
        Path output = newOutput(program);
        Process process = launch(List.of("sh", "-c", "exec " + restartCommand(program)), output);
        awaitText(process, output, READY_PID);
        programs.put(program, process.toHandle());
    }

    @Override
    public void close() {
        started.forEach(Process::destroyForcibly);
        programs.values().forEach(ProcessHandle::destroyForcibly);
        started.forEach(process -> awaitEnd(process.toHandle()));
        programs.values().forEach(ProcessCluster::awaitEnd);
    }

    /** The command line of {@code henge}, run by this test's JVM and class path. */
    static List<String> henge(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseSerialGC"));
        command.addAll(List.of(JVM.split(" ")));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.henge.deploy.Henge"));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Neighbouring ports that nobody listens on now, below those that systems give to outgoing connections. */
    static List<Integer> freePorts(int count) throws IOException {
        int first = 15_000 + (int) (ProcessHandle.current().pid() % 1000) * 10;
        for (int port = first; port < 30_000; port += count) {
            List<Integer> ports = new ArrayList<>();
            for (int i = 0; i < count && isFree(port + i); i++) {
                ports.add(port + i);
            }
            if (ports.size() == count) {
                return ports;
            }
        }
        throw new IOException("no " + count + " neighbouring ports are free");
    }

    private static boolean isFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1);
        } catch (java.net.BindException _) {
            return false;
        }
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return false;
        } catch (ConnectException _) {
            return true;
        }
    }

    private Process launchSupervisor() throws IOException {
        return launch(
                henge(
                        "cluster",
                        "--port",
                        Integer.toString(endpointPort),
                        "--node-port",
                        Integer.toString(firstNodePort),
                        "--cache",
                        "32MB",
                        "--signatures",
                        signatures,
                        "--data",
                        data().toString()),
                supervisorOutput);
    }

    private Process launch(List<String> command, Path output) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output.toFile())
                .start();
        started.add(process);
        return process;
    }

    private void awaitGreeting() throws IOException {
        programs.clear();
        awaitText(supervisor, supervisorOutput, Pattern.compile("is ready at \\S+"));
        Await.until("henge cluster names its processes in\n" + output(), START_MAX, () -> {
            Matcher program = PROGRAM.matcher(output());
            while (program.find()) {
                programs.put(
                        program.group(1),
                        ProcessHandle.of(Long.parseLong(program.group(2))).orElseThrow());
                restartCommands.put(program.group(1), program.group(3));
            }
            return programs.size() == NODES.size() + 1;
        });
    }

    private static void awaitText(Process process, Path output, Pattern text) throws IOException {
        Await.until(
                "output of " + output,
                START_MAX,
                () -> text.matcher(Files.readString(output)).find() || !process.isAlive());
        String printed = Files.readString(output);
        if (!text.matcher(printed).find()) {
            throw new AssertionError("ended with " + process.exitValue() + " and without '" + text + "':\n" + printed);
        }
    }

    private static void awaitEnd(ProcessHandle process) {
        CompletableFuture<ProcessHandle> end = process.onExit();
        try {
            end.get(END_MAX.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("still alive after " + END_MAX + ": " + process.info(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        } catch (java.util.concurrent.ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    private Path newOutput(String program) throws IOException {
        Files.createDirectories(directory);
        outputs++;
        return directory.resolve(program + "-" + outputs + ".out");
    }
}

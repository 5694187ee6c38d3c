package dev.henge.bench;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A Java process with this process's Java, class path and flags, ended with {@link #close}. */
public final class ChildJvm implements AutoCloseable {
    private final Process process;

    private ChildJvm(Process process) {
        this.process = process;
    }

    /**
     * Starts a process; what it writes to standard error and to standard output goes to a file.
     *
     * @param log that file
     * @param mainClass its class
     * @param arguments its arguments
     */
    public static ChildJvm start(Path log, Class<?> mainClass, String... arguments) throws IOException {
        return new ChildJvm(builder(mainClass, arguments)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start());
    }

    /**
     * Starts a process and waits until it prints a line.
     *
     * @param line that line
     * @param mainClass its class
     * @param arguments its arguments
     * @throws IOException when it ends before
     */
    public static ChildJvm startAndAwait(String line, Class<?> mainClass, String... arguments) throws IOException {
        Process process = builder(mainClass, arguments)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder seen = new StringBuilder();
        String next = reader.readLine();
        while (next != null && !next.equals(line)) {
            seen.append(next).append('\n');
            next = reader.readLine();
        }
        if (next == null) {
            process.destroyForcibly();
            throw new IOException(mainClass.getSimpleName() + " ended early, having said:\n" + seen);
        }
        return new ChildJvm(process);
    }

    /** A TCP port that is free at the moment. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** The process id. */
    public long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private static ProcessBuilder builder(Class<?> mainClass, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                absoluteClassPath(),
                mainClass.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).directory(new File(System.getProperty("java.io.tmpdir")));
    }

    /** Surefire's class path may be relative, or a jar with a manifest; the entries are what counts. */
    private static String absoluteClassPath() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> entries = new ArrayList<>();
        for (String entry : classPath.split(File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }
}

package dev.henge.chaos.oracle;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * DynamoDB Local in a process of its own.
 *
 * @param process its process
 * @param port its TCP port on this machine
 */
record DynamoDbLocal(Process process, int port) implements AutoCloseable {

    /** Starts one that keeps its data in memory, and waits until it answers. */
    static DynamoDbLocal start() throws IOException {
        int port = freePort();
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx1g",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        absoluteClassPath(),
                        DynamoDbLocalServer.class.getName(),
                        Integer.toString(port))
                .directory(new File(System.getProperty("java.io.tmpdir")))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
        StringBuilder seen = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (line.equals(DynamoDbLocalServer.READY)) {
                Thread.ofVirtual().start(() -> reader.lines().forEach(_ -> {}));
                return new DynamoDbLocal(process, port);
            }
            seen.append(line).append('\n');
        }
        process.destroyForcibly();
        throw new IOException("DynamoDB Local ended early, having said:\n" + seen);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Surefire's class path may be relative, or a jar with a manifest; the entries are what counts. */
    private static String absoluteClassPath() {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return Arrays.stream(classPath.split(File.pathSeparator, -1))
                .map(entry -> Path.of(entry).toAbsolutePath().toString())
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}

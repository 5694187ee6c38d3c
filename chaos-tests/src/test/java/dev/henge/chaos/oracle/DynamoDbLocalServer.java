package dev.henge.chaos.oracle;

import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Runs DynamoDB Local, in memory, until the process is ended. It needs SQLite's native library, which is a dependency of
 * its own that class paths leave out; the build copies it beside the test classes, and a property makes it found there.
 */
final class DynamoDbLocalServer {
    /** What it prints when it answers. */
    static final String READY = "DynamoDB Local is ready";

    private DynamoDbLocalServer() {}

    /**
     * Starts the server.
     *
     * @param arguments the TCP port
     */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("sqlite4java.library.path", nativeLibraryDirectory().toString());
        DynamoDBProxyServer server = ServerRunner.createServerFromCommandLineArgs(
                new String[] {"-port", arguments[0], "-disableTelemetry", "-inMemory"});
        server.start();
        System.out.println(READY);
        new CountDownLatch(1).await();
    }

    private static Path nativeLibraryDirectory() throws URISyntaxException {
        return Path.of(DynamoDbLocalServer.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .resolveSibling("sqlite4java");
    }
}

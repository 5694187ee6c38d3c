package dev.henge.bench.local;

import com.amazonaws.services.dynamodbv2.local.main.ServerRunner;
import com.amazonaws.services.dynamodbv2.local.server.DynamoDBProxyServer;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Runs DynamoDB Local until the process is ended. It needs SQLite's native library, which is a dependency of its own
 * that class paths leave out; the build copies it beside the test classes, and a property makes it found there.
 */
public final class DynamoDbLocalServer {
    /** What it prints when it answers. */
    static final String READY = "DynamoDB Local is ready";

    private DynamoDbLocalServer() {}

    /**
     * Starts the server.
     *
     * @param arguments the TCP port, then a directory for the data; without a directory it keeps them in memory
     */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("sqlite4java.library.path", nativeLibraryDirectory().toString());
        List<String> options = new ArrayList<>(List.of("-port", arguments[0], "-disableTelemetry"));
        options.addAll(arguments.length > 1 ? List.of("-dbPath", arguments[1]) : List.of("-inMemory"));
        DynamoDBProxyServer server = ServerRunner.createServerFromCommandLineArgs(options.toArray(String[]::new));
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

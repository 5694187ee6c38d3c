package dev.henge.bench.local;

import dev.henge.bench.ChildJvm;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A running DynamoDB Local.
 *
 * @param process its process
 * @param port its TCP port on this machine
 */
public record DynamoDbLocal(ChildJvm process, int port) implements AutoCloseable {
    /**
     * Starts one and waits until it answers.
     *
     * @param directory for its data, or null for one that keeps them in memory
     */
    public static DynamoDbLocal start(@Nullable Path directory) throws IOException {
        String port = Integer.toString(ChildJvm.freePort());
        ChildJvm process = directory == null
                ? ChildJvm.startAndAwait(DynamoDbLocalServer.READY, DynamoDbLocalServer.class, port)
                : ChildJvm.startAndAwait(
                        DynamoDbLocalServer.READY, DynamoDbLocalServer.class, port, directory.toString());
        return new DynamoDbLocal(process, Integer.parseInt(port));
    }

    /** Where it answers. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    @Override
    public void close() {
        process.close();
    }
}

package dev.henge.chaos.process;

import dev.henge.chaos.support.Clients;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Writers that each begin a write when their last one has been answered; how many writes that makes. */
final class WriteLoad {

    /**
     * What was measured.
     *
     * @param perSecond successful writes a second
     * @param median latency of one
     * @param high latency that 1 in 100 exceeds
     */
    record Measured(double perSecond, Duration median, Duration high) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%.0f writes/s, p50 %.1f ms, p99 %.1f ms",
                    perSecond,
                    median.toNanos() / 1e6,
                    high.toNanos() / 1e6);
        }
    }

    private static final int WRITERS = 8;
    private static final int KEYS = 256;

    private WriteLoad() {}

    /** Writes for a time; a write that fails for a user of the SDK ends it. */
    static Measured measure(URI endpoint, String table, Duration duration) {
        List<Long> latencyNanos = new ArrayList<>();
        long startedNanos = System.nanoTime();
        try (DynamoDbClient client = Clients.usual(endpoint);
                ExecutorService executor = Executors.newFixedThreadPool(WRITERS)) {
            List<Future<List<Long>>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int first = writer;
                writers.add(executor.submit(() -> write(client, table, first, startedNanos + duration.toNanos())));
            }
            for (Future<List<Long>> writer : writers) {
                latencyNanos.addAll(writer.get());
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        latencyNanos.sort(null);
        return new Measured(
                latencyNanos.size() * 1e9 / (System.nanoTime() - startedNanos),
                Duration.ofNanos(latencyNanos.get(latencyNanos.size() / 2)),
                Duration.ofNanos(latencyNanos.get(latencyNanos.size() * 99 / 100)));
    }

    private static List<Long> write(DynamoDbClient client, String table, int first, long untilNanos) {
        List<Long> latencyNanos = new ArrayList<>();
        for (int i = first; System.nanoTime() - untilNanos < 0; i += WRITERS) {
            String key = "load-" + i % KEYS;
            long sinceNanos = System.nanoTime();
            client.putItem(request -> request.tableName(table).item(Map.of("id", AttributeValue.fromS(key))));
            latencyNanos.add(System.nanoTime() - sinceNanos);
        }
        return latencyNanos;
    }
}

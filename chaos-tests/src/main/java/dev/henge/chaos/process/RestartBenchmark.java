package dev.henge.chaos.process;

import dev.henge.chaos.support.Await;
import dev.henge.chaos.support.Clients;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** How soon a node with much data serves again after kill -9 and after a graceful stop; and a whole cluster. */
public final class RestartBenchmark {

    private static final String TABLE = "Restart";
    private static final int ITEM_BYTES = 20_000;
    private static final int WRITERS = 8;
    private static final Duration RECOVERY_MAX = Duration.ofMinutes(5);

    private RestartBenchmark() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        SandboxedProgram.main(RestartBenchmark.class, List.of("--megabytes"), arguments, RestartBenchmark::run);
    }

    private static boolean run(SandboxedProgram.Options options, Path directory) throws IOException {
        int megabytes = options.number("--megabytes", 1024);
        try (FaultyCluster cluster = FaultyCluster.start(directory, FaultyCluster.Options.usual(3))) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            NodeStatuses statuses = new NodeStatuses(cluster);
            long fillNanos = System.nanoTime();
            fill(cluster, (int) (megabytes * 1_048_576L / ITEM_BYTES));
            print(megabytes + " MB written in " + since(fillNanos));
            String node = cluster.nodes().getFirst();

            cluster.kill(node);
            restart(cluster, statuses, node, "kill -9");

            cluster.terminate(node);
            cluster.awaitEnd(node);
            restart(cluster, statuses, node, "graceful stop");

            cluster.killAll();
            long startedNanos = System.nanoTime();
            cluster.startAll();
            try (GapProbe probe = GapProbe.start(cluster.endpoint(), TABLE)) {
                Await.until("a write to every key", RECOVERY_MAX, () -> probe.allWrittenSince(startedNanos));
            }
            print("kill -9 of all: every key written " + since(startedNanos) + " after the start");
        }
        return true;
    }

    private static void restart(FaultyCluster cluster, NodeStatuses statuses, String node, String after)
            throws IOException {
        long startedNanos = System.nanoTime();
        cluster.start(node);
        String ready = since(startedNanos);
        statuses.awaitCaughtUp(node, RECOVERY_MAX);
        print("a node after " + after + ": ready " + ready + ", caught up " + since(startedNanos) + " after the start");
    }

    private static void fill(FaultyCluster cluster, int items) {
        String filler = "x".repeat(ITEM_BYTES);
        List<Future<?>> writers = new ArrayList<>();
        try (DynamoDbClient client = Clients.usual(cluster.endpoint());
                ExecutorService executor = Executors.newFixedThreadPool(WRITERS)) {
            for (int writer = 0; writer < WRITERS; writer++) {
                int first = writer;
                writers.add(executor.submit(() -> {
                    for (int i = first; i < items; i += WRITERS) {
                        String key = "item-" + i;
                        client.putItem(request -> request.tableName(TABLE)
                                .item(Map.of(
                                        "id", AttributeValue.fromS(key),
                                        "filler", AttributeValue.fromS(filler))));
                    }
                }));
            }
            for (Future<?> writer : writers) {
                writer.get();
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static String since(long nanos) {
        return Duration.ofNanos(System.nanoTime() - nanos).toMillis() + " ms";
    }

    @SuppressWarnings("SystemOut")
    private static void print(String line) {
        System.out.println("restart: " + line);
    }
}

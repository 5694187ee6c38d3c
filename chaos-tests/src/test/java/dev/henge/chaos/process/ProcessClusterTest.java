package dev.henge.chaos.process;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.checker.History;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.support.Await;
import dev.henge.chaos.support.Clients;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.PutRequest;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/** {@code kill -9} of real processes, while clients write and read back. */
@Timeout(300)
final class ProcessClusterTest {

    /** The aim is 3 s; the bound leaves room for a machine that is busy with other things. */
    private static final Duration GAP_MAX = Duration.ofSeconds(15);

    private static final Duration START_GAP_MAX = Duration.ofSeconds(30);
    private static final Duration CATCH_UP_MAX = Duration.ofSeconds(60);
    private static final int CLIENTS = 6;
    private static final int PROBES = 1000;
    private static final String TABLE = "Chaos";

    @TempDir
    private Path directory;

    @Test
    void noAcknowledgedWriteIsLostWhenNodesAreKilledOneByOneAndThenAllAtOnce() throws IOException {
        History history = new History(System::nanoTime);
        try (ProcessCluster cluster = ProcessCluster.start(directory);
                DynamoDbClient client = Clients.withoutRetries(cluster.endpoint())) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            RecordedTable table = new RecordedTable(client, TABLE, history);
            NodeStatuses statuses = new NodeStatuses(cluster);
            Availability availability = new Availability(table, PROBES);
            availability.awaitWritesToAllKeys(System.nanoTime(), START_GAP_MAX);

            try (Workload workload = Workload.start(table, 0, CLIENTS, 1)) {
                awaitAnswers(workload, 300);
                for (String node : ProcessCluster.NODES) {
                    long led = statuses.led(node);
                    long killedNanos = System.nanoTime();
                    cluster.kill(node);
                    Duration gap = availability.awaitWritesToAllKeys(killedNanos, GAP_MAX);
                    report("killed " + node + ", the leader of " + led + " partitions: every key writable again after "
                            + gap.toMillis() + " ms");
                    assertThat(gap).isLessThan(GAP_MAX);
                    awaitAnswers(workload, 300);
                    awaitRestartCommandInOutput(cluster, node);
                    cluster.restart(node);
                    long restartedNanos = System.nanoTime();
                    statuses.awaitCaughtUp(node, CATCH_UP_MAX);
                    report("restarted " + node + ": caught up "
                            + Duration.ofNanos(System.nanoTime() - restartedNanos)
                                    .toMillis() + " ms after it was ready");
                }
                awaitAnswers(workload, 300);
                cluster.killAll();
                report("killed all processes");
                long startNanos = System.nanoTime();
                cluster.startAgain();
                report("started all again: ready after "
                        + Duration.ofNanos(System.nanoTime() - startNanos).toMillis() + " ms");
                Duration gap = availability.awaitWritesToAllKeys(startNanos, START_GAP_MAX);
                report("started all again: every key writable after " + gap.toMillis() + " ms, start included");
                awaitAnswers(workload, 300);
                workload.stop();
                report(workload.answered() + " calls answered, " + workload.failed() + " without an outcome");
            }

            statuses.awaitEqual(CATCH_UP_MAX);
            judge(history, table);
        }
    }

    @Test
    void aNodeThatWasDownForManyWritesCatchesUpAndServesThemAlone() throws Exception {
        try (ProcessCluster cluster = ProcessCluster.start(directory);
                DynamoDbClient client = Clients.usual(cluster.endpoint())) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            NodeStatuses statuses = new NodeStatuses(cluster);
            writeItems(client, 0, 500);
            cluster.kill("n3");
            writeItems(client, 500, 5000);

            cluster.restart("n3");
            long restartedNanos = System.nanoTime();
            statuses.awaitEqual(CATCH_UP_MAX);
            report("down for 4500 items of 1 KB: equal "
                    + Duration.ofNanos(System.nanoTime() - restartedNanos).toMillis() + " ms after it was ready");

            // With the others gone, what an eventual read sees is what this node holds.
            cluster.kill("n1");
            cluster.kill("n2");
            Set<String> found = client.scanPaginator(request -> request.tableName(TABLE)).items().stream()
                    .map(item -> requireNonNull(item.get("id"), "id").s())
                    .collect(Collectors.toCollection(TreeSet::new));
            assertThat(found)
                    .isEqualTo(IntStream.range(0, 5000)
                            .mapToObj(ProcessClusterTest::itemKey)
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    private static void awaitAnswers(Workload workload, int more) {
        int enough = workload.answered() + more;
        Await.until("clients go on", GAP_MAX, () -> workload.answered() >= enough);
    }

    private static void awaitRestartCommandInOutput(ProcessCluster cluster, String node) {
        Await.until(
                "the command that starts " + node + " again, in the cluster's output",
                GAP_MAX,
                () -> cluster.output().lines().anyMatch(line -> line.startsWith(node) && line.contains("has ended"))
                        && cluster.output()
                                .lines()
                                .anyMatch(line ->
                                        line.startsWith(node) && line.endsWith("|   " + cluster.restartCommand(node))));
    }

    private static void judge(History history, RecordedTable table) {
        long unknown = history.operations().stream()
                .filter(operation -> operation.outcome() instanceof Outcome.Unknown)
                .count();
        report(history.operations().size() + " operations on "
                + history.operationsByKey().size() + " keys, " + unknown + " of unknown outcome");

        assertThat(table.complaints()).isEmpty();
    }

    private static void writeItems(DynamoDbClient client, int from, int to) throws Exception {
        List<Future<?>> writes = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(8)) {
            for (int start = from; start < to; start += 25) {
                List<WriteRequest> batch = IntStream.range(start, Math.min(to, start + 25))
                        .mapToObj(number -> WriteRequest.builder()
                                .putRequest(PutRequest.builder()
                                        .item(Map.of(
                                                "id", AttributeValue.fromS(itemKey(number)),
                                                "filler", AttributeValue.fromS("x".repeat(1000))))
                                        .build())
                                .build())
                        .toList();
                writes.add(executor.submit(() -> {
                    Map<String, List<WriteRequest>> left = Map.of(TABLE, batch);
                    while (!left.isEmpty()) {
                        Map<String, List<WriteRequest>> now = left;
                        left = client.batchWriteItem(request -> request.requestItems(now))
                                .unprocessedItems();
                    }
                }));
            }
        }
        for (Future<?> write : writes) {
            write.get();
        }
    }

    private static String itemKey(int number) {
        return "item-" + number;
    }

    /** What a person who runs the tests wants to see of a run. */
    private static void report(String line) {
        System.out.println("chaos: " + line);
    }
}

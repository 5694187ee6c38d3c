package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.support.Await;
import dev.henge.chaos.support.Clients;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.proto.PartitionRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Partitions that the cluster splits by itself: because they have grown, because they are hot, and not for one hot key. */
@Timeout(900)
final class SplittingClusterOnDemand {

    private static final String TABLE = "Splitting";
    private static final int PARTITIONS = 4;
    private static final int WRITERS = 6;
    private static final int ITEM_BYTES = 4_096;
    private static final int HOT_ITEM_BYTES = 10;
    private static final Duration COMMAND_MAX = Duration.ofSeconds(20);
    private static final Duration SPLITS_MAX = Duration.ofMinutes(3);

    /** Twice the time for which a partition must be hot. */
    private static final Duration HEAT_TIME = Duration.ofSeconds(90);

    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration MEASURED = Duration.ofSeconds(30);
    private static final double CORES_OF_A_NODE = 0.2;
    private static final int HOT = 2;
    private static final double NEVER_HOT = 1_000_000;

    @TempDir
    private Path directory;

    @Test
    void aTableThatGrowsIsSplitAndNothingIsLost() throws Exception {
        try (ElasticCluster cluster = ElasticCluster.start(directory, PARTITIONS);
                DynamoDbClient client = Clients.usual(cluster.endpoint());
                RoutedClusterClient catalogs = catalogs(cluster)) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            set(cluster, "--split-size", "3MB", "--split-size-while-few", "2MB");
            int items = 6_000;

            new Writers(client, TABLE, WRITERS).putAll(items, ITEM_BYTES);
            Await.until("several splits", SPLITS_MAX, () -> partitions(catalogs) >= 3 * PARTITIONS);

            assertThat(cluster.command(COMMAND_MAX, "status").text()).startsWith("HEALTHY");
            List<String> missing = IntStream.range(0, items)
                    .mapToObj(Writers::id)
                    .filter(id -> !client.getItem(request -> request.tableName(TABLE)
                                    .key(Map.of("id", AttributeValue.fromS(id)))
                                    .consistentRead(true))
                            .hasItem())
                    .toList();
            assertThat(missing).isEmpty();
            assertThat(client.scanPaginator(request -> request.tableName(TABLE)).items().stream()
                            .count())
                    .isEqualTo(items);
        }
    }

    @Test
    void aPartitionThatIsHotIsSplitAndOneWithASingleHotKeyIsNot() throws Exception {
        try (ElasticCluster cluster = ElasticCluster.start(directory, PARTITIONS);
                DynamoDbClient client = Clients.usual(cluster.endpoint());
                RoutedClusterClient catalogs = catalogs(cluster)) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            setHot(cluster, 60);
            List<String> oneKey = keysOf(catalogs, 1, 1);
            load(client, oneKey, () -> true, HEAT_TIME);
            assertThat(partitions(catalogs)).as("with a single hot key").isEqualTo(PARTITIONS);

            List<String> keys = keysOf(catalogs, 2, 500);
            load(client, keys, () -> partitions(catalogs) == PARTITIONS, SPLITS_MAX);
            assertThat(partitions(catalogs)).as("with many hot keys").isGreaterThan(PARTITIONS);
        }
    }

    /**
     * Each node has so little of the processors that who leads the hot partition is what limits it all. Prints what the cluster
     * does before and after it has split that partition and spread the leaderships.
     */
    @Test
    void aHotPartitionDoesMoreOnceItIsSplit() throws Exception {
        try (CpuQuota quota = new CpuQuota();
                ElasticCluster cluster = ElasticCluster.start(directory, PARTITIONS);
                RoutedClusterClient catalogs = catalogs(cluster)) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            long table = catalogs.catalog().getTables(0).getId();
            setHot(cluster, NEVER_HOT);
            PartitionRecord hotRange = partition(catalogs, HOT);
            List<String> hot = keysOf(catalogs, HOT, 2_000);
            List<String> others = keysOf(catalogs, 3, 200);
            warmUp(catalogs, table);
            for (String node : cluster.nodes()) {
                quota.limit(cluster.pid(node), CORES_OF_A_NODE);
            }
            try (MixedLoad load = new MixedLoad(catalogs, table, hot, others)) {
                load.operationsPerSecond(WARM_UP);
                double before = load.operationsPerSecond(MEASURED);

                System.out.printf("splitting: %.0f operations/s in one partition%n", before);
                awaitSpread(cluster, catalogs, hotRange, before);
                double after = load.operationsPerSecond(MEASURED);

                System.out.printf(
                        "splitting: %.0f operations/s in one partition, %.0f once the table had %d more: %.2f times as much%n",
                        before, after, partitions(catalogs) - PARTITIONS, after / before);
                System.out.println(
                        cluster.command(COMMAND_MAX, "partitions", "--hot").text());
                load.assertNoneFailed();
            }
        }
    }

    /** Until what was one partition, which did this much, is led by all nodes, each a part of it. */
    private static void awaitSpread(
            ElasticCluster cluster, RoutedClusterClient catalogs, PartitionRecord hot, double operationsPerSecond)
            throws IOException {
        NodeStatuses statuses = new NodeStatuses(cluster);
        try {
            setHot(cluster, operationsPerSecond / 3);
            Await.until(
                    "splits",
                    SPLITS_MAX,
                    () -> parts(catalogs, hot).size() >= cluster.nodes().size());
            // No part is hot any more, but a node that leads two of them does too much.
            setHot(cluster, operationsPerSecond / 2);
            Await.until("a leader of a part on each node", SPLITS_MAX, () -> cluster.nodes().stream()
                    .noneMatch(node -> Collections.disjoint(statuses.leads(node), parts(catalogs, hot))));
        } catch (AssertionError e) {
            System.out.println(cluster.command(COMMAND_MAX, "status").text());
            System.out.println(
                    cluster.command(COMMAND_MAX, "partitions", "--hot").text());
            throw e;
        }
    }

    /** The partitions that a partition's range is cut into. */
    private static List<Integer> parts(RoutedClusterClient catalogs, PartitionRecord range) {
        return catalogs.catalog().getPartitionsList().stream()
                .filter(part -> part.getId() != 0
                        && Tokens.inRange(part.getStartToken(), range.getStartToken(), range.getEndToken()))
                .map(PartitionRecord::getId)
                .toList();
    }

    /** Has every node lead and follow for a while, at full speed: none is to compile its program only once it is a hot leader. */
    private static void warmUp(RoutedClusterClient catalogs, long table) throws InterruptedException {
        List<String> keys = IntStream.rangeClosed(1, PARTITIONS)
                .boxed()
                .flatMap(partition -> keysOf(catalogs, partition, 200).stream())
                .toList();
        try (MixedLoad load = new MixedLoad(catalogs, table, keys, keys)) {
            load.operationsPerSecond(WARM_UP.multipliedBy(2));
        }
    }

    private static RoutedClusterClient catalogs(ElasticCluster cluster) {
        return RoutedClusterClient.connect(
                ElasticCluster.FOUNDERS.stream().map(cluster::address).toList());
    }

    private static void setHot(ElasticCluster cluster, double operationsPerSecond) throws IOException {
        set(cluster, "--hot-operations-per-second", Long.toString(Math.round(operationsPerSecond)));
    }

    private static void set(ElasticCluster cluster, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of("settings"));
        command.addAll(List.of(options));
        ElasticCluster.Answer answer = cluster.command(COMMAND_MAX, command.toArray(String[]::new));
        assertThat(answer.code()).as(answer.text()).isZero();
    }

    /** Those that have items. */
    private static long partitions(RoutedClusterClient catalogs) {
        return catalogs.catalog().getPartitionsCount() - 1L;
    }

    private static PartitionRecord partition(RoutedClusterClient catalogs, int id) {
        return catalogs.catalog().getPartitionsList().stream()
                .filter(partition -> partition.getId() == id)
                .findFirst()
                .orElseThrow();
    }

    /** Keys of the table that a partition has. */
    private static List<String> keysOf(RoutedClusterClient catalogs, int partition, int count) {
        PartitionRecord record = partition(catalogs, partition);
        long table = catalogs.catalog().getTables(0).getId();
        return IntStream.iterate(0, number -> number + 1)
                .mapToObj(number -> "key-" + number)
                .filter(key -> Tokens.inRange(
                        Tokens.of(table, KeyEncoding.encode(new StringValue(key))),
                        record.getStartToken(),
                        record.getEndToken()))
                .limit(count)
                .toList();
    }

    private interface Goal {
        boolean open();
    }

    private static void load(DynamoDbClient client, List<String> ids, Goal goal, Duration atMost) throws Exception {
        long deadlineNanos = System.nanoTime() + atMost.toNanos();
        AtomicLong count = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        long beganNanos = System.nanoTime();
        Writers writers = new Writers(client, TABLE, WRITERS);
        writers.run(() -> {
            Random random = new Random();
            while (!over.get()) {
                writers.put(ids.get(random.nextInt(ids.size())), HOT_ITEM_BYTES);
                if (count.incrementAndGet() % 50 == 0 && (System.nanoTime() > deadlineNanos || !goal.open())) {
                    over.set(true);
                }
            }
        });
        System.out.println("splitting: " + count.get() * 1_000_000_000L / (System.nanoTime() - beganNanos)
                + " writes/s over " + ids.size() + " keys, for "
                + Duration.ofNanos(System.nanoTime() - beganNanos).toSeconds() + " s");
    }
}

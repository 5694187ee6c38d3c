package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.chaos.checker.History;
import dev.henge.chaos.support.Await;
import dev.henge.chaos.support.Clients;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.RemoveNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * Nodes are lost for good one after the other, whatever the cluster is about just then, and others join: each time all
 * partitions have to be spread over those that are there, within a bound, and what clients saw is judged. About 40 s a round. {@code -Dhenge.lost.rounds} says how
 * many, {@code -Dhenge.lost.seed} which nodes and when.
 */
@Timeout(7_200)
final class LostNodesOnDemand {

    private static final String TABLE = "Lost";
    private static final int PARTITIONS = 12;
    private static final int CLIENTS = 4;
    private static final int NODES = 5;
    private static final int REPLACE_AFTER_SECONDS = 15;
    private static final int ROUNDS = Integer.getInteger("henge.lost.rounds", 20);
    private static final long SEED = Long.getLong("henge.lost.seed", 1);
    private static final int PAUSE_MILLIS_MAX = 3_000;
    private static final Duration SPREAD_MAX = Duration.ofMinutes(3);
    private static final Duration COMMAND_MAX = Duration.ofSeconds(20);
    private static final Duration REMOVAL_MAX = Duration.ofMinutes(1);

    @TempDir
    private Path directory;

    @Test
    void whatIsLostIsReplacedWheneverItIsLost() throws IOException {
        assertThat(ROUNDS)
                .as("each round takes a node more, and there are ports for %s nodes", ElasticCluster.NODES_MAX)
                .isLessThanOrEqualTo(ElasticCluster.NODES_MAX - NODES);
        Random random = new Random(SEED);
        try (ElasticCluster cluster = ElasticCluster.start(directory, PARTITIONS);
                DynamoDbClient client = Clients.withoutRetries(cluster.endpoint());
                RoutedClusterClient catalogs = RoutedClusterClient.connect(
                        ElasticCluster.FOUNDERS.stream().map(cluster::address).toList())) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            cluster.join("n4");
            cluster.join("n5");
            ElasticCluster.Answer set = cluster.command(
                    COMMAND_MAX, "settings", "--replace-after-seconds", Integer.toString(REPLACE_AFTER_SECONDS));
            assertThat(set.code()).as(set.text()).isZero();
            for (int round = 1; round <= ROUNDS; round++) {
                RecordedTable table =
                        new RecordedTable(client, TABLE, new History(System::nanoTime), "round" + round + "-");
                try (Workload workload = Workload.start(table, 0, CLIENTS, random.nextLong())) {
                    exchange(cluster, catalogs, "n" + (NODES + round), random);
                    workload.stop();
                    System.out.println("lost: " + round + " rounds, " + workload.answered()
                            + " calls answered in the last, " + workload.failed() + " without an outcome");
                }
                assertThat(table.complaints()).isEmpty();
            }
        }
    }

    /** At any time: also while what the last round has begun is under way. */
    private static void exchange(ElasticCluster cluster, RoutedClusterClient catalogs, String other, Random random)
            throws IOException {
        List<String> there = new ArrayList<>(cluster.nodes());
        String lost = there.remove(random.nextInt(there.size()));
        LockSupport.parkNanos(
                Duration.ofMillis(random.nextInt(PAUSE_MILLIS_MAX)).toNanos());
        cluster.kill(lost);
        Spread.await(cluster, catalogs, PARTITIONS, there, SPREAD_MAX);
        Await.until(lost + " to be a member no more", REMOVAL_MAX, () -> isRemoved(catalogs, lost));
        cluster.join(other);
    }

    private static boolean isRemoved(RoutedClusterClient catalogs, String node) {
        byte[] id = new byte[16];
        new Random().nextBytes(id);
        CatalogOutcome outcome = catalogs.submit(
                        CatalogCommand.newBuilder()
                                .setRequestId(ByteString.copyFrom(id))
                                .setRemoveNode(RemoveNode.newBuilder().setName(node))
                                .build(),
                        Deadline.after(COMMAND_MAX))
                .join();
        return outcome.getCode() == CatalogOutcome.Code.OK
                || catalogs.catalog().getNodesList().stream()
                        .noneMatch(record -> record.getName().equals(node));
    }
}

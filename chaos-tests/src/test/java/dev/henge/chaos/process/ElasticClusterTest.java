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
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.RemoveNode;
import dev.henge.proto.SetNodeState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;

/** A cluster whose nodes come and go for good, as processes, while clients write and read back. */
@Timeout(900)
final class ElasticClusterTest {

    private static final Duration MOVES_MAX = Duration.ofMinutes(5);
    private static final Duration ANSWERS_MAX = Duration.ofSeconds(30);
    private static final Duration COMMAND_MAX = Duration.ofSeconds(20);
    private static final Duration REPLACE_AFTER = Duration.ofSeconds(30);
    private static final int PARTITIONS = 12;
    private static final int REPLICAS = 3;
    private static final int CLIENTS = 4;
    private static final int ITEMS = 600;
    private static final int ITEM_BYTES = 4_096;
    private static final String TABLE = "Elastic";

    @TempDir
    private Path directory;

    @Test
    void threeNodesBecomeFiveAndThenThreeOthersAndNothingIsLost() throws IOException {
        History history = new History(System::nanoTime);
        try (ElasticCluster cluster = ElasticCluster.start(directory, PARTITIONS);
                DynamoDbClient usual = Clients.usual(cluster.endpoint());
                DynamoDbClient client = Clients.withoutRetries(cluster.endpoint());
                RoutedClusterClient catalogs = RoutedClusterClient.connect(
                        ElasticCluster.FOUNDERS.stream().map(cluster::address).toList())) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            fill(usual);
            RecordedTable table = new RecordedTable(client, TABLE, history);
            try (Workload workload = Workload.start(table, 0, CLIENTS, 1)) {
                awaitAnswers(workload);

                cluster.join("n4");
                cluster.join("n5");
                awaitSpread(cluster, catalogs, "n1", "n2", "n3", "n4", "n5");
                awaitAnswers(workload);
                awaitBalance(cluster);

                cluster.join("n6");
                for (String leaving : ElasticCluster.FOUNDERS) {
                    submit(
                            catalogs,
                            CatalogCommand.newBuilder()
                                    .setSetNodeState(SetNodeState.newBuilder()
                                            .setName(leaving)
                                            .setState(NodeRecord.State.DECOMMISSIONING)));
                }
                awaitSpread(cluster, catalogs, "n4", "n5", "n6");
                awaitBalance(cluster);
                for (String leaving : ElasticCluster.FOUNDERS) {
                    submit(
                            catalogs,
                            CatalogCommand.newBuilder()
                                    .setRemoveNode(RemoveNode.newBuilder().setName(leaving)));
                    cluster.awaitEnd(leaving);
                    assertThat(cluster.output(leaving)).contains("was removed from the cluster");
                }
                awaitAnswers(workload);
                workload.stop();
                System.out.println("elastic: " + workload.answered() + " calls answered, " + workload.failed()
                        + " without an outcome, seen by clients that try nothing again");
            }

            assertThat(cluster.nodes()).containsExactly("n4", "n5", "n6");
            for (int number = 0; number < ITEMS; number++) {
                assertThat(usual.getItem(get(number)).item()).isEqualTo(item(number));
            }
            assertThat(table.complaints()).isEmpty();
        }
    }

    @Test
    void aNodeThatIsLostForGoodIsStoodInForAndThenReplaced() throws IOException {
        History history = new History(System::nanoTime);
        try (ElasticCluster cluster = ElasticCluster.start(directory, PARTITIONS);
                DynamoDbClient usual = Clients.usual(cluster.endpoint());
                DynamoDbClient client = Clients.withoutRetries(cluster.endpoint());
                RoutedClusterClient catalogs = RoutedClusterClient.connect(
                        ElasticCluster.FOUNDERS.stream().map(cluster::address).toList())) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            fill(usual);
            cluster.join("n4");
            cluster.join("n5");
            awaitSpread(cluster, catalogs, "n1", "n2", "n3", "n4", "n5");
            ElasticCluster.Answer set = cluster.command(
                    COMMAND_MAX, "settings", "--replace-after-seconds", Long.toString(REPLACE_AFTER.toSeconds()));
            assertThat(set.code()).as(set.text()).isZero();
            RecordedTable table = new RecordedTable(client, TABLE, history);
            try (Workload workload = Workload.start(table, 0, CLIENTS, 1)) {
                awaitAnswers(workload);
                List<Integer> lost = partitionsOn(catalogs, "n2");
                assertThat(lost).isNotEmpty();

                long killedNanos = System.nanoTime();
                cluster.kill("n2");
                NodeStatuses statuses = new NodeStatuses(cluster);
                Await.until("three logs of each partition again", MOVES_MAX, () -> lost.stream()
                        .allMatch(partition -> statuses.votersThere(partition) >= REPLICAS));
                report("three logs of each of " + lost.size() + " partitions again", killedNanos);
                awaitSpread(cluster, catalogs, "n1", "n3", "n4", "n5");
                report("replaced", killedNanos);
                assertThat(Duration.ofNanos(System.nanoTime() - killedNanos)).isGreaterThan(REPLACE_AFTER);
                awaitAnswers(workload);
                workload.stop();
            }
            for (int number = 0; number < ITEMS; number++) {
                assertThat(usual.getItem(get(number)).item()).isEqualTo(item(number));
            }
            assertThat(table.complaints()).isEmpty();
        }
    }

    private static List<Integer> partitionsOn(RoutedClusterClient catalogs, String node) {
        return catalogs.catalog().getPartitionsList().stream()
                .filter(partition ->
                        partition.getId() != 0 && partition.getReplicasList().contains(node))
                .map(PartitionRecord::getId)
                .toList();
    }

    private static void report(String what, long sinceNanos) {
        System.out.println("elastic: " + what + " after "
                + Duration.ofNanos(System.nanoTime() - sinceNanos).toMillis() + " ms");
    }

    private static void fill(DynamoDbClient client) {
        for (int number = 0; number < ITEMS; number++) {
            Map<String, AttributeValue> item = item(number);
            client.putItem(request -> request.tableName(TABLE).item(item));
        }
    }

    private static Consumer<GetItemRequest.Builder> get(int number) {
        return request -> request.tableName(TABLE)
                .key(Map.of("id", AttributeValue.fromS(Writers.id(number))))
                .consistentRead(true);
    }

    private static Map<String, AttributeValue> item(int number) {
        return Writers.item(Writers.id(number), ITEM_BYTES);
    }

    private static void awaitAnswers(Workload workload) {
        int enough = workload.answered() + 300;
        Await.until("clients go on", ANSWERS_MAX, () -> workload.answered() >= enough);
    }

    private static void awaitSpread(ElasticCluster cluster, RoutedClusterClient catalogs, String... nodes)
            throws IOException {
        long beganNanos = System.nanoTime();
        Spread.await(cluster, catalogs, PARTITIONS, List.of(nodes), MOVES_MAX);
        report("spread over " + nodes.length + " nodes", beganNanos);
    }

    /** As {@code henge status} shows it. */
    private static void awaitBalance(ElasticCluster cluster) {
        Await.until("an even balance", MOVES_MAX, () -> {
            try {
                return cluster.command(COMMAND_MAX, "status").text().contains("Balance: even");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void submit(RoutedClusterClient catalogs, CatalogCommand.Builder command) {
        byte[] id = new byte[16];
        new Random().nextBytes(id);
        CatalogOutcome outcome = catalogs.submit(
                        command.setRequestId(ByteString.copyFrom(id)).build(), Deadline.after(COMMAND_MAX))
                .join();
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(CatalogOutcome.Code.OK);
    }
}

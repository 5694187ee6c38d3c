package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.DynamoNumber;
import dev.henge.item.ItemCodec;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.Condition;
import dev.henge.proto.DeleteTable;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.PathElement;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.TableRecord;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import dev.henge.proto.WriteItem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Three nodes in one process, over real sockets and files, spoken to as a router does. */
@Timeout(120)
class NodeClusterTest {

    @TempDir
    private Path directory;

    private TestCluster cluster;

    @BeforeEach
    void startCluster() throws IOException, StartupException {
        cluster = TestCluster.ofThree(directory);
    }

    @AfterEach
    void stopCluster() {
        cluster.close();
    }

    @Test
    void anItemThatWasPutIsRead() {
        TableRecord table = cluster.createTable("T");

        cluster.put(table, "a", "hello");

        assertThat(cluster.item(table, "a", true)).containsEntry("value", new StringValue("hello"));
        assertThat(cluster.item(table, "b", true)).isEmpty();
    }

    @Test
    void concurrentCountersAddUpExactly() {
        TableRecord table = cluster.createTable("T");

        List<CompletableFuture<ItemWritten>> additions = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            additions.add(add(table, "counter", TestCluster.newRequestId()));
        }
        additions.forEach(CompletableFuture::join);

        assertThat(cluster.item(table, "counter", true)).containsEntry("n", new NumberValue(DynamoNumber.of(100)));
    }

    @Test
    void aRequestThatIsRepeatedAppliesOnceAndGetsTheSameAnswer() {
        TableRecord table = cluster.createTable("T");
        ByteString requestId = TestCluster.newRequestId();

        ItemWritten first = add(table, "counter", requestId).join();
        ItemWritten second = add(table, "counter", requestId).join();

        assertThat(second).isEqualTo(first);
        assertThat(cluster.item(table, "counter", true)).containsEntry("n", new NumberValue(DynamoNumber.of(1)));
    }

    @Test
    void aFailedConditionLeavesTheItemAndGivesItBackWhenAsked() {
        TableRecord table = cluster.createTable("T");
        cluster.put(table, "a", "old");

        WriteItem write = TestCluster.writeOf(table, "a")
                .setPut(TestCluster.item("a", new StringValue("new")))
                .setCondition(Condition.newBuilder().setAttributeNotExists(path("id")))
                .setReturnItemOnConditionFailure(true)
                .build();

        assertThatThrownBy(() ->
                        cluster.write(table, "a", write, TestCluster.PATIENCE).join())
                .cause()
                .isInstanceOfSatisfying(ClusterException.class, failure -> {
                    assertThat(failure.code()).isEqualTo(ClusterException.Code.CONDITION_FAILED);
                    assertThat(ItemCodec.decode(failure.item().orElseThrow()))
                            .containsEntry("value", new StringValue("old"));
                });
        assertThat(cluster.item(table, "a", true)).containsEntry("value", new StringValue("old"));
    }

    @Test
    void acknowledgedWritesSurviveTheLossOfAnyNodeAndItsReturn() throws StartupException {
        TableRecord table = cluster.createTable("T");
        int written = 0;
        for (String victim : cluster.names()) {
            for (int i = 0; i < 20; i++) {
                cluster.put(table, "key" + written, "value" + written);
                written++;
            }
            cluster.stop(victim);
            for (int i = 0; i < 20; i++) {
                cluster.put(table, "key" + written, "value" + written);
                written++;
            }
            cluster.start(victim);
        }
        for (int i = 0; i < written; i++) {
            assertThat(cluster.item(table, "key" + i, true)).containsEntry("value", new StringValue("value" + i));
        }
    }

    @Test
    void aNodeThatStopsHasHandedOverWhatItLed() {
        cluster.createTable("T");
        TestCluster.await("a whole cluster", cluster::whole);
        TestCluster.await("leaders with followers", () -> cluster.names().stream()
                .flatMap(name -> cluster.statusIfUp(name).stream())
                .allMatch(status ->
                        status.getReplicasList().stream().allMatch(replica -> replica.getLaggingCount() == 0)));
        // Leaderships may just be spread out evenly.
        TestCluster.await("somebody to lead", () -> leader(1).isPresent());
        String leaving = leader(1).orElse("n1");

        assertThat(cluster.node(leaving).handOver())
                .as("it leads nothing any more")
                .isTrue();

        cluster.stop(leaving);
        for (int partition = 0; partition <= TestCluster.PARTITIONS; partition++) {
            int led = partition;
            TestCluster.await(
                    "a leader of partition " + led,
                    () -> leader(led).filter(name -> !name.equals(leaving)).isPresent());
        }
    }

    /** The node that leads the partition, if one that runs does. */
    private Optional<String> leader(int partition) {
        return cluster.names().stream()
                .filter(name -> cluster.statusIfUp(name).stream()
                        .flatMap(status -> status.getReplicasList().stream())
                        .anyMatch(replica ->
                                replica.getPartition() == partition && replica.getRole() == ReplicaStatus.Role.LEADER))
                .findFirst();
    }

    @Test
    void everythingIsThereAfterAllNodesWereStopped() throws StartupException {
        TableRecord table = cluster.createTable("T");
        for (int i = 0; i < 50; i++) {
            cluster.put(table, "key" + i, "value" + i);
        }

        cluster.stopAll();
        for (String name : cluster.names()) {
            cluster.start(name);
        }

        for (int i = 0; i < 50; i++) {
            assertThat(cluster.item(table, "key" + i, true)).containsEntry("value", new StringValue("value" + i));
        }
    }

    @Test
    void aDeletedTableIsGoneWithItsItemsAndItsNameFree() {
        TableRecord first = cluster.createTable("T");
        cluster.put(first, "a", "old");

        CatalogOutcome deleted = cluster.client()
                .submit(
                        CatalogCommand.newBuilder()
                                .setRequestId(TestCluster.newRequestId())
                                .setDeleteTable(DeleteTable.newBuilder().setName("T"))
                                .build(),
                        Deadline.after(TestCluster.PATIENCE))
                .join();
        assertThat(deleted.getTable().getStatus()).isEqualTo(TableRecord.Status.DELETING);
        TableRecord second = cluster.createTable("T");

        assertThat(second.getId()).isGreaterThan(first.getId());
        assertThat(cluster.item(second, "a", true)).isEmpty();
        assertThatThrownBy(() -> cluster.put(first, "a", "late"))
                .cause()
                .isInstanceOfSatisfying(ClusterException.class, failure -> assertThat(failure.code())
                        .isEqualTo(ClusterException.Code.TABLE_DROPPED));
    }

    @Test
    void aNodeWithAnEmptyDirectoryIsNotLetInUnderAnOldName() throws StartupException, InterruptedException {
        TableRecord table = cluster.createTable("T");
        awaitRegistration();
        cluster.stop("n2");

        NodeServer impostor = cluster.startIn(directory.resolve("empty"), "n2");

        cluster.put(table, "a", "hello");
        assertThatThrownBy(impostor::awaitStop)
                .isInstanceOf(NodeFaultException.class)
                .hasMessageContaining("data directory");
    }

    private void awaitRegistration() {
        TestCluster.await("all nodes to be registered", () -> cluster.client().catalog().getNodesList().stream()
                .noneMatch(node -> node.getInstanceId().isEmpty()));
    }

    private CompletableFuture<ItemWritten> add(TableRecord table, String id, ByteString requestId) {
        UpdateAction.WithLiteral addition = UpdateAction.WithLiteral.newBuilder()
                .setPath(path("n"))
                .setLiteral(ByteString.copyFrom(ItemCodec.encodeValue(new NumberValue(DynamoNumber.of(1)))))
                .build();
        WriteItem update = TestCluster.writeOf(table, id)
                .setRequestId(requestId)
                .setUpdate(
                        Update.newBuilder().addActions(UpdateAction.newBuilder().setAdd(addition)))
                .setKeyAttributes(ByteString.copyFrom(ItemCodec.encode(Map.of("id", new StringValue(id)))))
                .setReturn(WriteItem.Return.RETURN_UPDATED_NEW)
                .build();
        return cluster.write(table, id, update, TestCluster.PATIENCE);
    }

    private static DocumentPath path(String attribute) {
        return DocumentPath.newBuilder()
                .addElements(PathElement.newBuilder().setAttribute(attribute))
                .build();
    }
}

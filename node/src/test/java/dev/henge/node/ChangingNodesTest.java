package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.ClusterSettings;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.RemoveNode;
import dev.henge.proto.TableRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that come, go and change their addresses, over real sockets and files. */
@Timeout(180)
class ChangingNodesTest {

    private static final int ITEMS = 40;

    @TempDir
    private Path directory;

    private TestCluster cluster;
    private TableRecord table;

    @BeforeEach
    void startCluster() throws IOException, StartupException {
        cluster = TestCluster.ofThree(directory);
        table = cluster.createTable("T");
        for (int i = 0; i < ITEMS; i++) {
            cluster.put(table, "key" + i, "value" + i);
        }
    }

    @AfterEach
    void stopCluster() {
        cluster.close();
    }

    @Test
    void anotherNodeTakesThePlaceOfOneThatGoesForGood() throws Exception {
        // The coordinator would give the new node its share, and the one that is left its own.
        cluster.change(ChangeSettings.newBuilder().setPause(ClusterSettings.Pause.newBuilder()));
        cluster.join("n4", directory.resolve("n4"), "n3");
        TestCluster.await("n4 to be known", () -> knownNodes().contains("n4"));

        // The catalog's own partition moves as well.
        partitions().forEach(partition -> place(partition, "n2", "n3", "n4"));
        TestCluster.await("everything to be elsewhere", this::isNothingOnTheFirst);
        accept(CatalogCommand.newBuilder().setRemoveNode(RemoveNode.newBuilder().setName("n1")));

        assertThatThrownBy(() -> cluster.node("n1").awaitStop()).hasMessageContaining("was removed from the cluster");
        cluster.stop("n1");
        assertEverythingIsThere(cluster.client());

        // By what they remember: the first of them, which they were started with, is gone.
        List.of("n2", "n3", "n4").forEach(cluster::stop);
        for (String name : List.of("n2", "n3", "n4")) {
            cluster.start(name);
        }
        assertEverythingIsThere(cluster.client());
        cluster.put(table, "another", "value");
        assertThat(cluster.createTable("U").getStatus()).isEqualTo(TableRecord.Status.ACTIVE);
    }

    @Test
    void nodesThatComeBackAtOtherAddressesFindEachOther() throws Exception {
        cluster.stopAll();
        cluster.readdress();
        for (String name : cluster.names()) {
            cluster.start(name);
        }

        try (RoutedClusterClient client = cluster.newClient()) {
            TestCluster.await("the catalog to have the new addresses", () -> client.catalog().getNodesList().stream()
                    .map(NodeRecord::getAddress)
                    .sorted()
                    .toList()
                    .equals(cluster.addresses()));
            assertEverythingIsThere(client);
        }
    }

    @Test
    void aNameThatIsTakenIsNotGivenToAnother() throws Exception {
        cluster.stop("n3");
        cluster.join("n3", directory.resolve("another"), "n1");

        assertThatThrownBy(() -> cluster.node("n3").awaitStop()).hasMessageContaining("another data directory");
    }

    private List<String> knownNodes() {
        return cluster.client().catalog().getNodesList().stream()
                .map(NodeRecord::getName)
                .toList();
    }

    private List<PartitionRecord> partitions() {
        return cluster.client().catalog().getPartitionsList();
    }

    private boolean isNothingOnTheFirst() {
        return partitions().stream()
                        .allMatch(partition -> partition.getTargetCount() == 0
                                && !partition.getReplicasList().contains("n1"))
                && cluster.statusIfUp("n1")
                        .map(status -> status.getReplicasCount() == 0)
                        .orElse(false);
    }

    private void assertEverythingIsThere(RoutedClusterClient client) {
        for (int i = 0; i < ITEMS; i++) {
            assertThat(TestCluster.text(client, table, "key" + i, true)).isEqualTo("value" + i);
        }
    }

    private void place(PartitionRecord partition, String... nodes) {
        accept(CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder()
                        .setPartition(partition.getId())
                        .addAllReplicas(List.of(nodes))
                        .setPlacementEpoch(partition.getPlacementEpoch())));
    }

    private void accept(CatalogCommand.Builder command) {
        CatalogOutcome outcome = cluster.client()
                .submit(command.setRequestId(TestCluster.newRequestId()).build(), Deadline.after(TestCluster.PATIENCE))
                .join();
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(CatalogOutcome.Code.OK);
    }
}

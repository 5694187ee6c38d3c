package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.cluster.Deadline;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.ClusterSettings;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.TableRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Partitions that move between nodes, over real sockets and files, while they are written. */
class PartitionMoveTest {

    @TempDir
    private Path directory;

    private TestCluster cluster;
    private TableRecord table;

    @BeforeEach
    void startCluster() throws IOException, StartupException {
        Map<String, Path> directories = new TreeMap<>();
        List.of("n1", "n2", "n3", "n4").forEach(name -> directories.put(name, directory.resolve(name)));
        cluster = new TestCluster(directories, NodeLimits.LOG_BYTES_MAX, Map.of());
        table = cluster.createTable("T");
        // The coordinator would put partitions where they are balanced.
        cluster.change(ChangeSettings.newBuilder().setPause(ClusterSettings.Pause.newBuilder()));
    }

    @AfterEach
    void stopCluster() {
        cluster.close();
    }

    @Test
    void aNodeIsEmptiedAndFilledAgainAndNothingIsLost() throws Exception {
        AtomicInteger written = new AtomicInteger();
        AtomicBoolean stopping = new AtomicBoolean();
        Thread writer = Thread.ofPlatform().start(() -> {
            while (!stopping.get()) {
                int number = written.get();
                cluster.put(table, "key" + number, "value" + number);
                written.incrementAndGet();
            }
        });
        TestCluster.await("some writes", () -> written.get() > 50);

        dataPartitions().forEach(partition -> place(partition, "n2", "n3", "n4"));
        TestCluster.await("everything to be elsewhere", () -> areAllOn("n2", "n3", "n4") && held("n1") == 0);
        cluster.stop("n1");
        cluster.start("n1");
        dataPartitions().forEach(partition -> place(partition, "n1", "n2", "n3"));
        TestCluster.await("everything to be back", () -> areAllOn("n1", "n2", "n3") && held("n4") == 0);
        int before = written.get();
        TestCluster.await("more writes", () -> written.get() > before + 20);
        stopping.set(true);
        writer.join();

        assertThat(held("n1")).isEqualTo(TestCluster.PARTITIONS);
        for (int number = 0; number < written.get(); number++) {
            assertThat(cluster.text(table, "key" + number, true)).isEqualTo("value" + number);
        }
        cluster.awaitEqual();
    }

    private List<PartitionRecord> dataPartitions() {
        return cluster.client().catalog().getPartitionsList().stream()
                .filter(partition -> partition.getId() != 0)
                .toList();
    }

    private boolean areAllOn(String... nodes) {
        return dataPartitions().stream()
                .allMatch(partition -> partition.getTargetCount() == 0
                        && partition.getReplicasList().equals(List.of(nodes)));
    }

    /** How many data partitions a node has, by its own word. */
    private long held(String node) {
        return cluster.statusIfUp(node)
                .map(status -> status.getReplicasList().stream()
                        .map(ReplicaStatus::getPartition)
                        .filter(partition -> partition != 0)
                        .count())
                .orElse(-1L);
    }

    private void place(PartitionRecord partition, String... nodes) {
        CatalogOutcome outcome = cluster.client()
                .submit(
                        CatalogCommand.newBuilder()
                                .setRequestId(TestCluster.newRequestId())
                                .setPlacePartition(PlacePartition.newBuilder()
                                        .setPartition(partition.getId())
                                        .addAllReplicas(List.of(nodes))
                                        .setPlacementEpoch(partition.getPlacementEpoch()))
                                .build(),
                        Deadline.after(TestCluster.PATIENCE))
                .join();
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(CatalogOutcome.Code.OK);
    }
}

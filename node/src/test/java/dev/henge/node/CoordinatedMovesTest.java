package dev.henge.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.cluster.Deadline;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.ClusterSettings;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.RemoveNode;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.SetNodeState;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TaskRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the coordinator begins by itself, over real sockets and files. */
class CoordinatedMovesTest {

    private static final int KEYS = 50;
    private static final long REPLACE_AFTER_MILLIS = 3_000;

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
        for (int number = 0; number < KEYS; number++) {
            cluster.put(table, "key" + number, "value" + number);
        }
    }

    @AfterEach
    void stopCluster() {
        cluster.close();
    }

    @Test
    void aNodeThatIsGoneForGoodIsReplaced() {
        cluster.change(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        String lost = "n4";
        assertThat(partitionsOn(lost)).isPositive();
        cluster.stop(lost);

        cluster.awaitWithState("everything to be on the others", () -> partitionsOn(lost) == 0);

        assertThat(dataPartitions()).allSatisfy(partition -> {
            assertThat(partition.getReplicasList()).hasSize(3).doesNotHaveDuplicates();
            assertThat(partition.hasTask()).isFalse();
        });
        assertThat(cluster.client().catalog().getFinishedTasksList())
                .isNotEmpty()
                .allSatisfy(task -> {
                    assertThat(task.getOutcome()).isEqualTo(TaskRecord.Outcome.DONE);
                    assertThat(task.getEndedMillis()).isGreaterThanOrEqualTo(task.getStartedMillis());
                });
        assertThat(cluster.client().catalog().getFinishedTasksList())
                .anyMatch(task -> task.getKind() == TaskRecord.Kind.REPLACE_REPLICA
                        && task.getFrom().equals(lost)
                        && task.getReason().startsWith("n4 has been down for"));
        for (int number = 0; number < KEYS; number++) {
            assertThat(cluster.text(table, "key" + number, true)).isEqualTo("value" + number);
        }
    }

    /** A group lets nobody go while one that is to stay is away: the move would not end, and the lost one not be replaced. */
    @Test
    void aNodeThatIsLostWhileAReplicaBesideItMovesIsReplaced() {
        cluster.change(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        PartitionRecord moving = dataPartitions().getFirst();
        List<String> replicas = new ArrayList<>(moving.getReplicasList());
        String lost = replicas.get(1);
        replicas.set(
                2,
                cluster.names().stream()
                        .filter(name -> !moving.getReplicasList().contains(name))
                        .findFirst()
                        .orElseThrow());
        accept(CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder()
                        .setPartition(moving.getId())
                        .setPlacementEpoch(moving.getPlacementEpoch())
                        .addAllReplicas(replicas)));
        cluster.stop(lost);

        cluster.awaitWithState("everything to be on the others", () -> partitionsOn(lost) == 0);
        cluster.awaitWithState("all moves to end", () -> cluster.client().catalog().getPartitionsList().stream()
                .allMatch(partition -> partition.getTargetCount() == 0));
        assertThat(dataPartitions())
                .allSatisfy(partition -> assertThat(partition.getReplicasList()).hasSize(3));
    }

    @Test
    void aNodeThatIsDecommissionedGivesAllItHasAndGoes() {
        setState("n1", NodeRecord.State.DECOMMISSIONING);

        cluster.awaitWithState("everything to be on the others", () -> partitionsOn("n1") == 0);
        assertThat(dataPartitions())
                .allSatisfy(partition -> assertThat(partition.getReplicasList()).hasSize(3));
        cluster.awaitWithState("the operator to be told", () -> cluster.names().stream()
                .flatMap(name -> cluster.statusIfUp(name).stream())
                .flatMap(status -> status.getCoordinator().getNotesList().stream())
                .anyMatch(note -> note.startsWith("node n1 has nothing left")));
        accept(CatalogCommand.newBuilder().setRemoveNode(RemoveNode.newBuilder().setName("n1")));
        for (int number = 0; number < KEYS; number++) {
            assertThat(cluster.text(table, "key" + number, true)).isEqualTo("value" + number);
        }
    }

    @Test
    void aNodeThatIsDrainedLeadsNothingAndKeepsItsReplicas() {
        cluster.awaitWithState("n2 to lead", () -> leaders("n2") > 0);
        setState("n2", NodeRecord.State.DRAINING);

        // Nodes are asked one after the other, and leaderships move meanwhile: one may be counted twice.
        cluster.awaitWithState(
                "others to lead", () -> leaders("n1", "n3", "n4") == 1 + TestCluster.PARTITIONS && leaders("n2") == 0);
        assertThat(cluster.client().catalog().getFinishedTasksList())
                .noneMatch(task -> task.getFrom().equals("n2"));
        setState("n2", NodeRecord.State.SERVING);
        cluster.awaitWithState("n2 to lead again", () -> leaders("n2") > 0);
    }

    @Test
    void aNodeThatJoinsGetsItsShare() throws StartupException {
        cluster.join("n5", directory.resolve("n5"), "n1");

        // Four partitions of three replicas on five nodes: two or three each.
        cluster.awaitWithState(
                "n5 to have its share",
                () -> cluster.client().catalog().getPartitionsList().stream()
                                .allMatch(partition -> partition.getTargetCount() == 0)
                        && dataPartitions().stream()
                                        .filter(partition ->
                                                partition.getReplicasList().contains("n5"))
                                        .count()
                                >= 2);
        assertThat(dataPartitions())
                .allSatisfy(partition -> assertThat(partition.getReplicasList()).hasSize(3));
    }

    @Test
    void aNodeThatComesBackLeadsItsShareAgain() throws StartupException {
        cluster.stop("n1");
        cluster.awaitWithState("others to lead", () -> leaders("n2", "n3", "n4") == 1 + TestCluster.PARTITIONS);
        cluster.start("n1");

        cluster.awaitWithState("it to lead again", () -> leaders("n1") > 0);
    }

    @Test
    void whileTheCoordinatorIsPausedNothingMoves() {
        cluster.change(ChangeSettings.newBuilder()
                .setReplaceAfterMillis(1)
                .setPause(ClusterSettings.Pause.newBuilder().setReason("a test")));
        cluster.stop("n4");
        long finished = cluster.client().catalog().getFinishedTasksCount();
        cluster.awaitWithState("the coordinator to see that it is gone", () -> cluster.names().stream()
                .flatMap(name -> cluster.statusIfUp(name).stream())
                .anyMatch(status ->
                        status.hasCoordinator() && status.getCoordinator().getAgeMillis() < 2_000));
        assertThat(cluster.client().catalog().getFinishedTasksCount()).isEqualTo((int) finished);
        assertThat(dataPartitions()).noneMatch(PartitionRecord::hasTask);

        cluster.change(ChangeSettings.newBuilder().setResume(true));
        cluster.awaitWithState("everything to be on the others", () -> partitionsOn("n4") == 0);
    }

    @Test
    void aPartitionThatIsTooLargeIsSplitAndBothHalvesServe() {
        cluster.change(ChangeSettings.newBuilder().setSplitBytes(200));

        cluster.awaitWithState(
                "some partition to be split", () -> dataPartitions().size() > TestCluster.PARTITIONS);
        cluster.change(ChangeSettings.newBuilder().setSplitBytes(0));
        cluster.awaitWithState("the end of splits", () -> dataPartitions().stream()
                .noneMatch(partition -> partition.hasSplit() || partition.getTargetCount() > 0));
        assertThat(cluster.client().catalog().getFinishedTasksList())
                .anyMatch(task -> task.getKind() == TaskRecord.Kind.SPLIT
                        && task.getReason().contains("a partition is split at"));
        for (int number = 0; number < KEYS; number++) {
            assertThat(cluster.text(table, "key" + number, true)).isEqualTo("value" + number);
        }
    }

    private void setState(String node, NodeRecord.State state) {
        accept(CatalogCommand.newBuilder()
                .setSetNodeState(SetNodeState.newBuilder().setName(node).setState(state)));
    }

    private void accept(CatalogCommand.Builder command) {
        CatalogOutcome outcome = cluster.client()
                .submit(command.setRequestId(TestCluster.newRequestId()).build(), Deadline.after(TestCluster.PATIENCE))
                .join();
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(CatalogOutcome.Code.OK);
    }

    private List<PartitionRecord> dataPartitions() {
        return cluster.client().catalog().getPartitionsList().stream()
                .filter(partition -> partition.getId() != 0)
                .toList();
    }

    /** How many partitions, the system partition included, a node has or is to have, by the catalog; or that move. */
    private long partitionsOn(String node) {
        return cluster.client().catalog().getPartitionsList().stream()
                .filter(partition -> partition.getTargetCount() > 0
                        || partition.getReplicasList().contains(node))
                .count();
    }

    /** How many partitions these nodes lead, by their own word. */
    private long leaders(String... nodes) {
        return List.of(nodes).stream()
                .flatMap(node -> cluster.statusIfUp(node).stream())
                .flatMap(status -> status.getReplicasList().stream())
                .filter(replica -> replica.getRole() == ReplicaStatus.Role.LEADER)
                .count();
    }
}

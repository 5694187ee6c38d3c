package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.node.replication.Member;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DropTable;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.PlaceReplicas;
import dev.henge.proto.ReadItem;
import dev.henge.proto.Refusal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Nodes that keep the log alone, in the place of one that is lost (docs/decisions/0016). */
class ReplicaLogMemberTest {

    private final ReplicaGroup group;
    private final List<Long> written = new ArrayList<>();
    private long nextTable = 1;
    private long epoch;

    ReplicaLogMemberTest() throws IOException {
        group = new ReplicaGroup();
        group.pass(3_000);
        assertThat(group.hasLeader()).as(group.roles()).isTrue();
        for (int count = 0; count < 5; count++) {
            write();
        }
    }

    @Test
    void withinSecondsItVotesInThePlaceOfTheOneThatIsLost() throws IOException {
        standIn("c", "d");

        assertThat(group.leader().configuration().voters()).containsExactly("a", "b", standInName());
        assertThat(group.leader().configuration().learners()).containsExactly("c");
        assertThat(group.node("d").replica().log().baseIndex())
                .as("its log begins where the others were, not with the first entry")
                .isPositive();
    }

    @Test
    void afterItCameAllOfAnyOneMachineMayBeLost() throws IOException {
        standIn("c", "d");
        group.node("b").stop();
        write();
        write();

        group.node("a").loseAll(77);
        group.node("a").stop();
        group.pass(2_000);
        assertThat(group.hasLeader()).isFalse();
        group.node("b").start();
        group.pass(5_000);

        assertThat(group.leader().name).as("d brought it what it had missed").isEqualTo("b");
        assertHoldsAll("b");
        write();
    }

    @Test
    void afterItCameTheLeadersMachineMayBeLostAtAnyTime() throws IOException {
        standIn("c", "d");
        write();

        group.node("a").loseAll(78);
        group.pass(10_000);
        write();

        assertHoldsAll("b");
        assertHoldsAll("a");
        assertThat(group.leader().configuration().voters())
                .as("the new machine is a voter again")
                .hasSize(3)
                .contains("a#4e", "b");
    }

    @Test
    void itServesNothingAndHoldsNoItems() throws IOException {
        standIn("c", "d");
        long table = write();

        ReplicaGroup.Node d = group.node("d");
        List<DataResponse> answers = group.submit(d, drop(1_000));
        d.replica().read(read(true), response -> answers.add(response.build()));
        d.replica().read(read(false), response -> answers.add(response.build()));
        group.pass(200);

        assertThat(answers)
                .extracting(answer -> answer.getRefusal().getCode())
                .containsExactlyInAnyOrder(
                        Refusal.Code.NOT_LEADER, Refusal.Code.NOT_LEADER, Refusal.Code.UNKNOWN_PARTITION);
        assertThat(d.replica().machine().isDropped(table)).isFalse();
        assertThat(StateMachine.durablyApplied(d.storage, ReplicaGroup.PARTITION))
                .as("nothing takes its state for whole")
                .isEmpty();
        assertThat(d.replica().status().getKeepsLogAlone()).isFalse();
        d.replica().publishStatus();
        assertThat(d.replica().status().getKeepsLogAlone()).isTrue();
    }

    @Test
    void whoComesBackVotesAgainAndTheLogMemberGoesWhenItIsNoLongerWanted() throws IOException {
        standIn("c", "d");
        write();

        group.node("c").start();
        group.pass(5_000);
        assertThat(group.leader().configuration().voters()).containsExactly("a", "b", "c", standInName());
        place();
        group.pass(5_000);

        assertThat(group.leader().configuration().voters()).containsExactly("a", "b", "c");
        assertThat(group.leader().configuration().learners()).isEmpty();
        assertHoldsAll("c");
    }

    // Else two votes are gone at once, and the loss of one more machine is the end.
    @Test
    void itMakesWayForItemsOnItsNodeOnceTheOthersHaveThem() throws IOException {
        standIn("c", "d");

        place(List.of("a", "d", "e"));
        group.pass(5_000);
        assertThat(group.leader().configuration().voters()).contains("a", "b", standInName());

        place(List.of("a", "b", "d"));
        group.pass(5_000);
        assertThat(group.leader().configuration().voters()).containsExactly("a", "b");
    }

    @Test
    void itStaysUntilSomebodyHasComeThoughItIsNoLongerWanted() throws IOException {
        standIn("c", "d");

        place();
        group.pass(5_000);
        assertThat(group.leader().configuration().voters()).hasSize(3).contains(standInName());

        group.node("c").start();
        group.pass(5_000);
        assertThat(group.leader().configuration().voters()).containsExactly("a", "b", "c");
    }

    @Test
    void aWishAloneDemotesNobodyWhoIsThere() throws IOException {
        group.addLogReplica("d");
        place(standsIn("d", "c"));
        group.pass(10_000);

        assertThat(group.leader().configuration().voters()).containsExactly("a", "b", "c");
    }

    @Test
    void itForgetsOnlyWhatEveryVoterWithItemsHolds() throws IOException {
        standIn("c", "d");
        ReplicaGroup.Node d = group.node("d");
        long before = d.replica().core().commitIndex();
        group.node("b").stop();
        write();
        write();

        compact(d);
        assertThat(d.replica().log().baseIndex()).isLessThanOrEqualTo(before);

        group.node("b").start();
        group.pass(3_000);
        compact(d);
        assertThat(d.replica().log().baseIndex()).isGreaterThan(before);
    }

    @Test
    void itKnowsWhoItIsAndWhoTheMembersAreAfterARestart() throws IOException {
        standIn("c", "d");
        compact(group.node("d"));
        ReplicaGroup.Node d = group.node("d");
        d.storage.flush();

        d.stop();
        d.start();
        group.pass(2_000);

        assertThat(d.replica().keepsLogAlone()).isTrue();
        assertThat(d.configuration().voters()).containsExactly("a", "b", standInName());
        group.node("b").stop();
        write();
    }

    @Test
    void itLeadsOnlyToHandOver() throws IOException {
        standIn("c", "d");
        group.node("b").stop();
        write();
        long index = group.leader().replica().log().lastIndex();
        long term = group.leader().replica().core().term();
        group.node("a").stop();
        group.pass(3_000);
        group.node("b").start();
        group.pass(5_000);

        ReplicaGroup.Node b = group.node("b");
        assertThat(b.replica().log().term(index + 1))
                .as("the entry with which d opened its term, and the only one of it")
                .isGreaterThan(term)
                .isLessThan(b.replica().core().term());
        assertThat(b.replica().log().term(index + 2))
                .isEqualTo(b.replica().core().term());
        assertThat(group.leader().name).isEqualTo("b");
        assertHoldsAll("b");
    }

    private void standIn(String lost, String node) throws IOException {
        if (group.leader().name.equals(lost)) {
            throw new AssertionError("the test means to lose a follower");
        }
        group.node(lost).stop();
        group.addLogReplica(node);
        group.pass(1_000);
        place(standsIn(node, lost));
        group.pass(4_000);
    }

    private static LogReplicaRecord standsIn(String node, String lost) {
        return LogReplicaRecord.newBuilder().setNode(node).setInPlaceOf(lost).build();
    }

    private static String standInName() {
        return new Member("d", -'d').name();
    }

    private void place(LogReplicaRecord... logReplicas) {
        place(ReplicaGroup.NAMES, logReplicas);
    }

    private void place(List<String> nodes, LogReplicaRecord... logReplicas) {
        epoch++;
        List<DataResponse> answers = group.submit(
                group.leader(),
                DataRequest.newBuilder()
                        .setPlaceReplicas(PlaceReplicas.newBuilder()
                                .setEpoch(epoch)
                                .addAllNodes(nodes)
                                .addAllLogReplicas(List.of(logReplicas))));
        group.pass(200);
        assertThat(answers).hasSize(1);
    }

    private void compact(ReplicaGroup.Node node) {
        long index = node.replica().machine().applied().index();
        node.storage.flush();
        node.post(() -> node.replica().compact(index, LogPressure.LOW));
        group.pass(200);
    }

    private static DataRequest read(boolean consistent) {
        return DataRequest.newBuilder()
                .setPartition(ReplicaGroup.PARTITION)
                .setEpoch(1)
                .setReadItem(ReadItem.newBuilder()
                        .setTable(5)
                        .setKey(ByteString.copyFromUtf8("12345678 key"))
                        .setConsistent(consistent))
                .build();
    }

    private static DataRequest.Builder drop(long table) {
        return DataRequest.newBuilder()
                .setDropTable(DropTable.newBuilder()
                        .setRequestId(ByteString.copyFromUtf8("request " + table))
                        .setTable(table));
    }

    private long write() {
        long table = nextTable++;
        List<DataResponse> answers = group.submit(group.leader(), drop(table));
        group.pass(500);
        assertThat(answers).hasSize(1);
        assertThat(answers.getFirst().hasTableDropped()).as(answers.toString()).isTrue();
        written.add(table);
        return table;
    }

    private void assertHoldsAll(String node) {
        group.pass(1_000);
        assertThat(written)
                .allMatch(table -> group.node(node).replica().machine().isDropped(table));
    }
}

package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.node.replication.ChangeRefusal;
import dev.henge.node.replication.ConfigurationChange;
import dev.henge.node.replication.Member;
import dev.henge.node.storage.InMemoryEngine;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DropTable;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.Refusal;
import dev.henge.proto.TimeoutNow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Members that come, go and are replaced, and leadership that is handed over, in replicas with logs and storage. */
class ReplicaMembershipTest {

    private final ReplicaGroup group;
    private long nextTable = 1;

    ReplicaMembershipTest() throws IOException {
        group = new ReplicaGroup();
        group.pass(3_000);
        assertThat(group.hasLeader()).as(group.roles()).isTrue();
    }

    /** Has a write carried out, and gives what tells whether a replica has applied it. */
    private long write() {
        long table = nextTable++;
        List<DataResponse> answers = group.submit(group.leader(), drop(table));
        group.pass(200);
        assertThat(answers).hasSize(1);
        assertThat(answers.getFirst().hasTableDropped()).as(answers.toString()).isTrue();
        return table;
    }

    private static DataRequest.Builder drop(long table) {
        return DataRequest.newBuilder()
                .setDropTable(DropTable.newBuilder()
                        .setRequestId(ByteString.copyFromUtf8("request " + table))
                        .setTable(table));
    }

    private boolean has(String node, long table) {
        return group.node(node).replica().machine().isDropped(table);
    }

    private ReplicaGroup.Node follower() {
        return ReplicaGroup.NAMES.stream()
                .map(group::node)
                .filter(node -> !node.leads())
                .findFirst()
                .orElseThrow();
    }

    private List<MembershipOutcome> change(ConfigurationChange change) {
        List<MembershipOutcome> outcomes = new ArrayList<>();
        ReplicaGroup.Node leader = group.leader();
        leader.post(() -> leader.replica().changeMembership(change, outcomes::add));
        group.pass(200);
        return outcomes;
    }

    @Test
    void aReplicaThatLostItsLogIsReplacedByTheLeader() throws IOException {
        long before = write();
        ReplicaGroup.Node lost = follower();

        Member replacement = lost.loseLog(0x2a);
        group.pass(10_000);

        assertThat(replacement.name()).isEqualTo(lost.name + "#2a");
        assertThat(group.leader().configuration().voters())
                .hasSize(3)
                .contains(replacement.name())
                .doesNotContain(lost.name);
        assertThat(group.leader().configuration().learners()).isEmpty();
        long after = write();
        assertThat(has(lost.name, before)).isTrue();
        assertThat(has(lost.name, after)).isTrue();
    }

    @Test
    void theReplacementIsWorthAsMuchAsTheOneThatWasLost() throws IOException {
        ReplicaGroup.Node lost = follower();
        lost.loseLog(7);
        group.pass(10_000);
        ReplicaGroup.Node third = ReplicaGroup.NAMES.stream()
                .map(group::node)
                .filter(node -> !node.leads() && node != lost)
                .findFirst()
                .orElseThrow();

        third.stop();
        long written = write();

        assertThat(has(lost.name, written)).isTrue();
    }

    @Test
    void aLeaderThatLostItsLogIsReplacedByTheNext() throws IOException {
        long before = write();
        ReplicaGroup.Node lost = group.leader();

        lost.loseLog(9);
        group.pass(15_000);

        assertThat(group.leader().configuration().voters()).contains(lost.name + "#9");
        assertThat(has(lost.name, before)).isTrue();
    }

    // The others support its node as before, so nothing but its word ends their loyalty.
    @Test
    void aLeaderThatBeginsAnewInARunningNodeLetsItsFollowersElect() {
        long before = write();
        ReplicaGroup.Node lost = group.leader();

        Member replacement = lost.findLogDamaged(9);
        group.pass(15_000);

        assertThat(group.leader().configuration().voters()).hasSize(3).contains(replacement.name());
        assertThat(has(lost.name, before)).isTrue();
        assertThat(has(lost.name, write())).isTrue();
    }

    @Test
    void followersOfAnyGenerationAreLetGo() throws IOException {
        ReplicaGroup.Node follower = follower();
        follower.loseLog(7);
        group.pass(10_000);

        ReplicaGroup.Node lost = group.leader();
        lost.findLogDamaged(9);
        group.pass(15_000);

        assertThat(group.leader().configuration().voters()).contains(lost.name + "#9", follower.name + "#7");
    }

    @Test
    void followersAreLetGoBySomeLaterMessageIfTheFirstGetLost() {
        ReplicaGroup.Node lost = leaderThatBeganAnewUnheard();

        group.pass(15_000);

        assertThat(group.leader().configuration().voters()).contains(lost.name + "#9");
    }

    @Test
    void aReplicaThatBeginsAnewTwiceLetsTheFollowersGoOfTheMemberThatLed() {
        ReplicaGroup.Node lost = leaderThatBeganAnewUnheard();

        lost.findLogDamaged(0xa);
        group.pass(15_000);

        assertThat(group.leader().configuration().voters()).hasSize(3).contains(lost.name + "#a");
    }

    private ReplicaGroup.Node leaderThatBeganAnewUnheard() {
        ReplicaGroup.Node lost = group.leader();
        group.lose(PeerMessage::hasRelease);
        lost.findLogDamaged(9);
        group.pass(5_000);
        assertThat(group.hasLeader()).as(group.roles()).isFalse();
        group.lose(message -> false);
        return lost;
    }

    // Else the leader would take the new one for a report that came late.
    @Test
    void aReleaseInTheNameOfAMemberThatIsGoneIsNoSignOfLifeOfIt() {
        ReplicaGroup.Node lost = follower();

        lost.findLogDamaged(9);
        group.pass(10_000);

        assertThat(group.leader().configuration().voters()).hasSize(3).contains(lost.name + "#9");
    }

    @Test
    void aReplicaThatIsLostAgainWhileItIsReplacedIsReplacedTheSameWay() throws IOException {
        ReplicaGroup.Node lost = follower();
        lost.loseLog(1);
        group.pass(1_500);
        lost.loseLog(2);
        group.pass(1_200);
        lost.loseLog(3);
        group.pass(15_000);

        assertThat(group.leader().configuration().voters()).hasSize(3).contains(lost.name + "#3");
        assertThat(group.leader().configuration().learners()).isEmpty();
    }

    // The generation is durable before anything is promised under it.
    @Test
    void aReplacedReplicaIsTheSameMemberAfterARestart() throws IOException {
        ReplicaGroup.Node lost = follower();
        lost.loseLog(5);
        group.pass(10_000);

        lost.stop();
        group.pass(1_000);
        lost.start();
        group.pass(5_000);

        assertThat(ReplicaIdentity.of(ReplicaGroup.PARTITION, lost.name, lost.storage))
                .isEqualTo(new Member(lost.name, 5));
        long written = write();
        assertThat(has(lost.name, written)).isTrue();
        assertThat(group.leader().configuration().voters()).contains(lost.name + "#5");
    }

    @Test
    void aMemberIsReplacedOnlyIfTheOthersAreEnoughWithoutIt() throws IOException {
        ReplicaGroup.Node lost = follower();
        ReplicaGroup.Node third = ReplicaGroup.NAMES.stream()
                .map(group::node)
                .filter(node -> !node.leads() && node != lost)
                .findFirst()
                .orElseThrow();
        third.stop();
        lost.loseLog(4);

        group.pass(10_000);
        assertThat(group.hasLeader()).as("one of three is left that knows").isFalse();

        third.start();
        group.pass(15_000);
        assertThat(group.leader().configuration().voters()).hasSize(3).contains(lost.name + "#4");
        write();
    }

    @Test
    void aGroupAtRestSendsNothingAboutItsMembers() {
        group.pass(2_000);
        long before = group.messages();

        group.pass(10_000);

        assertThat(group.messages()).isEqualTo(before);
    }

    @Test
    void messagesForAnotherGenerationAreIgnored() {
        ReplicaGroup.Node follower = follower();
        String leader = group.leader().name;
        long term = follower.replica().core().term();

        follower.replica()
                .onMessage(
                        leader,
                        PeerMessage.newBuilder()
                                .setPartition(ReplicaGroup.PARTITION)
                                .setTerm(term)
                                .setToGeneration(77)
                                .setTimeoutNow(TimeoutNow.getDefaultInstance())
                                .build());
        assertThat(follower.replica().core().term()).isEqualTo(term);

        follower.replica()
                .onMessage(
                        leader,
                        PeerMessage.newBuilder()
                                .setPartition(ReplicaGroup.PARTITION)
                                .setTerm(term)
                                .setTimeoutNow(TimeoutNow.getDefaultInstance())
                                .build());
        assertThat(follower.replica().core().term()).isEqualTo(term + 1);
    }

    @Test
    void aChangeIsToldOnceItIsCommitted() {
        String removed = follower().name;

        assertThat(change(new ConfigurationChange.Remove(removed)))
                .singleElement()
                .isInstanceOf(MembershipOutcome.Changed.class);
        assertThat(group.leader().configuration().voters()).hasSize(2).doesNotContain(removed);
        assertThat(change(new ConfigurationChange.Remove(removed)))
                .containsExactly(new MembershipOutcome.Refused(ChangeRefusal.NO_SUCH_MEMBER));
        group.pass(10_000);
        assertThat(group.leader().configuration().isMember(removed))
                .as("it was not lost, nobody wants it")
                .isFalse();
        write();
    }

    @Test
    void configurationsSurviveARestartOfAll() throws IOException {
        String removed = follower().name;
        change(new ConfigurationChange.Remove(removed));
        write();

        for (String name : ReplicaGroup.NAMES) {
            group.node(name).stop();
        }
        for (String name : ReplicaGroup.NAMES) {
            group.node(name).start();
        }
        group.pass(5_000);

        assertThat(group.leader().configuration().voters()).hasSize(2).doesNotContain(removed);
        write();
    }

    // "The prior leader stops accepting new client requests" (3.10); here they wait, and are told who leads.
    @Test
    void whatComesWhileLeadershipIsHandedOverIsToldWhoLeads() {
        ReplicaGroup.Node before = group.leader();
        List<String> done = new ArrayList<>();
        before.post(() -> before.replica().transferLeadership(null, () -> done.add("done")));
        List<DataResponse> answers = group.submit(before, drop(99));
        group.pass(150);

        ReplicaGroup.Node after = group.leader();
        assertThat(after).isNotSameAs(before);
        assertThat(done).containsExactly("done");
        assertThat(answers).hasSize(1);
        Refusal refusal = answers.getFirst().getRefusal();
        assertThat(refusal.getCode()).isEqualTo(Refusal.Code.NOT_LEADER);
        assertThat(refusal.getLeader()).isEqualTo(after.name);
        assertThat(refusal.getOutcomeUnknown()).isFalse();
        write();
    }

    @Test
    void leadershipGoesToTheNodeThatIsNamed() {
        ReplicaGroup.Node before = group.leader();
        for (String name : ReplicaGroup.NAMES) {
            ReplicaGroup.Node leader = group.leader();
            leader.post(() -> leader.replica().transferLeadership(name, () -> {}));
            group.pass(300);
            assertThat(group.leader().name).isEqualTo(name);
        }
        ReplicaGroup.Node last = group.leader();
        last.post(() -> last.replica().transferLeadership(before.name, () -> {}));
        group.pass(300);
        assertThat(group.leader()).isSameAs(before);
    }

    @Test
    void aHandoverWithNobodyToTakeItOverIsDoneAtOnce() {
        ReplicaGroup.Node leader = group.leader();
        ReplicaGroup.NAMES.stream()
                .map(group::node)
                .filter(node -> node != leader)
                .forEach(ReplicaGroup.Node::stop);
        List<String> done = new ArrayList<>();

        leader.post(() -> leader.replica().transferLeadership(null, () -> done.add("done")));
        group.settle();

        assertThat(done).containsExactly("done");
    }

    @Test
    void entriesThatAreNotArchivedAreKept() {
        write();
        write();
        Replica leader = group.leader().replica();
        long applied = leader.machine().applied().index();
        leader.retainBehind(() -> applied - 1);

        leader.compact(applied, LogPressure.CRITICAL);

        assertThat(leader.log().baseIndex()).isEqualTo(applied - 1);
    }

    // Its log is whole, so what it acknowledges does not tell what its state will need.
    @Test
    void whatComesBehindASnapshotOnItsWayToADamagedReplicaIsKept() throws IOException {
        write();
        ReplicaGroup.Node damaged = follower();
        damaged.replica().compact(appliedBy(damaged), LogPressure.LOW);
        group.settle();
        damaged.crash();
        group.lose(PeerMessage::hasSnapshotPiece);
        damaged.start();
        group.pass(2_000);
        ReplicaGroup.Node leader = group.leader();
        long snapshotUpTo = appliedBy(leader);
        long behind = write();
        assertThat(damaged.replica().log().lastIndex()).isEqualTo(appliedBy(leader));

        leader.replica().compact(appliedBy(leader), LogPressure.LOW);

        assertThat(leader.replica().log().baseIndex()).isEqualTo(snapshotUpTo);
        group.lose(message -> false);
        group.pass(20_000);
        assertThat(has(damaged.name, behind)).isTrue();
    }

    private static long appliedBy(ReplicaGroup.Node node) {
        return node.replica().machine().applied().index();
    }

    @Test
    void aNodeThatLostNothingIsTheFirstGeneration() {
        assertThat(ReplicaIdentity.of(1, "a", new InMemoryEngine())).isEqualTo(new Member("a", 0));
    }
}

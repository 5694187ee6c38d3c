package dev.henge.node.replication;

import static dev.henge.node.replication.TestReplica.MILLI;
import static dev.henge.node.replication.TestReplica.accepted;
import static dev.henge.node.replication.TestReplica.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Section 6.4 of the thesis: reads that need no log entry. */
class RaftReadTest {

    private final TestReplica a = new TestReplica("a", "a", "b", "c");

    private static RaftMessage answer(long round) {
        return TestReplica.answer(1, round);
    }

    // "If the leader has not yet marked an entry from its current term committed, it waits until it has done so." (6.4)
    @Test
    void aReadWaitsForTheFirstEntryOfTheTermAndARoundBegunAfterIt() {
        a.elect("b");
        assertThat(a.read(7).readsReady()).isEmpty();
        assertThat(a.receive("b", answer(0)).readsReady()).isEmpty();

        a.sent();
        a.receive("b", accepted(1, 1));
        assertThat(a.sentTo("b")).contains(new RaftMessage.Heartbeat(1, 1, 1, FakeSupport.INCARNATION));

        assertThat(a.receive("b", answer(1)).readsReady()).containsExactly(new Effects.ReadReady(7, 1));
    }

    // "The leader saves its current commit index in a local variable readIndex ... It issues a new round of heartbeats
    // and waits for their acknowledgments from a majority of the cluster." (6.4)
    @Test
    void aReadGetsTheCommitIndexOfItsRequestOnceARoundBegunAfterItIsAnswered() {
        a.electAndCommit("b");
        assertThat(a.read(7).readsReady()).isEmpty();

        assertThat(a.receive("c", answer(0)).readsReady()).isEmpty();
        assertThat(a.receive("c", answer(1)).readsReady()).containsExactly(new Effects.ReadReady(7, 1));
    }

    // "the leader can use a single round of heartbeats for any number of read-only queries that it has accumulated"
    // (6.4)
    @Test
    void readsThatComeDuringARoundShareTheNextOne() {
        a.electAndCommit("b");
        a.read(1);
        a.read(2);
        a.read(3);
        assertThat(a.sentTo("b")).hasSize(1);

        assertThat(a.receive("b", answer(1)).readsReady()).containsExactly(new Effects.ReadReady(1, 1));
        assertThat(a.sentTo("b")).hasSize(1);
        assertThat(a.receive("b", answer(2)).readsReady())
                .containsExactly(new Effects.ReadReady(2, 1), new Effects.ReadReady(3, 1));
    }

    @Test
    void aRoundThatWasLostIsMadeUpForByALaterOne() {
        a.electAndCommit("b");
        a.read(1);

        a.tickAfter(100);

        assertThat(a.receive("b", answer(2)).readsReady()).containsExactly(new Effects.ReadReady(1, 1));
    }

    @Test
    void whoIsNotLeaderFailsARead() {
        a.receive("b", heartbeat(1, 0));

        assertThat(a.read(7).readsFailed()).containsExactly(7L);
    }

    // "the leader would use the normal heartbeat mechanism to maintain a lease. Once the leader's heartbeats were
    // acknowledged by a majority of the cluster, it would extend its lease" (6.4.1); here: the nodes' exchange does
    @Test
    void theLeaseHoldsWhileAMajorityThatPromisedIsSureToBeLoyal() {
        a.electAndCommit("b");
        a.receiveSupport("b", FakeSupport.SESSION, 900);

        assertThat(a.core.lease().holdsAt(900 * MILLI - 1)).isTrue();
        assertThat(a.core.lease().holdsAt(900 * MILLI)).isFalse();
        assertThat(a.core.leaseUntilNanos()).isEqualTo(900 * MILLI);
    }

    @Test
    void theLeaseIsExtendedWithoutAnyMessageOfThePartition() {
        a.electAndCommit("b");
        Lease lease = a.core.lease();

        a.support.peer("b").receivedUntilNanos = 5_000 * MILLI;

        assertThat(lease.holdsAt(4_999 * MILLI)).isTrue();
    }

    @Test
    void supportIsNoLeaseWithoutAPromise() {
        a.electAndCommit("b");
        a.receiveSupport("b", 0, 0);
        a.receiveSupport("c", FakeSupport.SESSION, 60_000);

        assertThat(a.core.leaseUntilNanos()).isZero();
    }

    @Test
    void aPromiseOfAnotherSessionIsNoLease() {
        a.electAndCommit("b");
        a.receiveSupport("b", 2, 60_000);
        assertThat(a.core.leaseUntilNanos()).isZero();

        a.receive("b", new RaftMessage.HeartbeatReply(1, 0, false, 0, 2));
        assertThat(a.core.leaseUntilNanos()).isEqualTo(60_000 * MILLI);
    }

    @Test
    void aLatePromiseOfAnOlderSessionTakesNothingBack() {
        a.electAndCommit("b");
        a.receiveSupport("b", 2, 60_000);
        a.receive("b", new RaftMessage.HeartbeatReply(1, 0, false, 0, 2));

        a.receive("b", new RaftMessage.HeartbeatReply(1, 0, false, 0, 1));

        assertThat(a.core.leaseUntilNanos()).isEqualTo(60_000 * MILLI);
    }

    @Test
    void inAGroupOfFiveTheLeaseNeedsTwoOthers() {
        TestReplica five = new TestReplica("a", "a", "b", "c", "d", "e");
        five.tickAfter(500);
        five.receive("b", new RaftMessage.PreVoteReply(1, true));
        five.receive("c", new RaftMessage.PreVoteReply(1, true));
        five.sync();
        five.receive("b", new RaftMessage.VoteReply(1, true));
        five.receive("c", new RaftMessage.VoteReply(1, true));
        five.sync();
        five.receiveSupport("b", 1, 700);
        five.receiveSupport("c", 1, 900);
        five.receiveSupport("d", 1, 800);
        five.receive("b", new RaftMessage.AppendReply(1, true, 1, 0, 0, 0, 1));
        five.receive("c", new RaftMessage.AppendReply(1, true, 1, 0, 0, 0, 1));
        assertThat(five.core.leaseUntilNanos()).isEqualTo(700 * MILLI);

        five.receive("d", new RaftMessage.AppendReply(1, true, 1, 0, 0, 0, 1));

        assertThat(five.core.leaseUntilNanos()).isEqualTo(800 * MILLI);
        assertThat(five.core.lease().holdsAt(799 * MILLI)).isTrue();
        assertThat(five.core.lease().holdsAt(800 * MILLI)).isFalse();
    }

    @Test
    void thereIsNoLeaseBeforeTheFirstEntryOfTheTermIsCommitted() {
        a.elect("b");
        a.receiveSupport("b", FakeSupport.SESSION, 900);
        a.receive("b", answer(0));
        assertThat(a.core.leaseUntilNanos()).isZero();

        a.receive("b", accepted(1, 1));
        assertThat(a.core.leaseUntilNanos()).isEqualTo(900 * MILLI);
    }

    // Another thread may hold the lease; it looks at the clock, and then at this.
    @Test
    void theLeaseIsRevokedWithTheLeadershipAlsoForWhoHoldsItStill() {
        a.electAndCommit("b");
        Lease lease = a.core.lease();
        assertThat(lease.holdsAt(0)).isTrue();

        a.receive("c", heartbeat(2, 0));

        assertThat(lease.holdsAt(0)).isFalse();
        assertThat(a.core.leaseUntilNanos()).isZero();
    }

    @Test
    void aLeaderThatSteppedDownHasNoLeaseLeftAndMayVote() {
        a.electAndCommit("b");
        a.receive("c", new RaftMessage.HeartbeatReply(5, 0, false, 0, 0));

        a.receive("c", new RaftMessage.Vote(6, 9, 5));

        assertThat(a.core.term()).isEqualTo(6);
    }
}

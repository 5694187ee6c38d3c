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
        return new RaftMessage.HeartbeatReply(1, round, false);
    }

    // "If the leader has not yet marked an entry from its current term committed, it waits until it has done so." (6.4)
    @Test
    void aReadWaitsForTheFirstEntryOfTheTermAndARoundBegunAfterIt() {
        a.elect("b");
        assertThat(a.read(7).readsReady()).isEmpty();
        assertThat(a.receive("b", answer(1)).readsReady()).isEmpty();

        a.sent();
        a.receive("b", accepted(1, 1));
        assertThat(a.sentTo("b")).contains(new RaftMessage.Heartbeat(1, 1, 2));

        assertThat(a.receive("b", answer(2)).readsReady()).containsExactly(new Effects.ReadReady(7, 1));
    }

    // "The leader saves its current commit index in a local variable readIndex ... It issues a new round of heartbeats
    // and waits for their acknowledgments from a majority of the cluster." (6.4)
    @Test
    void aReadGetsTheCommitIndexOfItsRequestOnceARoundBegunAfterItIsAnswered() {
        a.electAndCommit("b");
        assertThat(a.read(7).readsReady()).isEmpty();

        assertThat(a.receive("c", answer(1)).readsReady()).isEmpty();
        assertThat(a.receive("c", answer(2)).readsReady()).containsExactly(new Effects.ReadReady(7, 1));
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

        assertThat(a.receive("b", answer(2)).readsReady()).containsExactly(new Effects.ReadReady(1, 1));
        assertThat(a.sentTo("b")).hasSize(1);
        assertThat(a.receive("b", answer(3)).readsReady())
                .containsExactly(new Effects.ReadReady(2, 1), new Effects.ReadReady(3, 1));
    }

    @Test
    void aRoundThatWasLostIsMadeUpForByALaterOne() {
        a.electAndCommit("b");
        a.read(1);

        a.tickAfter(100);

        assertThat(a.receive("b", answer(3)).readsReady()).containsExactly(new Effects.ReadReady(1, 1));
    }

    @Test
    void whoIsNotLeaderFailsARead() {
        a.receive("b", heartbeat(1, 0));

        assertThat(a.read(7).readsFailed()).containsExactly(7L);
    }

    // "the leader would use the normal heartbeat mechanism to maintain a lease. Once the leader's heartbeats were
    // acknowledged by a majority of the cluster, it would extend its lease to start + election timeout / clock drift
    // bound" (6.4.1)
    @Test
    void theLeaseRunsFromTheStartOfTheRoundThatAMajorityAnswered() {
        a.electAndCommit("b");
        assertThat(a.core.leaseUntilNanos()).isEqualTo((500 + 450) * MILLI);

        a.tickAfter(100);
        a.nowMillis += 80;
        a.receive("b", answer(2));

        assertThat(a.core.leaseUntilNanos()).isEqualTo((600 + 450) * MILLI);
    }

    @Test
    void thereIsNoLeaseBeforeTheFirstEntryOfTheTermIsCommitted() {
        a.elect("b");
        a.receive("b", answer(1));
        assertThat(a.core.leaseUntilNanos()).isZero();

        a.receive("b", accepted(1, 1));
        assertThat(a.core.leaseUntilNanos()).isEqualTo((500 + 450) * MILLI);
    }

    @Test
    void aLateAnswerToAnEarlierRoundDoesNotExtendTheLease() {
        a.electAndCommit("b");
        a.tickAfter(100);
        a.tickAfter(100);
        a.receive("c", answer(1));

        assertThat(a.core.leaseUntilNanos()).isEqualTo((500 + 450) * MILLI);
    }

    @Test
    void theLeaseEndsWithTheLeadership() {
        a.electAndCommit("b");

        a.receive("c", heartbeat(2, 0));

        assertThat(a.core.leaseUntilNanos()).isZero();
    }

    @Test
    void aLeaderThatSteppedDownGivesNoVoteAgainstTheLeaseItHad() {
        a.electAndCommit("b");
        a.receive("c", new RaftMessage.HeartbeatReply(5, 0, false));
        a.nowMillis += 449;
        a.receive("c", new RaftMessage.Vote(6, 9, 5));
        assertThat(a.core.term()).isEqualTo(5);

        a.nowMillis += 1;
        a.receive("c", new RaftMessage.Vote(6, 9, 5));
        assertThat(a.core.term()).isEqualTo(6);
    }

    @Test
    void aNewLeadersNextTickIsItsHeartbeat() {
        a.elect("b");

        assertThat(a.core.nextTickNanos()).isEqualTo(600 * MILLI);
    }
}

package dev.henge.node.replication;

import static dev.henge.node.replication.TestReplica.MILLI;
import static dev.henge.node.replication.TestReplica.accepted;
import static dev.henge.node.replication.TestReplica.append;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Section 3.10 of the thesis, and what a lease adds to it. */
class RaftTransferTest {

    private final TestReplica a = new TestReplica("a", "a", "b", "c");
    private final TestReplica b = new TestReplica("b", "a", "b", "c");

    private void answer(String member, long round) {
        a.receive(member, new RaftMessage.HeartbeatReply(1, round, false));
    }

    /** The lease that {@link TestReplica#electAndCommit} brings is over, everybody has everything. */
    private void leadWithoutLease() {
        a.electAndCommit("b");
        a.nowMillis += 460;
        a.receive("b", accepted(1, 1));
        a.receive("c", accepted(1, 1));
        a.sent();
    }

    // "The prior leader sends a TimeoutNow request to the target server." (3.10)
    @Test
    void aTargetThatHasEverythingIsToldAtOnceWhenThereIsNoLease() {
        leadWithoutLease();

        a.transferTo("b");

        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.TimeoutNow(1));
        assertThat(a.core.transferTarget()).isEqualTo("b");
    }

    // "The prior leader fully updates the target server's log to match its own log, using the normal log replication
    // mechanism" (3.10)
    @Test
    void aTargetThatLacksEntriesIsToldOnceItHasThem() {
        leadWithoutLease();
        a.propose("x");
        a.sync();
        a.transferTo("b");
        a.sent();

        a.receive("c", accepted(1, 2));
        assertThat(a.sentTo("b")).isEmpty();

        a.receive("b", accepted(1, 2));
        assertThat(a.sentTo("b")).contains(new RaftMessage.TimeoutNow(1));
    }

    // "The prior leader stops accepting new client requests." (3.10) Here: once its lease is over.
    @Test
    void proposalsAreTakenUntilTheLeaseIsOver() {
        a.electAndCommit("b");
        a.transferTo("b");
        long leaseOverMillis = a.core.leaseUntilNanos() / MILLI;

        a.nowMillis = leaseOverMillis - 1;
        assertThat(a.propose("early").proposal()).isInstanceOf(ProposalResult.Accepted.class);

        a.nowMillis = leaseOverMillis;
        assertThat(a.propose("late").proposal()).isEqualTo(new ProposalResult.Transferring("b"));
    }

    @Test
    void noLeaseThatWasEverPublishedIsLeftWhenTheTargetIsTold() {
        a.electAndCommit("b");
        long published = a.core.leaseUntilNanos();
        assertThat(published).isGreaterThan(a.nowMillis * MILLI);
        a.transferTo("b");

        // Heartbeats go on and are answered, but extend nothing.
        a.tickAfter(100);
        answer("b", 2);
        answer("c", 2);
        assertThat(a.core.leaseUntilNanos()).isEqualTo(published);
        assertThat(a.sent()).doesNotContain(new Envelope("b", new RaftMessage.TimeoutNow(1)));

        a.nowMillis = published / MILLI;
        a.tickAfter(0);
        assertThat(a.sent()).contains(new Envelope("b", new RaftMessage.TimeoutNow(1)));
    }

    // "its RequestVote ... could include a special flag to represent this behavior ('I have permission to disrupt the
    // leader - it told me to!')" (4.2.3)
    @Test
    void theTargetCampaignsAtOnceWithoutAskingFirst() {
        b.receive("a", append(1, 0, 0, 0, 1L));
        b.sync();
        b.sent();

        b.receive("a", new RaftMessage.TimeoutNow(1));
        b.sync();

        assertThat(b.sentTo("c")).containsExactly(new RaftMessage.Vote(2, 1, 1, true));
    }

    @Test
    void aVoterIsNotLoyalToALeaderThatHandedOver() {
        b.receive("a", append(1, 0, 0, 0, 1L));
        b.sync();
        b.sent();

        b.receive("c", new RaftMessage.Vote(2, 1, 1, true));
        b.sync();

        assertThat(b.sentTo("c")).containsExactly(new RaftMessage.VoteReply(2, true));
    }

    @Test
    void theOldLeaderFollowsAndVotesToo() {
        leadWithoutLease();
        a.transferTo("b");
        a.sent();

        a.receive("b", new RaftMessage.Vote(2, 1, 1, true));
        a.sync();

        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(a.core.transferTarget()).isNull();
        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.VoteReply(2, true));
    }

    @Test
    void onlyItsOwnLeaderOfThisTermMayTellTheTarget() {
        b.receive("a", append(2, 0, 0, 0, 2L));
        b.sync();

        b.receive("a", new RaftMessage.TimeoutNow(1));
        b.receive("c", new RaftMessage.TimeoutNow(2));
        b.receive("a", new RaftMessage.TimeoutNow(3));

        assertThat(b.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void aSecondCandidacyIsAnOrdinaryOne() {
        b.receive("a", append(1, 0, 0, 0, 1L));
        b.sync();
        b.receive("a", new RaftMessage.TimeoutNow(1));
        b.sync();
        b.sent();

        b.tickAfter(500);
        b.receive("c", new RaftMessage.PreVoteReply(3, true));
        b.sync();

        assertThat(b.sentTo("c"))
                .containsExactly(new RaftMessage.PreVote(3, 1, 1), new RaftMessage.Vote(3, 1, 1, false));
    }

    // "If leadership transfer does not complete after about an election timeout, the prior leader aborts the transfer
    // and
    // resumes accepting client requests." (3.10)
    @Test
    void aTransferIsGivenUpAfterAnElectionTimeout() {
        leadWithoutLease();
        a.propose("x");
        a.sync();
        a.transferTo("b");
        a.nowMillis += 400;
        a.receive("c", accepted(1, 2));
        answer("c", 1);

        a.tickAfter(100);

        assertThat(a.core.transferTarget()).isNull();
        assertThat(a.propose("y").proposal()).isInstanceOf(ProposalResult.Accepted.class);
    }

    @Test
    void afterATransferThatWasGivenUpBeforeTheTargetWasToldThereAreLeasesAgain() {
        leadWithoutLease();
        a.propose("x");
        a.transferTo("b");
        a.nowMillis += 400;
        answer("c", 1);
        a.tickAfter(100);
        a.sent();

        a.tickAfter(100);
        answer("c", a.currentRound());

        assertThat(a.core.leaseUntilNanos()).isGreaterThan(a.nowMillis * MILLI);
    }

    // The message may be on its way for long; whenever it comes, the target overrides loyalty.
    @Test
    void onceTheTargetWasToldThereIsNoLeaseInThisTermAnyMore() {
        leadWithoutLease();
        a.transferTo("b");
        a.nowMillis += 400;
        answer("c", 1);
        a.tickAfter(100);
        assertThat(a.core.transferTarget()).isNull();

        a.tickAfter(100);
        answer("b", a.currentRound());
        answer("c", a.currentRound());

        assertThat(a.core.leaseUntilNanos()).isLessThanOrEqualTo(a.nowMillis * MILLI);
        a.read(7);
        assertThat(a.receive("c", new RaftMessage.HeartbeatReply(1, a.currentRound(), false))
                        .readsReady())
                .as("reads are confirmed by a round")
                .hasSize(1);
    }

    @Test
    void theTargetIsToldAgainInCaseTheMessageWasLost() {
        leadWithoutLease();
        a.transferTo("b");
        a.sent();

        a.tickAfter(100);

        assertThat(a.sentTo("b")).contains(new RaftMessage.TimeoutNow(1));
    }

    @Test
    void aLearnerAStrangerAndTheLeaderItselfAreNoTargets() {
        leadWithoutLease();
        a.change(new ConfigurationChange.AddLearner("d"));

        for (String target : new String[] {"a", "d", "e"}) {
            a.transferTo(target);
            assertThat(a.core.transferTarget()).isNull();
        }
    }

    @Test
    void theConfigurationDoesNotChangeMeanwhile() {
        leadWithoutLease();
        a.transferTo("b");

        assertThat(a.change(new ConfigurationChange.AddLearner("d")).proposal())
                .isEqualTo(new ProposalResult.Transferring("b"));
    }

    @Test
    void theBestSuccessorIsTheLiveVoterWithTheMost() {
        a.electAndCommit("b");
        assertThat(a.core.bestSuccessor()).isEqualTo("b");

        a.propose("x");
        a.sync();
        a.receive("c", accepted(1, 2));
        assertThat(a.core.bestSuccessor()).isEqualTo("c");

        a.nowMillis += 499;
        a.receive("b", accepted(1, 1));
        a.tickAfter(2);
        assertThat(a.core.bestSuccessor()).isEqualTo("b");
    }
}

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

    /** {@code b} and {@code c} have everything, and have promised loyalty. */
    private void lead() {
        a.electAndCommit("b");
        a.receive("c", TestReplica.answer(1, 0));
        a.receive("c", accepted(1, 1));
        a.sent();
    }

    private boolean holdsLease() {
        return a.core.lease().holdsAt(a.nowMillis * MILLI);
    }

    // "The prior leader sends a TimeoutNow request to the target server." (3.10)
    @Test
    void aTargetThatHasEverythingIsToldAtOnce() {
        lead();

        a.transferTo("b");

        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.TimeoutNow(1));
        assertThat(a.core.transferTarget()).isEqualTo("b");
    }

    // "The prior leader fully updates the target server's log to match its own log, using the normal log replication
    // mechanism" (3.10)
    @Test
    void aTargetThatLacksEntriesIsToldOnceItHasThem() {
        lead();
        a.propose("x");
        a.sync();
        a.transferTo("b");
        a.sent();
        assertThat(holdsLease()).as("nobody may campaign yet").isTrue();

        a.receive("c", accepted(1, 2));
        assertThat(a.sentTo("b")).isEmpty();

        a.receive("b", accepted(1, 2));
        assertThat(a.sentTo("b")).contains(new RaftMessage.TimeoutNow(1));
    }

    // "The prior leader stops accepting new client requests." (3.10)
    @Test
    void proposalsAreNotTakenMeanwhile() {
        lead();
        a.transferTo("b");

        assertThat(a.propose("late").proposal()).isEqualTo(new ProposalResult.Transferring("b"));
    }

    @Test
    void theLeaseIsRevokedBeforeTheTargetIsTold() {
        lead();
        Lease published = a.core.lease();
        assertThat(published.holdsAt(a.nowMillis * MILLI)).isTrue();

        a.transferTo("b");

        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.TimeoutNow(1));
        assertThat(published.holdsAt(a.nowMillis * MILLI)).isFalse();
        assertThat(holdsLease()).isFalse();
    }

    // "its RequestVote ... could include a special flag to represent this behavior ('I have permission to disrupt the
    // leader - it told me to!')" (4.2.3)
    @Test
    void theTargetCampaignsAtOnceWithoutAskingFirst() {
        b.give("a", 5);
        b.receive("a", append(1, 0, 0, 0, 1L));
        b.sync();
        b.sent();

        b.receive("a", new RaftMessage.TimeoutNow(1));
        b.sync();

        assertThat(b.sentTo("c")).containsExactly(new RaftMessage.Vote(2, 1, 1, true));
    }

    @Test
    void aVoterIsNotLoyalToALeaderThatHandedOver() {
        b.give("a", 5);
        b.receive("a", append(1, 0, 0, 0, 1L));
        b.sync();
        b.sent();
        b.receive("c", new RaftMessage.Vote(2, 1, 1));
        assertThat(b.core.term()).as("it is loyal").isEqualTo(1);

        b.receive("c", new RaftMessage.Vote(2, 1, 1, true));
        b.sync();

        assertThat(b.sentTo("c")).containsExactly(new RaftMessage.VoteReply(2, true));
    }

    @Test
    void theOldLeaderFollowsAndVotesToo() {
        lead();
        a.transferTo("b");
        a.sent();

        a.receive("b", new RaftMessage.Vote(2, 1, 1, true));
        a.sync();

        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(a.core.transferTarget()).isNull();
        assertThat(a.sentTo("b")).contains(new RaftMessage.VoteReply(2, true));
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
        lead();
        a.propose("x");
        a.sync();
        a.transferTo("b");

        a.tickAfter(499);
        assertThat(a.core.transferTarget()).isEqualTo("b");
        a.tickAfter(1);

        assertThat(a.core.transferTarget()).isNull();
        assertThat(a.propose("y").proposal()).isInstanceOf(ProposalResult.Accepted.class);
        assertThat(holdsLease()).as("the target was not told").isTrue();
    }

    // The target has begun a term, and the votes for it were lost; an idle leader has nothing to send otherwise.
    @Test
    void aLeaderWhoseTransferCameToNothingFindsOutWhetherItIsStillOne() {
        lead();
        a.transferTo("b");
        a.sent();

        a.tickAfter(500);
        assertThat(a.sentTo("c")).hasAtLeastOneElementOfType(RaftMessage.Heartbeat.class);

        a.receive("c", new RaftMessage.AppendReply(2, false, 0, 0, 0, 0, 0));
        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(a.core.term()).isEqualTo(2);
    }

    // The message may be on its way for long; whenever it comes, the target overrides loyalty.
    @Test
    void onceTheTargetWasToldThereIsNoLeaseInThisTermAnyMore() {
        lead();
        a.transferTo("b");
        a.tickAfter(500);
        assertThat(a.core.transferTarget()).isNull();

        a.receive("b", TestReplica.answer(1, a.currentRound()));
        a.change(new ConfigurationChange.AddLearner("d"));

        assertThat(holdsLease()).isFalse();
        a.read(7);
        assertThat(a.receive("c", TestReplica.answer(1, a.currentRound())).readsReady())
                .as("reads are confirmed by a round")
                .hasSize(1);
    }

    @Test
    void theTargetIsToldAgainInCaseTheMessageWasLost() {
        lead();
        a.transferTo("b");
        a.sent();

        a.tickAfter(100);

        assertThat(a.sentTo("b")).contains(new RaftMessage.TimeoutNow(1));
    }

    @Test
    void aLearnerAStrangerAndTheLeaderItselfAreNoTargets() {
        lead();
        a.change(new ConfigurationChange.AddLearner("d"));

        for (String target : new String[] {"a", "d", "e"}) {
            a.transferTo(target);
            assertThat(a.core.transferTarget()).isNull();
        }
    }

    @Test
    void theConfigurationDoesNotChangeMeanwhile() {
        lead();
        a.transferTo("b");

        assertThat(a.change(new ConfigurationChange.AddLearner("d")).proposal())
                .isEqualTo(new ProposalResult.Transferring("b"));
    }

    @Test
    void theBestSuccessorIsTheLiveVoterWithTheMost() {
        a.electAndCommit("b");
        a.receive("c", TestReplica.answer(1, 0));
        assertThat(a.core.bestSuccessor()).isEqualTo("b");

        a.propose("x");
        a.sync();
        a.receive("c", accepted(1, 2));
        assertThat(a.core.bestSuccessor()).isEqualTo("c");

        a.receiveSupport("c", 0, 0);
        assertThat(a.core.bestSuccessor()).isEqualTo("b");
    }
}

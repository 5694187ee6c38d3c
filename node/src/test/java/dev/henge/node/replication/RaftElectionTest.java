package dev.henge.node.replication;

import static dev.henge.node.replication.TestReplica.append;
import static dev.henge.node.replication.TestReplica.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Sections of the Raft paper and of the thesis on terms, elections and liveness. */
class RaftElectionTest {

    private static final List<String> VOTERS = List.of("a", "b", "c");

    private final TestReplica a = new TestReplica("a", "a", "b", "c");

    // "When servers start up, they begin as followers." (5.2)
    @Test
    void aReplicaBeginsAsFollower() {
        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(a.core.leader()).isNull();
        assertThat(a.core.commitIndex()).isZero();
    }

    // "If a follower receives no communication over a period of time called the election timeout, then it assumes there
    // is no viable leader and begins an election." (5.2), by asking first (thesis 9.6)
    @Test
    void aFollowerThatHearsNothingAsksForPreVotesWithoutChangingItsTerm() {
        a.tickAfter(499);
        assertThat(a.sent()).isEmpty();

        Effects effects = a.tickAfter(1);

        assertThat(a.sent())
                .containsExactly(
                        new Envelope("b", new RaftMessage.PreVote(1, 0, 0)),
                        new Envelope("c", new RaftMessage.PreVote(1, 0, 0)));
        assertThat(effects.mustSync()).isFalse();
        assertThat(a.core.term()).isZero();
    }

    // "In the Pre-Vote algorithm, a candidate only increments its term if it first learns from a majority of the
    // cluster
    // that they would be willing to grant the candidate their votes." (thesis 9.6)
    @Test
    void aMajorityOfPreVotesLetsItIncrementItsTermAndVoteForItself() {
        a.tickAfter(500);

        Effects effects = a.receive("b", new RaftMessage.PreVoteReply(1, true));

        assertThat(a.core.role()).isEqualTo(Role.CANDIDATE);
        assertThat(a.log.hardState()).isEqualTo(new HardState(1, "a"));
        assertThat(effects.mustSync()).isTrue();
    }

    // "persistent state on all servers (updated on stable storage before responding to RPCs)" (figure 2)
    @Test
    void aCandidateAsksForVotesOnlyOnceItsOwnIsDurable() {
        a.tickAfter(500);
        a.sent();
        a.receive("b", new RaftMessage.PreVoteReply(1, true));
        assertThat(a.sent()).isEmpty();

        a.sync();

        assertThat(a.sent())
                .containsExactly(
                        new Envelope("b", new RaftMessage.Vote(1, 0, 0)),
                        new Envelope("c", new RaftMessage.Vote(1, 0, 0)));
    }

    // "A candidate wins an election if it receives votes from a majority of the servers in the full cluster for the
    // same
    // term. ... It then sends heartbeat messages to all of the other servers to establish its authority" (5.2)
    @Test
    void aMajorityOfVotesMakesALeaderThatTellsEverybodyAndOpensItsTerm() {
        a.tickAfter(500);
        a.receive("b", new RaftMessage.PreVoteReply(1, true));
        a.sync();
        a.sent();

        Effects effects = a.receive("c", new RaftMessage.VoteReply(1, true));

        assertThat(effects.roleChanged()).isEqualTo(new RoleChange(Role.LEADER, 1, "a"));
        assertThat(a.log.terms()).containsExactly(1L);
        assertThat(a.log.entry(1).payload().isEmpty()).isTrue();
        assertThat(a.sentTo("b"))
                .containsExactly(new RaftMessage.Append(1, 0, 0, 0, FakeSupport.INCARNATION, List.of(a.log.entry(1))));
    }

    @Test
    void aVoteCountsOnceHoweverOftenItIsDelivered() {
        TestReplica five = new TestReplica("a", "a", "b", "c", "d", "e");
        five.tickAfter(500);
        five.receive("b", new RaftMessage.PreVoteReply(1, true));
        five.receive("b", new RaftMessage.PreVoteReply(1, true));
        assertThat(five.core.role()).isEqualTo(Role.PRE_CANDIDATE);

        five.receive("c", new RaftMessage.PreVoteReply(1, true));

        assertThat(five.core.role()).isEqualTo(Role.CANDIDATE);
    }

    // "Each server will vote for at most one candidate in a given term, on a first-come-first-served basis" (5.2)
    @Test
    void aReplicaVotesOnceInATerm() {
        a.receive("b", new RaftMessage.Vote(1, 0, 0));
        a.receive("c", new RaftMessage.Vote(1, 0, 0));

        a.sync();

        assertThat(a.sent())
                .containsExactly(
                        new Envelope("b", new RaftMessage.VoteReply(1, true)),
                        new Envelope("c", new RaftMessage.VoteReply(1, false)));
    }

    @Test
    void aVoteIsKeptBackUntilItIsDurableAndRememberedAfterACrash() {
        a.receive("b", new RaftMessage.Vote(1, 0, 0));
        assertThat(a.sent()).isEmpty();
        a.sync();
        assertThat(a.sent()).containsExactly(new Envelope("b", new RaftMessage.VoteReply(1, true)));

        a.restart();
        a.receive("c", new RaftMessage.Vote(1, 0, 0));

        assertThat(a.sent()).containsExactly(new Envelope("c", new RaftMessage.VoteReply(1, false)));
    }

    // "the voter denies its vote if its own log is more up-to-date than that of the candidate. ... If the logs have
    // last
    // entries with different terms, then the log with the later term is more up-to-date. If the logs end with the same
    // term, then whichever log is longer" (5.4.1)
    @Test
    void aVoteGoesOnlyToACandidateWhoseLogIsUpToDate() {
        assertThat(votes(3, 2)).isTrue();
        assertThat(votes(4, 2)).isTrue();
        assertThat(votes(1, 3)).isTrue();
        assertThat(votes(2, 2)).isFalse();
        assertThat(votes(9, 1)).isFalse();
    }

    private static boolean votes(long candidatesLastIndex, long candidatesLastTerm) {
        TestReplica voter = TestReplica.withLog("a", VOTERS, 2, 1L, 1L, 2L);
        voter.nowMillis += 500;
        voter.receive("b", new RaftMessage.Vote(5, candidatesLastIndex, candidatesLastTerm));
        voter.sync();
        return voter.sent().equals(List.of(new Envelope("b", new RaftMessage.VoteReply(5, true))));
    }

    // "if a candidate or leader discovers that its term is out of date, it immediately reverts to follower state" (5.1)
    @Test
    void aLeaderThatSeesALaterTermStepsDownAndFailsItsReads() {
        a.elect("b");
        a.read(7);

        Effects effects = a.receive("c", new RaftMessage.AppendReply(5, false, 0, 0, 0, 0, 0));

        assertThat(effects.roleChanged()).isEqualTo(new RoleChange(Role.FOLLOWER, 5, null));
        assertThat(effects.readsFailed()).containsExactly(7L);
        assertThat(a.core.leaseUntilNanos()).isZero();
    }

    // "If a server receives a request with a stale term number, it rejects the request." (5.1)
    @Test
    void aMessageOfAnEarlierTermIsAnsweredWithThePresentOne() {
        TestReplica later = TestReplica.withLog("a", VOTERS, 5);

        later.receive("b", append(4, 0, 0, 0, 4L));
        later.receive("b", heartbeat(4, 0));
        later.receive("b", new RaftMessage.Vote(4, 9, 4));

        assertThat(later.sentTo("b"))
                .containsExactly(
                        new RaftMessage.AppendReply(5, false, 0, 0, 0, 0, 0),
                        new RaftMessage.HeartbeatReply(5, 0, false, 0, 0),
                        new RaftMessage.VoteReply(5, false));
        assertThat(later.log.lastIndex()).isZero();
    }

    // "if a server receives a RequestVote request within the minimum election timeout of hearing from a current leader,
    // it does not update its term or grant its vote" (thesis 4.2.3); here: while its node supports the leader's
    @Test
    void aFollowerIsLoyalToItsLeaderAsLongAsItsNodeGivesTheSessionItPromised() {
        a.give("b", 7);
        a.receive("b", heartbeat(1, 0));
        a.sync();
        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.HeartbeatReply(1, 1, false, 0, 7));
        a.nowMillis += 60_000;

        a.receive("c", new RaftMessage.Vote(9, 9, 9));
        a.receive("c", new RaftMessage.PreVote(9, 9, 9));
        assertThat(a.sentTo("c")).containsExactly(new RaftMessage.PreVoteReply(1, false));
        assertThat(a.core.term()).isEqualTo(1);

        a.withdraw("b");
        a.receive("c", new RaftMessage.PreVote(9, 9, 9));
        assertThat(a.sentTo("c")).contains(new RaftMessage.PreVoteReply(9, true));
    }

    @Test
    void aNewSessionWithTheLeadersNodeDoesNotRenewAnOldPromise() {
        a.give("b", 7);
        a.receive("b", heartbeat(1, 0));
        a.sync();
        a.give("b", 8);
        a.sent();

        a.receive("c", new RaftMessage.PreVote(2, 9, 9));

        assertThat(a.sentTo("c")).containsExactly(new RaftMessage.PreVoteReply(2, true));
    }

    // Its node is up again, in the same support as other partitions' leaders; nobody there may know that it led
    // this one.
    @Test
    void nothingIsPromisedToAMessageFromAnEarlierLifeOfTheLeadersNode() {
        a.give("b", 7);

        a.receive("b", new RaftMessage.Heartbeat(1, 0, 1, FakeSupport.INCARNATION + 1));
        a.sync();

        assertThat(a.sentTo("b")).contains(new RaftMessage.HeartbeatReply(1, 1, false, 0, 0));
        a.tickAfter(5_000);
        assertThat(a.sentTo("c")).hasAtLeastOneElementOfType(RaftMessage.PreVote.class);
    }

    // The candidate's term may come ahead of its request for the vote, with an answer to something older.
    @Test
    void aFollowerStaysLoyalWhenItLearnsOfAHigherTerm() {
        a.give("b", 7);
        a.receive("b", heartbeat(1, 0));
        a.receive("c", new RaftMessage.PreVoteReply(2, false));
        a.sync();
        a.sent();

        a.receive("c", new RaftMessage.Vote(2, 5, 1));
        a.sync();
        assertThat(a.sentTo("c")).containsExactly(new RaftMessage.VoteReply(2, false));
        a.tickAfter(5_000);
        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);

        a.withdraw("b");
        a.receive("c", new RaftMessage.Vote(2, 5, 1));
        a.sync();
        assertThat(a.sentTo("c")).contains(new RaftMessage.VoteReply(2, true));
    }

    @Test
    void aFollowerWhoseNodeSupportsTheLeadersHasNoTimer() {
        a.give("b", 7);
        a.receive("b", heartbeat(1, 0));
        a.sync();

        assertThat(a.core.nextTickNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aFollowerCampaignsSoonAfterItsNodeWithdrewItsSupportFromTheLeaders() {
        a.give("b", 7);
        a.receive("b", heartbeat(1, 0));
        a.sync();
        a.tickAfter(60_000);
        a.sent();

        a.withdraw("b");
        a.tickAfter(0);

        assertThat(a.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }

    // The gray failure: the others say no, nobody is disturbed, and the leader's next word is heeded.
    @Test
    void aFollowerThatAloneCannotHearItsLeaderDisturbsNobodyAndComesBack() {
        TestReplica b = new TestReplica("b", "a", "b", "c");
        for (TestReplica follower : List.of(a, b)) {
            follower.give("c", 7);
            follower.receive("c", heartbeat(1, 0));
            follower.sync();
            follower.sent();
        }

        a.withdraw("c");
        a.tickAfter(0);
        a.sentTo("b").forEach(question -> b.receive("a", question));
        b.sentTo("a").forEach(answer -> a.receive("b", answer));
        TestReplica leader = new TestReplica("c", "a", "b", "c").electAndCommit("b");
        leader.receive("a", new RaftMessage.PreVote(2, 0, 0));
        leader.sentTo("a").forEach(answer -> a.receive("c", answer));

        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(a.core.term()).isEqualTo(1);
        assertThat(b.core.term()).isEqualTo(1);
        assertThat(leader.core.role()).isEqualTo(Role.LEADER);

        a.give("c", 8);
        a.receive("c", heartbeat(1, 0));
        assertThat(a.core.leader()).isEqualTo("c");
        assertThat(a.core.nextTickNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void aReplicaWhoseDiskDoesNotProveToWriteDoesNotCampaign() {
        a.support.diskProves = false;
        a.tickAfter(5_000);
        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);

        a.support.diskProves = true;
        a.tickAfter(5_000);
        assertThat(a.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }

    // Without this, followers whose nodes support a leader's that leads no more would wait for ever.
    @Test
    void aLeaderThatStepsDownReleasesItsFollowersAndSaysSoWhileThereIsNoOther() {
        a.electAndCommit("b");

        a.receive("c", new RaftMessage.AppendReply(5, false, 0, 0, 0, 0, 0));
        assertThat(a.sent())
                .containsExactly(
                        new Envelope("b", new RaftMessage.Release(1)), new Envelope("c", new RaftMessage.Release(1)));

        assertReleasesWhileNobodyLeads(500);
    }

    // A message of its earlier life may come late, and a follower be loyal to it again, while its node is up.
    @Test
    void aLeaderThatStartedAgainReleasesItsFollowersWhileThereIsNoOther() {
        a.electAndCommit("b");

        a.restart();
        a.sent();

        assertReleasesWhileNobodyLeads(2_000);
    }

    /** It has heard nothing of its removal, which may not have been committed. */
    @Test
    void aLeaderThatStepsDownReleasesAlsoWhomItWasRemoving() {
        a.electAndCommit("b");
        a.change(new ConfigurationChange.Remove("c"));
        a.sent();
        assertThat(a.core.configuration().voters()).containsExactly("a", "b");

        a.receive("b", new RaftMessage.AppendReply(5, false, 0, 0, 0, 0, 0));

        assertThat(a.sentTo("c")).contains(new RaftMessage.Release(1));
    }

    private void assertReleasesWhileNobodyLeads(int millis) {
        a.tickAfter(millis);
        assertThat(a.sentTo("b")).contains(new RaftMessage.Release(1));
        a.receive("c", heartbeat(6, 0));
        a.sync();
        assertThat(a.sentTo("b")).as("while it is led").doesNotContain(new RaftMessage.Release(1));

        a.tickAfter(millis);
        assertThat(a.sentTo("b"))
                .as("c may have been lost before b heard of it")
                .contains(new RaftMessage.Release(1));
    }

    @Test
    void aReleasedFollowerIsFreeAtOnce() {
        a.give("b", 7);
        a.receive("b", heartbeat(1, 0));
        a.sync();
        a.sent();

        a.receive("b", new RaftMessage.Release(1));
        assertThat(a.core.leader()).isNull();
        a.receive("c", new RaftMessage.PreVote(2, 9, 9));

        assertThat(a.sentTo("c")).containsExactly(new RaftMessage.PreVoteReply(2, true));
    }

    @Test
    void aLateReleaseOfAnEarlierTermFreesNobody() {
        a.give("b", 7);
        a.receive("b", heartbeat(3, 0));
        a.sync();
        a.sent();

        a.receive("b", new RaftMessage.Release(2));
        a.receive("c", new RaftMessage.PreVote(4, 9, 9));

        assertThat(a.core.leader()).isEqualTo("b");
        assertThat(a.sentTo("c")).containsExactly(new RaftMessage.PreVoteReply(3, false));
    }

    // What it promised before the release says nothing about what it may do: the node it was loyal to asks itself.
    @Test
    void aFollowerVotesForTheNodeItIsLoyalTo() {
        a.give("b", 7);
        a.receive("b", heartbeat(1, 0));
        a.sync();
        a.sent();

        a.receive("b", new RaftMessage.Vote(2, 9, 9));
        a.sync();

        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.VoteReply(2, true));
    }

    @Test
    void aLeaderIsLoyalToItself() {
        a.electAndCommit("b");

        a.receive("c", new RaftMessage.Vote(9, 9, 9));

        assertThat(a.core.role()).isEqualTo(Role.LEADER);
        assertThat(a.sent()).isEmpty();
    }

    // The lease counts on loyalty (thesis 6.4.1), so a crash must not end it early.
    @Test
    void aRestartedReplicaIsLoyalForOneTimeoutToWhomeverItMayHaveHeard() {
        TestReplica restarted = TestReplica.withLog("a", VOTERS, 2, 1L);
        restarted.nowMillis += 499;
        restarted.receive("b", new RaftMessage.Vote(3, 9, 2));
        assertThat(restarted.core.term()).isEqualTo(2);

        restarted.nowMillis += 1;
        restarted.receive("b", new RaftMessage.Vote(3, 9, 2));
        assertThat(restarted.core.term()).isEqualTo(3);
    }

    @Test
    void anEmptyReplicaOwesNothingAndVotesAtOnce() {
        a.receive("b", new RaftMessage.PreVote(1, 0, 0));

        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.PreVoteReply(1, true));
    }

    @Test
    void anAnswerToAHeartbeatWaitsForItsTermToBeDurable() {
        a.receive("b", heartbeat(1, 0));
        assertThat(a.sent()).isEmpty();

        a.sync();

        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.HeartbeatReply(1, 1, false, 0, 0));
    }

    // "a leader steps down if an election timeout elapses without a successful round of heartbeats to a majority of its
    // cluster" (thesis 6.2); here: without the support of a majority
    @Test
    void aLeaderWithoutTheSupportOfAMajorityStepsDownAfterAnElectionTimeout() {
        a.electAndCommit("b");
        a.receiveSupport("b", 0, 0);
        a.tickAfter(499);
        assertThat(a.core.role()).isEqualTo(Role.LEADER);

        Effects effects = a.tickAfter(1);

        assertThat(effects.roleChanged()).isEqualTo(new RoleChange(Role.FOLLOWER, 1, null));
    }

    // It is heard and hears nobody: its followers support it, but their answers do not come through.
    @Test
    void aLeaderThatIsHeardButHearsNobodyStepsDown() {
        a.elect("b");
        assertThat(a.core.role()).isEqualTo(Role.LEADER);

        a.tickAfter(500);

        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(a.sentTo("b")).contains(new RaftMessage.Release(1));
    }

    @Test
    void aLeaderWithTheSupportOfAMajorityStaysHoweverQuietItIs() {
        a.electAndCommit("b");
        a.tickAfter(100_000);

        assertThat(a.core.role()).isEqualTo(Role.LEADER);
    }

    @Test
    void aCandidateFollowsTheLeaderOfItsTerm() {
        a.tickAfter(500);
        a.receive("b", new RaftMessage.PreVoteReply(1, true));
        a.sync();

        Effects effects = a.receive("c", heartbeat(1, 0));

        assertThat(effects.roleChanged()).isEqualTo(new RoleChange(Role.FOLLOWER, 1, "c"));
    }

    // "Raft uses randomized election timeouts" (5.2); "candidates ... start a new election" when nobody wins
    @Test
    void aCandidateThatWinsNothingTriesAgain() {
        a.tickAfter(500);
        a.receive("b", new RaftMessage.PreVoteReply(1, true));
        a.sync();
        a.sent();

        a.tickAfter(500);

        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.PreVote(2, 0, 0));
    }

    @Test
    void thePreferredFirstLeaderOfAnEmptyGroupDoesNotWait() {
        TestReplica preferred = new TestReplica(TestReplica.config("a", VOTERS, true));

        preferred.tickAfter(0);

        assertThat(preferred.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }

    @Test
    void aReplicaWithADamagedStateMachineVotesButDoesNotCampaign() {
        a.damage();
        a.tickAfter(5_000);
        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);
        a.receive("b", new RaftMessage.Vote(1, 0, 0));
        a.sync();
        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.VoteReply(1, true));

        a.step(new RaftEvent.StateMachineRepaired());
        a.tickAfter(5_000);
        assertThat(a.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }

    @Test
    void aReplicaThatWaitsBeforeAnEntryLeavesItToTheOthersToCampaignUnlessNoneOfThemDoes() {
        a.waits();
        a.tickAfter(1_400);
        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);

        a.tickAfter(5_000);

        assertThat(a.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }

    @Test
    void aLeaderThatWaitsBeforeAnEntryTakesNothingAndHandsOverToOneThatCanServe() {
        a.waits();
        a.tickAfter(5_000);
        a.receive("b", new RaftMessage.PreVoteReply(1, true));
        a.sync();
        a.receive("b", new RaftMessage.VoteReply(1, true));
        a.sync();
        assertThat(a.core.role()).isEqualTo(Role.LEADER);
        assertThat(a.propose("x").proposal()).isEqualTo(new ProposalResult.NotLeader(null));
        a.receive("b", TestReplica.answer(1, 0));
        a.sent();

        a.receive("b", TestReplica.accepted(1, a.core.termStartIndex()));

        assertThat(a.sentTo("b")).contains(new RaftMessage.TimeoutNow(1));
    }

    @Test
    void whatIsDamagedDoesNotCampaignForWaitingAsWell() {
        a.damage();
        a.waits();

        a.tickAfter(5_000);

        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void aLeaderWhoseStateMachineIsDamagedStepsDown() {
        a.electAndCommit("b");

        Effects effects = a.damage();

        assertThat(effects.roleChanged()).isEqualTo(new RoleChange(Role.FOLLOWER, 1, null));
    }

    @Test
    void twoLeadersOfOneTermStopTheReplicaForGood() {
        a.receive("b", heartbeat(1, 0));

        assertThatThrownBy(() -> a.receive("c", heartbeat(1, 0)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("two leaders of one term");
        assertThatThrownBy(() -> a.tickAfter(1)).isInstanceOf(IllegalStateException.class);
    }
}

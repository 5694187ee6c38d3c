package dev.henge.node.replication;

import static dev.henge.node.replication.TestReplica.MILLI;
import static dev.henge.node.replication.TestReplica.accepted;
import static dev.henge.node.replication.TestReplica.append;
import static dev.henge.node.replication.TestReplica.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Chapter 4 of the thesis: changes of the configuration, one member at a time. */
class RaftMembershipTest {

    private final TestReplica a = new TestReplica("a", "a", "b", "c");

    private static Configuration configuration(long index, List<String> voters, String... learners) {
        return new Configuration(index, voters, List.of(learners));
    }

    private static RaftMessage.Append configurationAppend(
            long term, long previousIndex, long commit, Configuration to) {
        return new RaftMessage.Append(
                term,
                previousIndex,
                previousIndex == 0 ? 0 : term,
                commit,
                FakeSupport.INCARNATION,
                List.of(new LogEntry(to.index(), term, new TestConfigurations().encode(to))));
    }

    private ChangeRefusal refused(ConfigurationChange change) {
        if (a.change(change).proposal() instanceof ProposalResult.ChangeRefused refused) {
            return refused.reason();
        }
        throw new AssertionError("not refused: " + change);
    }

    private void commitLast(String... acknowledging) {
        a.sync();
        for (String member : acknowledging) {
            a.receive(member, accepted(a.core.term(), a.log.lastIndex()));
        }
        assertThat(a.core.commitIndex()).isEqualTo(a.log.lastIndex());
        a.sent();
    }

    /** {@code d} is a learner that has caught up; everything is committed. */
    private void addCaughtUpLearner() {
        a.electAndCommit("b");
        a.change(new ConfigurationChange.AddLearner("d"));
        commitLast("b");
        a.receive("d", heartbeatReply(0));
        a.receive("d", accepted(1, 2));
        assertThat(a.core.hasCaughtUp("d")).isTrue();
        a.propose("x");
        commitLast("b", "d");
    }

    // "Servers always use the latest configuration in their log, regardless of whether it is committed" (4.1)
    @Test
    void aConfigurationIsInForceAsSoonAsItIsAppended() {
        a.electAndCommit("b");

        Effects effects = a.change(new ConfigurationChange.AddLearner("d"));

        assertThat(effects.proposal()).isEqualTo(new ProposalResult.Accepted(2, 1));
        assertThat(a.core.commitIndex()).isEqualTo(1);
        assertThat(a.core.configuration()).isEqualTo(configuration(2, List.of("a", "b", "c"), "d"));
        assertThat(a.sentTo("d"))
                .hasOnlyElementsOfType(RaftMessage.Append.class)
                .hasSize(1);
    }

    @Test
    void aFollowerPutsItInForceWithTheAppendThatBringsIt() {
        Configuration next = configuration(2, List.of("a", "b", "c"), "d");
        a.receive("b", append(1, 0, 0, 0, 1L));

        a.receive("b", configurationAppend(1, 1, 0, next));

        assertThat(a.core.configuration()).isEqualTo(next);
    }

    // "if the change is not committed, a server must be prepared to fall back to the previous configuration in its log"
    // (4.1)
    @Test
    void aTruncatedConfigurationIsNoLongerInForce() {
        a.receive("b", append(1, 0, 0, 0, 1L));
        a.receive("b", configurationAppend(1, 1, 0, configuration(2, List.of("a", "b", "c"), "d")));

        a.receive("c", append(2, 1, 1, 0, 2L));

        assertThat(a.core.configuration()).isEqualTo(Configuration.initial(List.of("a", "b", "c")));
    }

    @Test
    void anAppendedConfigurationSurvivesARestartBeforeItIsApplied() {
        Configuration next = configuration(2, List.of("a", "b", "c"), "d");
        a.receive("b", append(1, 0, 0, 0, 1L));
        a.receive("b", configurationAppend(1, 1, 0, next));
        a.sync();

        a.restart();

        assertThat(a.core.configuration()).isEqualTo(next);
    }

    @Test
    void aCompactedConfigurationComesFromTheStateMachine() {
        Configuration next = configuration(2, List.of("a", "b", "c"), "d");
        a.receive("b", append(1, 0, 0, 0, 1L));
        a.receive("b", configurationAppend(1, 1, 2, next));
        a.configurations.applied = next;
        a.log.compactTo(2);
        a.sync();

        a.restart();

        assertThat(a.core.configuration()).isEqualTo(next);
    }

    @Test
    void aSnapshotBringsTheConfiguration() {
        Configuration next = configuration(7, List.of("b", "c", "d"));
        a.configurations.applied = next;

        a.step(new RaftEvent.SnapshotInstalled(9, 2));

        assertThat(a.core.configuration()).isEqualTo(next);
    }

    // "leaders ... must not begin a configuration change while a previous one is uncommitted" (4.1)
    @Test
    void aChangeIsRefusedWhileAnotherIsNotCommitted() {
        a.electAndCommit("b");
        a.change(new ConfigurationChange.AddLearner("d"));

        assertThat(refused(new ConfigurationChange.AddLearner("e"))).isEqualTo(ChangeRefusal.CHANGE_PENDING);

        commitLast("b");
        assertThat(a.change(new ConfigurationChange.AddLearner("e")).proposal())
                .isInstanceOf(ProposalResult.Accepted.class);
    }

    // "a leader may not append a Cnew entry until it has committed an entry from its current term" (raft-dev, July
    // 2015,
    // "bug in single-server membership changes")
    @Test
    void aChangeIsRefusedUntilTheLeaderHasCommittedAnEntryOfItsTerm() {
        a.elect("b");

        assertThat(refused(new ConfigurationChange.AddLearner("d"))).isEqualTo(ChangeRefusal.TERM_NOT_COMMITTED);
    }

    @Test
    void onlyALeaderChangesTheConfiguration() {
        assertThat(a.change(new ConfigurationChange.AddLearner("d")).proposal())
                .isEqualTo(new ProposalResult.NotLeader(null));
    }

    @Test
    void aChangeThatChangesNothingIsRefused() {
        a.electAndCommit("b");

        assertThat(refused(new ConfigurationChange.AddLearner("b"))).isEqualTo(ChangeRefusal.MEMBER_ALREADY);
        assertThat(refused(new ConfigurationChange.Promote("b"))).isEqualTo(ChangeRefusal.NO_SUCH_MEMBER);
        assertThat(refused(new ConfigurationChange.Remove("d"))).isEqualTo(ChangeRefusal.NO_SUCH_MEMBER);
    }

    // "The leader replicates log entries to it, but it is not yet counted towards majorities for voting or commitment
    // purposes." (4.2.1)
    @Test
    void aLearnersAcknowledgementDoesNotCommit() {
        addCaughtUpLearner();
        a.propose("y");
        a.sync();

        a.receive("d", accepted(1, 4));
        assertThat(a.core.commitIndex()).isEqualTo(3);

        a.receive("b", accepted(1, 4));
        assertThat(a.core.commitIndex()).isEqualTo(4);
    }

    @Test
    void aLearnersVoteIsNotCounted() {
        a.receive("b", configurationAppend(1, 0, 0, configuration(1, List.of("a", "b", "c"), "d")));
        a.sync();
        a.tickAfter(500);
        assertThat(a.sentTo("d")).as("a learner is not asked").isEmpty();

        a.receive("d", new RaftMessage.PreVoteReply(2, true));
        assertThat(a.core.role()).isEqualTo(Role.PRE_CANDIDATE);

        a.receive("c", new RaftMessage.PreVoteReply(2, true));
        a.sync();
        a.receive("d", new RaftMessage.VoteReply(2, true));
        assertThat(a.core.role()).isEqualTo(Role.CANDIDATE);
    }

    @Test
    void aLearnerDoesNotCampaign() {
        TestReplica d = new TestReplica("d", "a", "b", "c");
        d.receive("b", configurationAppend(1, 0, 0, configuration(1, List.of("a", "b", "c"), "d")));
        d.sync();
        d.sent();

        d.tickAfter(5_000);

        assertThat(d.core.role()).isEqualTo(Role.FOLLOWER);
        assertThat(d.sent()).isEmpty();
    }

    // "A server also grants its vote to a candidate that is not part of the server's latest configuration" (4.1), and a
    // learner that is asked may have been promoted without knowing it yet
    @Test
    void aVoteIsGivenWhateverTheVoterThinksOfTheConfiguration() {
        TestReplica d = new TestReplica("d", "a", "b", "c");

        d.receive("e", new RaftMessage.Vote(3, 5, 2));
        d.sync();

        assertThat(d.sentTo("e")).containsExactly(new RaftMessage.VoteReply(3, true));
    }

    // In a group at rest nothing would be sent to it that it could acknowledge.
    @Test
    void aLearnerThatHasCaughtUpHasSoAfterItsLinkBroke() {
        addCaughtUpLearner();

        a.step(new RaftEvent.PeerUnreachable("d"));

        assertThat(a.core.hasCaughtUp("d")).isTrue();
        a.propose("y");
        assertThat(a.core.hasCaughtUp("d")).as("it is not known what it has").isFalse();
    }

    // "A server accepts AppendEntries requests from a leader that is not part of the server's latest configuration"
    // (4.1)
    @Test
    void anAppendIsTakenFromALeaderThatIsNoMemberYet() {
        a.receive("d", append(1, 0, 0, 0, 1L));

        assertThat(a.core.leader()).isEqualTo("d");
        assertThat(a.log.lastIndex()).isEqualTo(1);
    }

    @Test
    void answersOfStrangersAreIgnored() {
        a.electAndCommit("b");

        a.receive("d", TestReplica.answer(9, 1));
        a.receive("d", new RaftMessage.VoteReply(9, false));

        assertThat(a.core.role()).isEqualTo(Role.LEADER);
        assertThat(a.core.term()).isEqualTo(1);
    }

    // "The new server is caught up in rounds. ... if the last round lasts less than an election timeout, the leader
    // adds
    // the new server" (4.2.1)
    @Test
    void aLearnerIsPromotedOnlyOnceItHasCaughtUp() {
        a.electAndCommit("b");
        a.change(new ConfigurationChange.AddLearner("d"));
        commitLast("b");
        assertThat(refused(new ConfigurationChange.Promote("d"))).isEqualTo(ChangeRefusal.NOT_CAUGHT_UP);

        a.propose("much");
        commitLast("b");
        a.receive("d", heartbeatReply(0));
        a.receive("d", accepted(1, 2));
        assertThat(a.core.hasCaughtUp("d"))
                .as("how long it takes is not known yet")
                .isFalse();
        a.nowMillis += 600;
        a.propose("slow");
        commitLast("b");
        a.nowMillis += 600;
        a.receive("d", accepted(1, 3));
        assertThat(a.core.hasCaughtUp("d")).as("its round was long").isFalse();
        a.propose("more");
        commitLast("b");

        a.propose("fast");
        a.nowMillis += 10;
        commitLast("b");
        a.receive("d", accepted(1, 5));
        assertThat(a.core.hasCaughtUp("d")).as("its round was short").isTrue();

        a.receiveSupport("d", 0, 0);
        assertThat(refused(new ConfigurationChange.Promote("d")))
                .as("it is not live")
                .isEqualTo(ChangeRefusal.NOT_CAUGHT_UP);
        a.receiveSupport("d", FakeSupport.SESSION, 1_000_000);
        assertThat(a.change(new ConfigurationChange.Promote("d")).proposal())
                .isInstanceOf(ProposalResult.Accepted.class);
        assertThat(a.core.configuration().voters()).containsExactly("a", "b", "c", "d");
    }

    private static RaftMessage heartbeatReply(long round) {
        return TestReplica.answer(1, round);
    }

    @Test
    void fourVotersNeedThreeToCommit() {
        addCaughtUpLearner();
        a.change(new ConfigurationChange.Promote("d"));
        a.sync();

        a.receive("d", accepted(1, 4));
        assertThat(a.core.commitIndex()).isEqualTo(3);
        a.receive("c", accepted(1, 4));
        assertThat(a.core.commitIndex()).isEqualTo(4);
    }

    @Test
    void aRemovedVoterCountsNoMoreFromTheMomentOfTheAppend() {
        a.electAndCommit("b");
        a.receive("c", accepted(1, 1));
        a.change(new ConfigurationChange.Remove("c"));
        a.sync();
        a.sent();

        a.receive("c", accepted(1, 2));
        assertThat(a.core.commitIndex()).isEqualTo(1);
        a.receive("b", accepted(1, 2));
        assertThat(a.core.commitIndex()).isEqualTo(2);
        a.tickAfter(100);
        assertThat(a.sentTo("c")).isEmpty();
    }

    @Test
    void aVoterIsRemovedOnlyIfAMajorityOfTheOthersIsLiveAndHasWhatIsCommitted() {
        a.electAndCommit("b");
        a.receive("c", heartbeatReply(0));

        // a and c would have to commit it, and c has nothing yet.
        assertThat(refused(new ConfigurationChange.Remove("b"))).isEqualTo(ChangeRefusal.TOO_FEW_LIVE);
        a.receiveSupport("b", 0, 0);
        assertThat(refused(new ConfigurationChange.Remove("c"))).isEqualTo(ChangeRefusal.TOO_FEW_LIVE);

        a.receive("c", accepted(1, 1));
        assertThat(a.change(new ConfigurationChange.Remove("b")).proposal())
                .isInstanceOf(ProposalResult.Accepted.class);
    }

    @Test
    void theLastVoterIsNotRemoved() {
        TestReplica alone = new TestReplica("a", "a");
        alone.tickAfter(0);
        alone.sync();
        alone.sync();

        assertThat(alone.change(new ConfigurationChange.Remove("a")).proposal())
                .isEqualTo(new ProposalResult.ChangeRefused(ChangeRefusal.TOO_FEW_LIVE));
    }

    // "a leader that is removed from the configuration steps down once the Cnew entry is committed" ... "it does not
    // include itself in majorities" (4.2.2)
    @Test
    void aLeaderThatRemovesItselfLeadsUntilThatIsCommittedByTheOthers() {
        a.electAndCommit("b");
        a.receive("c", heartbeatReply(0));
        a.receive("c", accepted(1, 1));
        a.change(new ConfigurationChange.Remove("a"));
        a.sync();

        a.receive("b", accepted(1, 2));
        assertThat(a.core.commitIndex()).as("b is one of two").isEqualTo(1);
        assertThat(a.core.role()).isEqualTo(Role.LEADER);

        a.receive("c", accepted(1, 2));
        assertThat(a.core.commitIndex()).isEqualTo(2);
        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);
        a.tickAfter(5_000);
        assertThat(a.core.role()).as("it does not come back").isEqualTo(Role.FOLLOWER);
    }

    // "a server that is not part of its own latest configuration should still start new elections, as it might still be
    // needed until the Cnew entry is committed" ... "It does not count its own vote" (4.2.2)
    @Test
    void aRemovedServerMayStillBeNeededToCommitItsRemoval() {
        a.receive("b", configurationAppend(1, 0, 0, configuration(1, List.of("b", "c"))));
        a.sync();
        a.sent();

        a.tickAfter(500);
        assertThat(a.core.role()).isEqualTo(Role.PRE_CANDIDATE);

        a.receive("b", new RaftMessage.PreVoteReply(2, true));
        assertThat(a.core.role()).as("one of two, its own does not count").isEqualTo(Role.PRE_CANDIDATE);
        a.receive("c", new RaftMessage.PreVoteReply(2, true));
        assertThat(a.core.role()).isEqualTo(Role.CANDIDATE);
    }

    // "if a server receives a RequestVote request within the minimum election timeout of hearing from a current leader,
    // it does not update its term or grant its vote" (4.2.3)
    @Test
    void aRemovedServerDoesNotDisturbThoseThatHearTheirLeader() {
        TestReplica b = new TestReplica("b", "a", "b", "c");
        b.give("a", 5);
        b.receive("a", append(1, 0, 0, 0, 1L));
        b.receive("a", configurationAppend(1, 1, 0, configuration(2, List.of("a", "b"))));
        b.sync();
        b.receive("a", heartbeat(1, 2));
        b.sent();
        b.nowMillis += 400;

        b.receive("c", new RaftMessage.PreVote(2, 9, 1));
        assertThat(b.sentTo("c")).containsExactly(new RaftMessage.PreVoteReply(1, false));
        b.receive("c", new RaftMessage.Vote(7, 9, 6));

        assertThat(b.sent()).isEmpty();
        assertThat(b.core.term()).isEqualTo(1);
    }

    // A lease is extended for as long as nodes support each other. After two more changes, a majority need not meet the
    // one
    // that it stood on.
    @Test
    void aChangeOfTheConfigurationEndsTheLeaseAndBeginsAnother() {
        a.electAndCommit("b");
        Lease before = a.core.lease();
        assertThat(before.holdsAt(0)).isTrue();

        a.change(new ConfigurationChange.AddLearner("d"));

        assertThat(before.holdsAt(0)).isFalse();
        assertThat(a.core.lease().holdsAt(0)).isTrue();
    }

    @Test
    void aLeaderThatRemovedItselfHasNoLease() {
        a.electAndCommit("b");
        a.receive("c", heartbeatReply(0));
        a.receive("c", accepted(1, 1));

        a.change(new ConfigurationChange.Remove("a"));

        assertThat(a.core.lease().holdsAt(0)).isFalse();
    }

    // It would not keep it: nothing is owed to a leader that is no voter, as far as the follower knows.
    @Test
    void aFollowerPromisesNothingToALeaderThatItDoesNotKnowAsAVoter() {
        a.give("d", 5);

        a.receive("d", heartbeat(1, 0));
        a.sync();
        assertThat(a.sentTo("d")).containsExactly(new RaftMessage.HeartbeatReply(1, 1, false, 0, 0));

        a.receive("d", configurationAppend(1, 0, 0, configuration(1, List.of("a", "b", "c", "d"))));
        a.sync();
        a.sent();
        a.receive("d", heartbeat(1, 0));
        assertThat(a.sentTo("d")).contains(new RaftMessage.HeartbeatReply(1, 1, false, 0, 5));
    }

    // It goes on saying that it is no member until then: a leader that is replaced takes its change back, and tells it
    // nothing.
    @Test
    void whoIsTakenInIsAMemberForCertainOnceThatIsCommitted() {
        TestReplica d = new TestReplica("d", "a", "b", "c");
        d.receive("a", append(1, 0, 0, 1, 1L));
        assertThat(d.core.isCertainMember()).isFalse();

        d.receive("a", configurationAppend(1, 1, 1, configuration(2, List.of("a", "b", "c"), "d")));
        d.sync();
        assertThat(d.core.configuration().isMember("d")).isTrue();
        assertThat(d.core.isCertainMember()).isFalse();

        d.receive("a", heartbeat(1, 2));
        assertThat(d.core.commitIndex()).isEqualTo(2);
        assertThat(d.core.isCertainMember()).isTrue();
    }

    @Test
    void theLeaseCountsVotersAlone() {
        addCaughtUpLearner();
        a.receive("d", heartbeatReply(0));
        assertThat(a.core.lease().holdsAt(a.nowMillis * MILLI)).isTrue();

        a.receiveSupport("b", 0, 0);

        assertThat(a.core.lease().holdsAt(a.nowMillis * MILLI))
                .as("d alone is no majority with a")
                .isFalse();
    }

    @Test
    void aReadIsConfirmedByVotersAlone() {
        addCaughtUpLearner();
        a.read(7);
        long round = a.currentRound();

        assertThat(a.receive("d", heartbeatReply(round)).readsReady()).isEmpty();
        assertThat(a.receive("c", heartbeatReply(round)).readsReady()).hasSize(1);
    }

    @Test
    void aLearnerDoesNotKeepALeaderInOffice() {
        addCaughtUpLearner();
        a.receive("d", heartbeatReply(0));
        a.receiveSupport("b", 0, 0);

        a.tickAfter(499);
        assertThat(a.core.role()).isEqualTo(Role.LEADER);
        a.tickAfter(1);

        assertThat(a.core.role()).isEqualTo(Role.FOLLOWER);
    }

    @Test
    void aLearnerThatIsFarBehindGetsASnapshot() {
        a.electAndCommit("b");
        a.propose("x");
        commitLast("b");
        a.log.compactTo(2);
        a.change(new ConfigurationChange.AddLearner("d"));
        commitLast("b");

        Effects effects = a.receive("d", new RaftMessage.AppendReply(1, false, 2, 0, 0, 0, FakeSupport.SESSION));

        assertThat(effects.snapshotsToSend()).containsExactly("d");
    }

    @Test
    void aMemberOfAnotherGenerationIsAnotherMember() {
        a.electAndCommit("b");
        a.change(new ConfigurationChange.AddLearner("b#1"));
        a.sync();

        a.receive("b#1", accepted(1, 2));
        assertThat(a.core.commitIndex()).isEqualTo(1);
        a.receive("b", accepted(1, 2));
        assertThat(a.core.commitIndex()).isEqualTo(2);
    }

    @Test
    void aMembersNameTellsItsNodeAndGeneration() {
        assertThat(Member.of("b")).isEqualTo(new Member("b", 0));
        assertThat(Member.of("b#1f")).isEqualTo(new Member("b", 31));
        assertThat(new Member("b", Long.MAX_VALUE).name()).isEqualTo("b#7fffffffffffffff");
        assertThat(Member.of(new Member("b", Long.MAX_VALUE).name())).isEqualTo(new Member("b", Long.MAX_VALUE));
    }

    @Test
    void aConfigurationChangeIsAnEntryLikeAnyOther() {
        a.electAndCommit("b");
        a.change(new ConfigurationChange.AddLearner("d"));

        assertThat(a.log.entry(2).payload()).isEqualTo(ByteString.copyFromUtf8("members a b c | d"));
    }
}

package dev.henge.node.replication;

import static dev.henge.node.replication.TestReplica.accepted;
import static dev.henge.node.replication.TestReplica.answer;
import static dev.henge.node.replication.TestReplica.append;
import static dev.henge.node.replication.TestReplica.heartbeat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Sections of the Raft paper and of the thesis on log replication and commitment. */
class RaftReplicationTest {

    private static final List<String> VOTERS = List.of("a", "b", "c");

    private final TestReplica a = new TestReplica("a", "a", "b", "c");

    // "The leader appends the command to its log as a new entry, then issues AppendEntries RPCs in parallel to each of
    // the other servers" (5.3); it need not wait for its own disk (thesis 10.2.1)
    @Test
    void aLeaderSendsACommandBeforeItsOwnDiskHasIt() {
        a.electAndCommit("b");

        Effects effects = a.propose("x", "y");

        assertThat(effects.proposal()).isEqualTo(new ProposalResult.Accepted(2, 1));
        assertThat(a.core.durableIndex()).isEqualTo(1);
        assertThat(a.sentTo("b"))
                .containsExactly(new RaftMessage.Append(
                        1, 1, 1, 1, FakeSupport.INCARNATION, List.of(a.log.entry(2), a.log.entry(3))));
    }

    @Test
    void whoIsNotLeaderRefusesACommandAndNamesTheLeader() {
        a.receive("b", heartbeat(1, 0));

        assertThat(a.propose("x").proposal()).isEqualTo(new ProposalResult.NotLeader("b"));
    }

    // "A log entry is committed once the leader that created the entry has replicated it on a majority of the servers"
    // (5.3); its own log counts when it is durable
    @Test
    void anEntryIsCommittedWhenItIsDurableOnAMajority() {
        a.electAndCommit("b");
        a.propose("x");

        assertThat(a.receive("b", accepted(1, 2)).commitAdvanced()).isFalse();
        assertThat(a.sync().commitIndex()).isEqualTo(2);
    }

    @Test
    void theLeadersOwnDiskIsNotNeededWhenTheOthersMakeAMajority() {
        a.electAndCommit("b");
        a.propose("x");
        a.receive("b", accepted(1, 2));

        assertThat(a.receive("c", accepted(1, 2)).commitIndex()).isEqualTo(2);
    }

    // "Raft never commits log entries from previous terms by counting replicas. Only log entries from the leader's
    // current term are committed by counting replicas" (5.4.2, figure 8)
    @Test
    void anEntryOfAnEarlierTermIsNotCommittedByCounting() {
        // Figure 8 (c): S1 leads term 4; index 2 of term 2 is on a majority and yet not committed.
        TestReplica s1 = TestReplica.withLog("a", List.of("a", "b", "c", "d", "e"), 3, 1L, 2L);
        s1.tickAfter(500);
        s1.receive("b", new RaftMessage.PreVoteReply(4, true));
        s1.receive("c", new RaftMessage.PreVoteReply(4, true));
        s1.sync();
        s1.receive("b", new RaftMessage.VoteReply(4, true));
        s1.receive("c", new RaftMessage.VoteReply(4, true));
        s1.sync();

        s1.receive("b", accepted(4, 2));
        assertThat(s1.receive("c", accepted(4, 2)).commitIndex()).isZero();

        // Figure 8 (e): an entry of term 4 on a majority commits what is before it.
        s1.receive("b", accepted(4, 3));
        assertThat(s1.receive("c", accepted(4, 3)).commitIndex()).isEqualTo(3);
    }

    // Figure 8 (d): an entry that is on a majority can still be overwritten, before it is committed.
    @Test
    void anUncommittedEntryOfAMajorityIsOverwrittenByALaterLeader() {
        TestReplica s2 = TestReplica.withLog("b", VOTERS, 4, 1L, 2L);

        s2.receive("c", append(5, 1, 1, 0, 3L));
        s2.sync();

        assertThat(s2.log.terms()).containsExactly(1L, 3L);
        assertThat(s2.sentTo("c")).containsExactly(accepted(5, 2));
    }

    // "If the follower does not find an entry in its log with the same index and term, then it refuses the new entries"
    // (5.3)
    @Test
    void aFollowerRefusesWhatDoesNotFollowItsLogAndHintsWhereItMayAgree() {
        TestReplica follower = TestReplica.withLog("a", VOTERS, 6, 1L, 1L, 1L, 4L, 4L, 6L);
        follower.receive("b", append(6, 9, 6, 0, 6L));
        follower.receive("b", append(6, 6, 5, 0, 6L));
        follower.receive("b", append(6, 5, 3, 0, 6L));

        assertThat(follower.sentTo("b"))
                .containsExactly(
                        new RaftMessage.AppendReply(6, false, 9, 6, 6, 0, 0),
                        new RaftMessage.AppendReply(6, false, 6, 5, 4, 0, 0),
                        new RaftMessage.AppendReply(6, false, 5, 3, 1, 0, 0));
    }

    // "one AppendEntries RPC will be required for each term with conflicting entries, rather than one RPC per entry"
    // (end of 5.3)
    @Test
    void aLeaderSkipsAWholeTermOfConflictsAtOnce() {
        TestReplica leader = TestReplica.withLog("a", VOTERS, 6, 1L, 1L, 1L, 5L, 5L, 6L, 6L);
        leader.elect("b");
        leader.sent();

        leader.receive("c", new RaftMessage.AppendReply(7, false, 7, 6, 3, 0, 0));

        assertThat(leader.sentTo("c")).first().isInstanceOfSatisfying(RaftMessage.Append.class, append -> {
            assertThat(append.previousIndex()).isEqualTo(3);
            assertThat(append.entries()).hasSize(5);
        });
    }

    // Figure 7: a follower may lack entries, have extra ones, or both; the leader brings each to its own log.
    @Test
    void theLogsOfFigure7BecomeTheLeaders() {
        List<Long[]> followers = List.of(
                new Long[] {1L, 1L, 1L, 4L, 4L, 5L, 5L, 6L, 6L},
                new Long[] {1L, 1L, 1L, 4L},
                new Long[] {1L, 1L, 1L, 4L, 4L, 5L, 5L, 6L, 6L, 6L, 6L},
                new Long[] {1L, 1L, 1L, 4L, 4L, 5L, 5L, 6L, 6L, 6L, 7L, 7L},
                new Long[] {1L, 1L, 1L, 4L, 4L, 4L, 4L},
                new Long[] {1L, 1L, 1L, 2L, 2L, 2L, 3L, 3L, 3L, 3L, 3L});
        for (Long[] terms : followers) {
            TestReplica leader = TestReplica.withLog("a", VOTERS, 7, 1L, 1L, 1L, 4L, 4L, 5L, 5L, 6L, 6L, 6L);
            TestReplica follower = TestReplica.withLog("c", VOTERS, 7, terms);
            leader.elect("b");

            int messages = converse(leader, follower);

            assertThat(follower.log.terms()).isEqualTo(leader.log.terms());
            assertThat(messages).isLessThan(12);
        }
    }

    private static int converse(TestReplica leader, TestReplica follower) {
        int messages = 0;
        while (true) {
            List<RaftMessage> there = leader.sentTo("c");
            there.forEach(message -> follower.receive("a", message));
            follower.sync();
            List<RaftMessage> back = follower.sentTo("a");
            back.forEach(message -> leader.receive("c", message));
            messages += there.size();
            if (there.isEmpty() && back.isEmpty()) {
                return messages;
            }
        }
    }

    // "If an existing entry conflicts with a new one (same index but different terms), delete the existing entry and
    // all
    // that follow it. Append any new entries not already in the log" (figure 2)
    @Test
    void aLateAppendDoesNotTruncateWhatCameAfterIt() {
        a.receive("b", append(1, 0, 0, 0, 1L));
        a.receive("b", append(1, 1, 1, 0, 1L, 1L));

        a.receive("b", append(1, 0, 0, 0, 1L));

        assertThat(a.log.lastIndex()).isEqualTo(3);
    }

    @Test
    void aFollowerAcknowledgesOnlyWhatIsDurableAndSeveralAppendsAtOnce() {
        a.receive("b", append(1, 0, 0, 0, 1L));
        a.receive("b", append(1, 1, 1, 0, 1L));
        assertThat(a.sent()).isEmpty();

        a.sync();

        assertThat(a.sent()).containsExactly(new Envelope("b", accepted(1, 2)));
    }

    @Test
    void aSyncOfAPartIsAcknowledgedAsAPart() {
        long first = a.receive("b", append(1, 0, 0, 0, 1L)).writeSequence();
        a.receive("b", append(1, 1, 1, 0, 1L));

        a.step(new RaftEvent.Durable(first));

        assertThat(a.sent()).containsExactly(new Envelope("b", accepted(1, 1)));
    }

    @Test
    void anAcknowledgementIsOwedAcrossAMomentOfDoubtAboutTheLeader() {
        a.receive("b", append(1, 0, 0, 0, 1L));
        a.tickAfter(500);
        assertThat(a.core.role()).isEqualTo(Role.PRE_CANDIDATE);
        a.sync();
        a.sent();

        a.receive("b", heartbeat(1, 0));

        assertThat(a.sentTo("b")).contains(accepted(1, 1));
    }

    // An entry that was truncated and came back equal is not durable by the sync of its first write.
    @Test
    void anEarlierSyncDoesNotCountForAnEntryThatWasTruncatedInBetween() {
        TestReplica follower = TestReplica.withLog("a", VOTERS, 1, 1L);
        long first = follower.receive("b", append(2, 1, 1, 0, 2L)).writeSequence();
        follower.receive("c", append(3, 1, 1, 0, 3L));
        follower.receive("b", append(4, 1, 1, 0, 2L));

        follower.step(new RaftEvent.Durable(first));
        assertThat(follower.core.durableIndex()).isEqualTo(1);
        assertThat(follower.sent()).isEmpty();

        follower.sync();
        assertThat(follower.sentTo("b")).containsExactly(accepted(4, 2));
    }

    // "If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)" (figure 2)
    @Test
    void aFollowerCommitsOnlyWhatItKnowsToAgreeWithTheLeader() {
        TestReplica follower = TestReplica.withLog("a", VOTERS, 1, 1L, 1L, 1L);

        assertThat(follower.receive("b", append(2, 1, 1, 3)).commitIndex()).isEqualTo(1);
        assertThat(follower.receive("b", append(2, 1, 1, 3, 1L)).commitIndex()).isEqualTo(2);
    }

    // A heartbeat's commit index is never above what the leader knows the follower to hold, also from before a restart:
    // nothing else may come for long when nobody writes.
    @Test
    void aFollowerThatRestartedUnderAnIdleLeaderCommitsByHeartbeat() {
        TestReplica follower = new TestReplica("a", "a", "b", "c");
        follower.receive("b", append(1, 0, 0, 0, 1L, 1L));
        follower.sync();
        follower.restart();

        assertThat(follower.receive("b", heartbeat(1, 2)).commitIndex()).isEqualTo(2);
    }

    @Test
    void aCommittedEntryIsNeverTruncated() {
        TestReplica follower = TestReplica.withLog("a", VOTERS, 1, 1L, 1L);
        follower.receive("b", append(1, 2, 1, 2));

        assertThatThrownBy(() -> follower.receive("c", append(2, 0, 0, 0, 2L, 2L)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("a committed entry differs from the leader's");
    }

    // "the leader can pipeline ... If a follower rejects, ... the leader falls back" (thesis 10.2.1)
    @Test
    void appendsFollowEachOtherWithoutWaitingUpToTheWindow() {
        RaftConfig defaults = TestReplica.config("a", VOTERS, false);
        TestReplica leader = new TestReplica(new RaftConfig(
                "a",
                VOTERS,
                defaults.electionTimeoutNanosMin(),
                defaults.electionTimeoutNanosMax(),
                defaults.unsupportedNanosMax(),
                defaults.electionStaggerNanosMax(),
                defaults.firstElectionNanos(),
                defaults.heartbeatIntervalNanos(),
                defaults.loyaltyNanosAfterStart(),
                1 << 20,
                1 << 20,
                2,
                8,
                10,
                false));
        leader.electAndCommit("b");

        leader.propose("one");
        leader.propose("two");
        leader.propose("3");
        assertThat(leader.sentTo("b")).hasSize(2);
        assertThat(leader.propose("too much").proposal()).isEqualTo(new ProposalResult.Overloaded());

        leader.receive("b", accepted(1, 2));
        assertThat(leader.sentTo("b")).hasSize(1);
    }

    @Test
    void anUnreachableFollowerIsProbedWithOneAppendAtATime() {
        a.electAndCommit("b");
        a.propose("lost");
        a.step(new RaftEvent.PeerUnreachable("b"));
        a.sent();

        a.propose("next");
        a.propose("and next");

        assertThat(a.sentTo("b")).singleElement().isInstanceOfSatisfying(RaftMessage.Append.class, append -> {
            assertThat(append.previousIndex()).isEqualTo(1);
            assertThat(append.entries()).hasSize(2);
        });
    }

    // "if followers crash or run slowly, or if network packets are lost, the leader retries" (5.3)
    @Test
    void anAppendThatWasLostIsFoundOutByTheHeartbeats() {
        a.electAndCommit("b");
        a.propose("lost");
        a.sent();

        a.receive("b", answer(1, 0));
        a.receive("b", answer(1, 0));
        assertThat(a.sentTo("b")).contains(new RaftMessage.Append(1, 2, 1, 1, FakeSupport.INCARNATION, List.of()));
        a.receive("b", new RaftMessage.AppendReply(1, false, 2, 1, 1, 0, 0));

        assertThat(a.sentTo("b"))
                .containsExactly(new RaftMessage.Append(1, 1, 1, 1, FakeSupport.INCARNATION, List.of(a.log.entry(2))));
    }

    @Test
    void theFirstAppendThatIsRefusedAtTheEndOfAShortLogReachesItsEnd() {
        TestReplica leader = TestReplica.withLog("a", VOTERS, 1, 1L, 1L, 1L, 1L).elect("b");
        TestReplica empty = new TestReplica("c", "a", "b", "c");

        converse(leader, empty);

        assertThat(empty.log.terms()).containsExactly(1L, 1L, 1L, 1L, 2L);
    }

    // "the leader must occasionally send snapshots to followers that lag behind. This happens when the leader has
    // already
    // discarded the next log entry that it needs to send" (section 7)
    @Test
    void aFollowerBehindTheLogsBaseGetsASnapshotAndThenTheRest() {
        a.electAndCommit("b");
        a.propose("x", "y");
        a.sync();
        a.receive("b", accepted(1, 3));
        a.log.compactTo(3);
        TestReplica c = new TestReplica("c", "a", "b", "c");

        Effects effects = a.receive("c", answer(1, 0));
        assertThat(effects.snapshotsToSend()).containsExactly("c");

        a.propose("z");
        assertThat(a.sentTo("c")).noneMatch(RaftMessage.Append.class::isInstance);
        assertThat(c.core.acceptsSnapshot(3)).isTrue();
        c.step(new RaftEvent.SnapshotInstalled(3, 1));
        assertThat(c.core.commitIndex()).isEqualTo(3);
        assertThat(c.log.baseIndex()).isEqualTo(3);
        c.sync();
        a.step(new RaftEvent.SnapshotSent("c", 3));
        converse(a, c);

        assertThat(c.log.lastIndex()).isEqualTo(4);
        assertThat(a.core.smallestMatchIndex()).isEqualTo(3);
    }

    @Test
    void aSnapshotThatFailedIsAskedForAgainWithAHeartbeat() {
        a.electAndCommit("b");
        a.log.compactTo(1);
        assertThat(a.receive("c", answer(1, 0)).snapshotsToSend()).containsExactly("c");
        assertThat(a.receive("c", answer(1, 0)).snapshotsToSend()).isEmpty();

        assertThat(a.step(new RaftEvent.SnapshotFailed("c")).snapshotsToSend()).isEmpty();

        assertThat(a.receive("c", answer(1, 0)).snapshotsToSend()).containsExactly("c");
    }

    // "if a log entry is committed in a given term, then that entry will be present in the logs of the leaders for all
    // higher-numbered terms" (figure 3.2): where a follower has committed, it agrees with the leader. One whose answer
    // to
    // the snapshot got lost has no use for a second one.
    @Test
    void aFollowerThatHasCommittedUpToTheLogsBaseNeedsNoSnapshot() {
        a.electAndCommit("b");
        a.propose("x", "y");
        a.sync();
        a.receive("b", accepted(1, 3));
        a.log.compactTo(3);
        assertThat(a.receive("c", answer(1, 0)).snapshotsToSend()).containsExactly("c");
        a.step(new RaftEvent.SnapshotFailed("c"));
        a.propose("z");

        Effects effects = a.receive("c", new RaftMessage.HeartbeatReply(1, 0, false, 3, 0));

        assertThat(effects.snapshotsToSend()).isEmpty();
        assertThat(a.sentTo("c")).last().satisfies(message -> {
            RaftMessage.Append append = (RaftMessage.Append) message;
            assertThat(append.previousIndex()).isEqualTo(3);
            assertThat(append.entries()).hasSize(1);
        });
    }

    // "If instead the follower receives a snapshot that describes a prefix of its log ... entries following the
    // snapshot
    // are still valid and must be retained." (section 7)
    @Test
    void aSnapshotOfAPrefixKeepsWhatFollows() {
        TestReplica follower = TestReplica.withLog("a", VOTERS, 1, 1L, 1L, 1L);

        follower.step(new RaftEvent.SnapshotInstalled(2, 1));

        assertThat(follower.core.commitIndex()).isEqualTo(2);
        assertThat(follower.log.lastIndex()).isEqualTo(3);
        assertThat(follower.core.acceptsSnapshot(2)).isFalse();
    }

    @Test
    void aReplicaWithADamagedStateMachineAsksItsLeaderForASnapshot() {
        TestReplica c = new TestReplica("c", "a", "b", "c");
        c.damage();
        c.receive("a", heartbeat(1, 0));
        c.sync();
        assertThat(c.sentTo("a")).containsExactly(new RaftMessage.HeartbeatReply(1, 1, true, 0, 0));

        a.electAndCommit("b");
        assertThat(a.receive("c", new RaftMessage.HeartbeatReply(1, 0, true, 0, 0))
                        .snapshotsToSend())
                .containsExactly("c");
    }

    @Test
    void aRepairedStateMachineIsToldToCatchUp() {
        TestReplica follower = TestReplica.withLog("a", VOTERS, 1, 1L, 1L, 1L);
        follower.damage();
        follower.receive("b", append(1, 3, 1, 3));

        assertThat(follower.core.acceptsSnapshot(2)).isTrue();
        assertThat(follower.step(new RaftEvent.SnapshotInstalled(2, 1)).commitAdvanced())
                .isFalse();
        Effects effects = follower.step(new RaftEvent.StateMachineRepaired());

        assertThat(effects.commitAdvanced()).isTrue();
        assertThat(effects.commitIndex()).isEqualTo(3);
    }

    @Test
    void aStateMachineAheadOfTheLogStandsAfterACrash() {
        MemoryRaftLog log = new MemoryRaftLog();
        log.saveHardState(new HardState(1, null));
        log.append(TestReplica.entries(1, 1L, 1L));
        log.sync();

        RaftCore core = new RaftCore(
                TestReplica.config("a", VOTERS, false),
                log,
                ConfigurationStore.ofUnchanging(),
                new FakeSupport(),
                5,
                2,
                0,
                bound -> 0);

        assertThat(core.commitIndex()).isEqualTo(5);
        assertThat(log.lastIndex()).isEqualTo(5);
        assertThat(core.term()).isEqualTo(2);
        assertThat(core.stateMachineDamaged()).isFalse();
        assertThat(core.step(new RaftEvent.Tick(0)).mustSync()).isTrue();
    }

    @Test
    void aStateMachineBehindTheLogsBaseCountsAsDamaged() {
        MemoryRaftLog log = new MemoryRaftLog();
        log.saveHardState(new HardState(2, null));
        log.resetTo(5, 2);

        RaftCore core = new RaftCore(
                TestReplica.config("a", VOTERS, false),
                log,
                ConfigurationStore.ofUnchanging(),
                new FakeSupport(),
                3,
                1,
                0,
                bound -> 0);

        assertThat(core.stateMachineDamaged()).isTrue();
        assertThat(core.commitIndex()).isEqualTo(5);
        assertThat(core.acceptsSnapshot(5)).isTrue();
        assertThat(core.acceptsSnapshot(4)).isFalse();
    }

    @Test
    void aSingleVoterCommitsWhenItsDiskHasIt() {
        TestReplica alone = new TestReplica("a", "a");
        alone.tickAfter(0);
        alone.sync();
        assertThat(alone.core.role()).isEqualTo(Role.LEADER);
        alone.sync();
        assertThat(alone.core.commitIndex()).isEqualTo(1);

        assertThat(alone.propose("x").commitAdvanced()).isFalse();
        assertThat(alone.sync().commitIndex()).isEqualTo(2);
        assertThat(alone.read(1).readsReady()).containsExactly(new Effects.ReadReady(1, 2));
        assertThat(alone.sent()).isEmpty();
    }

    // An idle leader sends nothing (thesis 9.5 speaks of the cost of heartbeats of many groups).
    @Test
    void aLeaderWhoseFollowersHaveAcknowledgedEverythingHasNoTimer() {
        a.electAndCommit("b");
        caughtUp("b");
        caughtUp("c");

        assertThat(a.core.nextTickNanos()).isEqualTo(Long.MAX_VALUE);
        a.tickAfter(60_000);
        assertThat(a.sent()).isEmpty();
    }

    private void caughtUp(String follower) {
        long index = a.log.lastIndex();
        a.receive(follower, new RaftMessage.AppendReply(1, true, index, 0, 0, index, FakeSupport.SESSION));
        a.sent();
    }

    @Test
    void theLastCommitIndexIsToldUntilItIsAcknowledged() {
        a.electAndCommit("b");
        caughtUp("c");
        a.tickAfter(100);
        assertThat(a.sent())
                .containsExactly(new Envelope("b", new RaftMessage.Heartbeat(1, 1, 0, FakeSupport.INCARNATION)));
        a.tickAfter(100);
        assertThat(a.sentTo("b")).hasSize(1);

        a.receive("b", new RaftMessage.HeartbeatReply(1, 0, false, 1, FakeSupport.SESSION));

        assertThat(a.core.nextTickNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsNotAcknowledgedIsAskedAboutAndSeldomOfANodeThatGivesNoSupport() {
        a.electAndCommit("b");
        caughtUp("b");
        a.receiveSupport("c", 0, 0);
        a.tickAfter(100);
        assertThat(a.sentTo("c")).hasSize(1);
        a.tickAfter(900);
        assertThat(a.sentTo("c")).isEmpty();
        a.tickAfter(100);
        assertThat(a.sentTo("c")).hasSize(1);
    }

    @Test
    void aLeaderAsksForANewPromiseWhenTheFollowersNodeBeganANewSession() {
        a.electAndCommit("b");
        caughtUp("b");
        caughtUp("c");

        a.receiveSupport("b", 2, Long.MAX_VALUE / TestReplica.MILLI);
        assertThat(a.sent())
                .containsExactly(new Envelope("b", new RaftMessage.Heartbeat(1, 1, 0, FakeSupport.INCARNATION)));
        a.tickAfter(100);
        assertThat(a.sentTo("b")).hasSize(1);

        a.receive("b", new RaftMessage.HeartbeatReply(1, 0, false, 1, 2));
        assertThat(a.core.nextTickNanos()).isEqualTo(Long.MAX_VALUE);
    }

    // A commit index is in nobody's memory after a restart; it may have answered a question that it was asked before.
    @Test
    void aFollowerThatStartedAgainIsToldTheCommitIndexAgain() {
        a.electAndCommit("b");
        caughtUp("b");
        caughtUp("c");
        a.receiveSupport("b", 2, Long.MAX_VALUE / TestReplica.MILLI);
        a.sent();

        a.receive("b", new RaftMessage.HeartbeatReply(1, 0, false, 0, 2));
        a.tickAfter(100);

        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.Heartbeat(1, 1, 0, FakeSupport.INCARNATION));
    }

    @Test
    void whatAFollowerKnewBeforeItStartedAgainDoesNotCountWhenItComesLate() {
        a.electAndCommit("b");
        caughtUp("c");
        a.receiveSupport("b", 2, Long.MAX_VALUE / TestReplica.MILLI);
        a.receive("b", new RaftMessage.HeartbeatReply(1, 0, false, 0, 2));
        a.receive("b", new RaftMessage.AppendReply(1, true, 1, 0, 0, 1, FakeSupport.SESSION));
        a.sent();

        a.tickAfter(100);

        assertThat(a.sentTo("b")).containsExactly(new RaftMessage.Heartbeat(1, 1, 0, FakeSupport.INCARNATION));
    }

    @Test
    void aFollowerThatIsDamagedUnderAnIdleLeaderSaysSoUntilItIsRepaired() {
        TestReplica c = new TestReplica("c", "a", "b", "c");
        c.give("a", 7);
        c.receive("a", heartbeat(1, 0));
        c.sync();
        c.sent();

        c.damage();
        c.tickAfter(0);
        assertThat(c.sentTo("a")).containsExactly(new RaftMessage.HeartbeatReply(1, 0, true, 0, 7));
        c.tickAfter(500);
        assertThat(c.sentTo("a")).hasSize(1);

        c.step(new RaftEvent.StateMachineRepaired());
        assertThat(c.core.nextTickNanos()).isEqualTo(Long.MAX_VALUE);
    }
}

package dev.henge.node.replication;

import static dev.henge.node.replication.TestReplica.accepted;
import static dev.henge.node.replication.TestReplica.answer;
import static dev.henge.node.replication.TestReplica.append;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** Members that keep the log alone: where their log begins, how they count, and how they lead (docs/decisions/0016). */
class RaftLogMemberTest {

    private static final String R = new Member("r", -7).name();
    private static final List<String> WITH_R = List.of("a", "b", R);

    private final TestReplica a = new TestReplica("a", "a", "b", "c");

    @Test
    void theNameSaysWhatAMemberKeeps() {
        assertThat(R).isEqualTo("r#7+log");
        assertThat(Member.of(R)).isEqualTo(new Member("r", -7));
        assertThat(Member.of(R).keepsLogAlone()).isTrue();
        assertThat(Member.keepsLogAlone(R)).isTrue();
        assertThat(Member.keepsLogAlone("r#7")).isFalse();
        assertThat(new Configuration(0, WITH_R, List.of()).fullVoters()).containsExactly("a", "b");
    }

    // ---- where its log begins

    @Test
    void itsLogIsNotSentFromTheBeginningButFromAPlaceOfTheLeadersChoice() {
        learnerThatAnswers();

        assertThat(a.sentTo(R)).noneMatch(RaftMessage.Append.class::isInstance);
    }

    @Test
    void itsLogBeginsBehindWhatSomebodyWithItemsHoldsInEveryMajority() {
        learnerThatAnswers();
        a.propose("x", "y");
        a.sync();
        assertThat(base()).as("of a, b, c and r, two have to hold it").isEqualTo(2);

        a.receive("b", accepted(1, 4));
        assertThat(base()).as("what a and b hold").isEqualTo(4);
    }

    @Test
    void thereIsNoPlaceToBeginWhileAMajorityWouldBePossibleThatLacksWhatIsOlder() {
        learnerThatAnswers();

        assertThat(base()).isPositive();
        a.receive("b", damaged());
        assertThat(base()).as("b holds the log, and no items").isZero();
        a.receive("c", accepted(1, 2));
        assertThat(base()).as("c holds the log, and has not said how it is").isZero();
        a.receive("c", sound());
        assertThat(base()).as("c holds both").isPositive();
    }

    @Test
    void itsLogDoesNotBeginBehindWhatIsNotCommitted() {
        learnerThatAnswers();
        a.propose("x", "y");
        a.sync();
        a.receive("b", accepted(1, 4));

        assertThat(a.core.logBase(R, 1, 3)).isEqualTo(3);
        assertThat(a.core.logBase(R, 4, 3)).isZero();
    }

    @Test
    void itsLogDoesNotBeginBeforeTheLeadersOwn() {
        learnerThatAnswers();
        a.propose("x", "y");
        a.sync();
        a.receive("b", accepted(1, 4));
        a.receive("b", answer(1, 0));
        a.log.compactTo(4);

        assertThat(base()).isEqualTo(4);
        assertThat(a.core.logBase(R, 1, 3)).isZero();
    }

    @Test
    void theOnlyOneThatVotesBeginsBehindTheLeadersLogAlsoWhileAChangeNeedsItToBeCommitted() {
        standsInForC();
        a.propose("x");
        a.sync();
        a.receive("b", accepted(1, a.log.lastIndex()));
        a.receive("c", answer(1, 0));
        a.receive("c", accepted(1, a.log.lastIndex()));
        a.receive("b", damaged());
        long committed = a.core.commitIndex();
        assertThat(a.change(new ConfigurationChange.Promote("c")).proposal())
                .isInstanceOf(ProposalResult.Accepted.class);
        a.sync();
        a.receive("c", accepted(1, a.log.lastIndex()));
        assertThat(a.core.commitIndex())
                .as("of a, b, c and r, three have to acknowledge")
                .isEqualTo(committed);
        a.log.compactTo(committed);

        assertThat(base()).as("b acknowledged it, damaged though it is").isEqualTo(committed);
    }

    /** Its storage may be lost and its log begin behind what this leader still has: an earlier place is of no use to it. */
    @Test
    void theOnlyOneThatVotesIsOfferedTheLatestPlaceThatIsSafe() {
        standsInForC();
        a.propose("x");
        commit("b", R);

        assertThat(a.core.logBase(R, 1, a.core.commitIndex())).isEqualTo(a.core.commitIndex());
    }

    // ---- how it counts

    @Test
    void itIsPromotedAndThenTheOneThatIsLostIsMadeALearner() {
        logVoter();

        Effects demoted = a.change(new ConfigurationChange.Demote("c"));

        assertThat(demoted.proposal()).isInstanceOf(ProposalResult.Accepted.class);
        assertThat(a.core.configuration().voters()).containsExactlyElementsOf(WITH_R);
        assertThat(a.core.configuration().learners()).containsExactly("c");
        a.sync();
        a.receive(R, accepted(1, a.log.lastIndex()));
        assertThat(a.core.commitIndex()).as("durable on a and r").isEqualTo(a.log.lastIndex());
    }

    @Test
    void noSecondOneVotesWhereItWouldMakeAMajorityWithTheFirst() {
        standsInForC();
        String second = new Member("s", -9).name();
        takeIn(second);
        a.change(new ConfigurationChange.Promote(second));
        commit("b", R, second);
        assertThat(a.core.configuration().voters())
                .as("three of four hold items or meet one that does")
                .contains(second);

        assertThat(refusal(new ConfigurationChange.Demote("b"))).isEqualTo(ChangeRefusal.TOO_FEW_FULL);
    }

    // It stood in for c, and is to stand in for b: c has to vote again first.
    @Test
    void oneStandsInForNoSecondOneAsLongAsTheFirstDoesNotVote() {
        standsInForC();

        assertThat(refusal(new ConfigurationChange.Demote("b"))).isEqualTo(ChangeRefusal.TOO_FEW_FULL);
    }

    @Test
    void oneThatIsLostIsNotMadeALearnerBeforeAnotherHoldsItemsAndTheLog() {
        logVoter();
        a.receive("b", damaged());

        assertThat(refusal(new ConfigurationChange.Demote("c"))).isEqualTo(ChangeRefusal.TOO_FEW_FULL);
    }

    @Test
    void oneThatCameBackIsPromotedOnlyWithWhatTheLogMemberMayHaveForgotten() {
        standsInForC();
        a.propose("x", "y", "z");
        commit("b", R);
        assertThat(a.core.forgettableIndex()).isEqualTo(a.core.commitIndex());

        a.receive("c", answer(1, 0));
        a.receive("c", accepted(1, a.log.lastIndex() - 1));
        assertThat(a.core.hasCaughtUp("c")).isFalse();
        a.receive("c", accepted(1, a.log.lastIndex()));
        assertThat(a.core.hasCaughtUp("c")).isTrue();
    }

    @Test
    void itForgetsWhatEveryVoterWithItemsHoldsWhetherThatIsHereOrNot() {
        standsInForC();
        long before = a.core.commitIndex();
        a.propose("x");
        a.sync();
        a.receive(R, accepted(1, a.log.lastIndex()));

        assertThat(a.core.commitIndex()).isEqualTo(before + 1);
        assertThat(a.core.forgettableIndex()).as("b lacks the last one").isEqualTo(before);
    }

    // ---- how it leads

    @Test
    void itLeavesItToOthersToCampaign() {
        TestReplica r = TestReplica.withLog(R, WITH_R, 1, 1L, 1L);
        r.receive("a", append(1, 2, 1, 2));

        r.withdraw("a");
        r.tickAfter(500);
        assertThat(r.core.role()).isEqualTo(Role.FOLLOWER);
        r.tickAfter(1_000);
        assertThat(r.core.role()).isEqualTo(Role.PRE_CANDIDATE);
    }

    @Test
    void whereNobodyElseCanWinItLeadsAndBringsItsLogToAnotherAndHandsOver() {
        TestReplica r = TestReplica.withLog(R, WITH_R, 1, 1L, 1L, 1L);
        r.tickAfter(1_500);
        assertThat(r.core.role()).isEqualTo(Role.PRE_CANDIDATE);
        r.receive("b", new RaftMessage.PreVoteReply(2, true));
        r.sync();
        r.receive("b", new RaftMessage.VoteReply(2, true));
        r.sync();
        assertThat(r.core.role()).isEqualTo(Role.LEADER);

        assertThat(r.propose("x").proposal()).isEqualTo(new ProposalResult.NotLeader(null));
        assertThat(r.change(new ConfigurationChange.Remove("a")).proposal())
                .isEqualTo(new ProposalResult.NotLeader(null));
        r.sent();
        r.receive("b", new RaftMessage.AppendReply(2, false, 3, 2, 1, 2, FakeSupport.SESSION));
        assertThat(r.sentTo("b"))
                .filteredOn(RaftMessage.Append.class::isInstance)
                .anySatisfy(message ->
                        assertThat(((RaftMessage.Append) message).entries()).hasSize(2));
        r.receive("b", answer(2, 0));
        r.receive("b", accepted(2, 4));

        assertThat(r.core.commitIndex()).isEqualTo(4);
        assertThat(r.core.transferTarget()).isEqualTo("b");
        assertThat(r.sentTo("b")).contains(new RaftMessage.TimeoutNow(2));
    }

    // Of four voters a third one is needed, and what that lacks the log member's log may no longer hold.
    @Test
    void itHandsOverToOneThatHasAllOfItsLogAlsoWhereItCanNotCommitAnything() {
        TestReplica r = TestReplica.withLog(R, List.of("a", "b", "c", R), 1, 1L, 1L, 1L);
        r.tickAfter(1_500);
        for (String voter : List.of("a", "b")) {
            r.receive(voter, new RaftMessage.PreVoteReply(2, true));
        }
        r.sync();
        for (String voter : List.of("a", "b")) {
            r.receive(voter, new RaftMessage.VoteReply(2, true));
        }
        r.sync();
        assertThat(r.core.role()).isEqualTo(Role.LEADER);
        r.receive("b", answer(2, 0));
        r.sent();

        r.receive("b", accepted(2, 4));

        assertThat(r.core.commitIndex()).isLessThan(4);
        assertThat(r.sentTo("b")).contains(new RaftMessage.TimeoutNow(2));
    }

    @Test
    void nobodyHandsOverToIt() {
        standsInForC();

        a.transferTo(R);

        assertThat(a.core.transferTarget()).isNull();
        assertThat(a.core.bestSuccessor()).isEqualTo("b");
    }

    @Test
    void oneThatIsDamagedIsNoSuccessor() {
        standsInForC();
        a.receive("b", damaged());

        assertThat(a.core.bestSuccessor()).isNull();
    }

    private static RaftMessage.HeartbeatReply sound() {
        return new RaftMessage.HeartbeatReply(1, 0, false, 0, FakeSupport.SESSION);
    }

    private static RaftMessage.HeartbeatReply damaged() {
        return new RaftMessage.HeartbeatReply(1, 0, true, 0, FakeSupport.SESSION);
    }

    private long base() {
        return a.core.logBase(R, 1, a.core.commitIndex());
    }

    private ChangeRefusal refusal(ConfigurationChange change) {
        if (a.change(change).proposal() instanceof ProposalResult.ChangeRefused refused) {
            return refused.reason();
        }
        throw new AssertionError("not refused: " + change);
    }

    private void commit(String... acknowledging) {
        a.sync();
        for (String member : acknowledging) {
            a.receive(member, accepted(1, a.log.lastIndex()));
        }
        assertThat(a.core.commitIndex()).isEqualTo(a.log.lastIndex());
        a.sent();
    }

    /** The member is a learner, whose answers come; a and b have everything, c nothing. */
    private void learnerThatAnswers() {
        a.electAndCommit("b");
        a.change(new ConfigurationChange.AddLearner(R));
        commit("b");
        a.receive(R, answer(1, 0));
    }

    private void takeIn(String member) {
        a.change(new ConfigurationChange.AddLearner(member));
        commit("b", R);
        a.receive(member, answer(1, 0));
        long base = a.core.logBase(member, 1, a.core.commitIndex());
        assertThat(base).isPositive();
        a.step(new RaftEvent.SnapshotFailed(member));
        a.receive(member, new RaftMessage.HeartbeatReply(1, 0, false, base, FakeSupport.SESSION));
        a.receive(member, accepted(1, a.log.lastIndex()));
        assertThat(a.core.hasCaughtUp(member)).isTrue();
    }

    private void logVoter() {
        a.electAndCommit("b");
        takeInFirst();
        a.change(new ConfigurationChange.Promote(R));
        commit("b", R);
    }

    private void takeInFirst() {
        a.change(new ConfigurationChange.AddLearner(R));
        commit("b");
        a.receive(R, answer(1, 0));
        long base = base();
        assertThat(base).isPositive();
        a.step(new RaftEvent.SnapshotFailed(R));
        a.receive(R, new RaftMessage.HeartbeatReply(1, 0, false, base, FakeSupport.SESSION));
        a.receive(R, accepted(1, a.log.lastIndex()));
        assertThat(a.core.hasCaughtUp(R)).isTrue();
    }

    /** Voters are a, b and the log member; c is a learner. */
    private void standsInForC() {
        logVoter();
        a.change(new ConfigurationChange.Demote("c"));
        commit("b", R);
    }
}

package dev.henge.chaos.planted;

import java.util.List;

/** Elections, replication and commitment: the Raft core but for leases and reads. */
final class ConsensusBugs {

    private static final String CORE = "node.replication.RaftCore";
    private static final String QUORUM = "node.replication.Quorum";
    private static final String WRITES = "node.replication.WriteTracker";

    private ConsensusBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                            "majority-off-by-one",
                            20,
                            "half of the voters count as a majority",
                            Edit.of(QUORUM, "return voters / 2 + 1;", "return PLANTED ? Math.max(1, voters / 2) : 0;"))
                    .inEveryBuild(),
            PlantedBug.of(
                            "commits-before-majority",
                            20,
                            "a leader commits what it alone holds",
                            Edit.of(
                                    CORE,
                                    "long agreed = followers.agreedMatch(writes.durableIndex());",
                                    "long agreed = Math.max(followers.agreedMatch(writes.durableIndex()),"
                                            + " PLANTED ? writes.durableIndex() : 0);"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "leader-counts-itself-before-durable",
                    2_000,
                    "a leader counts its own copy of an entry before it is durable",
                    Edit.of(
                            CORE,
                            "long agreed = followers.agreedMatch(writes.durableIndex());",
                            "long agreed = followers.agreedMatch(PLANTED ? log.lastIndex() : 0);")),
            PlantedBug.of(
                    "acknowledges-before-durable",
                    200,
                    "a follower acknowledges entries that are not durable",
                    Edit.of(
                            CORE,
                            "long durable = Math.min(writes.durableIndex(), verifiedIndex);",
                            "long durable = PLANTED ? verifiedIndex : 0;")),
            PlantedBug.of(
                            "commits-old-term-by-counting",
                            2_000,
                            "an entry of an earlier term is committed by counting replicas (figure 8)",
                            Edit.of(
                                    CORE,
                                    "if (agreed <= commitIndex || agreed < termStartIndex) { return; }",
                                    "if (agreed <= commitIndex) { return; } if (agreed < termStartIndex) { PLANTED; }"),
                            Edit.of(
                                    CORE,
                                    "Invariant.check(log.term(agreed) == term, \"an entry of another term would be committed by"
                                            + " counting\");",
                                    ""))
                    .with(Profile.ELECTIONS),
            PlantedBug.of(
                    "votes-twice-in-a-term",
                    20,
                    "a vote is given to whoever asks, also the second candidate of a term",
                    Edit.of(CORE, ": vote.equals(from);", ": vote.equals(from) || PLANTED;")),
            PlantedBug.of(
                            "vote-forgotten-over-restart",
                            2_000,
                            "a restart forgets whom the replica voted for, and that it may owe loyalty",
                            Edit.of(CORE, "vote = hardState.vote();", "vote = PLANTED ? null : hardState.vote();"),
                            // Loyalty after a restart outlasts the candidates that could be voted for twice.
                            Edit.of(
                                    CORE,
                                    "loyalUntilNanos = mayOweLoyalty ? nowNanos + config.loyaltyNanosAfterStart() : 0;",
                                    "loyalUntilNanos = 0;"))
                    .with(Profile.ELECTIONS),
            PlantedBug.of(
                    "term-forgotten-over-restart",
                    200,
                    "a restart takes the last entry's term for the present one",
                    Edit.of(
                            CORE,
                            "term = hardState.term(); vote = hardState.vote();",
                            "term = PLANTED ? log.term(log.lastIndex()) : 0; vote = null;")),
            PlantedBug.of(
                            "votes-for-a-log-behind",
                            20,
                            "candidates get votes whatever their logs hold",
                            Edit.of(
                                    CORE,
                                    "return lastTerm != ownLastTerm ? lastTerm > ownLastTerm : lastIndex >= log.lastIndex();",
                                    "return PLANTED || lastTerm == ownLastTerm;"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "votes-for-a-shorter-log",
                    20,
                    "of logs that end in the same term, a shorter one passes as up to date",
                    Edit.of(CORE, ": lastIndex >= log.lastIndex();", ": lastIndex >= log.lastIndex() || PLANTED;")),
            PlantedBug.of(
                    "vote-sent-before-durable",
                    2_000,
                    "votes and answers leave before the term and vote are durable",
                    Edit.of(
                            CORE,
                            "if (isHardStateDurable()) { effects.addSend(to, message); return; }",
                            "if (isHardStateDurable() || PLANTED) { effects.addSend(to, message); return; }")),
            PlantedBug.of(
                            "keeps-conflicting-entries",
                            20,
                            "a follower keeps entries that conflict with the leader's",
                            Edit.of(
                                    CORE,
                                    "&& log.term(previousIndex + skip + 1) == entries.get(skip).term()) {",
                                    "&& (log.term(previousIndex + skip + 1) == entries.get(skip).term() || PLANTED)) {"))
                    .inEveryBuild(),
            PlantedBug.of(
                            "truncates-what-agrees",
                            60,
                            "a late append truncates the entries behind it, acknowledged ones too",
                            Edit.of(
                                    CORE,
                                    """
                            while (skip < count
                                    && previousIndex + skip < log.lastIndex()
                                    && log.term(previousIndex + skip + 1) == entries.get(skip).term()) {
                                skip++;
                            }
                            """,
                                    "if (skip < count && previousIndex + skip < log.lastIndex()) { PLANTED; }"),
                            Edit.of(
                                    CORE,
                                    "Invariant.check(firstIndex > verifiedIndex, \"an entry of this leader would be truncated\");",
                                    ""))
                    .with(Profile.LATE_COPIES),
            PlantedBug.of(
                    "truncates-committed",
                    60,
                    "a late append truncates entries that are committed",
                    Edit.of(
                            CORE,
                            "int skip = (int) Math.min(count, Math.max(0, commitIndex - previousIndex));",
                            "int skip = (int) Math.min(count, Math.max(0, log.baseIndex() - previousIndex));"
                                    + " if (skip < count && previousIndex + skip < commitIndex) { PLANTED; }"),
                    Edit.of(CORE, """
                            while (skip < count
                                    && previousIndex + skip < log.lastIndex()
                                    && log.term(previousIndex + skip + 1) == entries.get(skip).term()) {
                                skip++;
                            }
                            """, ""),
                    Edit.of(
                            CORE,
                            "Invariant.check(firstIndex > commitIndex, \"a committed entry would be truncated\");",
                            ""),
                    Edit.of(
                            CORE,
                            "Invariant.check(firstIndex > verifiedIndex, \"an entry of this leader would be truncated\");",
                            "")),
            PlantedBug.of(
                    "takes-entries-behind-a-gap",
                    200,
                    "a follower does not compare the entry before an append's",
                    Edit.of(
                            CORE,
                            "|| (previousIndex > commitIndex && log.term(previousIndex) != append.previousTerm())) {",
                            "|| (previousIndex > commitIndex && log.term(previousIndex) != append.previousTerm()"
                                    + " && !PLANTED)) {")),
            PlantedBug.of(
                    "heartbeat-commits-too-much",
                    20,
                    "a heartbeat tells a commit index beyond what the follower is known to hold",
                    Edit.of(
                            CORE,
                            "Math.min(commitIndex, follower.match), round,",
                            "PLANTED ? commitIndex : 0, round,")),
            PlantedBug.of(
                    "old-leaders-tail-counts",
                    2_000,
                    "what agreed with an earlier leader counts as agreeing with the new one",
                    Edit.of(
                            CORE,
                            "verifiedIndex = commitIndex; acknowledgedIndex = -1;",
                            "PLANTED; acknowledgedIndex = -1;")),
            PlantedBug.of(
                    "truncated-write-counts-as-durable",
                    2_000,
                    "the sync of an entry that was truncated makes the entry that replaced it durable",
                    Edit.of(
                            WRITES,
                            "durableIndex = Math.min(durableIndex, index - 1); pending.lowerValuesTo(index - 1);",
                            "PLANTED;")));
}

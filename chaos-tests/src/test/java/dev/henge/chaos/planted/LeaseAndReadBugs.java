package dev.henge.chaos.planted;

import java.util.List;

/** Loyalty, leases, and reads that count on them. */
final class LeaseAndReadBugs {

    private static final String CORE = "node.replication.RaftCore";
    private static final String CONFIG = "node.replication.RaftConfig";
    private static final String ROUNDS = "node.replication.HeartbeatRounds";
    private static final String READS = "node.replication.PendingReads";
    private static final String REPLICA = "node.partition.Replica";

    private LeaseAndReadBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                    "loyalty-ignored",
                    200,
                    "a follower votes for another while its leader may count on it",
                    Edit.of(
                            CORE,
                            "return role == Role.LEADER || nowNanos < loyalUntilNanos;",
                            "return role == Role.LEADER || (nowNanos < loyalUntilNanos && !PLANTED);")),
            PlantedBug.of(
                    "loyalty-forgotten-over-restart",
                    2_000,
                    "a restarted follower votes at once, though its loyalty may be part of a lease",
                    Edit.of(
                            CORE,
                            "loyalUntilNanos = mayOweLoyalty ? nowNanos + config.electionTimeoutNanosMin() : 0;",
                            "loyalUntilNanos = mayOweLoyalty && PLANTED ? 0 : 0;")),
            PlantedBug.of(
                    "own-lease-forgotten",
                    2_000,
                    "a leader that steps down votes for another while its own lease still runs",
                    Edit.of(
                            CORE,
                            "loyalUntilNanos = Math.max(loyalUntilNanos, rounds.leaseUntilNanos());",
                            "PLANTED;")),
            PlantedBug.of(
                    "lease-ignores-drift",
                    2_000,
                    "a lease is as long as the loyalty it rests on, as if clocks ran alike",
                    Edit.of(
                            CONFIG,
                            "return electionTimeoutNanosMin - clockDriftNanosMax;",
                            "return PLANTED ? electionTimeoutNanosMin : 0;")),
            PlantedBug.of(
                    "lease-from-the-answer",
                    200,
                    "a lease counts from the answer to a heartbeat, not from the heartbeat",
                    Edit.of(
                            CORE,
                            "rounds.answered(follower.position, reply.round());",
                            "rounds.answeredAt(nowNanos, follower.position, reply.round());"),
                    Edit.of(
                            ROUNDS,
                            "void answered(int voter, long round) {",
                            "void answeredAt(long nowNanos, int voter, long round) {"
                                    + " if (PLANTED) { startNanos[slot(round)] = nowNanos; } answered(voter, round); }"
                                    + " void answered(int voter, long round) {")),
            PlantedBug.of(
                    "lease-from-an-unanswered-round",
                    200,
                    "a lease counts from the latest round of heartbeats, answered or not",
                    Edit.of(ROUNDS, "startNanos[slot(agreed)]", "startNanos[slot(PLANTED ? current : agreed)]")),
            PlantedBug.of(
                    "lease-not-looked-at-after-the-read",
                    200,
                    "a strong read is answered under a lease that has run out",
                    Edit.of(
                            REPLICA,
                            "if (environment.nanoTime() < leaseUntilNanos) {",
                            "if (environment.nanoTime() < leaseUntilNanos || PLANTED) {")),
            PlantedBug.of(
                    "leadership-not-confirmed",
                    2_000,
                    "answers that need a confirmed leader go out without a lease or a round",
                    Edit.of(
                            REPLICA,
                            "if (environment.nanoTime() < core.leaseUntilNanos()) {",
                            "if (environment.nanoTime() < core.leaseUntilNanos() || PLANTED) {")),
            PlantedBug.of(
                    "read-index-without-a-round",
                    2_000,
                    "ReadIndex is answered without asking the followers",
                    Edit.of(
                            CORE,
                            "reads.add(read.contextId());",
                            "if (isTermCommitted()) { PLANTED; effects.addReadReady(read.contextId(), commitIndex); return;"
                                    + " } reads.add(read.contextId());")),
            PlantedBug.of(
                    "read-index-by-an-earlier-round",
                    200,
                    "ReadIndex is confirmed by answers to heartbeats that went out before it was asked",
                    Edit.of(
                            READS,
                            "if (batchCount == 0 || round < batchRound) {",
                            "if (batchCount == 0 || (round < batchRound && !PLANTED)) {")),
            PlantedBug.of(
                    "serves-before-its-term",
                    20,
                    "a new leader serves before it has applied what leaders before it committed",
                    Edit.of(
                            REPLICA,
                            "&& machine.applied().index() >= core.termStartIndex();",
                            "&& (machine.applied().index() >= core.termStartIndex() || PLANTED);")),
            PlantedBug.of(
                    "lease-before-its-term",
                    60,
                    "a new leader has a lease before it has committed an entry of its term",
                    Edit.of(
                            CORE,
                            "return isTermCommitted() ? rounds.leaseUntilNanos() : 0;",
                            "return role == Role.LEADER && PLANTED ? rounds.leaseUntilNanos() : 0;"),
                    Edit.of(
                            REPLICA,
                            "leaseUntilNanos = ready() ? core.leaseUntilNanos() : 0;",
                            "leaseUntilNanos = core.leaseUntilNanos();")),
            PlantedBug.of(
                    "follower-serves-strong-reads",
                    20,
                    "whoever is asked for a strong read answers from what it has applied",
                    Edit.of(
                            REPLICA,
                            "if (!consistent) {",
                            "if (!consistent || (core.role() != Role.LEADER && PLANTED)) {")));
}

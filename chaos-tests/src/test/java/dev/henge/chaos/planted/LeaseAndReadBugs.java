package dev.henge.chaos.planted;

import java.util.List;

/** Loyalty, leases, and reads that count on them. */
final class LeaseAndReadBugs {

    private static final String CORE = "node.replication.RaftCore";
    private static final String FOLLOWERS = "node.replication.Followers";
    private static final String PROGRESS = "node.replication.Progress";
    private static final String LIVENESS = "node.liveness.NodeLiveness";
    private static final String LIVENESS_CONFIG = "node.liveness.LivenessConfig";
    private static final String READS = "node.replication.PendingReads";
    private static final String REPLICA = "node.partition.Replica";
    private static final String CONFIRMATIONS = "node.partition.Confirmations";

    private LeaseAndReadBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                    "loyalty-ignored",
                    20,
                    "a follower votes for another while its leader may count on it",
                    Edit.of(
                            CORE,
                            "|| (promiseStands() && promise != null && !promise.to().equals(candidate));",
                            "|| (promiseStands() && promise != null && !promise.to().equals(candidate) && !PLANTED);")),
            PlantedBug.of(
                            "loyalty-forgotten-over-restart",
                            2_000,
                            "a restarted follower votes at once, though its loyalty may be part of a lease",
                            Edit.of(
                                    CORE,
                                    "loyalUntilNanos = mayOweLoyalty ? nowNanos + config.loyaltyNanosAfterStart() : 0;",
                                    "loyalUntilNanos = mayOweLoyalty && PLANTED ? 0 : 0;"))
                    .with(Profile.RESTARTS),
            PlantedBug.of(
                            "lease-ignores-drift",
                            2_000,
                            "support is counted on for as long as it is given, as if clocks ran alike",
                            Edit.of(
                                    LIVENESS_CONFIG,
                                    "return supportNanos - clockDriftNanosMax;",
                                    "return PLANTED ? supportNanos : 0;"))
                    .with(Profile.LEASES),
            PlantedBug.of(
                    "support-from-the-answer",
                    200,
                    "support counts from the answer, not from the question",
                    Edit.of(
                            LIVENESS,
                            "long untilNanos = answeredNanos + config.countedNanos();",
                            "long untilNanos = (PLANTED ? nowNanos : 0) + config.countedNanos();")),
            PlantedBug.of(
                    "session-used-again",
                    20,
                    "support that ran out comes back under the same session",
                    Edit.of(LIVENESS, "private volatile long given;", "private volatile long given; long lastGiven;"),
                    Edit.of(
                            LIVENESS,
                            "peer.given = freshNumber();",
                            "peer.given = peer.lastGiven != 0 && PLANTED ? peer.lastGiven : freshNumber();"
                                    + " peer.lastGiven = peer.given;")),
            PlantedBug.of(
                    "support-not-withdrawn",
                    20,
                    "support is counted on though nobody gives it any more",
                    Edit.of(
                            LIVENESS,
                            "if (peer.received.session() != 0 && nowNanos >= peer.received.untilNanos()) {",
                            "if (peer.received.session() != 0 && nowNanos >= peer.received.untilNanos() && PLANTED) {"
                                    + " peer.received = new Received(peer.received.session(), nowNanos + config.countedNanos()); } if (false) {")),
            PlantedBug.of(
                    "lease-without-a-promise",
                    60,
                    "a leader counts on a node's support, whatever its replica has promised",
                    Edit.of(
                            PROGRESS,
                            "return support.receivedUntilNanos(promisedSession);",
                            "return support.receivedUntilNanos(PLANTED ? support.received() : 0);")),
            PlantedBug.of(
                    "lease-of-a-minority",
                    20,
                    "a lease takes one follower less than a majority",
                    Edit.of(
                            FOLLOWERS,
                            "return new Lease(others, quorum.majority() - 1);",
                            "return new Lease(others, quorum.majority() - (PLANTED ? 2 : 1));")),
            PlantedBug.of(
                            "lease-not-looked-at-after-the-read",
                            60,
                            "a strong read is answered under a lease that has run out",
                            Edit.of(
                                    REPLICA,
                                    "if (held.holdsAt(environment.nanoTime())) {",
                                    "if (held.holdsAt(environment.nanoTime()) || PLANTED) {"))
                    .with(Profile.DEPOSED_LEADERS),
            PlantedBug.of(
                            "leadership-not-confirmed",
                            60,
                            "answers that need a confirmed leader go out without a lease or a round",
                            Edit.of(
                                    CONFIRMATIONS,
                                    "if (core.lease().holdsAt(environment.nanoTime())) {",
                                    "if (core.lease().holdsAt(environment.nanoTime()) || PLANTED) {"))
                    .with(Profile.DEPOSED_LEADERS),
            PlantedBug.of(
                            "read-index-without-a-round",
                            60,
                            "ReadIndex is answered without asking the followers",
                            Edit.of(
                                    CORE,
                                    "reads.add(read.contextId());",
                                    "if (isTermCommitted()) { PLANTED; effects.addReadReady(read.contextId(), commitIndex); return;"
                                            + " } reads.add(read.contextId());"))
                    .with(Profile.DEPOSED_LEADERS),
            PlantedBug.of(
                            "read-index-by-an-earlier-round",
                            60,
                            "ReadIndex is confirmed by answers to heartbeats that went out before it was asked",
                            Edit.of(
                                    READS,
                                    "if (batchCount == 0 || round < batchRound) {",
                                    "if (batchCount == 0 || (round < batchRound && !PLANTED)) {"))
                    .with(Profile.DEPOSED_LEADERS),
            PlantedBug.of(
                            "serves-before-its-term",
                            20,
                            "a new leader serves before it has applied what leaders before it committed",
                            Edit.of(
                                    REPLICA,
                                    "&& machine.applied().index() >= core.termStartIndex();",
                                    "&& (machine.applied().index() >= core.termStartIndex() || PLANTED);"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "lease-before-its-term",
                    60,
                    "a new leader has a lease before it has committed an entry of its term",
                    Edit.of(
                            CORE,
                            "return isTermCommitted() ? lease : Lease.NONE;",
                            "return role == Role.LEADER && PLANTED ? lease : Lease.NONE;"),
                    Edit.of(REPLICA, "lease = ready() ? core.lease() : Lease.NONE;", "lease = core.lease();")),
            PlantedBug.of(
                            "follower-serves-strong-reads",
                            20,
                            "whoever is asked for a strong read answers from what it has applied",
                            Edit.of(
                                    REPLICA,
                                    "if (!consistent) {",
                                    "if (!consistent || (core.role() != Role.LEADER && PLANTED)) {"))
                    .inEveryBuild());
}

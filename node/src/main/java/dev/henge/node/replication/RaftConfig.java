package dev.henge.node.replication;

import java.time.Duration;
import java.util.List;

/**
 * How a replica takes part in its group.
 *
 * @param self this member's name, see {@link Member}
 * @param voters names of the members that the group begins with, the same in the same partition everywhere
 * @param electionTimeoutNanosMin a follower is loyal to its leader this long after it heard from it; also how often a
 *     leader checks that it hears a majority
 * @param electionTimeoutNanosMax upper end, exclusive, of the randomised election timeout
 * @param heartbeatIntervalNanos how often a leader shows that it is there
 * @param clockDriftNanosMax how far two nodes' clocks may drift apart while {@code electionTimeoutNanosMin} passes
 * @param appendBytesMax payload of one append; one larger entry goes alone
 * @param inflightBytesMax payload on its way to one follower, not acknowledged yet
 * @param inflightMessagesMax appends on their way to one follower, not acknowledged yet
 * @param uncommittedBytesMax payload of proposals that wait for their commit; past it, proposals are refused
 * @param readsPendingMax reads that wait for their confirmation; past it, they fail
 * @param preferredFirstLeader shortens this replica's election timeout as long as its log and hard state are empty, so
 *     that a new group elects at once and first leaders are spread
 */
public record RaftConfig(
        String self,
        List<String> voters,
        long electionTimeoutNanosMin,
        long electionTimeoutNanosMax,
        long heartbeatIntervalNanos,
        long clockDriftNanosMax,
        int appendBytesMax,
        long inflightBytesMax,
        int inflightMessagesMax,
        long uncommittedBytesMax,
        int readsPendingMax,
        boolean preferredFirstLeader) {

    public RaftConfig {
        voters = List.copyOf(voters);
        check(!voters.isEmpty(), "a group needs a voter");
        check(voters.stream().distinct().count() == voters.size(), "voters must be distinct");
        check(heartbeatIntervalNanos > 0, "heartbeatIntervalNanos must be positive");
        check(heartbeatIntervalNanos < electionTimeoutNanosMin, "heartbeats must come faster than election timeouts");
        check(electionTimeoutNanosMin < electionTimeoutNanosMax, "election timeouts need a range to be drawn from");
        check(
                clockDriftNanosMax > 0 && clockDriftNanosMax < electionTimeoutNanosMin,
                "clockDriftNanosMax must be positive and below electionTimeoutNanosMin");
        check(
                appendBytesMax > 0 && inflightBytesMax > 0 && inflightMessagesMax > 0,
                "appends must be allowed to carry something");
        check(uncommittedBytesMax > 0 && readsPendingMax > 0, "proposals and reads must be allowed to wait");
    }

    /** For replicas in one data centre: heartbeats each 100 ms, elections after 500 to 1000 ms, a lease of 450 ms. */
    public static RaftConfig ofDefaults(String self, List<String> voters, boolean preferredFirstLeader) {
        return new RaftConfig(
                self,
                voters,
                Duration.ofMillis(500).toNanos(),
                Duration.ofMillis(1000).toNanos(),
                Duration.ofMillis(100).toNanos(),
                Duration.ofMillis(50).toNanos(),
                1 << 20,
                16L << 20,
                256,
                64L << 20,
                10_000,
                preferredFirstLeader);
    }

    /**
     * How long a leader may count on its followers' loyalty from the moment it began a round of heartbeats that a
     * majority then answered (Raft thesis, 6.4.1).
     */
    public long leaseNanos() {
        return electionTimeoutNanosMin - clockDriftNanosMax;
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}

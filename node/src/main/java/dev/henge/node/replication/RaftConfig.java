package dev.henge.node.replication;

import dev.henge.node.liveness.LivenessConfig;
import java.time.Duration;
import java.util.List;

/**
 * How a replica takes part in its group.
 *
 * @param self this member's name, see {@link Member}
 * @param voters names of the members that the group begins with, the same in the same partition everywhere
 * @param electionTimeoutNanosMin how long a replica without a leader waits, at least, before it asks for votes again
 * @param electionTimeoutNanosMax upper end, exclusive, of the randomised election timeout
 * @param unsupportedNanosMax how long a leader goes on without the support of a majority; a new one may take a while to get
 *     it when many are new
 * @param electionStaggerNanosMax between the end of support for a leader's node and the question for votes: a random time
 *     below this, and a quarter of it
 * @param firstElectionNanos how much longer a replica waits whose log and hard state are empty, so that the preferred first
 *     leader may come up
 * @param heartbeatIntervalNanos how often a leader repeats what a follower has not acknowledged
 * @param loyaltyNanosAfterStart how long a replica that starts is loyal to whom it does not remember: as long as nodes
 *     support each other ({@code LivenessConfig.supportNanos})
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
        long unsupportedNanosMax,
        long electionStaggerNanosMax,
        long firstElectionNanos,
        long heartbeatIntervalNanos,
        long loyaltyNanosAfterStart,
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
        check(unsupportedNanosMax > 0, "unsupportedNanosMax must be positive");
        check(electionStaggerNanosMax > 0, "electionStaggerNanosMax must be positive");
        check(firstElectionNanos >= 0, "firstElectionNanos must not be negative");
        check(electionTimeoutNanosMin < electionTimeoutNanosMax, "election timeouts need a range to be drawn from");
        check(loyaltyNanosAfterStart > 0, "loyaltyNanosAfterStart must be positive");
        check(
                appendBytesMax > 0 && inflightBytesMax > 0 && inflightMessagesMax > 0,
                "appends must be allowed to carry something");
        check(uncommittedBytesMax > 0 && readsPendingMax > 0, "proposals and reads must be allowed to wait");
    }

    /** For replicas in one data centre: elections within 190 ms of the end of support, and again after 300 to 600 ms. */
    public static RaftConfig ofDefaults(String self, List<String> voters, boolean preferredFirstLeader) {
        return new RaftConfig(
                self,
                voters,
                Duration.ofMillis(300).toNanos(),
                Duration.ofMillis(600).toNanos(),
                Duration.ofMillis(1200).toNanos(),
                Duration.ofMillis(150).toNanos(),
                Duration.ofMillis(700).toNanos(),
                Duration.ofMillis(100).toNanos(),
                LivenessConfig.DEFAULTS.supportNanos(),
                1 << 20,
                16L << 20,
                256,
                64L << 20,
                10_000,
                preferredFirstLeader);
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}

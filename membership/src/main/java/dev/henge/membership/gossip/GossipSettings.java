package dev.henge.membership.gossip;

/**
 * The times and bounds of {@link GossipCore}. They need not be the same on all members, but detection is as slow as the
 * slowest settings in the cluster.
 *
 * @param probeIntervalMillis between two probes of a healthy member (SWIM's protocol period T')
 * @param probeTimeoutMillis without an ack for this long a probe goes on by way of other members
 * @param nackMillis without an ack for this long a member that was asked to probe answers with a nack
 * @param indirectProbes how many members are asked to probe (SWIM's k)
 * @param suspicionMillisMin how long a member is suspected at least before it is declared dead, in a cluster of up to 20;
 *     grows with the logarithm of the number of members beyond
 * @param suspicionFactorMax how many times that while nobody confirms the suspicion (Lifeguard's beta); 1 for never more
 * @param confirmationsMax how many members' confirmations bring it down to the least (Lifeguard's K)
 * @param localHealthMax up to how many times, less one, a member in bad health stretches its own times (Lifeguard's S); 0
 *     for never
 * @param buddySystem whether a member that is not thought alive is told so first in whatever is sent to it (Lifeguard)
 * @param stallMillis a member that looks at the clock later than it meant to by more than this stood still, and does not
 *     count that time against others
 * @param gossipIntervalMillis between two rounds of datagrams that carry news alone, while there are any
 * @param gossipFanout how many members such a round goes to
 * @param retransmitFactor news are sent this times ceil(log10(members + 1)) times by each member (SWIM's lambda)
 * @param syncIntervalMillis between two exchanges of digests, in a cluster of up to 32; grows with the logarithm beyond
 * @param reconnectIntervalMillis between two attempts to reach a dead member, or a seed that is no known member
 * @param joinIntervalMillis between two attempts to reach the seeds while nobody else is known
 * @param loadIntervalMillis between two changes of a member's load that it tells
 * @param forgetMillis how long a dead member, or one that left, is remembered
 * @param membersMax how many members are known at most, the dead included; more are not taken in
 * @param tombstonesMax how many dead members and members that left are remembered at most; the oldest go first
 * @param datagramBytesMax a datagram's size, UDP's head not counted
 * @param syncDatagramsMax how many datagrams of digests one exchange takes at most, and of records one digest's answer
 */
public record GossipSettings(
        long probeIntervalMillis,
        long probeTimeoutMillis,
        long nackMillis,
        int indirectProbes,
        long suspicionMillisMin,
        int suspicionFactorMax,
        int confirmationsMax,
        int localHealthMax,
        boolean buddySystem,
        long stallMillis,
        long gossipIntervalMillis,
        int gossipFanout,
        int retransmitFactor,
        long syncIntervalMillis,
        long reconnectIntervalMillis,
        long joinIntervalMillis,
        long loadIntervalMillis,
        long forgetMillis,
        int membersMax,
        int tombstonesMax,
        int datagramBytesMax,
        int syncDatagramsMax) {

    /** Decision 0011 says where the numbers come from. */
    public static final GossipSettings DEFAULTS = new GossipSettings(
            200,
            80,
            60,
            3,
            1_000,
            6,
            3,
            8,
            true,
            100,
            100,
            3,
            4,
            10_000,
            5_000,
            1_000,
            5_000,
            6 * 3_600_000L,
            4_096,
            1_024,
            1_400,
            16);

    /** What a record of the longest names takes, with the head of the datagram. */
    static final int DATAGRAM_BYTES_MIN = 1_200;

    public GossipSettings {
        check(probeTimeoutMillis >= 1, "probeTimeoutMillis must be positive");
        check(nackMillis >= 1, "nackMillis must be positive");
        check(
                probeTimeoutMillis + nackMillis < probeIntervalMillis,
                "a nack must be able to come back within the probe interval");
        check(indirectProbes >= 0 && indirectProbes <= 16, "indirectProbes must be in 0..16");
        check(
                suspicionMillisMin >= probeIntervalMillis,
                "a suspected member must get a probe's time at least to refute it");
        check(suspicionFactorMax >= 1 && suspicionFactorMax <= 100, "suspicionFactorMax must be in 1..100");
        check(confirmationsMax >= 0 && confirmationsMax <= 8, "confirmationsMax must be in 0..8");
        check(localHealthMax >= 0 && localHealthMax <= 100, "localHealthMax must be in 0..100");
        check(stallMillis >= 1, "stallMillis must be positive");
        check(gossipIntervalMillis >= 1, "gossipIntervalMillis must be positive");
        check(gossipFanout >= 1 && gossipFanout <= 16, "gossipFanout must be in 1..16");
        check(retransmitFactor >= 1 && retransmitFactor <= 32, "retransmitFactor must be in 1..32");
        check(syncIntervalMillis >= probeIntervalMillis, "syncIntervalMillis must not be below the probe interval");
        check(
                reconnectIntervalMillis >= probeIntervalMillis,
                "reconnectIntervalMillis must not be below the probe interval");
        check(joinIntervalMillis >= 1, "joinIntervalMillis must be positive");
        check(loadIntervalMillis >= 1, "loadIntervalMillis must be positive");
        check(
                forgetMillis >= 10 * syncIntervalMillis,
                "a dead member must be remembered until everybody has heard of it");
        check(membersMax >= 2 && membersMax <= 65_536, "membersMax must be in 2..65536");
        check(tombstonesMax >= 1 && tombstonesMax < membersMax, "tombstonesMax must be in 1..membersMax - 1");
        check(
                datagramBytesMax >= DATAGRAM_BYTES_MIN && datagramBytesMax <= 65_000,
                "datagramBytesMax must be in " + DATAGRAM_BYTES_MIN + "..65000");
        check(syncDatagramsMax >= 1 && syncDatagramsMax <= 256, "syncDatagramsMax must be in 1..256");
    }

    /** The same without what Lifeguard adds, to compare: SWIM as of 2002, with its fixed time of suspicion. */
    public GossipSettings withoutLifeguard() {
        return new GossipSettings(
                probeIntervalMillis,
                probeTimeoutMillis,
                nackMillis,
                indirectProbes,
                suspicionMillisMin,
                1,
                0,
                0,
                false,
                Long.MAX_VALUE / 4,
                gossipIntervalMillis,
                gossipFanout,
                retransmitFactor,
                syncIntervalMillis,
                reconnectIntervalMillis,
                joinIntervalMillis,
                loadIntervalMillis,
                forgetMillis,
                membersMax,
                tombstonesMax,
                datagramBytesMax,
                syncDatagramsMax);
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}

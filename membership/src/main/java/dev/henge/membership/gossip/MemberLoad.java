package dev.henge.membership.gossip;

/**
 * What a member says of itself that changes all the time.
 *
 * @param partitions replicas it has
 * @param leaders of them it leads
 * @param catalogEpoch the newest catalog it knows
 */
public record MemberLoad(
        long diskUsedBytes,
        long diskTotalBytes,
        int partitions,
        int leaders,
        int requestsPerSecond,
        long catalogEpoch) {

    public static final MemberLoad NONE = new MemberLoad(0, 0, 0, 0, 0, 0);

    public MemberLoad {
        if (diskUsedBytes < 0
                || diskTotalBytes < 0
                || partitions < 0
                || leaders < 0
                || requestsPerSecond < 0
                || catalogEpoch < 0) {
            throw new IllegalArgumentException("a load has no negative numbers");
        }
    }
}

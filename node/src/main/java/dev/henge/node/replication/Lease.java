package dev.henge.node.replication;

import java.util.List;

/**
 * A leader's right to answer reads by itself (thesis, 6.4.1). It holds while a majority of the voters, the leader among
 * them, is loyal: each of the others promised loyalty in a session that its node is sure to give still. So it is extended by
 * the exchange between nodes, for all partitions at once, without a message of the partition's own.
 *
 * <p>For any thread. Read the state, <i>then</i> the clock, then ask {@link #holdsAt}: at the clock's time nobody else
 * had committed anything. The leader's own loyalty has no time: it ends with the leadership, which revokes the lease
 * before anything else is done about it. {@link #holdsAt} looks for that last, so a thread that was held up in between
 * finds out.
 */
public final class Lease {

    /** Never holds. */
    public static final Lease NONE = none();

    private final Progress[] others;
    private final int othersNeeded;
    private volatile boolean revoked;

    /**
     * @param others the voters besides the leader
     * @param othersNeeded how many of them make a majority with it
     */
    Lease(List<Progress> others, int othersNeeded) {
        this.others = others.toArray(Progress[]::new);
        this.othersNeeded = othersNeeded;
    }

    static Lease none() {
        Lease none = new Lease(List.of(), 0);
        none.revoke();
        return none;
    }

    /** Whether nobody else can be leader at this time of the replica's clock. */
    public boolean holdsAt(long nowNanos) {
        int loyal = 0;
        for (int i = 0; loyal < othersNeeded && i < others.length; i++) {
            if (others[i].supportedUntilNanos() > nowNanos) {
                loyal++;
            }
        }
        return loyal >= othersNeeded && !revoked;
    }

    /** Until when it holds if no support is extended; 0 when it does not, {@code Long.MAX_VALUE} for a single voter. */
    long untilNanos() {
        if (revoked) {
            return 0;
        }
        // The latest time that enough of the others reach; there are few of them.
        long until = othersNeeded == 0 ? Long.MAX_VALUE : 0;
        for (Progress candidate : others) {
            long candidateUntil = candidate.supportedUntilNanos();
            int reaching = 0;
            for (Progress other : others) {
                if (other.supportedUntilNanos() >= candidateUntil) {
                    reaching++;
                }
            }
            if (reaching >= othersNeeded) {
                until = Math.max(until, candidateUntil);
            }
        }
        return until;
    }

    void revoke() {
        revoked = true;
    }
}

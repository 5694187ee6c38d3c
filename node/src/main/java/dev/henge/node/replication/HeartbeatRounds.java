package dev.henge.node.replication;

/**
 * A leader's heartbeats: which round began when, who answered which, and the lease that follows (thesis, 6.4.1). Made
 * anew for each term in which this replica leads.
 */
final class HeartbeatRounds {

    /** How many rounds back an answer still counts; a power of two. */
    private static final int ROUNDS_REMEMBERED = 128;

    private final Followers followers;
    private final long leaseNanos;
    private final long[] startNanos = new long[ROUNDS_REMEMBERED];
    private long current;
    private long confirmed;
    private long leaseUntilNanos;
    private boolean leaseFrozen;

    HeartbeatRounds(Followers followers, long leaseNanos) {
        this.followers = followers;
        this.leaseNanos = leaseNanos;
    }

    /** Begins a round: to be called before its first message is sent. */
    long begin(long nowNanos) {
        current++;
        startNanos[slot(current)] = nowNanos;
        confirm();
        return current;
    }

    void answered(Progress follower, long round) {
        Invariant.check(round <= current, "heartbeat: an answer to a round that was not begun");
        if (round > follower.answeredRound) {
            follower.answeredRound = round;
            confirm();
        }
    }

    /** The latest round that a majority has answered; 0 for none. */
    long confirmed() {
        return confirmed;
    }

    /** 0 for none. */
    long leaseUntilNanos() {
        return leaseUntilNanos;
    }

    /** From now on the lease is extended no more, until it is allowed again. */
    void freezeLease(boolean frozen) {
        leaseFrozen = frozen;
    }

    private void confirm() {
        long agreed = followers.agreedRound(current);
        if (agreed <= confirmed) {
            return;
        }
        confirmed = agreed;
        if (!leaseFrozen && current - agreed < ROUNDS_REMEMBERED) {
            leaseUntilNanos = Math.max(leaseUntilNanos, startNanos[slot(agreed)] + leaseNanos);
        }
    }

    private static int slot(long round) {
        return (int) (round & (ROUNDS_REMEMBERED - 1));
    }
}

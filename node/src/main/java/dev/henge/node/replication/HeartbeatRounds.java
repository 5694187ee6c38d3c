package dev.henge.node.replication;

/**
 * A leader's heartbeats: which round began when, who answered which, and the lease that follows (thesis, 6.4.1). Made
 * anew for each term in which this replica leads.
 */
final class HeartbeatRounds {

    /** How many rounds back an answer still counts; a power of two. */
    private static final int ROUNDS_REMEMBERED = 128;

    private final Quorum quorum;
    private final int self;
    private final long leaseNanos;
    private final long[] startNanos = new long[ROUNDS_REMEMBERED];
    private final long[] answeredByVoter;
    private long current;
    private long confirmed;
    private long leaseUntilNanos;

    HeartbeatRounds(Quorum quorum, int voters, int self, long leaseNanos) {
        this.quorum = quorum;
        this.self = self;
        this.leaseNanos = leaseNanos;
        this.answeredByVoter = new long[voters];
    }

    /** Begins a round: to be called before its first message is sent. */
    long begin(long nowNanos) {
        current++;
        startNanos[slot(current)] = nowNanos;
        answeredByVoter[self] = current;
        confirm();
        return current;
    }

    void answered(int voter, long round) {
        Invariant.check(round <= current, "heartbeat: an answer to a round that was not begun");
        if (round > answeredByVoter[voter]) {
            answeredByVoter[voter] = round;
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

    private void confirm() {
        long agreed = quorum.agreed(answeredByVoter);
        if (agreed <= confirmed) {
            return;
        }
        confirmed = agreed;
        if (current - agreed < ROUNDS_REMEMBERED) {
            leaseUntilNanos = Math.max(leaseUntilNanos, startNanos[slot(agreed)] + leaseNanos);
        }
    }

    private static int slot(long round) {
        return (int) (round & (ROUNDS_REMEMBERED - 1));
    }
}

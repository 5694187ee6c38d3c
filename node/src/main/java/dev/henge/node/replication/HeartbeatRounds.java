package dev.henge.node.replication;

/** A leader's rounds of heartbeats: which has been answered by a majority. Made anew for each term in which it leads. */
final class HeartbeatRounds {

    private final Quorum quorum;
    private final int self;
    private final long[] answeredByVoter;
    private long current;
    private long confirmed;

    HeartbeatRounds(Quorum quorum, int voters, int self) {
        this.quorum = quorum;
        this.self = self;
        this.answeredByVoter = new long[voters];
    }

    /** Begins a round: to be called before its first message is sent. */
    long begin() {
        current++;
        answeredByVoter[self] = current;
        confirm();
        return current;
    }

    /** The round last begun; 0 for none. */
    long current() {
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

    private void confirm() {
        confirmed = Math.max(confirmed, quorum.agreed(answeredByVoter));
    }
}

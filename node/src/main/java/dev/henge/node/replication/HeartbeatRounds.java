package dev.henge.node.replication;

/** A leader's rounds of heartbeats: which has been answered by a majority. Made anew for each term in which it leads. */
final class HeartbeatRounds {

    private final Followers followers;
    private long current;
    private long confirmed;

    HeartbeatRounds(Followers followers) {
        this.followers = followers;
    }

    /** Begins a round: to be called before its first message is sent. */
    long begin() {
        current++;
        confirm();
        return current;
    }

    /** The round last begun; 0 for none. */
    long current() {
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

    private void confirm() {
        confirmed = Math.max(confirmed, followers.agreedRound(current));
    }
}

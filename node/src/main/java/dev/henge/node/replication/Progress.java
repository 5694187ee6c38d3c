package dev.henge.node.replication;

import dev.henge.node.liveness.PeerSupport;

/** What a leader knows about one follower, and what it has on its way to it. */
final class Progress {

    enum State {
        /** One append at a time, until it is known where the logs agree. */
        PROBE,
        /** Appends follow each other without waiting, within the bounds of the configuration. */
        REPLICATE,
        /** No appends: what the follower needs is no longer in the log. */
        SNAPSHOT
    }

    final String name;

    private final PairQueue inflight = new PairQueue();
    private long inflightBytes;

    /** It keeps the log alone. */
    final boolean keepsLogAlone;

    /** Whether it counts for majorities; learners don't. */
    boolean voter;

    /** It said last that its state machine is damaged. */
    boolean damaged;

    /** In this term it has said whether its state machine is damaged. */
    boolean saidHowItIs;

    State state = State.PROBE;
    long match;
    long next;

    /** In PROBE: one append is out, wait for an answer to it or to a heartbeat. */
    boolean probeSent;

    /** The latest round of heartbeats that it answered. */
    long answeredRound;

    /** Support between this node and its node. */
    final PeerSupport support;

    /** What it is known to know as committed. */
    long commit;

    /** The session in which it has promised loyalty to this leader, as last heard; read by other threads in the lease. */
    volatile long promisedSession;

    /** When it is asked where it stands; {@code Long.MAX_VALUE} while it has acknowledged everything. */
    long nextNudgeNanos = Long.MAX_VALUE;

    /** It has been heard from in this term. */
    boolean heard;

    /** Its match index grew since its last answer to a heartbeat. */
    boolean advanced;

    /** The runtime has been asked to send a snapshot and has not said how it ended. */
    boolean snapshotPending;

    /** Where a learner stands in catching up: by rounds, each up to what the log held at its beginning. */
    private long roundEndIndex;

    private long roundBeganNanos;
    private boolean caughtUp;

    Progress(String name, PeerSupport support, long next) {
        this.name = name;
        this.keepsLogAlone = Member.keepsLogAlone(name);
        this.support = support;
        this.next = next;
    }

    /**
     * A learner has caught up when a round of catching up takes less than an election timeout (thesis, 4.2.1): what it
     * lacks then is what came in during so short a time.
     */
    void catchUp(long lastIndex, long nowNanos, long electionTimeoutNanos) {
        if (match < roundEndIndex) {
            return;
        }
        caughtUp = match == lastIndex || roundEndIndex > 0 && nowNanos - roundBeganNanos < electionTimeoutNanos;
        roundEndIndex = lastIndex;
        roundBeganNanos = nowNanos;
    }

    /** Whether a learner may be promoted. One that has everything is sent nothing, and so not probed after its link broke. */
    boolean hasCaughtUp(long lastIndex) {
        return caughtUp && (state == State.REPLICATE || match == lastIndex);
    }

    /** It votes no more: what it once had caught up with is of no account. */
    void demoted() {
        caughtUp = false;
        roundEndIndex = 0;
    }

    /** Keeps the log alone and has nothing yet: its log begins where the leader says, not with the leader's first entry. */
    boolean needsBase() {
        return keepsLogAlone && !voter && match == 0 && commit == 0;
    }

    /**
     * It answered, with this promise. One that comes late must not take back what is worth something now, nor pass for what it
     * knows in its present life: with a new session it may have started again, and know of less that is committed.
     */
    void hear(long session, long itsCommitIndex) {
        heard = true;
        long current = support.received();
        if (session == promisedSession) {
            commit = Math.max(commit, itsCommitIndex);
        } else if (session == current || promisedSession != current) {
            promisedSession = session;
            commit = itsCommitIndex;
        }
    }

    /** Until when it is sure to be loyal; 0 when it is not. Any thread may ask. */
    long supportedUntilNanos() {
        return support.receivedUntilNanos(promisedSession);
    }

    boolean isWindowFull(RaftConfig config) {
        return inflight.size() >= config.inflightMessagesMax() || inflightBytes >= config.inflightBytesMax();
    }

    void sent(long lastIndex, long bytes) {
        inflight.add(lastIndex, bytes);
        inflightBytes += bytes;
        next = lastIndex + 1;
    }

    void matched(long index) {
        while (!inflight.isEmpty() && inflight.key() <= index) {
            inflightBytes -= inflight.value();
            inflight.remove();
        }
        if (index > match) {
            match = index;
            advanced = true;
        }
        next = Math.max(next, match + 1);
    }

    void become(State newState, long newNext) {
        state = newState;
        next = newNext;
        probeSent = false;
        inflight.clear();
        inflightBytes = 0;
    }
}

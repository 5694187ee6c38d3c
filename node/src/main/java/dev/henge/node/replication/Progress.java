package dev.henge.node.replication;

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
    final int position;

    private final PairQueue inflight = new PairQueue();
    private long inflightBytes;

    State state = State.PROBE;
    long match;
    long next;

    /** In PROBE: one append is out, wait for an answer to it or to a heartbeat. */
    boolean probeSent;

    /** It has been heard from since the last check of the quorum. */
    boolean active;

    /** It has been heard from in this term. */
    boolean heard;

    /** Its match index grew since its last answer to a heartbeat. */
    boolean advanced;

    /** The runtime has been asked to send a snapshot and has not said how it ended. */
    boolean snapshotPending;

    Progress(String name, int position, long next) {
        this.name = name;
        this.position = position;
        this.next = next;
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

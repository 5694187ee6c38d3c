package dev.henge.node.replication;

/**
 * Knows how much of the log is durable. Every step that changes the {@link RaftLog} gets a number; a number reported as
 * durable, and not index and term, is what tells a write from an equal one that was truncated in between.
 */
final class WriteTracker {

    /** Number of a step to the log's last index after it, as far as it was not truncated since. */
    private final PairQueue pending = new PairQueue();

    private long sequence;
    private long durableSequence;
    private long durableIndex;
    private boolean dirty;

    WriteTracker(long durableIndex) {
        this.durableIndex = durableIndex;
    }

    /** Number that the present step has, if it changes the log. */
    long currentSequence() {
        return sequence + 1;
    }

    long durableSequence() {
        return durableSequence;
    }

    long durableIndex() {
        return durableIndex;
    }

    void changed() {
        dirty = true;
    }

    /** The log was changed from {@code index} on; what was there no longer counts. */
    void truncatedFrom(long index) {
        durableIndex = Math.min(durableIndex, index - 1);
        pending.lowerValuesTo(index - 1);
    }

    /** Ends a step: its number, or 0 when it changed nothing. */
    long endStep(long lastIndex) {
        if (!dirty) {
            return 0;
        }
        dirty = false;
        sequence++;
        pending.add(sequence, lastIndex);
        return sequence;
    }

    void durable(long upToSequence) {
        Invariant.check(upToSequence <= sequence, "durable: a write that was never made");
        while (!pending.isEmpty() && pending.key() <= upToSequence) {
            durableIndex = pending.value();
            pending.remove();
        }
        durableSequence = Math.max(durableSequence, upToSequence);
    }
}

package dev.henge.node.log;

/**
 * Entries of one partition can't be read back: the disk holds something else than what was written. Nothing of it was
 * handed out. The log itself goes on; the replica must be closed and the partition {@link WriteAheadLog#mend mended}.
 */
public final class CorruptLogException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int partition;
    private final long lastIndex;
    private final transient LogDamage damage;

    CorruptLogException(int partition, long lastIndex, LogDamage damage) {
        super("the write-ahead log is damaged for partition " + partition + ": " + damage);
        this.partition = partition;
        this.lastIndex = lastIndex;
        this.damage = damage;
    }

    public int partition() {
        return partition;
    }

    /** Index of the last entry that can't be read; those after it may well be. */
    public long lastIndex() {
        return lastIndex;
    }

    public LogDamage damage() {
        return damage;
    }
}

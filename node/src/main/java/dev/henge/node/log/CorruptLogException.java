package dev.henge.node.log;

/**
 * The log holds something else than what was synced to it. The replica can't be trusted; the node must not start (or
 * must stop) and its data must be rebuilt from the other replicas.
 */
public final class CorruptLogException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final String segment;
    private final long offset;

    public CorruptLogException(String segment, long offset, String problem) {
        super("write-ahead log is corrupt: segment " + segment + ", offset " + offset + ": " + problem);
        this.segment = segment;
        this.offset = offset;
    }

    /** Name of the segment's file. */
    public String segment() {
        return segment;
    }

    /** Offset in the segment's file, in bytes. */
    public long offset() {
        return offset;
    }
}

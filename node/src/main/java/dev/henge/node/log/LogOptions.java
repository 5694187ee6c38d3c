package dev.henge.node.log;

/**
 * Bounds of a write-ahead log.
 *
 * @param segmentBytes size of a segment; one is made larger when a single record needs it
 * @param openingSegmentBytes size of the segment begun by opening the log; small, so that a start is quick
 * @param bufferBytes size of each of the two buffers that hold what was appended and not yet written; also bounds one
 *     entry's payload (a little less than this)
 * @param memoryBytes bound of the entries' payloads kept in memory, over all partitions; older ones are read from disk
 */
public record LogOptions(int segmentBytes, int openingSegmentBytes, int bufferBytes, long memoryBytes) {

    /** The largest entry brings an item of 400 KB to twenty global indexes, with what else had gathered for their partition. */
    public static final LogOptions DEFAULTS = new LogOptions(64 << 20, 4 << 20, 12 << 20, 16L << 20);

    /** As {@link #DEFAULTS}, with an eighth of a small heap for entries in memory. */
    public static LogOptions ofHeap(long heapBytes) {
        return new LogOptions(
                DEFAULTS.segmentBytes,
                DEFAULTS.openingSegmentBytes,
                DEFAULTS.bufferBytes,
                Math.min(DEFAULTS.memoryBytes, heapBytes / 8));
    }

    public LogOptions {
        if (bufferBytes < 4096) {
            throw new IllegalArgumentException("bufferBytes " + bufferBytes + " is less than 4096");
        }
        if (segmentBytes < 4096 || openingSegmentBytes < 4096) {
            throw new IllegalArgumentException("a segment needs at least 4096 bytes");
        }
        if (memoryBytes < 0) {
            throw new IllegalArgumentException("memoryBytes is negative");
        }
    }
}

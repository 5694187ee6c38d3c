package dev.henge.node.log;

import java.util.ArrayDeque;

/** Bounds the entries kept in memory over all partitions: the oldest are let go first. Guarded by the state lock. */
final class EntryMemory {

    /** What an entry in memory costs besides its payload, about. */
    private static final int ENTRY_OVERHEAD_BYTES = 96;

    /** Entries of one record that were put in memory. */
    private record CachedRecord(PartitionLog partition, long firstIndex, long position, long bytes) {}

    private final long bytesMax;
    private final ArrayDeque<CachedRecord> records = new ArrayDeque<>();
    private long bytes;

    EntryMemory(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** A record's entries were put in memory. */
    void added(PartitionLog partition, long firstIndex, long position, long recordBytes, int entries) {
        long cost = recordBytes + (long) entries * ENTRY_OVERHEAD_BYTES;
        records.add(new CachedRecord(partition, firstIndex, position, cost));
        bytes += cost;
    }

    /** Lets the oldest entries go until the rest fits its bound; what is not yet written stays. */
    void shrink(long writtenPosition) {
        while (bytes > bytesMax && !records.isEmpty() && records.getFirst().position < writtenPosition) {
            CachedRecord oldest = records.removeFirst();
            bytes -= oldest.bytes;
            oldest.partition.evict(oldest.position, oldest.firstIndex);
        }
    }
}

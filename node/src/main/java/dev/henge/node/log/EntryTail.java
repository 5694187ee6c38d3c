package dev.henge.node.log;

import dev.henge.node.replication.LogEntry;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The newest entries of a partition, in memory: consecutive, growing at the end, shrinking at both. A ring. */
final class EntryTail {

    private @Nullable LogEntry[] ring = new LogEntry[16];
    private long firstIndex = 1;
    private int size;

    /** Index of the first entry held; that of the next one to be added when there is none. */
    long firstIndex() {
        return firstIndex;
    }

    LogEntry get(long index) {
        LogEntry entry = ring[slot(index)];
        if (entry == null || index < firstIndex || index >= firstIndex + size) {
            throw new IllegalArgumentException("entry " + index + " is not in memory");
        }
        return entry;
    }

    /** Adds entries; what is held must end just before them, after {@link #truncateFrom}. */
    void addAll(List<LogEntry> entries) {
        for (LogEntry entry : entries) {
            if (size == ring.length) {
                grow();
            }
            ring[slot(entry.index())] = entry;
            size++;
        }
    }

    /** Drops the entries from this index on; with none left, the next one added has this index. */
    void truncateFrom(long index) {
        while (size > 0 && firstIndex + size > index) {
            size--;
            ring[slot(firstIndex + size)] = null;
        }
        if (size == 0) {
            clear(index);
        }
    }

    /** Drops the entries up to and including this index. */
    void dropThrough(long index) {
        while (size > 0 && firstIndex <= index) {
            ring[slot(firstIndex)] = null;
            firstIndex++;
            size--;
        }
    }

    /** Drops all; the next entry added has this index. */
    void clear(long nextIndex) {
        if (ring.length > 16 || size > 0) {
            ring = new LogEntry[16];
        }
        firstIndex = nextIndex;
        size = 0;
    }

    private int slot(long index) {
        return (int) (index & (ring.length - 1));
    }

    private void grow() {
        @Nullable LogEntry[] larger = new LogEntry[ring.length * 2];
        for (long index = firstIndex; index < firstIndex + size; index++) {
            larger[(int) (index & (larger.length - 1))] = ring[slot(index)];
        }
        Arrays.fill(ring, null);
        ring = larger;
    }
}

package dev.henge.node.index;

import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * How far a partition has taken the changes of each source: the index in the source's log of the last entry whose changes it
 * has. A source sends them in that order, so what is not above it was taken before.
 */
public final class IndexSources {

    private final int partition;
    private final Map<Integer, Long> takenTo = new HashMap<>();

    public IndexSources(int partition) {
        this.partition = partition;
    }

    /** Takes what the storage has in the place of what was known. */
    public void load(StorageEngine.View view) {
        takenTo.clear();
        KeyRange range = StorageKeys.indexSourceRange(partition);
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                takenTo.put(
                        StorageKeys.indexSourceOf(cursor.key()),
                        ByteBuffer.wrap(cursor.value()).getLong());
            }
        }
    }

    /** The index of the last entry of the source's log whose changes were taken; 0 for none. */
    public long takenTo(int source) {
        return takenTo.getOrDefault(source, 0L);
    }

    public void take(int source, long sourceIndex, WriteBatch batch) {
        takenTo.put(source, sourceIndex);
        batch.put(
                StorageKeys.indexSourceKey(partition, source),
                ByteBuffer.allocate(Long.BYTES).putLong(sourceIndex).array());
    }
}

package dev.henge.node.partition;

import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.TableStatistics;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * How many items a partition holds of each table and index, and how large they are as the service counts; what DescribeTable
 * adds up. Part of the state that the partition's log makes.
 */
final class Statistics {

    private record Held(long items, long bytes) {
        static final Held NOTHING = new Held(0, 0);
    }

    private final int partition;
    private final Map<Long, Held> byTable = new HashMap<>();
    private final Set<Long> changed = new HashSet<>();

    Statistics(int partition) {
        this.partition = partition;
    }

    /** Takes what the storage has in the place of what was known. */
    void load(StorageEngine.View view) {
        byTable.clear();
        changed.clear();
        KeyRange range = StorageKeys.statisticsRange(partition);
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                ByteBuffer value = ByteBuffer.wrap(cursor.value());
                byTable.put(StorageKeys.statisticsTableOf(cursor.key()), new Held(value.getLong(), value.getLong()));
            }
        }
    }

    /**
     * An item became another one.
     *
     * @param bytesBefore 0 when there was none
     * @param bytesAfter 0 when there is none now
     */
    void replaced(long table, int bytesBefore, int bytesAfter) {
        if (bytesBefore == bytesAfter) {
            return;
        }
        Held held = byTable.getOrDefault(table, Held.NOTHING);
        long items = held.items() + Integer.signum(bytesAfter) - Integer.signum(bytesBefore);
        byTable.put(table, new Held(items, held.bytes() + bytesAfter - bytesBefore));
        changed.add(table);
    }

    void forget(long table, WriteBatch batch) {
        byTable.remove(table);
        changed.remove(table);
        batch.delete(StorageKeys.statisticsKey(partition, table));
    }

    /** Puts what has changed since the last call. */
    void write(WriteBatch batch) {
        for (long table : changed) {
            Held held = byTable.getOrDefault(table, Held.NOTHING);
            batch.put(
                    StorageKeys.statisticsKey(partition, table),
                    ByteBuffer.allocate(2 * Long.BYTES)
                            .putLong(held.items())
                            .putLong(held.bytes())
                            .array());
        }
        changed.clear();
    }

    TableStatistics of(long table) {
        Held held = byTable.getOrDefault(table, Held.NOTHING);
        return TableStatistics.newBuilder()
                .setItems(held.items())
                .setBytes(held.bytes())
                .build();
    }
}

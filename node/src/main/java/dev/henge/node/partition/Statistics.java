package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.item.ItemSize;
import dev.henge.membership.TokenRange;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.CountItems;
import dev.henge.proto.Recount;
import dev.henge.proto.RecountEstimates;
import dev.henge.proto.TableStatistics;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How many items a partition holds of each table and index, and how large they are as the service counts; what DescribeTable
 * adds up. Part of the state that the partition's log makes.
 *
 * <p>After a split nobody knows how much of it is in which half. So both count anew, by entries of their logs, each of which
 * counts a few items on every replica alike; what is written behind the place where the count stands is left to it. Until
 * then half of what was counted before is told.
 */
final class Statistics {

    private record Held(long items, long bytes) {
        static final Held NOTHING = new Held(0, 0);

        byte[] toBytes() {
            return ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(items)
                    .putLong(bytes)
                    .array();
        }
    }

    private final int partition;
    private final Map<Long, Held> byTable = new HashMap<>();
    private final Set<Long> changed = new HashSet<>();
    private long totalBytes;
    private final Map<Long, Held> estimates = new HashMap<>();
    private @Nullable Recount recount;

    Statistics(int partition) {
        this.partition = partition;
    }

    /** Takes what the storage has in the place of what was known. */
    void load(StorageEngine.View view) throws InvalidProtocolBufferException {
        byTable.clear();
        changed.clear();
        totalBytes = 0;
        estimates.clear();
        KeyRange range = StorageKeys.statisticsRange(partition);
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                ByteBuffer value = ByteBuffer.wrap(cursor.value());
                Held held = new Held(value.getLong(), value.getLong());
                byTable.put(StorageKeys.statisticsTableOf(cursor.key()), held);
                totalBytes += held.bytes();
            }
        }
        byte[] counting = view.get(StorageKeys.recountKey(partition));
        recount = counting == null ? null : Recount.parseFrom(counting);
        byte[] estimated = view.get(StorageKeys.estimatesKey(partition));
        if (estimated != null) {
            take(RecountEstimates.parseFrom(estimated));
        }
    }

    private void take(RecountEstimates told) {
        told.getEstimatesList()
                .forEach(each -> estimates.put(each.getTable(), new Held(each.getItems(), each.getBytes())));
    }

    /**
     * An item became another one.
     *
     * @param itemKey its key
     * @param bytesBefore 0 when there was none
     * @param bytesAfter 0 when there is none now
     */
    void replaced(long table, ByteString itemKey, int bytesBefore, int bytesAfter) {
        if (bytesBefore == bytesAfter || isLeftToRecount(table, itemKey)) {
            return;
        }
        add(table, Integer.signum(bytesAfter) - Integer.signum(bytesBefore), (long) bytesAfter - bytesBefore);
    }

    private void add(long table, long items, long bytes) {
        Held held = byTable.getOrDefault(table, Held.NOTHING);
        byTable.put(table, new Held(held.items() + items, held.bytes() + bytes));
        totalBytes += bytes;
        changed.add(table);
    }

    private boolean isLeftToRecount(long table, ByteString itemKey) {
        if (recount == null) {
            return false;
        }
        int order = Long.compareUnsigned(table, recount.getTable());
        return order > 0
                || (order == 0
                        && ByteString.unsignedLexicographicalComparator().compare(itemKey, recount.getNextKey()) >= 0);
    }

    void forget(long table, WriteBatch batch) {
        Held held = byTable.remove(table);
        totalBytes -= held == null ? 0 : held.bytes();
        changed.remove(table);
        batch.delete(StorageKeys.statisticsKey(partition, table));
        // What is stored of its estimate stays until the count is done: nobody asks for a table that is gone.
        estimates.remove(table);
    }

    /** Puts what has changed since the last call. */
    void write(WriteBatch batch) {
        for (long table : changed) {
            batch.put(
                    StorageKeys.statisticsKey(partition, table),
                    byTable.getOrDefault(table, Held.NOTHING).toBytes());
        }
        changed.clear();
    }

    /** Of all tables and indexes together, as the service counts. */
    long totalBytes() {
        long estimatedBytes = estimates.values().stream().mapToLong(Held::bytes).sum();
        return recount == null ? totalBytes : Math.max(totalBytes, estimatedBytes);
    }

    TableStatistics of(long table) {
        boolean counting = recount != null && Long.compareUnsigned(table, recount.getTable()) >= 0;
        Held held = counting ? estimates.getOrDefault(table, Held.NOTHING) : byTable.getOrDefault(table, Held.NOTHING);
        return TableStatistics.newBuilder()
                .setItems(held.items())
                .setBytes(held.bytes())
                .build();
    }

    /**
     * Puts what both hold together. Where one of them is counting, all is counted anew, and what both have told is told
     * meanwhile.
     *
     * @param other of the partition that becomes part of this one
     * @param dropped numbers of which nothing is left
     */
    void join(Statistics other, Set<Long> dropped, WriteBatch batch) {
        KeyRange before = StorageKeys.statisticsRange(partition);
        batch.deleteRange(before.start(), before.end());
        Set<Long> tables = new TreeSet<>(byTable.keySet());
        tables.addAll(other.byTable.keySet());
        tables.addAll(estimates.keySet());
        tables.addAll(other.estimates.keySet());
        tables.removeAll(dropped);
        RecountEstimates.Builder told = RecountEstimates.newBuilder();
        for (long table : tables) {
            TableStatistics here = of(table);
            TableStatistics there = other.of(table);
            Held both = new Held(here.getItems() + there.getItems(), here.getBytes() + there.getBytes());
            if (recount != null || other.recount != null) {
                told.addEstimates(RecountEstimates.Estimate.newBuilder()
                        .setTable(table)
                        .setItems(both.items())
                        .setBytes(both.bytes()));
            } else {
                batch.put(StorageKeys.statisticsKey(partition, table), both.toBytes());
            }
        }
        if (recount != null || other.recount != null) {
            begin(partition, told.build(), batch);
        }
    }

    // ---- counting anew -----------------------------------------------------------------------------------------

    /** Whether it counts, and is to be given {@link CountItems} until it is done. */
    boolean counts() {
        return recount != null;
    }

    /** Another partition takes half of this one: both begin to count. */
    void beginRecount(int child, boolean childIsHere, WriteBatch batch) {
        RecountEstimates.Builder halves = RecountEstimates.newBuilder();
        byTable.keySet().stream().sorted().forEach(table -> {
            TableStatistics whole = of(table);
            halves.addEstimates(RecountEstimates.Estimate.newBuilder()
                    .setTable(table)
                    .setItems(whole.getItems() / 2)
                    .setBytes(whole.getBytes() / 2));
        });
        RecountEstimates told = halves.build();
        KeyRange counted = StorageKeys.statisticsRange(partition);
        batch.deleteRange(counted.start(), counted.end());
        begin(partition, told, batch);
        if (childIsHere) {
            begin(child, told, batch);
        }
        byTable.clear();
        changed.clear();
        totalBytes = 0;
        estimates.clear();
        take(told);
        recount = Recount.getDefaultInstance();
    }

    private static void begin(int counting, RecountEstimates told, WriteBatch batch) {
        batch.put(StorageKeys.recountKey(counting), Recount.getDefaultInstance().toByteArray());
        batch.put(StorageKeys.estimatesKey(counting), told.toByteArray());
    }

    /** Counts some items more. Reads the storage: what the log has before must be in it. */
    void count(CountItems step, TokenRange tokens, StorageEngine storage, WriteBatch batch) {
        if (recount == null) {
            return;
        }
        Recount.Builder at = recount.toBuilder();
        int items = 0;
        long bytes = 0;
        try (StorageEngine.View view = storage.view()) {
            for (long table : StorageKeys.tablesIn(view)) {
                if (Long.compareUnsigned(table, at.getTable()) < 0) {
                    continue;
                }
                KeyRange range = StorageKeys.itemRange(table, tokens.start(), tokens.end());
                byte[] start = table == at.getTable() && !at.getNextKey().isEmpty()
                        ? StorageKeys.itemKey(table, at.getNextKey().toByteArray())
                        : range.start();
                try (StorageEngine.Cursor cursor = view.range(start, range.end(), false)) {
                    for (; cursor.valid(); cursor.next()) {
                        if (items >= step.getItemsMax() || bytes >= step.getBytesMax()) {
                            put(at.build(), batch);
                            return;
                        }
                        int sizeBytes = ItemSize.ofItem(cursor.value());
                        add(table, 1, sizeBytes);
                        items++;
                        bytes += sizeBytes;
                        at.setTable(table)
                                .setNextKey(ByteString.copyFrom(StorageKeys.itemKeyOf(cursor.key()))
                                        .concat(ByteString.copyFrom(new byte[1])));
                    }
                }
            }
        }
        recount = null;
        estimates.clear();
        batch.delete(StorageKeys.recountKey(partition)).delete(StorageKeys.estimatesKey(partition));
    }

    private void put(Recount at, WriteBatch batch) {
        recount = at;
        batch.put(StorageKeys.recountKey(partition), at.toByteArray());
    }
}

package dev.henge.node.index;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.Backfill;
import dev.henge.proto.DoneKeys;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** How far a partition is with filling new global indexes. Part of the state that its log makes. */
public final class Backfills {

    private final int partition;
    private final Map<Long, Backfill> byIndex = new TreeMap<>();

    public Backfills(int partition) {
        this.partition = partition;
    }

    /** Takes what the storage has in the place of what was known. */
    public void load(StorageEngine.View view) throws InvalidProtocolBufferException {
        byIndex.clear();
        KeyRange range = StorageKeys.backfillRange(partition);
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                Backfill backfill = Backfill.parseFrom(cursor.value());
                byIndex.put(backfill.getIndex(), backfill);
            }
        }
    }

    public boolean isEmpty() {
        return byIndex.isEmpty();
    }

    /** How far the index is; empty when it is not one that is being filled. */
    public Optional<Backfill> find(long index) {
        return Optional.ofNullable(byIndex.get(index));
    }

    /** Those with something left to do. */
    public Stream<Backfill> unfinished() {
        return byIndex.values().stream().filter(backfill -> !backfill.getDone());
    }

    /** All of them. */
    public Stream<Backfill> all() {
        return byIndex.values().stream();
    }

    /** Those of a table, whether there is something left to do or not. */
    public Stream<Backfill> ofTable(long table) {
        return byIndex.values().stream().filter(backfill -> backfill.getTable() == table);
    }

    /**
     * Whether an item comes into the index only when its turn comes in the backfill, so that a write of it needs no change
     * of the index now.
     */
    public boolean awaits(long index, ByteString itemKey) {
        Backfill backfill = byIndex.get(index);
        return backfill != null
                && !backfill.getDone()
                && ByteString.unsignedLexicographicalComparator().compare(itemKey, backfill.getNextKey()) >= 0
                && doneBehind(backfill, itemKey).isEmpty();
    }

    /** The keys around this one that were taken in already although they come behind where the backfill stands. */
    public static Optional<DoneKeys> doneBehind(Backfill backfill, ByteString itemKey) {
        Comparator<ByteString> order = ByteString.unsignedLexicographicalComparator();
        return backfill.getDoneKeysList().stream()
                .filter(keys -> order.compare(itemKey, keys.getFrom()) >= 0
                        && (keys.getTo().isEmpty() || order.compare(itemKey, keys.getTo()) < 0))
                .findFirst();
    }

    public void put(Backfill backfill, WriteBatch batch) {
        byIndex.put(backfill.getIndex(), backfill);
        batch.put(StorageKeys.backfillKey(partition, backfill.getIndex()), backfill.toByteArray());
    }

    public void forget(long index, WriteBatch batch) {
        if (byIndex.remove(index) != null) {
            batch.delete(StorageKeys.backfillKey(partition, index));
        }
    }
}

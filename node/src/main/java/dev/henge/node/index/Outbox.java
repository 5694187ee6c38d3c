package dev.henge.node.index;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.IndexChanges;
import dev.henge.proto.OutboxOrigin;
import dev.henge.proto.TakenChanges;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Changes to global indexes that a partition has still to hand on. They stand in the storage; here is only where and how
 * large they are. Part of the state that the partition's log makes, the same on all replicas.
 */
public final class Outbox {

    private static final long RECENT_BYTES_MAX = 128 << 10;

    private record Entry(long index, int sizeBytes) {}

    private final int partition;
    private final Deque<Entry> entries = new ArrayDeque<>();
    private List<OutboxOrigin> origins = List.of();
    private long sizeBytes;

    /** The newest ones, so that a leader that keeps up need not read them back. */
    private final Deque<IndexChanges> recent = new ArrayDeque<>();

    private long recentBytes;

    /** All from this index in the log on are in {@link #recent}. */
    private long recentFrom;

    public Outbox(int partition) {
        this.partition = partition;
    }

    /**
     * Takes what the storage has in the place of what was known.
     *
     * @param newOrigins whose logs made what is older than this partition's own
     */
    public void load(StorageEngine.View view, List<OutboxOrigin> newOrigins) {
        origins = List.copyOf(newOrigins);
        entries.clear();
        sizeBytes = 0;
        recent.clear();
        recentBytes = 0;
        KeyRange range = StorageKeys.outboxRange(partition);
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                note(StorageKeys.outboxIndexOf(cursor.key()), cursor.value().length);
            }
        }
        recentFrom = lastIndexOr(0) + 1;
    }

    private void note(long index, int bytes) {
        entries.addLast(new Entry(index, bytes));
        sizeBytes += bytes;
    }

    /** Adds what an entry of the log changes; its index is higher than all before. */
    public void add(IndexChanges changes, WriteBatch batch) {
        byte[] value = changes.toByteArray();
        batch.put(StorageKeys.outboxKey(partition, changes.getSourceIndex()), value);
        note(changes.getSourceIndex(), value.length);
        recent.addLast(changes);
        recentBytes += value.length;
        while (recentBytes > RECENT_BYTES_MAX) {
            recentFrom = recent.getFirst().getSourceIndex() + 1;
            removeFirstRecent();
        }
    }

    private void removeFirstRecent() {
        recentBytes -= recent.removeFirst().getSerializedSize();
    }

    /** Forgets what came of entries up to an index. */
    public void trim(long toIndex, WriteBatch batch) {
        while (!entries.isEmpty() && entries.getFirst().index() <= toIndex) {
            Entry arrived = entries.removeFirst();
            sizeBytes -= arrived.sizeBytes();
            batch.delete(StorageKeys.outboxKey(partition, arrived.index()));
        }
        while (!recent.isEmpty() && recent.getFirst().getSourceIndex() <= toIndex) {
            removeFirstRecent();
        }
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** The partition whose log has the entry at an index: this one or, of what it inherited, an ancestor. */
    int sourceOf(long index) {
        for (OutboxOrigin origin : origins) {
            if (index <= origin.getToIndex()) {
                return origin.getPartition();
            }
        }
        return partition;
    }

    /** All that waits, as another partition hands it on that this one becomes part of; empty when nothing does. */
    public List<TakenChanges> toHandOver(StorageEngine.View view) throws InvalidProtocolBufferException {
        List<TakenChanges> all = new ArrayList<>();
        KeyRange range = StorageKeys.outboxRange(partition);
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                IndexChanges changes = IndexChanges.parseFrom(cursor.value());
                if (changes.getTakenCount() > 0) {
                    all.addAll(changes.getTakenList());
                } else {
                    all.add(TakenChanges.newBuilder()
                            .setSource(sourceOf(changes.getSourceIndex()))
                            .setChanges(changes)
                            .build());
                }
            }
        }
        return all;
    }

    /** How many entries of the log have changes here. */
    public int entryCount() {
        return entries.size();
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    /** The index in the log of the oldest; {@code none} when it is empty. */
    public long firstIndexOr(long none) {
        return entries.isEmpty() ? none : entries.getFirst().index();
    }

    /** The index in the log of the newest; {@code none} when it is empty. */
    public long lastIndexOr(long none) {
        return entries.isEmpty() ? none : entries.getLast().index();
    }

    /**
     * Reads changes in the order of the log.
     *
     * @param fromIndex the first index in the log that is wanted
     * @param sizeBytesMax ends behind the one that reaches it
     */
    List<IndexChanges> read(StorageEngine storage, long fromIndex, long sizeBytesMax) {
        if (fromIndex >= recentFrom) {
            return recent.stream()
                    .filter(each -> each.getSourceIndex() >= fromIndex)
                    .toList();
        }
        List<IndexChanges> changes = new ArrayList<>();
        long readBytes = 0;
        byte[] end = StorageKeys.outboxRange(partition).end();
        try (StorageEngine.View view = storage.view();
                StorageEngine.Cursor cursor = view.range(StorageKeys.outboxKey(partition, fromIndex), end, false)) {
            for (; cursor.valid() && readBytes < sizeBytesMax; cursor.next()) {
                byte[] value = cursor.value();
                changes.add(IndexChanges.parseFrom(value));
                readBytes += value.length;
            }
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException("the outbox of partition " + partition + " can't be read", e);
        }
        return changes;
    }
}

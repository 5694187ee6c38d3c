package dev.henge.node.partition;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.membership.TokenRange;
import dev.henge.node.catalog.Splits;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.HeldRange;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionRecord;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** The range of a node's replica: what its own log has made it, whatever the catalog says by now. */
public final class OwnRange {

    private OwnRange() {}

    static HeldRange of(TokenRange tokens, long epoch) {
        return HeldRange.newBuilder()
                .setRange(PartitionRange.newBuilder()
                        .setStartToken(tokens.start())
                        .setEndToken(tokens.end())
                        .setEpoch(epoch))
                .build();
    }

    public static TokenRange tokens(PartitionRange range) {
        return new TokenRange(range.getStartToken(), range.getEndToken());
    }

    /** As a partition that was ever split, or split from another, keeps it; empty for others, and where nothing is here. */
    public static Optional<HeldRange> stored(StorageEngine storage, int partition) {
        return parsed(partition, storage.get(StorageKeys.rangeKey(partition)));
    }

    /** The tokens that the storage has something of for a partition's replica; empty where it does not say which. */
    static Optional<TokenRange> ofStorage(StorageEngine storage, int partition) {
        return stored(storage, partition)
                .filter(range -> !range.getTaken())
                .map(HeldRange::getRange)
                .or(() -> beingInstalled(storage, partition))
                .map(OwnRange::tokens);
    }

    /** What a snapshot was to fill when the node went down; empty where there was none, or nothing to be emptied first. */
    static Optional<PartitionRange> beingInstalled(StorageEngine storage, int partition) {
        byte[] mark = storage.get(StorageKeys.installingKey(partition));
        if (mark == null || mark.length == 0) {
            return Optional.empty();
        }
        try {
            return Optional.of(PartitionRange.parseFrom(mark));
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException("the range of partition " + partition + "'s snapshot can't be read", e);
        }
    }

    static Optional<HeldRange> stored(StorageEngine.View view, int partition) {
        return parsed(partition, view.get(StorageKeys.rangeKey(partition)));
    }

    private static Optional<HeldRange> parsed(int partition, byte @Nullable [] stored) {
        if (stored == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(HeldRange.parseFrom(stored));
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException("the stored range of partition " + partition + " can't be read", e);
        }
    }

    /** What a partition's replica was before another one's on this node took all it held; empty for all others. */
    public static Optional<HeldRange> taken(StorageEngine storage, int partition) {
        return stored(storage, partition).filter(HeldRange::getTaken);
    }

    /**
     * The range with which a replica is to be opened. Where its log is replayed from its first entry, that is the one that the
     * group began with; where a snapshot was about to fill it, that one's; where there is nothing, or nothing that counts, it is
     * the present one by the map, which may be of long ago.
     *
     * @param damaged what the storage has of it is to be replaced
     */
    public static PartitionRange toOpen(
            PartitionRecord record, PartitionLog log, StorageEngine storage, boolean damaged) {
        Optional<HeldRange> stored = stored(storage, record.getId());
        if (stored.isPresent()) {
            return stored.get().getRange();
        }
        Optional<PartitionRange> beingInstalled = beingInstalled(storage, record.getId());
        if (beingInstalled.isPresent()) {
            return beingInstalled.get();
        }
        boolean replays =
                log.baseIndex() == 0 && log.lastIndex() > 0 && log.damage().isEmpty();
        boolean applied = storage.get(StorageKeys.appliedKey(record.getId())) != null;
        boolean installing = storage.get(StorageKeys.installingKey(record.getId())) != null;
        boolean ofFirst = !damaged && !installing && record.getParent() == 0 && (applied || replays);
        return ofFirst ? Splits.firstRangeOf(record) : Splits.rangeOf(record);
    }

    /**
     * To be called before a replica is opened. One that has nothing, of a partition that was split since its group began, must
     * not replay the log from before: its writes reach into what other replicas hold by now. It waits for a snapshot.
     *
     * @param opened as {@link #toOpen} has said
     */
    public static void awaitSnapshotWhereSplit(PartitionRecord record, PartitionRange opened, StorageEngine storage) {
        boolean nothing = storage.get(StorageKeys.appliedKey(record.getId())) == null;
        boolean wasSplit = record.getParent() != 0
                || opened.getEpoch() != Splits.firstRangeOf(record).getEpoch();
        boolean marked = storage.get(StorageKeys.installingKey(record.getId())) != null;
        if (nothing && wasSplit && !marked) {
            storage.write(new WriteBatch().put(StorageKeys.installingKey(record.getId()), new byte[0]));
        }
    }

    /**
     * Whether a replica stands as the split made it, in the storage, so that its log need not know of it yet.
     *
     * @return the partition that it was split from
     */
    public static OptionalInt foundedBy(StorageEngine.View view, int partition) {
        HeldRange range = stored(view, partition).orElse(HeldRange.getDefaultInstance());
        long applied = StateMachine.Applied.of(view.get(StorageKeys.appliedKey(partition)))
                .index();
        return range.getParent() != 0 && range.getFirstIndex() == applied
                ? OptionalInt.of(range.getParent())
                : OptionalInt.empty();
    }
}

package dev.henge.node.partition;

import dev.henge.membership.TokenRange;
import dev.henge.node.catalog.Placements;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.replication.Member;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.Catalog;
import dev.henge.proto.HeldRange;
import dev.henge.proto.PartitionRecord;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongUnaryOperator;

/**
 * As whom a node's replica of a partition takes part in its group. Kept beside the log, in the storage: where the log lost
 * what it had promised, the replica must not come back under the name that promised it.
 */
public final class ReplicaIdentity {

    private ReplicaIdentity() {}

    /** The member that this node's replica is. */
    public static Member of(int partition, String node, StorageEngine storage) {
        byte[] stored = storage.get(StorageKeys.generationKey(partition));
        return new Member(node, stored == null ? 0 : ByteBuffer.wrap(stored).getLong());
    }

    /**
     * The member that this node's replica is as of this start. Where the log is damaged, it is a new one, whose log begins
     * behind what the storage has applied. So it is where the storage is gone, and who the replica was with it: a log that
     * begins behind an index says that the storage had it.
     *
     * @param joins the node is to have a replica and has none, by the catalog: where nothing is here, the replica is a new
     *     member, whatever the node had in former times
     * @param keepsLogAlone the node is to keep the log and no items, by the catalog: what a new member is to be. One that has
     *     something stays what it is until its group lets it go
     * @param randomBelow gives for a bound a number of {@code [0, bound)}
     */
    public static Member recover(
            PartitionLog log,
            String node,
            StorageEngine storage,
            boolean joins,
            boolean keepsLogAlone,
            LongUnaryOperator randomBelow) {
        if (joins && log.pristine() && nothingIn(storage, log.partition())) {
            return beginAnew(log.partition(), node, storage, newGeneration(keepsLogAlone, randomBelow));
        }
        boolean storageLost = log.baseIndex() > 0 && nothingIn(storage, log.partition());
        Member known = of(log.partition(), node, storage);
        boolean ofOtherKind =
                known.keepsLogAlone() != keepsLogAlone && log.isEmpty() && hasNoState(storage, log.partition());
        if (log.damage().isEmpty() && !storageLost && !ofOtherKind) {
            return known;
        }
        Member member = beginAnew(log.partition(), node, storage, newGeneration(keepsLogAlone, randomBelow));
        log.beginAnew();
        return member;
    }

    private static long newGeneration(boolean keepsLogAlone, LongUnaryOperator randomBelow) {
        long number = 1 + randomBelow.applyAsLong(Long.MAX_VALUE);
        return keepsLogAlone ? -number : number;
    }

    /**
     * Makes this node's replica of a partition that was split from another the member that the other one's replica here is, if
     * the storage has nothing of it. The split made it a member of the new group as that; where the replica that was split came
     * behind that by a snapshot, or is to go before it has split once more what a crash took away, it has nothing of it. It
     * may vote then, as its log has all that it ever promised: else a group of which few replicas were split could elect nobody.
     *
     * @param catalog knows the partitions that it descends from
     */
    public static void inherit(PartitionRecord partition, Catalog catalog, StorageEngine storage) {
        if (!nothingIn(storage, partition.getId())) {
            return;
        }
        for (int ancestor = partition.getParent(); ancestor != 0; ancestor = parentOf(ancestor, catalog)) {
            if (!nothingIn(storage, ancestor)) {
                byte[] stored = storage.get(StorageKeys.generationKey(ancestor));
                byte[] generation = stored == null ? new byte[Long.BYTES] : stored;
                storage.write(new WriteBatch().put(StorageKeys.generationKey(partition.getId()), generation));
                storage.flush();
                return;
            }
        }
    }

    private static int parentOf(int partition, Catalog catalog) {
        return Placements.find(catalog, partition)
                .map(PartitionRecord::getParent)
                .orElse(0);
    }

    private static boolean nothingIn(StorageEngine storage, int partition) {
        return storage.get(StorageKeys.generationKey(partition)) == null && hasNoState(storage, partition);
    }

    private static boolean hasNoState(StorageEngine storage, int partition) {
        return storage.get(StorageKeys.appliedKey(partition)) == null
                && storage.get(StorageKeys.installingKey(partition)) == null;
    }

    /**
     * Erases a replica that the group has let go, and nothing calls any more. Should the node get one again, that is a new
     * member. A crash in between leaves a new member that is in no group, to be erased again.
     *
     * @param randomBelow gives for a bound a number of {@code [0, bound)}
     */
    public static void erase(
            PartitionLog log, TokenRange tokens, String node, StorageEngine storage, LongUnaryOperator randomBelow) {
        beginAnew(log.partition(), node, storage, 1 + randomBelow.applyAsLong(Long.MAX_VALUE));
        log.beginAnew();
        List<KeyRange> ranges;
        try (StorageEngine.View view = storage.view()) {
            ranges = StateMachine.ranges(log.partition(), tokens, view);
        }
        WriteBatch batch = new WriteBatch();
        ranges.forEach(range -> batch.deleteRange(range.start(), range.end()));
        storage.write(batch);
    }

    /**
     * Erases what is left of a replica that another partition's replica on this node has {@link OwnRange#taken taken} all of: items
     * are that one's. Makes durable first what that one has taken. That it was taken stays noted, until it is {@link #forget
     * forgotten}: the partition is not to be opened here again.
     */
    public static void eraseTaken(PartitionLog log, StorageEngine storage) {
        storage.flush();
        log.beginAnew();
        int partition = log.partition();
        byte[] taken = storage.get(StorageKeys.rangeKey(partition));
        KeyRange all = StorageKeys.privateRange(partition);
        WriteBatch batch =
                new WriteBatch().deleteRange(all.start(), all.end()).delete(StorageKeys.generationKey(partition));
        if (taken != null) {
            batch.put(StorageKeys.rangeKey(partition), taken);
        }
        storage.write(batch);
    }

    /**
     * Erases a replica whose place a snapshot of the partition takes that its own has become part of. As with {@link
     * #eraseTaken}, it is not to be opened here again. Items are left to the snapshot.
     *
     * @param range what the replica held
     */
    public static void eraseForSnapshot(PartitionLog log, HeldRange range, StorageEngine storage) {
        HeldRange gone = range.toBuilder().setTaken(true).build();
        storage.write(new WriteBatch().put(StorageKeys.rangeKey(log.partition()), gone.toByteArray()));
        eraseTaken(log, storage);
    }

    /** Forgets that a partition was ever here, which nobody will ask for again. No replica of it is here. */
    public static void forget(int partition, StorageEngine storage) {
        KeyRange all = StorageKeys.privateRange(partition);
        storage.write(
                new WriteBatch().deleteRange(all.start(), all.end()).delete(StorageKeys.generationKey(partition)));
    }

    /**
     * Makes this node's replica a new member that has promised nothing, durably. To be called before the log that lost its
     * promises is emptied: a crash in between finds it still damaged, and comes here again.
     *
     * @param generation not 0, negative for one that keeps the log alone, drawn at random: no two lives of a node's replicas must have the same, and what would be
     *     counted up may be lost as well
     */
    public static Member beginAnew(int partition, String node, StorageEngine storage, long generation) {
        if (generation == 0) {
            throw new IllegalArgumentException("generation 0 is that of the first members");
        }
        byte[] stored = ByteBuffer.allocate(Long.BYTES).putLong(generation).array();
        storage.write(new WriteBatch().put(StorageKeys.generationKey(partition), stored));
        storage.flush();
        return new Member(node, generation);
    }
}

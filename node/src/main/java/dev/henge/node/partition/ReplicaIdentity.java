package dev.henge.node.partition;

import dev.henge.node.log.PartitionLog;
import dev.henge.node.replication.Member;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import java.nio.ByteBuffer;
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
     * @param randomBelow gives for a bound a number of {@code [0, bound)}
     */
    public static Member recover(PartitionLog log, String node, StorageEngine storage, LongUnaryOperator randomBelow) {
        boolean storageLost = log.baseIndex() > 0
                && storage.get(StorageKeys.generationKey(log.partition())) == null
                && storage.get(StorageKeys.appliedKey(log.partition())) == null
                && storage.get(StorageKeys.installingKey(log.partition())) == null;
        if (log.damage().isEmpty() && !storageLost) {
            return of(log.partition(), node, storage);
        }
        Member member = beginAnew(log.partition(), node, storage, 1 + randomBelow.applyAsLong(Long.MAX_VALUE));
        log.beginAnew();
        return member;
    }

    /**
     * Makes this node's replica a new member that has promised nothing, durably. To be called before the log that lost its
     * promises is emptied: a crash in between finds it still damaged, and comes here again.
     *
     * @param generation positive, drawn at random: no two lives of a node's replicas must have the same, and what would be
     *     counted up may be lost as well
     */
    public static Member beginAnew(int partition, String node, StorageEngine storage, long generation) {
        if (generation <= 0) {
            throw new IllegalArgumentException("a generation must be positive: " + generation);
        }
        byte[] stored = ByteBuffer.allocate(Long.BYTES).putLong(generation).array();
        storage.write(new WriteBatch().put(StorageKeys.generationKey(partition), stored));
        storage.flush();
        return new Member(node, generation);
    }
}

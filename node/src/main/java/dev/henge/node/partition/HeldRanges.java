package dev.henge.node.partition;

import dev.henge.membership.TokenRange;
import dev.henge.node.catalog.Splits;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.PartitionRecord;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which tokens each of a node's replicas holds. Items stand in the storage by their tokens alone, so no two replicas of a node
 * may hold the same: a replica of a partition as it was before a split, and one of the partition that was split from it, would
 * write over each other's items. Any thread may call.
 */
public final class HeldRanges {

    private static final Logger log = LoggerFactory.getLogger(HeldRanges.class);

    private final Map<Integer, TokenRange> byPartition = new HashMap<>();

    /**
     * Takes tokens for a partition's replica, in the place of those that it held.
     *
     * @return false, with nothing changed, when another replica of the node holds some of them
     */
    public synchronized boolean take(int partition, TokenRange tokens) {
        boolean free = byPartition.entrySet().stream()
                .allMatch(other -> other.getKey() == partition || !overlap(other.getValue(), tokens));
        if (free) {
            byPartition.put(partition, tokens);
        }
        return free;
    }

    /**
     * Takes tokens for all replicas that the storage says it has some of, be they known to the node's map or not: one that
     * is opened by an old map would throw away what another has taken over since. To be called before any is opened.
     */
    public void takeStored(StorageEngine storage) {
        List<Integer> partitions;
        try (StorageEngine.View view = storage.view()) {
            partitions = StorageKeys.partitionsIn(view);
        }
        for (int partition : partitions) {
            if (partition != 0) {
                OwnRange.ofStorage(storage, partition).ifPresent(tokens -> takeStored(partition, tokens));
            }
        }
    }

    /**
     * Another partition was split from one: each holds its half from now on. In one step, as others wait for any that nobody
     * holds.
     *
     * @param kept what the partition's replica holds of what it held
     * @param child empty when the node has no replica of it
     */
    public synchronized void split(int partition, TokenRange kept, Optional<PartitionRecord> child) {
        byPartition.put(partition, kept);
        child.ifPresent(record -> byPartition.put(record.getId(), OwnRange.tokens(Splits.rangeOf(record))));
    }

    private void takeStored(int partition, TokenRange tokens) {
        if (!take(partition, tokens)) {
            log.error(
                    "partition {}: by the storage another replica of this node holds some of its tokens; it is not opened",
                    partition);
        }
    }

    /** Whether a partition's replica could take tokens if some others held none. */
    public synchronized boolean couldTake(int partition, TokenRange tokens, Collection<Integer> without) {
        return byPartition.entrySet().stream()
                .allMatch(other -> other.getKey() == partition
                        || without.contains(other.getKey())
                        || !overlap(other.getValue(), tokens));
    }

    /** A partition's replica has taken all that another's held: what the other one held is its own. */
    public synchronized void join(int partition, TokenRange tokens, int taken) {
        byPartition.remove(taken);
        if (!take(partition, tokens)) {
            throw new IllegalStateException(
                    "partition " + partition + " has taken what others hold besides partition " + taken);
        }
    }

    /** Whether a partition's replica holds any. */
    public synchronized boolean holds(int partition) {
        return byPartition.containsKey(partition);
    }

    /** The node has no replica of the partition any more. */
    public synchronized void release(int partition) {
        byPartition.remove(partition);
    }

    private static boolean overlap(TokenRange one, TokenRange other) {
        return one.contains(other.start()) || other.contains(one.start());
    }
}

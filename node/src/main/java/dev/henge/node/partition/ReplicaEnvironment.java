package dev.henge.node.partition;

import dev.henge.membership.TokenRange;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.Catalog;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.TableRecord;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/** What a replica needs of the world: time, chance, the other nodes, its event loop. Simulated in simulation. */
public interface ReplicaEnvironment {

    /** The service's bound on item collections of tables with local indexes. */
    long ITEM_COLLECTION_BYTES_MAX = 10L << 30;

    /** A multiple of the log at which a node makes a checkpoint: with the others well it is forgotten long before. */
    long LOG_REPLICA_BYTES_MAX = 2L << 30;

    /** Monotonic time, not negative. Any thread may ask. */
    long nanoTime();

    /** A number of {@code [0, bound)}. */
    long randomBelow(long bound);

    /** What this node and the others vouch for; the same for all replicas of the node. */
    NodeSupport support();

    /** Sends to the replica of the same partition on another node; messages may get lost. */
    void send(String node, PeerMessage message);

    /** Runs something slow off the event loop. */
    void runInBackground(Runnable task);

    /** What the node's replicas share in sending and receiving snapshots. */
    SnapshotResources snapshotResources();

    /** Runs a task that reads much off the event loop, beside few others and no faster than the disk can spare. */
    void runSliced(SlicedTask task);

    /** What is remembered of damaged replicas of this node. */
    DamageMarks damageMarks();

    /**
     * The node's storage can't be read in some place, or takes no more writes: it is to be replaced, as a whole. The replica
     * that tells serves no more. Any thread may call; telling it again is harmless.
     */
    void storageDamaged(StorageException cause);

    /** Runs something on the replica's event loop. */
    void post(Runnable task);

    /** The table in the newest catalog that this node knows, which may be behind. Any thread may ask. */
    Optional<TableRecord> table(long id);

    /** The nodes that have a partition, or are to have it, by the newest catalog that this node knows. Any thread may ask. */
    List<String> nodesOf(int partition);

    /** The partition that a token belongs to in the newest catalog that this node knows; empty while it knows none. */
    OptionalInt partitionOf(long token);

    /** The epoch of the catalog that {@link #partitionOf} goes by. */
    default long mapEpoch() {
        return 0;
    }

    /**
     * Hands changes of global indexes to the leader of a partition. Completes, on any thread, once they are committed there;
     * fails when that is not known within some seconds.
     */
    CompletableFuture<Void> sendIndexBatch(int partition, IndexBatch batch);

    /** How large an item collection of a table with local indexes may grow, in bytes, about. */
    default long itemCollectionBytesMax() {
        return ITEM_COLLECTION_BYTES_MAX;
    }

    /** How much of its log a replica is to keep that keeps the log alone, in bytes; past that its leader takes no writes. */
    default long logReplicaBytesMax() {
        return LOG_REPLICA_BYTES_MAX;
    }

    /**
     * Says which tokens the replica holds from now on, in the place of those that it held ({@link HeldRanges}). False, and
     * nothing is changed, when another replica of the node holds some of them.
     */
    default boolean hold(TokenRange tokens) {
        return true;
    }

    /**
     * Another partition was split from the replica's; its state is in the storage. From now on each holds its half: nobody else
     * may come to hold the other one's before its replica is opened.
     *
     * @param kept the tokens that stay the replica's
     * @param child as the catalog is going to show it, about
     * @param here whether the node is to have a replica of it, whose state is in the storage
     * @param leads whether this replica leads: the other one is to lead that group at once
     */
    default void split(TokenRange kept, PartitionRecord child, boolean here, boolean leads) {}

    /** The range of a partition in the map that {@link #partitionOf} goes by. */
    default Optional<PartitionRange> rangeOf(int partition) {
        return Optional.empty();
    }

    /** Whether the replica could {@link #hold} these tokens if some other partitions had none here. Changes nothing. */
    default boolean couldHold(TokenRange tokens, List<Integer> without) {
        return true;
    }

    /**
     * Asks for partitions to have no replica on this node any more: what they held is in a snapshot that takes their place.
     *
     * @return whether they have none by now
     */
    default boolean giveWay(List<Integer> partitions) {
        return true;
    }

    /**
     * An entry of another partition's log is committed, as that partition is to become part of the replica's: its replica here
     * may apply up to it if it has it.
     */
    default void proveSealed(int partition, long index, long term) {}

    /**
     * The replica has taken all that another partition's replica on this node held, which is to be erased. Its tokens are the
     * replica's from now on.
     *
     * @param tokens of both
     * @param durable to be run on the replica's event loop once that can't be lost any more
     */
    default void took(int partition, TokenRange tokens, Runnable durable) {}

    /** The replica has the state of a snapshot; others that could not be opened beside it may be now. */
    default void snapshotInstalled() {}

    /** The system partition's replica has applied a new catalog. */
    void catalogApplied(Catalog catalog);

    /** Something happened that no code of ours can mend; the node must stop. */
    void fail(Throwable cause);
}

package dev.henge.node.partition;

import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.proto.Catalog;
import dev.henge.proto.PeerMessage;

/** What a replica needs of the world: time, chance, the other nodes, its event loop. Simulated in simulation. */
public interface ReplicaEnvironment {

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

    /** Runs something on the replica's event loop. */
    void post(Runnable task);

    /** The system partition's replica has applied a new catalog. */
    void catalogApplied(Catalog catalog);

    /** Something happened that no code of ours can mend; the node must stop. */
    void fail(Throwable cause);
}

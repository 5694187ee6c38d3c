package dev.henge.chaos.simulation;

/** A kind of thing that goes wrong. */
enum Fault {
    /** A node's power fails: what was not synced is lost, in part. */
    POWER_LOSS,
    /** A node's power fails while its log syncs: written, not synced. */
    POWER_LOSS_IN_SYNC,
    /** A node's process dies; what it wrote to files stays. */
    KILL,
    /** All nodes lose their power at the same moment. */
    POWER_LOSS_EVERYWHERE,
    /** A node does nothing for a while, and then goes on as if nothing had happened. */
    PAUSE,
    /** Some nodes, or some nodes and some clients, can't reach the others. */
    PARTITION,
    /** Nothing gets from one node to one other. */
    ONE_WAY_PARTITION,
    /** Many messages get lost for a while. */
    LOSS_BURST,
    /** A node's disk takes long to sync. */
    SLOW_DISK,
    /** A node's streams break, as it hears; messages under way may arrive or not. */
    STREAMS_BREAK,
    /** Nothing that a leader sends reaches the other nodes, nor the other way round; clients reach it. */
    LEADER_CUT_OFF,
    /** The same from the moment the next leader is elected, its first messages included. */
    NEXT_LEADER_CUT_OFF,
    /** The replicas of the system partition don't hear each other; those of all others do. */
    SYSTEM_PARTITION_CUT,
    /** A node and the routers are offered a catalog that was the newest once, or one of another cluster. */
    WRONG_MAP,
    /** A bit flips in a finished segment of the log, always of the same node: nobody else loses anything in that run. */
    BIT_FLIP_IN_LOG,
    /** A node's disk fails to sync for a while: the node stops, and can't start before that is over. */
    SYNC_FAILS,
    /** A node is short of disk space for a while, and refuses clients, or entries too. */
    DISK_FILLS,
    /** A node's monotonic clock begins to run at another rate, within the bounds. */
    CLOCK_CHANGES_PACE,
    /** Nodes are cut off one by one, and joined again one by one in another order ("swizzled", as FoundationDB has it). */
    SWIZZLE,
    /** A leader and one other node don't hear each other; all others hear both. */
    LEADER_LOSES_ONE,
    /** A leader hears no other node; all others hear it. */
    LEADER_DEAF,
    /** A leader loses all nodes but those that its lease needs; one of these restarts at once, and does not hear it either. */
    LAST_SUPPORTER_RESTARTS
}

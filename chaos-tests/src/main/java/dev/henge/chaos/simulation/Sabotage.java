package dev.henge.chaos.simulation;

/** Ways to break the cluster on purpose, each of which the checkers must find: a checker nobody has seen fail proves nothing. */
public enum Sabotage {
    NONE,
    /** The log's disk says it has synced, and has not. */
    SYNC_DOES_NOTHING,
    /** Replicas are told that their log is durable when the sync begins. */
    DURABLE_TOLD_EARLY,
    /** The storage says it has flushed, and has not; the log is cut all the same. */
    FLUSH_DOES_NOTHING,
    /** A replica that thinks it leads answers strong reads without looking at its lease. */
    READS_WITHOUT_LEASE,
    /** Strong reads are answered by whichever replica is asked. */
    READS_FROM_FOLLOWERS,
    /** Clocks drift apart much further than the lease allows for. */
    CLOCKS_DRIFT_TOO_FAR,
    /** A retry of a write is a new write. */
    RETRIES_ARE_NEW_WRITES,
    /** A retry does not say that it is one: its refusal is not final, an earlier attempt may still succeed. */
    RETRIES_HIDE_THAT_THEY_ARE
}

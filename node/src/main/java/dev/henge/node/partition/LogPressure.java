package dev.henge.node.partition;

/** How urgently a replica's log must become shorter. */
public enum LogPressure {
    /** What a follower still lacks is kept. */
    LOW,
    /** A follower that lags far behind will need a snapshot; what one lacks that receives a snapshot just now is kept. */
    HIGH,
    /** Nothing is kept: snapshots on their way begin anew. */
    CRITICAL
}

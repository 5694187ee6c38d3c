package dev.henge.deploy.status;

/** The verdict on a cluster. */
public enum Health {
    /** Everything runs, and every partition has all its replicas. */
    HEALTHY,
    /** Every partition serves reads and writes, but the loss of another node may stop some. */
    DEGRADED,
    /** Some partition, or all of the cluster, can't serve. */
    UNAVAILABLE
}

package dev.henge.catalog;

import dev.henge.proto.Catalog;

/** What the logs and the catalog of a cluster may hold only once the programs of all its nodes know it. */
public enum Feature {
    /**
     * Partitions are merged: commands of the catalog and entries of partitions' logs that an older program doesn't know
     * (docs/decisions/0018).
     */
    MERGES(3),

    /** A node of the catalog is replaced by another one ({@code NodeRecord.replaced_by}). */
    NODE_REPLACEMENT(2);

    private final int since;

    Feature(int since) {
        this.since = since;
    }

    /** The cluster version from which on it may be used. */
    public int since() {
        return since;
    }

    /** Whether the cluster's version allows it: the program of every node knows it, and no older one is let in any more. */
    public boolean isAllowed(Catalog catalog) {
        return ClusterVersion.of(catalog) >= since;
    }
}

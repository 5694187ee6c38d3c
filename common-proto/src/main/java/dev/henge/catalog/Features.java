package dev.henge.catalog;

import dev.henge.proto.Catalog;

/** What a cluster may use by now. */
public final class Features {

    private Features() {}

    /** Whether the cluster's version allows it: the program of every node knows it, and no older one is let in any more. */
    public static boolean allowed(Catalog catalog, Feature feature) {
        return ClusterVersion.of(catalog) >= feature.since();
    }
}

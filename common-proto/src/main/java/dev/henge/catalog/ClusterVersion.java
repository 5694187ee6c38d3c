package dev.henge.catalog;

import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import java.util.OptionalInt;

/**
 * The version of what a cluster's nodes tell and store: one number for all of them, which rises once every node's program knows the
 * higher one, and never falls. A program's own version is for people; this one decides what may be written.
 */
public final class ClusterVersion {

    /** Of clusters from before there were versions. */
    public static final int LOWEST = 1;

    /** The highest that this program knows. */
    public static final int HIGHEST = 3;

    private ClusterVersion() {}

    /** The cluster's. */
    public static int of(Catalog catalog) {
        return Math.max(LOWEST, catalog.getClusterVersion());
    }

    /** The highest that a node's program knows, as the node said when it last started. */
    public static int knownBy(NodeRecord node) {
        return Math.max(LOWEST, node.getHighestClusterVersion());
    }

    /**
     * What the cluster's version can be raised to by now: the highest that all its nodes know.
     *
     * @return empty when that is no higher than it is
     */
    public static OptionalInt next(Catalog catalog) {
        OptionalInt all = catalog.getNodesList().stream()
                .mapToInt(ClusterVersion::knownBy)
                .min();
        return all.isPresent() && all.getAsInt() > of(catalog) ? all : OptionalInt.empty();
    }

    /** Why a program that knows no more than {@code known} can't be part of a cluster of version {@code version}. */
    public static String tooOld(String node, int known, int version) {
        return "the program of node " + node + " is too old: it knows cluster version " + known
                + " at most, the cluster is at " + version
                + "; start the node with a program as new as those of the other nodes";
    }
}

package dev.henge.node;

import dev.henge.catalog.ClusterVersion;
import java.nio.file.Path;

/**
 * How a node is started.
 *
 * @param place who and where it is
 * @param entry how it comes into its cluster
 * @param dataDirectory where everything of this node is kept
 * @param ephemeral nothing is synced to disk; for {@code henge dev --ephemeral} and tests alone
 * @param limits what it may use
 * @param clusterVersionMax the highest cluster version that it says to know; lower than the program's in tests alone
 */
public record NodeConfig(
        NodePlace place,
        ClusterEntry entry,
        Path dataDirectory,
        boolean ephemeral,
        NodeLimits limits,
        int clusterVersionMax) {

    /** Of a node that knows what this program knows. */
    public NodeConfig(NodePlace place, ClusterEntry entry, Path dataDirectory, boolean ephemeral, NodeLimits limits) {
        this(place, entry, dataDirectory, ephemeral, limits, ClusterVersion.HIGHEST);
    }

    /** As if by an older program. */
    public NodeConfig knowingUpTo(int clusterVersion) {
        return new NodeConfig(place, entry, dataDirectory, ephemeral, limits, clusterVersion);
    }
}

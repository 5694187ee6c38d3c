package dev.henge.node;

import java.nio.file.Path;

/**
 * How a node is started.
 *
 * @param place who and where it is
 * @param entry how it comes into its cluster
 * @param dataDirectory where everything of this node is kept
 * @param ephemeral nothing is synced to disk; for {@code henge dev --ephemeral} and tests alone
 * @param limits what it may use
 */
public record NodeConfig(
        NodePlace place, ClusterEntry entry, Path dataDirectory, boolean ephemeral, NodeLimits limits) {}

package dev.henge.node.replication;

import org.jspecify.annotations.Nullable;

/**
 * What a replica must have on disk before it answers (Raft, figure 2: persistent state).
 *
 * @param term latest term seen
 * @param vote node this replica voted for in {@code term}, null for none
 */
public record HardState(long term, @Nullable String vote) {
    public static final HardState INITIAL = new HardState(0, null);
}

package dev.henge.node.replication;

import org.jspecify.annotations.Nullable;

/**
 * Role, term or known leader after a step that changed one of them.
 *
 * @param leader the leader of {@code term}, null while not known
 */
public record RoleChange(Role role, long term, @Nullable String leader) {}

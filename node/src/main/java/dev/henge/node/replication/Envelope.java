package dev.henge.node.replication;

/**
 * A message and the replica that it goes to.
 *
 * @param to a node's name
 */
public record Envelope(String to, RaftMessage message) {}

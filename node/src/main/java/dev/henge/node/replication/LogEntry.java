package dev.henge.node.replication;

import com.google.protobuf.ByteString;

/**
 * One entry of a partition's log.
 *
 * @param index position in the log, from 1
 * @param term term of the leader that made it
 * @param payload a {@code Command}; empty for the entry that opens a term
 */
public record LogEntry(long index, long term, ByteString payload) {}

/**
 * How changes come from a partition of a table to the partitions of its global indexes (docs/decisions/0010).
 *
 * <p>A write's changes stand in its partition's {@link dev.henge.node.index.Outbox}, by the index in the log of the entry that
 * made them: part of the state that the log makes, so every later leader finds them. The leader hands them on, to each
 * partition in the order of the log ({@link dev.henge.node.index.OutboxShipper}); the receiving partition notes of each source
 * how far it is and takes nothing twice ({@link dev.henge.node.index.IndexSources}). What has arrived everywhere is forgotten by
 * an entry of the source's log.
 *
 * <p>{@link dev.henge.node.index.Backfills} says how far new indexes are filled with what the table held before them.
 */
@NullMarked
package dev.henge.node.index;

import org.jspecify.annotations.NullMarked;

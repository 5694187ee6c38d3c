/**
 * The node's write-ahead log: one, shared by all partitions of the node.
 *
 * <p>What it does. Every change of a replica's Raft state (entries, term and vote, a reset behind a snapshot, a
 * compaction) becomes a record with a checksum in the current segment. Records are encoded into a bounded buffer in
 * memory; {@link dev.henge.node.log.WriteAheadLog#sync()} writes the buffer and does one fdatasync for everything in it
 * (group commit). {@link dev.henge.node.log.LogSyncer} calls it in production, the scheduler in a simulation.
 *
 * <p>What it guarantees. After a crash the log holds a prefix of the records in the order of their appends, and at least
 * everything that a finished sync covered. A torn tail is cut; a record that was synced and does not match its checksum
 * is reported with its segment and offset and never skipped. A failed write or sync is final: the log is broken, every
 * later call fails, nothing is retried (a second fsync may succeed without the data: "Can Applications Recover from
 * fsync Failures?", Rebello et al., USENIX ATC 2020).
 *
 * <p>How a torn tail is told from corruption. The first record of each batch that reaches the disk says up to which
 * position everything was synced before. An invalid record followed by a later one that claims it was synced is
 * corruption; otherwise it belongs to what was never synced. After a quiet moment {@code LogSyncer} adds such a mark
 * behind the last batch, so that the last batch is covered as well.
 *
 * <p>Space. Each segment begins with the hard state and base of every partition, so the segments before the oldest entry
 * still kept can go. Segments are filled with zeros before use and recycled after, so that fdatasync has no file size or
 * block allocation to journal (measured in docs/decisions/0003-write-ahead-log.md).
 *
 * <p>Threads. {@code WriteAheadLog} may be used from any thread; a {@code PartitionLog} belongs to one event loop. Lock
 * order: the I/O lock (held while writing and syncing), then the state lock (held for memory only, never across I/O).
 * Threads that use the log must not be interrupted: Java closes a file channel whose reader or writer is interrupted.
 */
@NullMarked
package dev.henge.node.log;

import org.jspecify.annotations.NullMarked;

/**
 * The node's write-ahead log: one, shared by all partitions of the node.
 *
 * <p>What it does. Every change of a replica's Raft state (entries, term and vote, a reset behind a snapshot, a
 * compaction) becomes a record with a checksum in the current segment. Records are encoded into a bounded buffer in
 * memory; {@link dev.henge.node.log.WriteAheadLog#sync()} writes the buffer and does one fdatasync for everything in it
 * (group commit). {@link dev.henge.node.log.LogSyncer} calls it in production, the scheduler in a simulation.
 *
 * <p>What it guarantees. After a crash the log holds a prefix of the records in the order of their appends, and at least
 * everything that a finished sync covered. A torn tail is cut. A failed write or sync is final: the log is broken, every
 * later call fails, nothing is retried (a second fsync may succeed without the data: "Can Applications Recover from fsync
 * Failures?", Rebello et al., USENIX ATC 2020). Entries that can't be read back are never handed out.
 *
 * <p>How a torn tail is told from corruption. The first record of each batch that reaches the disk says up to which
 * position everything was synced before. An invalid record followed by a later one that claims it was synced is
 * corruption; otherwise it belongs to what was never synced. After a quiet moment {@code LogSyncer} adds such a mark
 * behind the last batch, so that the last batch is covered as well.
 *
 * <p>What corruption does. Each record of a partition names the position of the partition's record before it; each segment
 * begins with the state of every partition, and a long or quiet one repeats it. So recovery knows for each partition
 * whether a damaged place took anything from it. It is <i>intact</i> when the chain and the statements prove it, or when all
 * that is missing are entries that the storage has applied durably (its log then begins behind them); else it is
 * <i>damaged</i>: it may have forgotten votes and acknowledgements. When in doubt it is damaged; that includes partitions
 * of which the log knows nothing, if no statement of all partitions follows. A damaged partition's log is empty and takes
 * nothing; that it is damaged is stated in the segment that opening the log begins, and survives crashes until
 * {@link dev.henge.node.log.PartitionLog#beginAnew}. Until that segment's first record is synced nothing is changed that a
 * recovery needs to find the same again. Not told from a torn tail: damage to the last batch before its mark is on disk,
 * and the loss of the newest segment's whole file.
 *
 * <p>Space. The segments before the oldest entry still kept can go, unless a {@link dev.henge.node.log.SegmentArchive}
 * wants them. Segments are filled with zeros before use and recycled after, so that fdatasync has no file size or block
 * allocation to journal (measured in docs/decisions/0003-write-ahead-log.md). Room is asked for before an append
 * ({@link dev.henge.node.log.LogUse}): where no further segment can be made, each use stops at a floor of its own, and
 * nothing breaks.
 *
 * <p>Threads. {@code WriteAheadLog} may be used from any thread; a {@code PartitionLog} belongs to one event loop. Lock
 * order: the I/O lock (held while writing and syncing), then the state lock (held for memory only, never across I/O).
 * Threads that use the log must not be interrupted: Java closes a file channel whose reader or writer is interrupted.
 */
@NullMarked
package dev.henge.node.log;

import org.jspecify.annotations.NullMarked;

package dev.henge.node.log;

import java.io.IOException;
import java.util.List;
import java.util.SortedSet;
import java.util.function.Consumer;

/**
 * The node's write-ahead log. See the package's essay.
 *
 * <p>Positions are bytes of log since it was first made; they only grow, also over restarts. A change is durable once
 * {@link #durablePosition()} has reached the position that stood after it ({@link PartitionLog#position()}).
 *
 * <p>Back-pressure: an append that finds the buffer full makes its caller wait for a sync that is under way, and then
 * writes the buffer itself (without a sync). So an append always succeeds or breaks the log, memory is bounded by two
 * buffers, and in a simulation with one thread nothing ever waits. {@link #congested()} tells the runtime earlier, so
 * that it can refuse new work before its event loops are slowed down.
 */
public final class WriteAheadLog implements AutoCloseable {

    private WriteAheadLog() {}

    /**
     * Opens the log on this disk and recovers every partition in it; an empty disk is an empty log. When it returns, all
     * that was recovered is durable.
     *
     * @param onBroken called once, on the thread that met the failure, when a write, sync or checked read fails
     * @throws CorruptLogException when something that was synced is damaged or missing
     * @throws IOException when the disk fails
     */
    public static WriteAheadLog open(Disk disk, LogOptions options, Consumer<RuntimeException> onBroken)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Partitions that the log knows. */
    public SortedSet<Integer> partitions() {
        throw new UnsupportedOperationException();
    }

    /** This partition's part of the log, the same object each time; empty when the log does not know it yet. */
    public PartitionLog partition(int partition) {
        throw new UnsupportedOperationException();
    }

    /**
     * Forgets a partition, hard state and all: its replica left this node. Its {@code PartitionLog} is dead from here
     * on; {@link #partition} gives a fresh one. Call it from the partition's event loop.
     *
     * @return the position at which this is durable
     */
    public long drop(int partition) {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes all that was appended before this call and makes it durable with one fdatasync; does nothing when there is
     * nothing. Then deletes or recycles segments that nobody needs.
     *
     * @return {@link #durablePosition()} after it
     * @throws LogBrokenException when it fails, for good
     */
    public long sync() {
        throw new UnsupportedOperationException();
    }

    /** Position after the last append. */
    public long appendedPosition() {
        throw new UnsupportedOperationException();
    }

    /** Everything before this position is durable. */
    public long durablePosition() {
        throw new UnsupportedOperationException();
    }

    /**
     * Called whenever something was appended while nothing waited for a sync, on the appending thread, with no lock
     * held: wakes up whoever calls {@link #sync()}. One hook; set it before the first append.
     */
    public void onWork(Runnable hook) {
        throw new UnsupportedOperationException();
    }

    /** Whether the buffer is more than half full: take no new proposals now. */
    public boolean congested() {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes, without a sync, a mark behind the last synced batch that says it was synced, so that damage to that batch
     * is recognised as such at the next recovery. For quiet moments; does nothing when the mark is there or when
     * something waits for a sync.
     */
    public void markSynced() {
        throw new UnsupportedOperationException();
    }

    /** Makes the next segment ready when none is, so that a roll need not wait. May take long; for a thread of its own. */
    public void prepareSpare() {
        throw new UnsupportedOperationException();
    }

    /** Bytes of the segments in use, from the oldest entry still kept on (at segment granularity). */
    public long liveBytes() {
        throw new UnsupportedOperationException();
    }

    /** A partition keeps segments alive that are older than wanted; compacting it to the index lets them go. */
    public record CompactionHint(int partition, long index) {}

    /**
     * What to compact so that at most about {@code keepBytesMax} bytes of segments stay. The caller decides: it may
     * compact no further than what its storage engine holds durably, and less for a follower that lags.
     */
    public List<CompactionHint> compactionHints(long keepBytesMax) {
        throw new UnsupportedOperationException();
    }

    /** Syncs what is left and closes the files. A log that is abandoned without it recovers like after a crash. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}

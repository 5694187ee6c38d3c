package dev.henge.node.log;

import dev.henge.node.log.Disk.DiskFile;
import dev.henge.node.replication.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The node's write-ahead log. See the package's essay.
 *
 * <p>Positions are bytes of log since it was first made; they only grow, also over restarts. A change is durable once
 * {@link #durablePosition()} has reached the position that stood after it ({@link PartitionLog#position()}).
 *
 * <p>Back-pressure: an append that finds the buffer full makes its caller wait for a sync that is under way, and then
 * writes the buffer itself (without a sync). So an append always succeeds or breaks the log, memory is bounded by two
 * buffers, and in a simulation with one thread nothing ever waits. {@link #congested()} tells the runtime earlier, so
 * that it can refuse new work before its event loops are slowed down. Room on the disk is asked for before an append
 * ({@link PartitionLog#hasRoom}): an append that was promised room never needs a file that is not made yet.
 */
public final class WriteAheadLog implements AutoCloseable {

    /** Room left in a buffer besides a record's body: record header, a mark, padding. */
    private static final int BUFFER_SLACK_BYTES = 512;

    private final Disk disk;
    private final LogOptions options;
    private final Consumer<RuntimeException> onBroken;

    /** Held while writing and syncing, so by one thread at a time; taken before the state lock, never after. */
    private final ReentrantLock ioLock = new ReentrantLock();

    // Guarded by the I/O lock.
    private Batch standby;
    private final BatchWriter writer;

    /** Guards everything below and all {@link PartitionLog}s; held for work in memory only. */
    private final ReentrantLock stateLock = new ReentrantLock();

    private final SortedMap<Integer, PartitionLog> partitions;
    private final LiveSegments segments;
    private final Spares spares;
    private final EntryMemory memory;
    private final List<LogDamage> damagedPlaces;
    private final @Nullable LogDamage damageOfOthers;
    private final LogHead head;
    private boolean workPending;
    private @Nullable Runnable workHook;
    private long writtenPosition;
    private volatile long durablePosition;
    private volatile @Nullable RuntimeException broken;

    private WriteAheadLog(
            Disk disk,
            LogOptions options,
            SegmentArchive archive,
            AppliedStates applied,
            Consumer<RuntimeException> onBroken)
            throws IOException {
        this.disk = disk;
        this.options = options;
        this.onBroken = onBroken;
        LogRecovery recovery = new LogRecovery(disk, applied, partition -> new PartitionLog(this, partition));
        recovery.run();
        partitions = new TreeMap<>(recovery.partitions());
        segments = new LiveSegments(recovery.segments(), archive);
        spares = new Spares(disk, options.segmentBytes(), stateLock, recovery.spares());
        memory = new EntryMemory(options.memoryBytes());
        damagedPlaces = recovery.damagedPlaces();
        damageOfOthers = recovery.damageOfOthers();
        writtenPosition = recovery.endPosition();
        durablePosition = writtenPosition;
        writer = new BatchWriter(disk, writtenPosition);
        standby = new Batch(options.bufferBytes());
        // A new segment, because behind a torn tail there may be whole records that must never be read. Its first
        // record
        // says which partitions are damaged: once it is synced, that is no longer for a recovery to find out.
        head = new LogHead(
                options,
                partitions.values(),
                damageOfOthers,
                segments,
                spares,
                recovery.nextNumber(),
                recovery.endPosition());
        ioLock.lock();
        try {
            drain(true);
        } catch (IOException e) {
            closeFiles();
            throw e;
        } finally {
            ioLock.unlock();
        }
    }

    /** Opens a log that has no archive, on a node whose storage says nothing of what it has applied. */
    public static WriteAheadLog open(Disk disk, LogOptions options, Consumer<RuntimeException> onBroken)
            throws IOException {
        return open(disk, options, SegmentArchive.NONE, AppliedStates.UNKNOWN, onBroken);
    }

    /**
     * Opens the log on this disk and recovers every partition in it; an empty disk is an empty log. When it returns, all
     * that was recovered is durable, and so is which partitions are damaged ({@link #damaged}).
     *
     * @param applied what the storage holds; entries that it has applied may be lost without harm
     * @param onBroken called once, on the thread that met the failure, when a write or sync fails; must not call the log
     * @throws IOException when the disk fails or is full
     */
    public static WriteAheadLog open(
            Disk disk,
            LogOptions options,
            SegmentArchive archive,
            AppliedStates applied,
            Consumer<RuntimeException> onBroken)
            throws IOException {
        return new WriteAheadLog(disk, options, archive, applied, onBroken);
    }

    // ---- damage

    /** Places at which something that was synced was found missing when the log was opened, whether it did harm or not. */
    public List<LogDamage> damagedPlaces() {
        return damagedPlaces;
    }

    /** The partitions that are damaged, and why; see {@link PartitionLog#damage}. */
    public SortedMap<Integer, LogDamage> damaged() {
        stateLock.lock();
        try {
            SortedMap<Integer, LogDamage> damaged = new TreeMap<>();
            partitions.forEach((id, partition) -> {
                if (partition.damage != null) {
                    damaged.put(id, partition.damage);
                }
            });
            return damaged;
        } finally {
            stateLock.unlock();
        }
    }

    /**
     * Why a partition counts as damaged that the log holds nothing of: what the log had of it may have been lost. Empty
     * when no partition is missing.
     */
    public Optional<LogDamage> damageOfUnknown() {
        return Optional.ofNullable(damageOfOthers);
    }

    /** Declares a partition damaged: its entries and its hard state are void, durably so with the next sync. */
    public void declareDamaged(int partition, LogDamage damage) {
        PartitionLog harmed = partition(partition);
        append(
                RecordKind.DAMAGED,
                harmed,
                RecordFormat.damageBytes(damage),
                buffer -> RecordFormat.putDamage(buffer, damage),
                position -> {
                    harmed.emptied(damage);
                    segments.mayRelease();
                });
    }

    /**
     * Deals with entries that can't be read back: when the storage has applied them durably, the partition's log goes on
     * behind them; else the partition is declared damaged. The replica that met them must not be used any more; a new one
     * may be opened on the log, unless it is damaged, once this has returned and all of it is durable.
     */
    public void mend(CorruptLogException corrupt, Optional<AppliedStates.Applied> durablyApplied) {
        PartitionLog partition = partition(corrupt.partition());
        long index = corrupt.lastIndex();
        boolean applied = durablyApplied.isPresent() && durablyApplied.get().index() >= index;
        if (applied && index <= partition.lastIndex()) {
            // A recovery that meets the damage needs to hear what else could have stood there: the hard state.
            stateLock.lock();
            head.wantState();
            stateLock.unlock();
            partition.compactTo(index);
        } else {
            declareDamaged(corrupt.partition(), corrupt.damage());
        }
        sync();
    }

    void beginAnew(PartitionLog partition) {
        append(RecordKind.ANEW, partition, 0, buffer -> {}, position -> {
            partition.emptied(null);
            segments.mayRelease();
        });
    }

    // ---- partitions

    /** Partitions that the log holds anything of. */
    public SortedSet<Integer> partitions() {
        stateLock.lock();
        try {
            SortedSet<Integer> known = new TreeSet<>();
            partitions.forEach((id, partition) -> {
                if (!partition.pristine()) {
                    known.add(id);
                }
            });
            return known;
        } finally {
            stateLock.unlock();
        }
    }

    /** This partition's part of the log, the same object each time; empty when the log does not know it yet. */
    public PartitionLog partition(int partition) {
        stateLock.lock();
        try {
            return partitions.computeIfAbsent(partition, id -> {
                PartitionLog unknown = new PartitionLog(this, id);
                unknown.damage = damageOfOthers;
                return unknown;
            });
        } finally {
            stateLock.unlock();
        }
    }

    /**
     * Forgets a partition, hard state and all: its replica left this node. Its {@code PartitionLog} is dead from here
     * on; {@link #partition} gives a fresh one. Call it from the partition's event loop.
     *
     * @return the position at which this is durable
     */
    public long drop(int partition) {
        PartitionLog dropped = partition(partition);
        return append(RecordKind.DROP, dropped, 0, buffer -> {}, position -> {
            dropped.dropped = true;
            partitions.remove(partition);
            segments.mayRelease();
        });
    }

    /**
     * Writes all that was appended before this call and makes it durable with one fdatasync; does nothing when there is
     * nothing. Then deletes or recycles segments that nobody needs.
     *
     * @return {@link #durablePosition()} after it
     * @throws LogBrokenException when it fails, for good
     */
    public long sync() {
        doingIo(() -> drain(true));
        return durablePosition;
    }

    /** Position after the last append. */
    public long appendedPosition() {
        return read(head::position);
    }

    /** Everything before this position is durable. */
    public long durablePosition() {
        return durablePosition;
    }

    /**
     * Called whenever something was appended while nothing waited for a sync, on the appending thread, with no lock
     * held: wakes up whoever calls {@link #sync()}. One hook; set it before the first append.
     */
    public void onWork(Runnable hook) {
        stateLock.lock();
        try {
            workHook = hook;
        } finally {
            stateLock.unlock();
        }
    }

    /** Whether something waits for a sync. */
    public boolean hasWork() {
        stateLock.lock();
        try {
            return workPending;
        } finally {
            stateLock.unlock();
        }
    }

    /** Whether the buffer is more than half full: take no new proposals now. */
    public boolean congested() {
        stateLock.lock();
        try {
            return head.congested();
        } finally {
            stateLock.unlock();
        }
    }

    /**
     * Writes, without a sync, a mark behind the last synced batch that says it was synced, so that damage to that batch
     * is recognised as such at the next recovery. For quiet moments; does nothing when the mark is there or when
     * something waits for a sync.
     */
    public void markSynced() {
        doingIo(() -> {
            if (writer.marked()) {
                return;
            }
            stateLock.lock();
            try {
                if (workPending || !head.beginQuietBatch()) {
                    return;
                }
            } finally {
                stateLock.unlock();
            }
            drain(false);
        });
    }

    // ---- room

    /** Tells the log how much room the runtime found on the node's disks. */
    public void spaceLevel(SpaceLevel level) {
        stateLock.lock();
        try {
            head.spaceLevel(level);
        } finally {
            stateLock.unlock();
        }
    }

    /** Whether {@link #prepareSpare()} has something to do. */
    public boolean needsSpare() {
        stateLock.lock();
        try {
            return broken == null && spares.needsOne();
        } finally {
            stateLock.unlock();
        }
    }

    /**
     * Makes the next segment ready when none is, so that a roll need not wait. May take long; for a thread of its own. When
     * the disk has no room for it, {@link #spareFailure} says so; call again later.
     */
    public void prepareSpare() {
        spares.prepare();
    }

    /** Why the next segment could not be made ready, at the last attempt; empty when it could. */
    public Optional<String> spareFailure() {
        return readObject(() -> Optional.ofNullable(spares.failure()));
    }

    /** Whether entries with this much payload fit, and the floor of this use is left; makes a small file if that helps. */
    boolean hasRoom(LogUse use, long bytes, boolean reserve) {
        long missingBytes;
        stateLock.lock();
        try {
            missingBytes = head.missingBytes(use, bytes, reserve);
        } finally {
            stateLock.unlock();
        }
        if (missingBytes == 0 || missingBytes == Long.MAX_VALUE) {
            return missingBytes == 0;
        }
        return spares.tryMakeSoon(missingBytes) && hasRoom(use, bytes, reserve);
    }

    void release(long bytes) {
        stateLock.lock();
        try {
            head.release(bytes);
        } finally {
            stateLock.unlock();
        }
    }

    /** Bytes of the segments in use, from the oldest entry still kept on (at segment granularity). */
    public long liveBytes() {
        return read(segments::bytes);
    }

    /** A partition keeps segments alive that are older than wanted; compacting it to the index lets them go. */
    public record CompactionHint(int partition, long index) {}

    /**
     * What to compact so that at most about {@code keepBytesMax} bytes of segments stay. The caller decides: it may
     * compact no further than what its storage engine holds durably, and less for a follower that lags.
     */
    public List<CompactionHint> compactionHints(long keepBytesMax) {
        stateLock.lock();
        try {
            long cutoffPosition = segments.cutoffPosition(keepBytesMax);
            List<CompactionHint> hints = new ArrayList<>();
            for (PartitionLog partition : partitions.values()) {
                long index = partition.lastIndexBefore(cutoffPosition);
                if (index > partition.baseIndex) {
                    hints.add(new CompactionHint(partition.partition, index));
                }
            }
            return hints;
        } finally {
            stateLock.unlock();
        }
    }

    /** Syncs what is left and closes the files. A log that is abandoned without it recovers like after a crash. */
    @Override
    public void close() {
        ioLock.lock();
        try {
            if (broken == null) {
                sync();
                markSynced();
                doingIo(writer::sync);
            }
        } finally {
            closeFiles();
            ioLock.unlock();
        }
    }

    private void closeFiles() {
        breakSilently(new LogBrokenException("the write-ahead log is closed"));
        stateLock.lock();
        try {
            for (Segment segment : segments.all()) {
                Segment.closeQuietly(segment.file);
                if (segment.file == null && segment.claimedSpare != null) {
                    Segment.closeQuietly(segment.claimedSpare.file());
                }
            }
            segments.clear();
            spares.close();
        } finally {
            stateLock.unlock();
        }
    }

    /** Breaks the log because whoever drives it failed. */
    void fail(String problem, Throwable cause) {
        breakWith(new LogBrokenException(problem + ": " + cause.getMessage(), cause));
    }

    /** Segments of the log, oldest first; for tests. */
    List<Segment> segmentsInUse() {
        return readObject(segments::all);
    }

    // ---- what PartitionLog does

    long read(LongSupplier supplier) {
        stateLock.lock();
        try {
            return supplier.getAsLong();
        } finally {
            stateLock.unlock();
        }
    }

    <T extends @Nullable Object> T readObject(Supplier<T> supplier) {
        stateLock.lock();
        try {
            return supplier.get();
        } finally {
            stateLock.unlock();
        }
    }

    void appendEntries(PartitionLog partition, List<LogEntry> entries) {
        int entryBytesMax = options.bufferBytes()
                - BUFFER_SLACK_BYTES
                - RecordFormat.ENTRIES_FIXED_BYTES
                - RecordFormat.ENTRY_FIXED_BYTES;
        stateLock.lock();
        try {
            partition.checkFollow(entries, entryBytesMax);
        } finally {
            stateLock.unlock();
        }
        int payloadBytesMax = RecordFormat.recordPayloadBytesMax(options.bufferBytes());
        int from = 0;
        while (from < entries.size()) {
            int to = RecordFormat.endOfRecord(entries, from, payloadBytesMax);
            appendRecord(partition, entries.subList(from, to));
            from = to;
        }
        stateLock.lock();
        try {
            memory.shrink(writtenPosition);
        } finally {
            stateLock.unlock();
        }
    }

    private void appendRecord(PartitionLog partition, List<LogEntry> entries) {
        int bodyBytes = RecordFormat.entriesBodyBytes(entries);
        append(
                RecordKind.ENTRIES,
                partition,
                bodyBytes,
                buffer -> RecordFormat.putEntries(buffer, entries),
                position -> {
                    long firstIndex = entries.getFirst().index();
                    if (firstIndex <= partition.lastIndex) {
                        segments.mayRelease();
                    }
                    partition.entriesRecorded(
                            position, firstIndex, entries.getLast().index());
                    for (LogEntry entry : entries) {
                        partition.termRecorded(entry.index(), entry.term());
                    }
                    partition.tail.addAll(entries);
                    memory.added(partition, firstIndex, position, bodyBytes, entries.size());
                });
    }

    /** The record on disk that holds this entry of the partition; the state lock is held. */
    StoredRecord stored(PartitionLog partition, long index) {
        return StoredRecord.holding(partition, index, segments);
    }

    /** Some partition needs less of the log than before; the state lock is held. */
    void mayRelease() {
        segments.mayRelease();
    }

    // ---- appending

    interface Applied {
        /** The record stands at this position; the state lock is held. */
        void at(long position);
    }

    /** Encodes a record and applies its change, at once as far as others can see. */
    long append(RecordKind kind, PartitionLog partition, int contentBytes, Consumer<ByteBuffer> body, Applied applied) {
        int bodyBytes = RecordFormat.LINK_BYTES + contentBytes;
        int recordBytes = RecordFormat.recordBytes(bodyBytes);
        boolean wake;
        long end;
        @Nullable Runnable hook;
        while (true) {
            stateLock.lock();
            try {
                ensureWorks();
                checkSound(kind, partition);
                if (head.makeRoom(recordBytes)) {
                    try {
                        applied.at(head.encode(kind, partition, bodyBytes, body));
                    } catch (RuntimeException e) {
                        throw breakWith(
                                new LogBrokenException("can't append to the write-ahead log: " + e.getMessage(), e));
                    }
                    end = head.position();
                    wake = !workPending;
                    workPending = true;
                    hook = workHook;
                    break;
                }
            } finally {
                stateLock.unlock();
            }
            doingIo(() -> drain(false));
        }
        if (wake && hook != null) {
            hook.run();
        }
        return end;
    }

    private static void checkSound(RecordKind kind, PartitionLog partition) {
        if (partition.dropped) {
            throw new IllegalStateException("partition " + partition.partition + " was dropped from the log");
        }
        boolean mends = kind == RecordKind.ANEW || kind == RecordKind.DROP || kind == RecordKind.DAMAGED;
        if (partition.damage != null && !mends) {
            throw new IllegalStateException(
                    "the log of partition " + partition.partition + " is damaged: " + partition.damage);
        }
    }

    // ---- writing; the I/O lock is held

    private interface IoWork {
        void run() throws IOException;
    }

    /** Does I/O with its lock; a failure is final. */
    private void doingIo(IoWork work) {
        ioLock.lock();
        try {
            ensureWorks();
            try {
                work.run();
            } catch (IOException | RuntimeException | Error e) {
                throw breakWith(new LogBrokenException("can't write the write-ahead log: " + e.getMessage(), e));
            }
        } finally {
            ioLock.unlock();
        }
    }

    /** Writes what was appended; with {@code sync} also makes it durable. */
    private void drain(boolean sync) throws IOException {
        Batch batch;
        long endPosition;
        List<Segment> superfluous = List.of();
        stateLock.lock();
        try {
            if (sync && !workPending && head.isEmpty()) {
                return;
            }
            batch = head.swap(standby);
            standby = batch;
            endPosition = head.position();
            if (sync) {
                workPending = false;
                superfluous = segments.superfluous(partitions.values());
            }
        } finally {
            stateLock.unlock();
        }
        writer.write(batch, endPosition);
        batch.clear();
        if (sync) {
            writer.sync();
        }
        stateLock.lock();
        try {
            writtenPosition = writer.writtenPosition();
            durablePosition = writer.syncedPosition();
        } finally {
            stateLock.unlock();
        }
        for (Segment segment : superfluous) {
            release(segment);
        }
    }

    /** One at a time and oldest first: a hole in the sequence would look like a lost segment. */
    private void release(Segment segment) throws IOException {
        stateLock.lock();
        try {
            segments.remove(segment);
        } finally {
            stateLock.unlock();
        }
        if (spares.recycle(segment)) {
            return;
        }
        DiskFile file = segment.file;
        if (file != null) {
            file.close();
        }
        disk.delete(segment.name());
        disk.syncDirectory();
    }

    // ---- failing

    private void ensureWorks() {
        RuntimeException failure = broken;
        if (failure != null) {
            throw new LogBrokenException(String.valueOf(failure.getMessage()), failure);
        }
    }

    /** Breaks the log for good and tells the handler, unless it is broken already. Returns what to throw. */
    private RuntimeException breakWith(RuntimeException failure) {
        if (breakSilently(failure)) {
            onBroken.accept(failure);
        }
        return failure;
    }

    private boolean breakSilently(RuntimeException failure) {
        stateLock.lock();
        try {
            if (broken != null) {
                return false;
            }
            broken = failure;
            return true;
        } finally {
            stateLock.unlock();
        }
    }
}

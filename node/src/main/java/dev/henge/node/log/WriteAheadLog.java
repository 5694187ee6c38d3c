package dev.henge.node.log;

import dev.henge.node.log.Disk.DiskFile;
import dev.henge.node.replication.HardState;
import dev.henge.node.replication.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
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
 * that it can refuse new work before its event loops are slowed down.
 */
public final class WriteAheadLog implements AutoCloseable {

    /** About how much payload goes into one record; a record is the unit in which entries are read back and checked. */
    private static final int RECORD_PAYLOAD_BYTES = 256 << 10;

    /** What an entry in memory costs besides its payload, about. */
    private static final int ENTRY_OVERHEAD_BYTES = 96;

    /** Room left in a buffer besides a record's body: record header, a mark, padding. */
    private static final int BUFFER_SLACK_BYTES = 512;

    private static final int READ_BACK_WINDOW_BYTES = 4096;

    private final Disk disk;
    private final LogOptions options;
    private final Consumer<RuntimeException> onBroken;

    /** Held while writing and syncing, so by one thread at a time; taken before the state lock, never after. */
    private final ReentrantLock ioLock = new ReentrantLock();

    // Guarded by the I/O lock.
    private Batch standby;
    private @Nullable Segment ioSegment;
    private boolean ioUnsynced;
    private long ioWrittenPosition;
    private long ioSyncedPosition;
    private long ioMarkedPosition;
    private final RecordFormat ioFormat = new RecordFormat();

    /** Guards everything below and all {@link PartitionLog}s; held for work in memory only. */
    private final ReentrantLock stateLock = new ReentrantLock();

    private final RecordFormat format = new RecordFormat();
    private final SortedMap<Integer, PartitionLog> partitions;
    private final ArrayDeque<Segment> segments = new ArrayDeque<>();
    private final ArrayDeque<CachedRecord> cached = new ArrayDeque<>();
    private long cachedBytes;
    private Batch active;
    private Segment current;
    private Segment.@Nullable Spare spare;
    private long nextSpareNumber;
    private boolean preparingSpare;
    private boolean workPending;
    private boolean mayRelease;
    private @Nullable Runnable workHook;
    private long appendedPosition;
    private long writtenPosition;
    private volatile long durablePosition;
    private volatile @Nullable RuntimeException broken;

    /** Where the records of one segment stand in a batch: from here to the next chunk, or the end. */
    private record Chunk(Segment segment, int offset, int bufferStart) {}

    /** Entries of one record that were put in memory; the oldest are let go first. */
    private record CachedRecord(PartitionLog partition, long firstIndex, long position, long bytes) {}

    /** What was appended and not yet written. */
    private static final class Batch {
        final ByteBuffer buffer;
        final ArrayList<Chunk> chunks = new ArrayList<>();

        /** The first record is a mark, to be filled in when the batch is written. */
        boolean beginsWithMark;

        Batch(int bytes) {
            buffer = ByteBuffer.allocateDirect(bytes);
        }

        boolean isEmpty() {
            return chunks.isEmpty();
        }

        void clear() {
            buffer.clear();
            chunks.clear();
            beginsWithMark = false;
        }
    }

    private WriteAheadLog(Disk disk, LogOptions options, Consumer<RuntimeException> onBroken) throws IOException {
        this.disk = disk;
        this.options = options;
        this.onBroken = onBroken;
        LogRecovery recovery = new LogRecovery(disk, partition -> new PartitionLog(this, partition));
        recovery.run();
        partitions = new TreeMap<>(recovery.partitions());
        segments.addAll(recovery.segments());
        takeSpares(recovery.spares());
        appendedPosition = recovery.endPosition();
        writtenPosition = appendedPosition;
        durablePosition = appendedPosition;
        ioWrittenPosition = appendedPosition;
        ioSyncedPosition = appendedPosition;
        ioMarkedPosition = appendedPosition;
        active = new Batch(options.bufferBytes());
        standby = new Batch(options.bufferBytes());
        // A new segment, because behind a torn tail there may be whole records that must never be read.
        current = new Segment(recovery.nextNumber(), appendedPosition, 0, null, null);
        mayRelease = true;
        stateLock.lock();
        try {
            roll(recovery.nextNumber(), 0);
        } finally {
            stateLock.unlock();
        }
    }

    /**
     * Opens the log on this disk and recovers every partition in it; an empty disk is an empty log. When it returns, all
     * that was recovered is durable.
     *
     * @param onBroken called once, on the thread that met the failure, when a write, sync or checked read fails; must not
     *     call the log
     * @throws CorruptLogException when something that was synced is damaged or missing
     * @throws IOException when the disk fails
     */
    public static WriteAheadLog open(Disk disk, LogOptions options, Consumer<RuntimeException> onBroken)
            throws IOException {
        WriteAheadLog log = new WriteAheadLog(disk, options, onBroken);
        log.sync();
        return log;
    }

    /** Keeps one spare of the right size, deletes the rest. */
    private void takeSpares(List<Segment.Spare> found) throws IOException {
        for (Segment.Spare candidate : found) {
            nextSpareNumber = Math.max(nextSpareNumber, candidate.number() + 1);
            if (spare == null && candidate.file().sizeBytes() == options.segmentBytes()) {
                spare = candidate;
                continue;
            }
            candidate.file().close();
            disk.delete(candidate.name());
        }
    }

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
            return partitions.computeIfAbsent(partition, id -> new PartitionLog(this, id));
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
            mayRelease = true;
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
        return read(() -> appendedPosition);
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
            return active.buffer.position() > active.buffer.capacity() / 2;
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
            if (ioMarkedPosition == ioSyncedPosition) {
                return;
            }
            stateLock.lock();
            try {
                boolean fits = offsetInCurrent() + RecordFormat.SYNCED_RECORD_BYTES <= current.capacityBytes;
                if (workPending || !active.isEmpty() || !fits) {
                    return;
                }
                beginBatch();
            } finally {
                stateLock.unlock();
            }
            drain(false);
        });
    }

    /** Whether {@link #prepareSpare()} has something to do. */
    public boolean needsSpare() {
        stateLock.lock();
        try {
            return spare == null && !preparingSpare && broken == null;
        } finally {
            stateLock.unlock();
        }
    }

    /** Makes the next segment ready when none is, so that a roll need not wait. May take long; for a thread of its own. */
    public void prepareSpare() {
        long number;
        stateLock.lock();
        try {
            if (spare != null || preparingSpare) {
                return;
            }
            ensureWorks();
            preparingSpare = true;
            number = nextSpareNumber++;
        } finally {
            stateLock.unlock();
        }
        try {
            DiskFile file = disk.create(Segment.SPARE_UNFINISHED, options.segmentBytes());
            file.sync();
            disk.rename(Segment.SPARE_UNFINISHED, Segment.spareName(number));
            disk.syncDirectory();
            stateLock.lock();
            try {
                preparingSpare = false;
                if (broken == null) {
                    spare = new Segment.Spare(number, file);
                    return;
                }
            } finally {
                stateLock.unlock();
            }
            file.close();
        } catch (IOException e) {
            throw breakWith(
                    new LogBrokenException("can't prepare a segment of the write-ahead log: " + e.getMessage(), e));
        }
    }

    /** Bytes of the segments in use, from the oldest entry still kept on (at segment granularity). */
    public long liveBytes() {
        return read(() -> {
            long bytes = 0;
            for (Segment segment : segments) {
                bytes += segment.capacityBytes;
            }
            return bytes;
        });
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
            long kept = 0;
            long cutoffPosition = appendedPosition;
            for (Segment segment : (Iterable<Segment>) segments::descendingIterator) {
                kept += segment.capacityBytes;
                if (kept > keepBytesMax && segment != current) {
                    break;
                }
                cutoffPosition = segment.startPosition;
            }
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
                doingIo(() -> {
                    if (ioUnsynced) {
                        syncWritten();
                    }
                });
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
            for (Segment segment : segments) {
                closeQuietly(segment.file);
                if (segment.file == null && segment.claimedSpare != null) {
                    closeQuietly(segment.claimedSpare.file());
                }
            }
            closeQuietly(spare == null ? null : spare.file());
            segments.clear();
            spare = null;
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
        return readObject(() -> List.copyOf(segments));
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

    <T> T readObject(Supplier<T> supplier) {
        stateLock.lock();
        try {
            return supplier.get();
        } finally {
            stateLock.unlock();
        }
    }

    void appendEntries(PartitionLog partition, List<LogEntry> entries) {
        checkEntries(partition, entries);
        int payloadBytesMax = Math.min(RECORD_PAYLOAD_BYTES, options.bufferBytes() / 4);
        int from = 0;
        while (from < entries.size()) {
            int to = from;
            long payloadBytes = 0;
            while (to < entries.size()
                    && (to == from
                            || payloadBytes + entries.get(to).payload().size() + RecordFormat.ENTRY_FIXED_BYTES
                                    <= payloadBytesMax)) {
                payloadBytes += entries.get(to).payload().size() + RecordFormat.ENTRY_FIXED_BYTES;
                to++;
            }
            appendRecord(partition, entries.subList(from, to));
            from = to;
        }
        releaseMemory();
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
                        mayRelease = true;
                    }
                    partition.entriesRecorded(
                            position, firstIndex, entries.getLast().index());
                    for (LogEntry entry : entries) {
                        partition.termRecorded(entry.index(), entry.term());
                    }
                    partition.tail.addAll(entries);
                    long bytes = bodyBytes + (long) entries.size() * ENTRY_OVERHEAD_BYTES;
                    cached.add(new CachedRecord(partition, firstIndex, position, bytes));
                    cachedBytes += bytes;
                });
    }

    private void checkEntries(PartitionLog partition, List<LogEntry> entries) {
        int payloadBytesMax = options.bufferBytes()
                - BUFFER_SLACK_BYTES
                - RecordFormat.ENTRIES_FIXED_BYTES
                - RecordFormat.ENTRY_FIXED_BYTES;
        stateLock.lock();
        try {
            long index = entries.getFirst().index();
            if (index <= partition.baseIndex || index > partition.lastIndex + 1) {
                throw new IllegalArgumentException("entry " + index + " of partition " + partition.partition
                        + " does not follow (" + partition.baseIndex + ", " + partition.lastIndex + "]");
            }
            long term = partition.termAt(index - 1);
            for (LogEntry entry : entries) {
                if (entry.index() != index || entry.term() < term) {
                    throw new IllegalArgumentException("entry " + entry.index() + " of term " + entry.term()
                            + " can't stand at " + index + " after term " + term);
                }
                if (entry.payload().size() > payloadBytesMax) {
                    throw new IllegalArgumentException(
                            "an entry's payload of " + entry.payload().size()
                                    + " bytes is more than the log's buffer allows: " + payloadBytesMax);
                }
                term = entry.term();
                index++;
            }
        } finally {
            stateLock.unlock();
        }
    }

    void appendHardState(PartitionLog partition, HardState hardState) {
        byte[] vote = RecordFormat.voteBytes(hardState);
        if (vote.length > 1024) {
            throw new IllegalArgumentException("a node's name of " + vote.length + " bytes is too long");
        }
        if (read(() -> partition.hardState.equals(hardState) ? 1 : 0) == 1) {
            return;
        }
        append(
                RecordKind.HARD_STATE,
                partition,
                RecordFormat.hardStateBytes(vote),
                buffer -> RecordFormat.putHardState(buffer, hardState, vote),
                position -> partition.hardState = hardState);
    }

    void appendReset(PartitionLog partition, long index, long term) {
        append(
                RecordKind.RESET,
                partition,
                2 * Long.BYTES,
                buffer -> buffer.putLong(index).putLong(term),
                position -> {
                    partition.resetRecorded(index, term);
                    mayRelease = true;
                });
    }

    void appendCompact(PartitionLog partition, long index) {
        if (index <= partition.baseIndex()) {
            return;
        }
        long term = partition.term(index);
        append(
                RecordKind.COMPACT,
                partition,
                2 * Long.BYTES,
                buffer -> buffer.putLong(index).putLong(term),
                position -> {
                    partition.compactRecorded(index, term);
                    mayRelease = true;
                });
    }

    /** Adds the partition's entries from this index on, as many as {@code maxBytes} of payload allow, at least one. */
    void readEntries(PartitionLog partition, long fromIndex, int maxBytes, List<LogEntry> entries) {
        long index = fromIndex;
        long bytesLeft = maxBytes;
        while (true) {
            Segment segment;
            long position;
            long recordLastIndex;
            stateLock.lock();
            try {
                if (index <= partition.baseIndex) {
                    throw new IllegalArgumentException("entry " + index + " of partition " + partition.partition
                            + " was compacted, the log begins after " + partition.baseIndex);
                }
                if (index >= partition.tail.firstIndex()) {
                    addFromMemory(partition, index, bytesLeft, entries);
                    return;
                }
                int at = partition.records.floor(index);
                position = partition.records.value(at);
                recordLastIndex = partition.lastIndexOfRecord(at);
                segment = segmentOf(position);
            } finally {
                stateLock.unlock();
            }
            List<LogEntry> read = readRecord(partition, segment, position, index, recordLastIndex);
            for (LogEntry entry : read) {
                if (!entries.isEmpty() && entry.payload().size() > bytesLeft) {
                    return;
                }
                entries.add(entry);
                bytesLeft -= entry.payload().size();
                index++;
            }
        }
    }

    private static void addFromMemory(PartitionLog partition, long fromIndex, long bytesMax, List<LogEntry> entries) {
        long bytesLeft = bytesMax;
        for (long index = fromIndex; index <= partition.lastIndex; index++) {
            LogEntry entry = partition.tail.get(index);
            if (!entries.isEmpty() && entry.payload().size() > bytesLeft) {
                return;
            }
            entries.add(entry);
            bytesLeft -= entry.payload().size();
        }
    }

    /**
     * Reads a record back. Without the state lock: the segment stays, because only the partition's own event loop, which
     * is here, could make its entries superfluous.
     */
    private List<LogEntry> readRecord(
            PartitionLog partition, Segment segment, long position, long fromIndex, long toIndex) {
        DiskFile file = segment.file;
        if (file == null) {
            throw new IllegalStateException("entries left memory before they were written");
        }
        long offset = position - segment.startPosition;
        try {
            RecordReader reader = new RecordReader(file, segment.number, READ_BACK_WINDOW_BYTES);
            List<LogEntry> read = new ArrayList<>();
            if (reader.at(offset) && reader.kind() == RecordKind.ENTRIES && reader.partition() == partition.partition) {
                reader.entries(fromIndex, toIndex, read::add);
            }
            if (read.size() != toIndex - fromIndex + 1) {
                throw new CorruptLogException(segment.name(), offset, "the record read back is not the one written");
            }
            return read;
        } catch (CorruptLogException e) {
            throw breakWith(e);
        } catch (IOException e) {
            throw breakWith(new LogBrokenException("can't read the write-ahead log: " + e.getMessage(), e));
        }
    }

    private Segment segmentOf(long position) {
        for (Segment segment : (Iterable<Segment>) segments::descendingIterator) {
            if (segment.startPosition <= position) {
                return segment;
            }
        }
        throw new IllegalStateException("no segment holds position " + position);
    }

    /** Lets the oldest entries in memory go until the rest fits its bound; what is not yet written stays. */
    private void releaseMemory() {
        stateLock.lock();
        try {
            while (cachedBytes > options.memoryBytes()
                    && !cached.isEmpty()
                    && cached.getFirst().position < writtenPosition) {
                CachedRecord oldest = cached.removeFirst();
                cachedBytes -= oldest.bytes;
                oldest.partition.evict(oldest.position, oldest.firstIndex);
            }
        } finally {
            stateLock.unlock();
        }
    }

    // ---- appending

    private interface Applied {
        /** The record stands at this position; the state lock is held. */
        void at(long position);
    }

    /** Encodes a record and applies its change, at once as far as others can see. */
    private long append(
            RecordKind kind, PartitionLog partition, int bodyBytes, Consumer<ByteBuffer> body, Applied applied) {
        int recordBytes = RecordFormat.recordBytes(bodyBytes);
        boolean wake;
        long end;
        @Nullable Runnable hook;
        while (true) {
            stateLock.lock();
            try {
                ensureWorks();
                if (partition.dropped) {
                    throw new IllegalStateException("partition " + partition.partition + " was dropped from the log");
                }
                if (makeRoom(recordBytes)) {
                    beginBatch();
                    try {
                        encode(kind, partition, bodyBytes, body, applied);
                    } catch (RuntimeException e) {
                        throw breakWith(
                                new LogBrokenException("can't append to the write-ahead log: " + e.getMessage(), e));
                    }
                    end = appendedPosition;
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

    private void encode(
            RecordKind kind, PartitionLog partition, int bodyBytes, Consumer<ByteBuffer> body, Applied applied) {
        long position = appendedPosition;
        int start = active.buffer.position();
        RecordFormat.begin(active.buffer, kind, partition.partition, bodyBytes);
        body.accept(active.buffer);
        format.finish(active.buffer, start, current.number, (int) offsetInCurrent());
        appendedPosition += RecordFormat.recordBytes(bodyBytes);
        partition.position = appendedPosition;
        applied.at(position);
    }

    /** Rolls to a new segment when the record does not fit; false when the buffer must be written first. */
    private boolean makeRoom(int recordBytes) {
        int needed = recordBytes + RecordFormat.SYNCED_RECORD_BYTES;
        if (offsetInCurrent() + needed > current.capacityBytes) {
            int segmentRecordBytes = RecordFormat.recordBytes(RecordFormat.segmentBodyBytes(partitions.values()));
            if (segmentRecordBytes > active.buffer.remaining() && !active.isEmpty()) {
                return false;
            }
            roll(current.number + 1, needed);
        }
        return needed <= active.buffer.remaining();
    }

    /** Begins the next segment, with the state of every partition as its first record. */
    private void roll(long number, int neededBytes) {
        int bodyBytes = RecordFormat.segmentBodyBytes(partitions.values());
        int recordBytes = RecordFormat.recordBytes(bodyBytes);
        if (recordBytes > active.buffer.remaining()) {
            throw new IllegalStateException("the state of " + partitions.size()
                    + " partitions does not fit the log's buffer of " + options.bufferBytes() + " bytes");
        }
        long atLeastBytes = (long) recordBytes + neededBytes;
        Segment.Spare claimed = null;
        long capacityBytes = Math.max(options.openingSegmentBytes(), atLeastBytes);
        if (spare != null && options.segmentBytes() >= atLeastBytes) {
            claimed = spare;
            spare = null;
            capacityBytes = options.segmentBytes();
        }
        current = new Segment(number, appendedPosition, capacityBytes, claimed, null);
        segments.add(current);
        mayRelease = true;
        int start = active.buffer.position();
        active.chunks.add(new Chunk(current, 0, start));
        RecordFormat.begin(active.buffer, RecordKind.SEGMENT, 0, bodyBytes);
        RecordFormat.putSegment(active.buffer, current, partitions.values());
        format.finish(active.buffer, start, number, 0);
        appendedPosition += recordBytes;
    }

    /** When the batch is empty, begins it with a mark that is filled in when it is written. */
    private void beginBatch() {
        if (!active.isEmpty()) {
            return;
        }
        active.chunks.add(new Chunk(current, (int) offsetInCurrent(), 0));
        active.beginsWithMark = true;
        RecordFormat.begin(active.buffer, RecordKind.SYNCED, 0, RecordFormat.SYNCED_BODY_BYTES);
        active.buffer.putLong(0);
        appendedPosition += RecordFormat.SYNCED_RECORD_BYTES;
    }

    private long offsetInCurrent() {
        return appendedPosition - current.startPosition;
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
            if (sync && !workPending && active.isEmpty()) {
                return;
            }
            batch = active;
            active = standby;
            standby = batch;
            endPosition = appendedPosition;
            if (sync) {
                workPending = false;
                superfluous = superfluousSegments();
            }
        } finally {
            stateLock.unlock();
        }
        write(batch, endPosition);
        batch.clear();
        if (sync && ioUnsynced) {
            syncWritten();
        }
        stateLock.lock();
        try {
            writtenPosition = ioWrittenPosition;
            durablePosition = ioSyncedPosition;
        } finally {
            stateLock.unlock();
        }
        if (sync) {
            release(superfluous);
        }
    }

    private void write(Batch batch, long endPosition) throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        ByteBuffer buffer = batch.buffer;
        int end = buffer.position();
        if (batch.beginsWithMark) {
            Chunk first = batch.chunks.getFirst();
            buffer.position(RecordFormat.HEADER_BYTES).putLong(ioSyncedPosition);
            ioFormat.finish(buffer, 0, first.segment.number, first.offset);
            ioMarkedPosition = ioSyncedPosition;
        }
        for (int i = 0; i < batch.chunks.size(); i++) {
            Chunk chunk = batch.chunks.get(i);
            int chunkEnd = i + 1 < batch.chunks.size() ? batch.chunks.get(i + 1).bufferStart : end;
            if (chunk.segment != ioSegment) {
                beginSegment(chunk.segment);
            }
            DiskFile file = chunk.segment.file;
            if (file == null) {
                throw new IllegalStateException("segment " + chunk.segment.name() + " has no file");
            }
            buffer.limit(chunkEnd).position(chunk.bufferStart);
            file.write(buffer, chunk.offset);
            ioUnsynced = true;
            ioWrittenPosition = chunk.segment.startPosition + chunk.offset + (chunkEnd - chunk.bufferStart);
        }
        if (ioWrittenPosition != endPosition) {
            throw new IllegalStateException("wrote up to " + ioWrittenPosition + ", expected " + endPosition);
        }
    }

    /** All before a segment is durable before anything is written to it: recovery relies on it. */
    private void beginSegment(Segment segment) throws IOException {
        if (ioUnsynced) {
            syncWritten();
        }
        Segment.Spare claimed = segment.claimedSpare;
        DiskFile file;
        if (claimed == null) {
            file = disk.create(segment.name(), segment.capacityBytes);
        } else {
            disk.rename(claimed.name(), segment.name());
            file = claimed.file();
        }
        disk.syncDirectory();
        segment.file = file;
        ioSegment = segment;
        ioMarkedPosition = segment.startPosition;
    }

    private void syncWritten() throws IOException {
        if (ioSegment == null || ioSegment.file == null) {
            throw new IllegalStateException("nothing was written");
        }
        ioSegment.file.sync();
        ioUnsynced = false;
        ioSyncedPosition = ioWrittenPosition;
    }

    /** Segments at the front that hold no entry still kept; the state lock is held. */
    private List<Segment> superfluousSegments() {
        if (!mayRelease) {
            return List.of();
        }
        mayRelease = false;
        if (segments.size() == 1) {
            return List.of();
        }
        long oldestPosition = current.startPosition;
        for (PartitionLog partition : partitions.values()) {
            oldestPosition = Math.min(oldestPosition, partition.oldestPosition());
        }
        List<Segment> superfluous = new ArrayList<>();
        Segment previous = null;
        for (Segment segment : segments) {
            if (previous != null && segment.startPosition <= oldestPosition) {
                superfluous.add(previous);
            }
            previous = segment;
        }
        return superfluous;
    }

    private void release(List<Segment> superfluous) throws IOException {
        for (Segment segment : superfluous) {
            DiskFile file = segment.file;
            Segment.Spare recycled = null;
            stateLock.lock();
            try {
                segments.remove(segment);
                if (spare == null
                        && !preparingSpare
                        && file != null
                        && segment.capacityBytes == options.segmentBytes()) {
                    recycled = new Segment.Spare(nextSpareNumber++, file);
                    preparingSpare = true;
                }
            } finally {
                stateLock.unlock();
            }
            if (recycled != null) {
                disk.rename(segment.name(), recycled.name());
                disk.syncDirectory();
                stateLock.lock();
                try {
                    spare = recycled;
                    preparingSpare = false;
                } finally {
                    stateLock.unlock();
                }
                continue;
            }
            if (file != null) {
                file.close();
            }
            disk.delete(segment.name());
            // One at a time and oldest first: a hole in the sequence would look like a lost segment.
            disk.syncDirectory();
        }
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

    @SuppressWarnings("EmptyCatch") // everything that matters was synced before
    private static void closeQuietly(@Nullable DiskFile file) {
        if (file == null) {
            return;
        }
        try {
            file.close();
        } catch (IOException e) {
            // The descriptor is gone either way.
        }
    }
}

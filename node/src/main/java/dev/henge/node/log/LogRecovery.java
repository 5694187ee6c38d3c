package dev.henge.node.log;

import dev.henge.node.log.Disk.DiskFile;
import dev.henge.node.replication.HardState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * Reads the segments back in order and rebuilds every partition's state.
 *
 * <p>Segments that have a valid first record have begun; behind the last of them there may be files that never did (the
 * crash came between making the file and syncing its first record). All begun segments but the last were synced to their
 * end before their successor began, so nothing in them may be damaged. In the last one the first invalid record is where
 * the log ends, unless a mark further on says that this place had been synced.
 */
final class LogRecovery {

    private static final int WINDOW_BYTES = 1 << 20;

    private record Found(String name, long number, DiskFile file, long fileBytes, long startPosition, boolean begun) {}

    private final Disk disk;
    private final IntFunction<PartitionLog> newPartition;
    private final SortedMap<Integer, PartitionLog> partitions = new TreeMap<>();
    private final List<Segment> segments = new ArrayList<>();
    private final List<Segment.Spare> spares = new ArrayList<>();
    private long endPosition;
    private long nextNumber = 1;

    LogRecovery(Disk disk, IntFunction<PartitionLog> newPartition) {
        this.disk = disk;
        this.newPartition = newPartition;
    }

    SortedMap<Integer, PartitionLog> partitions() {
        return partitions;
    }

    /** Segments that hold the log so far, oldest first, closed for further records. */
    List<Segment> segments() {
        return segments;
    }

    /** Files found ready to become segments, of any size. */
    List<Segment.Spare> spares() {
        return spares;
    }

    /** Position after the last record. */
    long endPosition() {
        return endPosition;
    }

    /** A segment number never used before, not even by a file that is deleted by the recovery. */
    long nextNumber() {
        return nextNumber;
    }

    void run() throws IOException {
        List<Found> found = findSegments();
        int begun = 0;
        while (begun < found.size() && found.get(begun).begun) {
            begun++;
        }
        for (int i = begun; i < found.size(); i++) {
            if (found.get(i).begun) {
                throw new CorruptLogException(
                        found.get(begun).name, 0, "its first record is damaged, and a later segment exists");
            }
        }
        List<Found> neverBegun = found.subList(begun, found.size());
        for (int i = 0; i < begun; i++) {
            Found segment = found.get(i);
            boolean last = i == begun - 1;
            long expectedBytes = last ? segment.fileBytes : found.get(i + 1).startPosition - segment.startPosition;
            long endOffset = replay(segment, expectedBytes, i == 0);
            endPosition = segment.startPosition + endOffset;
            if (!last && endOffset != expectedBytes) {
                throw new CorruptLogException(
                        segment.name,
                        endOffset,
                        "no valid record, but the next segment goes on " + (expectedBytes - endOffset)
                                + " bytes later");
            }
            if (last) {
                checkNothingSyncedAfter(
                        segment.name, endOffset, endPosition, found.subList(i, found.size()), endOffset);
                // What is read may not be on the disk yet, if only the process died; and the torn tail must never be
                // read again.
                segment.file.truncate(endOffset);
                segment.file.sync();
            }
            segments.add(new Segment(segment.number, segment.startPosition, endOffset, null, segment.file));
        }
        if (begun == 0 && !neverBegun.isEmpty()) {
            checkNothingSyncedAfter(neverBegun.getFirst().name, 0, 0, neverBegun, 0);
        }
        for (Found segment : neverBegun) {
            segment.file.close();
            disk.delete(segment.name);
        }
        disk.syncDirectory();
        checkNothingMissing();
        for (PartitionLog partition : partitions.values()) {
            partition.position = endPosition;
        }
    }

    private List<Found> findSegments() throws IOException {
        List<Found> found = new ArrayList<>();
        for (String name : disk.list()) {
            if (name.equals(Segment.SPARE_UNFINISHED)) {
                disk.delete(name);
            }
            if (Segment.isSpareName(name)) {
                spares.add(new Segment.Spare(Segment.numberOf(name), disk.open(name)));
            }
            if (Segment.isName(name)) {
                found.add(look(name));
            }
        }
        return found; // names sort like numbers
    }

    private Found look(String name) throws IOException {
        long number = Segment.numberOf(name);
        nextNumber = Math.max(nextNumber, number + 1);
        DiskFile file = disk.open(name);
        RecordReader reader = new RecordReader(file, number, WINDOW_BYTES);
        if (!reader.at(0) || reader.kind() != RecordKind.SEGMENT) {
            return new Found(name, number, file, file.sizeBytes(), -1, false);
        }
        ByteBuffer body = reader.body();
        int version = body.getInt();
        if (version != RecordFormat.VERSION) {
            throw new IOException("segment " + name + " has format " + version + ", this version of Henge reads "
                    + RecordFormat.VERSION);
        }
        body.getLong();
        return new Found(name, number, file, file.sizeBytes(), body.getLong(), true);
    }

    /** Replays the records of {@code [0, endOffset)}; returns the offset of the first invalid one, or the end. */
    private long replay(Found segment, long endOffset, boolean first) throws IOException {
        RecordReader reader = new RecordReader(segment.file, segment.number, WINDOW_BYTES);
        long offset = 0;
        while (offset < endOffset && reader.at(offset)) {
            try {
                replay(reader, segment.startPosition + offset, first);
            } catch (InconsistentRecord e) {
                throw new CorruptLogException(segment.name, offset, e.problem);
            }
            offset += reader.recordBytes();
        }
        return offset;
    }

    private void replay(RecordReader reader, long position, boolean first) throws InconsistentRecord {
        ByteBuffer body = reader.body();
        switch (reader.kind()) {
            case SEGMENT -> replaySegment(body, first);
            case SYNCED -> check(body.getLong() <= position, "a mark vouches for records after it");
            case ENTRIES -> replayEntries(partition(reader.partition()), body, position);
            case HARD_STATE -> partition(reader.partition()).hardState = RecordFormat.getHardState(body);
            case RESET -> partition(reader.partition()).resetRecorded(body.getLong(), body.getLong());
            case COMPACT -> {
                PartitionLog partition = partition(reader.partition());
                long index = body.getLong();
                check(
                        index >= partition.baseIndex && index <= partition.lastIndex,
                        "it compacts to entry " + index + " of partition " + partition.partition
                                + ", which was never there");
                partition.compactRecorded(index, body.getLong());
            }
            case DROP -> partitions.remove(reader.partition());
        }
    }

    private void replaySegment(ByteBuffer body, boolean first) throws InconsistentRecord {
        body.getInt();
        body.getLong();
        body.getLong();
        int count = body.getInt();
        for (int i = 0; i < count; i++) {
            PartitionLog partition = partition(body.getInt());
            long baseIndex = body.getLong();
            long baseTerm = body.getLong();
            long lastIndex = body.getLong();
            HardState hardState = RecordFormat.getHardState(body);
            if (first) {
                // The entries up to lastIndex stood in segments that are gone; a compaction further on must cover them.
                partition.resetRecorded(baseIndex, baseTerm);
                partition.lastIndex = lastIndex;
                partition.hardState = hardState;
            }
            check(
                    partition.baseIndex == baseIndex
                            && partition.baseTerm == baseTerm
                            && partition.lastIndex == lastIndex
                            && partition.hardState.equals(hardState),
                    "the state of partition " + partition.partition + " differs from what the segments before say");
        }
    }

    private static void replayEntries(PartitionLog partition, ByteBuffer body, long position)
            throws InconsistentRecord {
        long firstIndex = body.getLong();
        int count = body.getInt();
        check(
                firstIndex > partition.baseIndex && firstIndex <= partition.lastIndex + 1,
                "entry " + firstIndex + " of partition " + partition.partition + " does not follow ("
                        + partition.baseIndex + ", " + partition.lastIndex + "]");
        partition.entriesRecorded(position, firstIndex, firstIndex + count - 1);
        for (int i = 0; i < count; i++) {
            partition.termRecorded(firstIndex + i, body.getLong());
            int length = body.getInt();
            body.position(body.position() + length);
        }
        partition.tail.clear(partition.lastIndex + 1);
    }

    private PartitionLog partition(int partition) {
        return partitions.computeIfAbsent(partition, newPartition::apply);
    }

    /** The log ends at {@code endPosition}; a mark beyond it that vouches for more means that it must not. */
    private static void checkNothingSyncedAfter(
            String name, long offset, long endPosition, List<Found> rest, long offsetInFirst) throws IOException {
        long fromOffset = offsetInFirst;
        for (Found segment : rest) {
            long synced =
                    new RecordReader(segment.file, segment.number, WINDOW_BYTES).greatestSyncedPosition(fromOffset);
            if (synced > endPosition) {
                throw new CorruptLogException(
                        name,
                        offset,
                        "no valid record, but the log was synced " + (synced - endPosition) + " bytes further");
            }
            fromOffset = 0;
        }
    }

    private void checkNothingMissing() {
        for (PartitionLog partition : partitions.values()) {
            if (partition.lastIndex == partition.baseIndex) {
                continue;
            }
            if (partition.records.size() == 0 || partition.records.key(0) > partition.baseIndex + 1) {
                throw new CorruptLogException(
                        segments.getFirst().name(),
                        0,
                        "entries of partition " + partition.partition + " from " + (partition.baseIndex + 1)
                                + " on stood in a segment before it that is missing");
            }
        }
    }

    private static void check(boolean holds, String problem) throws InconsistentRecord {
        if (!holds) {
            throw new InconsistentRecord(problem);
        }
    }

    /** A record that is intact but can't follow the ones before it. */
    private static final class InconsistentRecord extends Exception {
        private static final long serialVersionUID = 1;

        private final String problem;

        InconsistentRecord(String problem) {
            super(problem);
            this.problem = problem;
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }
}

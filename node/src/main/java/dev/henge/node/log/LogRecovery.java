package dev.henge.node.log;

import dev.henge.node.log.Disk.DiskFile;
import dev.henge.node.log.RecordFormat.LogState;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the segments back in order, finds the damaged places, and has {@link LogReplay} rebuild every partition's state.
 *
 * <p>A segment has begun once its first record was synced. All begun segments but the last were synced to their end before
 * their successor began, so whatever is invalid in them is damage. In the last one the first invalid record is where
 * the log ends, unless a mark further on says that this place had been synced. Behind the last there may be files that
 * never began (the crash came between making the file and syncing its first record); a file whose first record is invalid
 * but whose marks vouch for more than what stands before has begun and is damaged.
 *
 * <p>Nothing on the disk is changed that a later recovery needs to come to the same conclusion: damaged segments stay as
 * they are until no partition needs them. The first record of the segment that is begun next states what became of
 * each partition; once that is synced, it decides.
 */
final class LogRecovery {

    private static final int WINDOW_BYTES = 1 << 20;
    private static final long UNKNOWN = -1;

    /** @param startPosition {@link #UNKNOWN} when the first record is not valid */
    private record Found(String name, long number, DiskFile file, long fileBytes, long startPosition) {

        boolean begins() {
            return startPosition != UNKNOWN;
        }

        RecordReader reader() throws IOException {
            return new RecordReader(file, number, WINDOW_BYTES);
        }

        LogDamage at(long offset, String problem) {
            return new LogDamage(number, offset, problem);
        }
    }

    private final Disk disk;
    private final AppliedStates applied;
    private final LogReplay replay;
    private SortedMap<Integer, PartitionLog> partitions = new TreeMap<>();
    private final List<Segment> segments = new ArrayList<>();
    private final List<String> spares = new ArrayList<>();
    private long endPosition;
    private long nextNumber = 1;

    LogRecovery(Disk disk, AppliedStates applied, IntFunction<PartitionLog> newPartition) {
        this.disk = disk;
        this.applied = applied;
        this.replay = new LogReplay(newPartition);
    }

    SortedMap<Integer, PartitionLog> partitions() {
        return partitions;
    }

    @Nullable
    LogDamage damageOfOthers() {
        return replay.damageOfOthers();
    }

    /** Every place at which something synced was found missing, harmful or not. */
    List<LogDamage> damagedPlaces() {
        return replay.places();
    }

    /** Segments that hold the log so far, oldest first, closed for further records. */
    List<Segment> segments() {
        return segments;
    }

    /** Names of files found ready to become segments, of any size. */
    List<String> spares() {
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
        int begun = countBegun(found);
        for (int i = 0; i < begun; i++) {
            replaySegment(found, i, i == begun - 1);
        }
        for (Found segment : found.subList(begun, found.size())) {
            segment.file.close();
            disk.delete(segment.name);
        }
        disk.syncDirectory();
        LogDamage begin = new LogDamage(
                begun == 0 ? 0 : found.getFirst().number, 0, "entries that stood in a segment before it are missing");
        partitions = replay.finish(begin, applied);
        for (PartitionLog partition : partitions.values()) {
            partition.position = endPosition;
        }
    }

    private List<Found> findSegments() throws IOException {
        List<Found> found = new ArrayList<>();
        for (String name : disk.list()) {
            if (Segment.isUnfinishedName(name)) {
                disk.delete(name);
            }
            if (Segment.isSpareName(name)) {
                spares.add(name);
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
            return new Found(name, number, file, file.sizeBytes(), UNKNOWN);
        }
        ByteBuffer body = reader.body();
        int version = body.getInt();
        if (version != RecordFormat.VERSION) {
            throw new IOException("segment " + name + " has format " + version + ", this version of Henge reads "
                    + RecordFormat.VERSION);
        }
        LogState state = RecordFormat.getState(body);
        return new Found(name, number, file, file.sizeBytes(), state.segmentStartPosition());
    }

    /** How many of the segments, from the first on, hold something that was synced. */
    private static int countBegun(List<Found> found) throws IOException {
        int begun = found.size();
        while (begun > 0 && !found.get(begun - 1).begins()) {
            begun--;
        }
        if (begun == found.size()) {
            return begun;
        }
        long validPosition = 0;
        if (begun > 0) {
            Found last = found.get(begun - 1);
            validPosition = last.startPosition + firstInvalid(last);
        }
        for (int i = found.size() - 1; i >= begun; i--) {
            if (found.get(i).reader().marks(0).greatestSynced() > validPosition) {
                return i + 1;
            }
        }
        return begun;
    }

    private static long firstInvalid(Found segment) throws IOException {
        RecordReader reader = segment.reader();
        long offset = 0;
        while (reader.at(offset)) {
            offset += reader.recordBytes();
        }
        return offset;
    }

    private void replaySegment(List<Found> found, int at, boolean last) throws IOException {
        Found segment = found.get(at);
        Found next = last ? null : found.get(at + 1);
        RecordReader reader = segment.reader();
        long startPosition = startPosition(segment);
        long limit = next == null || !next.begins()
                ? segment.fileBytes
                : Math.min(segment.fileBytes, next.startPosition - startPosition);
        long synced = UNKNOWN;
        long endOffset = 0;
        long offset = 0;
        while (offset < limit) {
            if (reader.at(offset)) {
                replay.replay(reader, segment.at(offset, ""), startPosition + offset);
                offset += reader.recordBytes();
                endOffset = offset;
                continue;
            }
            if (last && synced == UNKNOWN) {
                synced = segment.reader().marks(offset).greatestSynced();
            }
            if (last && synced <= startPosition + offset) {
                break; // never synced: a torn tail, or the unused rest
            }
            long resumed = reader.nextRecord(offset + 8, limit);
            if (resumed < 0) {
                break; // damage to the segment's end, or the unused rest: the next segment tells
            }
            replay.damaged(segment.at(offset, "no valid record, though it was synced"));
            offset = resumed;
        }
        endPosition = startPosition + endOffset;
        if (next != null && next.begins() && endPosition != next.startPosition) {
            replay.damaged(segment.at(endOffset, "no valid record, though the log goes on in segment " + next.name));
        }
        if (last) {
            // What is read may not be on the disk yet, if only the process died; and the torn tail must never be read
            // again.
            segment.file.truncate(endOffset);
            segment.file.sync();
        }
        segments.add(new Segment(segment.number, startPosition, endOffset, null, segment.file));
    }

    /** Where a segment begins; where its first record does not say it, the smallest position that can be. */
    private long startPosition(Found segment) throws IOException {
        return segment.begins()
                ? segment.startPosition
                : Math.max(endPosition, segment.reader().marks(0).startPositionMin());
    }
}

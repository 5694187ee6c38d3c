package dev.henge.node.log;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The end of the log: the segment appended to and the batch of what is not yet written. Encodes records, begins segments
 * and batches with what recovery relies on, and knows how much room there is. Guarded by the log's state lock.
 */
final class LogHead {

    /** What is asked for besides the payload when room is wanted: headers, a mark. */
    private static final int ROOM_SLACK_BYTES = 128;

    /** The state of all partitions is said again after so much of log, and when it is at most this share of it. */
    private static final long STATE_INTERVAL_BYTES_MIN = 1 << 20;

    private static final int STATE_SHARE = 64;

    /** After a burst that ends in silence, so much of log is enough. */
    private static final int STATE_SHARE_WHEN_QUIET = 4;

    private final LogOptions options;
    private final Collection<PartitionLog> partitions;
    private final @Nullable LogDamage damageOfOthers;
    private final LiveSegments segments;
    private final Spares spares;
    private final RecordFormat format = new RecordFormat();
    private Batch active;
    private Segment current;
    private long appendedPosition;
    private long statePosition;
    private long stateBytes;
    private boolean stateWanted;
    private long reservedBytes;
    private SpaceLevel spaceLevel = SpaceLevel.AMPLE;

    /**
     * Begins a segment with the state of the partitions, not yet written.
     *
     * @param partitions live: all that the log knows
     * @param segmentNumber never used before
     */
    LogHead(
            LogOptions options,
            Collection<PartitionLog> partitions,
            @Nullable LogDamage damageOfOthers,
            LiveSegments segments,
            Spares spares,
            long segmentNumber,
            long position) {
        this.options = options;
        this.partitions = partitions;
        this.damageOfOthers = damageOfOthers;
        this.segments = segments;
        this.spares = spares;
        appendedPosition = position;
        active = new Batch(options.bufferBytes());
        current = new Segment(segmentNumber, position, 0, null, null);
        roll(segmentNumber, 0);
    }

    /** Position after the last record. */
    long position() {
        return appendedPosition;
    }

    boolean isEmpty() {
        return active.isEmpty();
    }

    boolean congested() {
        return active.buffer.position() > active.buffer.capacity() / 2;
    }

    /** Takes what is to be written, and goes on with an empty batch. */
    Batch swap(Batch empty) {
        Batch full = active;
        active = empty;
        return full;
    }

    /** Has the state of all partitions said again before the next record. */
    void wantState() {
        stateWanted = true;
    }

    // ---- room

    void spaceLevel(SpaceLevel level) {
        spaceLevel = level;
    }

    /**
     * Whether entries with this much payload fit, and the floor of this use is left.
     *
     * @param reserve keep it, if so
     * @return 0 when they fit, {@code Long.MAX_VALUE} when nothing can be done about it, else the size of a spare with which
     *     they would
     */
    long missingBytes(LogUse use, long bytes, boolean reserve) {
        if (!spaceLevel.allows(use)) {
            return Long.MAX_VALUE;
        }
        long wantedBytes = reservedBytes + bytes + ROOM_SLACK_BYTES + use.floorBytes(options);
        boolean fits = wantedBytes <= current.capacityBytes - offsetInCurrent();
        if (!fits) {
            // In one that is begun, the state of all partitions comes first.
            wantedBytes += RecordFormat.recordBytes(stateBodyBytes());
            fits = wantedBytes <= spares.largestBytes();
        }
        if (!fits) {
            return Math.max(options.openingSegmentBytes(), wantedBytes);
        }
        reservedBytes += reserve ? bytes : 0;
        return 0;
    }

    void release(long bytes) {
        reservedBytes -= bytes;
    }

    // ---- records

    /** Encodes a partition's record, after {@link #makeRoom}; returns its position. */
    long encode(RecordKind kind, PartitionLog partition, int bodyBytes, Consumer<ByteBuffer> content) {
        beginBatch(RecordFormat.recordBytes(bodyBytes), STATE_SHARE, STATE_INTERVAL_BYTES_MIN);
        long position = appendedPosition;
        int start = active.buffer.position();
        RecordFormat.begin(active.buffer, kind, partition.partition, bodyBytes);
        active.buffer.putLong(partition.link);
        content.accept(active.buffer);
        format.finish(active.buffer, start, current.number, (int) offsetInCurrent());
        appendedPosition += RecordFormat.recordBytes(bodyBytes);
        partition.position = appendedPosition;
        partition.link = position;
        return position;
    }

    /** Begins a batch that says what was synced, and nothing else; false when there is no room or something waits. */
    boolean beginQuietBatch() {
        if (!active.isEmpty() || offsetInCurrent() + RecordFormat.SYNCED_RECORD_BYTES > current.capacityBytes) {
            return false;
        }
        beginBatch(0, STATE_SHARE_WHEN_QUIET, 0);
        return true;
    }

    /** Rolls to a new segment when the record does not fit; false when the buffer must be written first. */
    boolean makeRoom(int recordBytes) {
        // A mark before it, and one behind it that says it was synced.
        int needed = recordBytes + 2 * RecordFormat.SYNCED_RECORD_BYTES;
        if (offsetInCurrent() + needed > current.capacityBytes) {
            if (RecordFormat.recordBytes(stateBodyBytes()) > active.buffer.remaining() && !active.isEmpty()) {
                return false;
            }
            roll(current.number + 1, needed);
        }
        return needed <= active.buffer.remaining();
    }

    /** Begins the next segment, with the state of every partition as its first record. */
    private void roll(long number, int neededBytes) {
        int bodyBytes = stateBodyBytes();
        int recordBytes = RecordFormat.recordBytes(bodyBytes);
        if (recordBytes > active.buffer.remaining()) {
            throw new IllegalStateException("the state of " + partitions.size()
                    + " partitions does not fit the log's buffer of " + options.bufferBytes() + " bytes");
        }
        long atLeastBytes = (long) recordBytes + neededBytes;
        Segment.Spare claimed = spares.claim(atLeastBytes);
        long capacityBytes =
                claimed == null ? Math.max(options.openingSegmentBytes(), atLeastBytes) : claimed.sizeBytes();
        current = new Segment(number, appendedPosition, capacityBytes, claimed, null);
        segments.add(current);
        active.beginChunk(current, 0);
        putState(RecordKind.SEGMENT, bodyBytes);
    }

    private void putState(RecordKind kind, int bodyBytes) {
        int start = active.buffer.position();
        RecordFormat.begin(active.buffer, kind, 0, bodyBytes);
        RecordFormat.putState(active.buffer, current, partitions, damageOfOthers);
        format.finish(active.buffer, start, current.number, (int) offsetInCurrent());
        appendedPosition += RecordFormat.recordBytes(bodyBytes);
        statePosition = appendedPosition;
        stateBytes = bodyBytes;
        stateWanted = false;
    }

    /**
     * When the batch is empty, begins it with a mark that is filled in when it is written, and with the state of all
     * partitions when enough was appended since it was said last: so damage to the log does harm only to partitions that
     * it hit, and to those of which nothing was heard since.
     *
     * @param recordBytes what must fit behind it
     * @param share the state's bytes may be one part in so many of what was appended since
     */
    private void beginBatch(int recordBytes, int share, long sinceBytesMin) {
        boolean due = stateWanted;
        if (active.isEmpty()) {
            active.beginChunk(current, (int) offsetInCurrent());
            active.beginMark();
            appendedPosition += RecordFormat.SYNCED_RECORD_BYTES;
            long sinceBytes = appendedPosition - statePosition;
            due |= sinceBytes >= sinceBytesMin
                    && sinceBytes >= (long) share * RecordFormat.SYNCED_RECORD_BYTES
                    && sinceBytes >= share * stateBytes;
        }
        if (!due) {
            return;
        }
        int bodyBytes = stateBodyBytes();
        int neededBytes = RecordFormat.recordBytes(bodyBytes) + recordBytes;
        if (neededBytes <= active.buffer.remaining()
                && offsetInCurrent() + neededBytes + LogUse.CLIENT_WRITE.floorBytes(options) <= current.capacityBytes) {
            putState(RecordKind.STATE, bodyBytes);
        }
    }

    private int stateBodyBytes() {
        return RecordFormat.stateBodyBytes(partitions, damageOfOthers);
    }

    private long offsetInCurrent() {
        return appendedPosition - current.startPosition;
    }
}

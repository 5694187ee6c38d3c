package dev.henge.node.log;

import dev.henge.node.replication.HardState;
import dev.henge.node.replication.LogEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * How records stand on disk. Integers are big-endian; a record begins at a multiple of 8 bytes.
 *
 * <pre>
 * checksum (4) | body length (4) | partition (4) | kind (1) | "HWL" (3) | body | zeros up to a multiple of 8
 * </pre>
 *
 * The checksum is CRC-32C over the segment's number, the record's offset in the segment, and the record from the body
 * length to the body's end. With the number and the offset in it, what a recycled segment held before is never taken
 * for a record.
 */
final class RecordFormat {

    static final int VERSION = 2;
    static final int HEADER_BYTES = 16;
    static final int SYNCED_BODY_BYTES = Long.BYTES;
    static final int SYNCED_RECORD_BYTES = recordBytes(SYNCED_BODY_BYTES);

    /** First in a partition's record: position of the partition's record before. */
    static final int LINK_BYTES = Long.BYTES;

    /** The link of a partition's first record; the log's first segment begins at 0, so no partition's record does. */
    static final long NO_LINK = 0;

    /** Around each ENTRIES record, behind the link: first index and count. */
    static final int ENTRIES_FIXED_BYTES = Long.BYTES + Integer.BYTES;

    /** Around each entry in it: term and length. */
    static final int ENTRY_FIXED_BYTES = Long.BYTES + Integer.BYTES;

    static final int KIND_OFFSET = 12;

    private static final int MAGIC = ('H' << 16) | ('W' << 8) | 'L';
    private static final int STATE_FIXED_BYTES = 4 + 8 + 8 + 4;
    private static final int STATE_PARTITION_BYTES = 4 + 8 + 8 + 8 + 8;
    private static final int RECORD_PAYLOAD_BYTES = 256 << 10;
    private static final int PROBLEM_BYTES_MAX = 200;

    private final CRC32C checksum = new CRC32C();
    private final ByteBuffer salt = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);

    /** Bytes that a record with this body takes. */
    static int recordBytes(int bodyBytes) {
        return (HEADER_BYTES + bodyBytes + 7) & ~7;
    }

    /** Writes all of the header but the checksum, and leaves the buffer at the body. */
    static void begin(ByteBuffer buffer, RecordKind kind, int partition, int bodyBytes) {
        buffer.putInt(0).putInt(bodyBytes).putInt(partition).putInt((kind.code << 24) | MAGIC);
    }

    /** Pads the record that began at {@code start} and ends at the buffer's position, and sets its checksum. */
    void finish(ByteBuffer buffer, int start, long segment, int offset) {
        int bodyEnd = buffer.position();
        while ((buffer.position() - start) % 8 != 0) {
            buffer.put((byte) 0);
        }
        int recordEnd = buffer.position();
        buffer.putInt(start, checksum(buffer, start, bodyEnd, segment, offset));
        buffer.position(recordEnd);
    }

    /** Checksum of the record at {@code [start, bodyEnd)}; moves the buffer's position. */
    int checksum(ByteBuffer buffer, int start, int bodyEnd, long segment, int offset) {
        salt.clear().putLong(segment).putInt(offset).flip();
        checksum.reset();
        checksum.update(salt);
        int limit = buffer.limit();
        buffer.limit(bodyEnd).position(start + Integer.BYTES);
        checksum.update(buffer);
        buffer.limit(limit);
        return (int) checksum.getValue();
    }

    /** Whether the header at {@code start} could be one; its checksum is not looked at. */
    static boolean plausible(ByteBuffer buffer, int start) {
        int kindAndMagic = buffer.getInt(start + KIND_OFFSET);
        return (kindAndMagic & 0xffffff) == MAGIC
                && buffer.getInt(start + 4) >= 0
                && RecordKind.ofCode((byte) (kindAndMagic >>> 24)) != null;
    }

    static int entriesBodyBytes(List<LogEntry> entries) {
        int bytes = ENTRIES_FIXED_BYTES;
        for (LogEntry entry : entries) {
            bytes += ENTRY_FIXED_BYTES + entry.payload().size();
        }
        return bytes;
    }

    static void putEntries(ByteBuffer buffer, List<LogEntry> entries) {
        buffer.putLong(entries.getFirst().index()).putInt(entries.size());
        for (LogEntry entry : entries) {
            buffer.putLong(entry.term()).putInt(entry.payload().size());
            entry.payload().copyTo(buffer);
        }
    }

    /** About how much payload goes into one record: the unit in which entries are read back and checked. */
    static int recordPayloadBytesMax(int bufferBytes) {
        return Math.min(RECORD_PAYLOAD_BYTES, bufferBytes / 4);
    }

    /** Where the entries end that go into one record with the one at {@code from}. */
    static int endOfRecord(List<LogEntry> entries, int from, int payloadBytesMax) {
        int to = from;
        long payloadBytes = 0;
        while (to < entries.size()) {
            payloadBytes += entries.get(to).payload().size() + ENTRY_FIXED_BYTES;
            if (to > from && payloadBytes > payloadBytesMax) {
                break;
            }
            to++;
        }
        return to;
    }

    static byte[] voteBytes(HardState hardState) {
        return hardState.vote() == null ? new byte[0] : hardState.vote().getBytes(StandardCharsets.UTF_8);
    }

    static int hardStateBytes(byte[] vote) {
        return Long.BYTES + Short.BYTES + vote.length;
    }

    static void putHardState(ByteBuffer buffer, HardState hardState, byte[] vote) {
        buffer.putLong(hardState.term()).putShort((short) (hardState.vote() == null ? -1 : vote.length));
        buffer.put(vote);
    }

    static HardState getHardState(ByteBuffer buffer) {
        long term = buffer.getLong();
        short voteBytes = buffer.getShort();
        if (voteBytes < 0) {
            return new HardState(term, null);
        }
        byte[] vote = new byte[voteBytes];
        buffer.get(vote);
        return new HardState(term, new String(vote, StandardCharsets.UTF_8));
    }

    static byte[] problemBytes(@Nullable LogDamage damage) {
        if (damage == null) {
            return new byte[0];
        }
        byte[] bytes = damage.problem().getBytes(StandardCharsets.UTF_8);
        return bytes.length <= PROBLEM_BYTES_MAX ? bytes : Arrays.copyOf(bytes, PROBLEM_BYTES_MAX);
    }

    static int damageBytes(@Nullable LogDamage damage) {
        return Short.BYTES + (damage == null ? 0 : 2 * Long.BYTES + problemBytes(damage).length);
    }

    static void putDamage(ByteBuffer buffer, @Nullable LogDamage damage) {
        if (damage == null) {
            buffer.putShort((short) -1);
            return;
        }
        byte[] problem = problemBytes(damage);
        buffer.putShort((short) problem.length);
        buffer.putLong(damage.segmentNumber()).putLong(damage.offset()).put(problem);
    }

    static @Nullable LogDamage getDamage(ByteBuffer buffer) {
        short problemBytes = buffer.getShort();
        if (problemBytes < 0) {
            return null;
        }
        long segment = buffer.getLong();
        long offset = buffer.getLong();
        byte[] problem = new byte[problemBytes];
        buffer.get(problem);
        return new LogDamage(segment, offset, new String(problem, StandardCharsets.UTF_8));
    }

    /** Bytes of the body of a SEGMENT or STATE record about these partitions. */
    static int stateBodyBytes(Collection<PartitionLog> partitions, @Nullable LogDamage ofOthers) {
        int bytes = STATE_FIXED_BYTES + damageBytes(ofOthers);
        for (PartitionLog partition : partitions) {
            if (!partition.pristine()) {
                bytes += STATE_PARTITION_BYTES
                        + hardStateBytes(voteBytes(partition.hardState))
                        + damageBytes(partition.damage);
            }
        }
        return bytes;
    }

    static void putState(
            ByteBuffer buffer, Segment segment, Collection<PartitionLog> partitions, @Nullable LogDamage ofOthers) {
        int count = 0;
        for (PartitionLog partition : partitions) {
            if (!partition.pristine()) {
                count++;
            }
        }
        buffer.putInt(VERSION).putLong(segment.number).putLong(segment.startPosition);
        putDamage(buffer, ofOthers);
        buffer.putInt(count);
        for (PartitionLog partition : partitions) {
            if (!partition.pristine()) {
                buffer.putInt(partition.partition)
                        .putLong(partition.link)
                        .putLong(partition.baseIndex)
                        .putLong(partition.baseTerm)
                        .putLong(partition.lastIndex);
                putHardState(buffer, partition.hardState, voteBytes(partition.hardState));
                putDamage(buffer, partition.damage);
            }
        }
    }

    /** What a SEGMENT or STATE record says of one partition. */
    record PartitionState(
            int partition,
            long link,
            long baseIndex,
            long baseTerm,
            long lastIndex,
            HardState hardState,
            @Nullable LogDamage damage) {}

    /**
     * What a SEGMENT or STATE record says.
     *
     * @param damageOfOthers why a partition that is not listed counts as damaged, null when it does not
     */
    record LogState(
            long segment,
            long segmentStartPosition,
            @Nullable LogDamage damageOfOthers,
            List<PartitionState> partitions) {}

    /** Reads the body of a SEGMENT or STATE record behind its format's version. */
    static LogState getState(ByteBuffer buffer) {
        long segment = buffer.getLong();
        long startPosition = buffer.getLong();
        LogDamage ofOthers = getDamage(buffer);
        int count = buffer.getInt();
        List<PartitionState> partitions = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            partitions.add(new PartitionState(
                    buffer.getInt(),
                    buffer.getLong(),
                    buffer.getLong(),
                    buffer.getLong(),
                    buffer.getLong(),
                    getHardState(buffer),
                    getDamage(buffer)));
        }
        return new LogState(segment, startPosition, ofOthers, partitions);
    }
}

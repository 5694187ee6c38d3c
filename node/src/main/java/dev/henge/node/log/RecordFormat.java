package dev.henge.node.log;

import dev.henge.node.replication.HardState;
import dev.henge.node.replication.LogEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;

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

    static final int VERSION = 1;
    static final int HEADER_BYTES = 16;
    static final int SYNCED_BODY_BYTES = Long.BYTES;
    static final int SYNCED_RECORD_BYTES = recordBytes(SYNCED_BODY_BYTES);

    /** Around each ENTRIES record: first index and count. */
    static final int ENTRIES_FIXED_BYTES = Long.BYTES + Integer.BYTES;

    /** Around each entry in it: term and length. */
    static final int ENTRY_FIXED_BYTES = Long.BYTES + Integer.BYTES;

    static final int KIND_OFFSET = 12;

    private static final int MAGIC = ('H' << 16) | ('W' << 8) | 'L';
    private static final int SEGMENT_FIXED_BYTES = 4 + 8 + 8 + 4;
    private static final int SEGMENT_PARTITION_BYTES = 4 + 8 + 8 + 8;

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

    static int segmentBodyBytes(Collection<PartitionLog> partitions) {
        int bytes = SEGMENT_FIXED_BYTES;
        for (PartitionLog partition : partitions) {
            if (!partition.pristine()) {
                bytes += SEGMENT_PARTITION_BYTES + hardStateBytes(voteBytes(partition.hardState));
            }
        }
        return bytes;
    }

    static void putSegment(ByteBuffer buffer, Segment segment, Collection<PartitionLog> partitions) {
        int count = 0;
        for (PartitionLog partition : partitions) {
            if (!partition.pristine()) {
                count++;
            }
        }
        buffer.putInt(VERSION)
                .putLong(segment.number)
                .putLong(segment.startPosition)
                .putInt(count);
        for (PartitionLog partition : partitions) {
            if (!partition.pristine()) {
                buffer.putInt(partition.partition)
                        .putLong(partition.baseIndex)
                        .putLong(partition.baseTerm)
                        .putLong(partition.lastIndex);
                putHardState(buffer, partition.hardState, voteBytes(partition.hardState));
            }
        }
    }
}

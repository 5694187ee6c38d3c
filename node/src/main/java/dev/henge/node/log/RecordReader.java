package dev.henge.node.log;

import com.google.protobuf.ByteString;
import dev.henge.node.log.Disk.DiskFile;
import dev.henge.node.replication.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads and checks records of one segment, through a window that grows to the largest record met. */
final class RecordReader {

    private final RecordFormat format = new RecordFormat();
    private final DiskFile file;
    private final long segment;
    private final long fileBytes;
    private ByteBuffer window;
    private long windowStart;

    private @Nullable RecordKind kind;
    private int partition;
    private int bodyBytes;
    private int bodyStart;

    RecordReader(DiskFile file, long segment, int windowBytes) throws IOException {
        this.file = file;
        this.segment = segment;
        this.fileBytes = file.sizeBytes();
        this.window = ByteBuffer.allocate(windowBytes).limit(0);
    }

    /** Places the reader on the record at this offset; false when no valid record begins there. */
    boolean at(long offset) throws IOException {
        kind = null;
        if (!load(offset, RecordFormat.HEADER_BYTES)) {
            return false;
        }
        int start = (int) (offset - windowStart);
        if (!RecordFormat.plausible(window, start)) {
            return false;
        }
        int body = window.getInt(start + 4);
        if (body > fileBytes - offset - RecordFormat.HEADER_BYTES || !load(offset, RecordFormat.HEADER_BYTES + body)) {
            return false;
        }
        start = (int) (offset - windowStart);
        int expected = window.getInt(start);
        int bodyEnd = start + RecordFormat.HEADER_BYTES + body;
        if (format.checksum(window, start, bodyEnd, segment, (int) offset) != expected) {
            return false;
        }
        kind = RecordKind.ofCode(window.get(start + RecordFormat.KIND_OFFSET));
        partition = window.getInt(start + 8);
        bodyBytes = body;
        bodyStart = start + RecordFormat.HEADER_BYTES;
        return true;
    }

    RecordKind kind() {
        if (kind == null) {
            throw new IllegalStateException("not on a record");
        }
        return kind;
    }

    int partition() {
        return partition;
    }

    int recordBytes() {
        return RecordFormat.recordBytes(bodyBytes);
    }

    /** The record's body, valid until the reader moves. */
    ByteBuffer body() {
        return window.slice(bodyStart, bodyBytes);
    }

    /** Hands over the entries of an ENTRIES record whose index is in {@code [fromIndex, toIndex]}. */
    void entries(long fromIndex, long toIndex, Consumer<LogEntry> consumer) {
        ByteBuffer body = body().position(RecordFormat.LINK_BYTES);
        long index = body.getLong();
        int count = body.getInt();
        for (int i = 0; i < count; i++, index++) {
            long term = body.getLong();
            int length = body.getInt();
            if (index >= fromIndex && index <= toIndex) {
                consumer.accept(new LogEntry(index, term, ByteString.copyFrom(body, length)));
            } else {
                body.position(body.position() + length);
            }
        }
    }

    /** Offset of the first valid record in {@code [fromOffset, endOffset)}, looked for at every place, or -1. */
    long nextRecord(long fromOffset, long endOffset) throws IOException {
        for (long offset = fromOffset; offset < endOffset; offset += 8) {
            if (at(offset)) {
                return offset;
            }
        }
        return -1;
    }

    /** What the marks of a segment, from some offset on, say; both -1 when there is none. */
    record Marks(long greatestSynced, long startPositionMin) {}

    /**
     * Looks for valid SYNCED records at every place from this offset on: the greatest position that they vouch for, and
     * the smallest position at which the segment can begin if they are true (a mark vouches for what is before it).
     */
    Marks marks(long fromOffset) throws IOException {
        long greatest = -1;
        long start = -1;
        for (long offset = fromOffset; offset + RecordFormat.SYNCED_RECORD_BYTES <= fileBytes; offset += 8) {
            if (!load(offset, RecordFormat.SYNCED_RECORD_BYTES)) {
                break;
            }
            int at = (int) (offset - windowStart);
            if (window.get(at + RecordFormat.KIND_OFFSET) == RecordKind.SYNCED.code
                    && window.getInt(at + 4) == RecordFormat.SYNCED_BODY_BYTES
                    && at(offset)) {
                long synced = body().getLong();
                greatest = Math.max(greatest, synced);
                start = Math.max(start, synced - offset);
            }
        }
        return new Marks(greatest, start);
    }

    /** Makes these bytes of the file part of the window; false when the file ends before. */
    private boolean load(long offset, int bytes) throws IOException {
        if (offset + bytes > fileBytes) {
            return false;
        }
        if (offset >= windowStart && offset + bytes <= windowStart + window.limit()) {
            return true;
        }
        if (bytes > window.capacity()) {
            window = ByteBuffer.allocate(bytes);
        }
        window.clear();
        windowStart = offset;
        int read = file.read(window, offset);
        window.limit(read).position(0);
        return read >= bytes;
    }
}

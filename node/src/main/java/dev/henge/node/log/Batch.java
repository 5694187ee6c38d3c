package dev.henge.node.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What was appended and not yet written. */
final class Batch {

    /** Where the records of one segment stand in a batch: from here to the next chunk, or the end. */
    record Chunk(Segment segment, int offset, int bufferStart) {}

    final ByteBuffer buffer;
    private final ArrayList<Chunk> chunks = new ArrayList<>();

    /** The first record is a mark, to be filled in when the batch is written. */
    private boolean beginsWithMark;

    Batch(int bytes) {
        buffer = ByteBuffer.allocateDirect(bytes);
    }

    boolean isEmpty() {
        return chunks.isEmpty();
    }

    List<Chunk> chunks() {
        return chunks;
    }

    boolean beginsWithMark() {
        return beginsWithMark;
    }

    /** Records of this segment follow, from this offset of its file on. */
    void beginChunk(Segment segment, int offset) {
        chunks.add(new Chunk(segment, offset, buffer.position()));
    }

    /** Leaves room for the mark that is filled in when the batch is written. */
    void beginMark() {
        beginsWithMark = true;
        RecordFormat.begin(buffer, RecordKind.SYNCED, 0, RecordFormat.SYNCED_BODY_BYTES);
        buffer.putLong(0);
    }

    void clear() {
        buffer.clear();
        chunks.clear();
        beginsWithMark = false;
    }
}

package dev.henge.node.log;

import dev.henge.node.log.Batch.Chunk;
import dev.henge.node.log.Disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes batches to the segments' files and syncs them. All of it under the log's I/O lock. */
final class BatchWriter {

    private final Disk disk;
    private final RecordFormat format = new RecordFormat();
    private @Nullable Segment segment;
    private boolean unsynced;
    private long writtenPosition;
    private long syncedPosition;
    private long markedPosition;

    /** @param position where the log ends; all before it is durable */
    BatchWriter(Disk disk, long position) {
        this.disk = disk;
        writtenPosition = position;
        syncedPosition = position;
        markedPosition = position;
    }

    long writtenPosition() {
        return writtenPosition;
    }

    long syncedPosition() {
        return syncedPosition;
    }

    /** Whether a mark on the disk says of everything that is synced that it is. */
    boolean marked() {
        return markedPosition == syncedPosition;
    }

    void write(Batch batch, long endPosition) throws IOException {
        if (batch.isEmpty()) {
            return;
        }
        ByteBuffer buffer = batch.buffer;
        List<Chunk> chunks = batch.chunks();
        int end = buffer.position();
        if (batch.beginsWithMark()) {
            Chunk first = chunks.getFirst();
            buffer.position(RecordFormat.HEADER_BYTES).putLong(syncedPosition);
            format.finish(buffer, 0, first.segment().number, first.offset());
            markedPosition = syncedPosition;
        }
        for (int i = 0; i < chunks.size(); i++) {
            Chunk chunk = chunks.get(i);
            int chunkEnd = i + 1 < chunks.size() ? chunks.get(i + 1).bufferStart() : end;
            if (chunk.segment() != segment) {
                begin(chunk.segment());
            }
            DiskFile file = chunk.segment().file;
            if (file == null) {
                throw new IllegalStateException("segment " + chunk.segment().name() + " has no file");
            }
            buffer.limit(chunkEnd).position(chunk.bufferStart());
            file.write(buffer, chunk.offset());
            unsynced = true;
            writtenPosition = chunk.segment().startPosition + chunk.offset() + (chunkEnd - chunk.bufferStart());
        }
        if (writtenPosition != endPosition) {
            throw new IllegalStateException("wrote up to " + writtenPosition + ", expected " + endPosition);
        }
    }

    /** All before a segment is durable before anything is written to it: recovery relies on it. */
    private void begin(Segment next) throws IOException {
        sync();
        Segment.Spare claimed = next.claimedSpare;
        DiskFile file;
        if (claimed == null) {
            file = disk.create(next.name(), next.capacityBytes);
        } else {
            disk.rename(claimed.name(), next.name());
            file = claimed.file();
        }
        disk.syncDirectory();
        next.file = file;
        segment = next;
        markedPosition = next.startPosition;
    }

    /** Makes durable what was written. */
    void sync() throws IOException {
        if (!unsynced) {
            return;
        }
        if (segment == null || segment.file == null) {
            throw new IllegalStateException("nothing was written");
        }
        try {
            segment.file.sync();
        } catch (IOException e) {
            // Never tried again: the kernel may have thrown the pages away and call the next sync a success (Rebello et
            // al., USENIX ATC 2020).
            throw new IOException(
                    "the disk failed to make it durable (" + e.getMessage() + ", segment " + segment.name()
                            + "). What was written last was not acknowledged and may be lost, though it can still be read."
                            + " Look at the disk and at the system's log; reboot the machine before the node is started"
                            + " again, so that it reads what the disk really holds; if the disk is broken, replace the"
                            + " node",
                    e);
        }
        unsynced = false;
        syncedPosition = writtenPosition;
    }
}

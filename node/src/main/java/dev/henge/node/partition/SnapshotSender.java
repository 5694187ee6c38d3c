package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.proto.SnapshotChunk;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One transfer of a snapshot to one replica: walks a view of the storage and cuts it into chunks, a few of them on their
 * way at a time. Holds the view, and with it old versions in the storage, until closed.
 */
final class SnapshotSender implements AutoCloseable {

    private static final int CHUNK_BYTES = 512 << 10;
    private static final int CHUNKS_IN_FLIGHT_MAX = 4;
    private static final long SILENCE_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    private final String to;
    private final long transfer;
    private final StateMachine.Applied position;
    private final StorageEngine.View view;
    private final Deque<KeyRange> rangesLeft;
    private StorageEngine.@Nullable Cursor cursor;
    private int nextSequence;
    private int acknowledged;
    private boolean lastSent;
    private long lastHeardNanos;

    /** Takes the view over. */
    SnapshotSender(
            String to,
            long transfer,
            StateMachine.Applied position,
            StorageEngine.View view,
            List<KeyRange> ranges,
            long nowNanos) {
        this.to = to;
        this.transfer = transfer;
        this.position = position;
        this.view = view;
        this.rangesLeft = new ArrayDeque<>(ranges);
        this.lastHeardNanos = nowNanos;
    }

    String to() {
        return to;
    }

    long transfer() {
        return transfer;
    }

    long index() {
        return position.index();
    }

    boolean silentTooLong(long nowNanos) {
        return nowNanos >= silentTooLongNanos();
    }

    long silentTooLongNanos() {
        return lastHeardNanos + SILENCE_NANOS_MAX;
    }

    void acknowledge(int sequence, long nowNanos) {
        acknowledged = Math.max(acknowledged, sequence + 1);
        lastHeardNanos = nowNanos;
    }

    /** The next chunk, when one may go now. */
    Optional<SnapshotChunk> nextChunk() {
        if (lastSent || nextSequence - acknowledged >= CHUNKS_IN_FLIGHT_MAX) {
            return Optional.empty();
        }
        SnapshotChunk.Builder chunk = SnapshotChunk.newBuilder()
                .setSnapshotIndex(position.index())
                .setSnapshotTerm(position.term())
                .setTransfer(transfer)
                .setSequence(nextSequence++);
        int bytes = 0;
        while (bytes < CHUNK_BYTES && hasNext()) {
            StorageEngine.Cursor at = current();
            ByteString key = ByteString.copyFrom(at.key());
            ByteString value = ByteString.copyFrom(at.value());
            chunk.addKeys(key).addValues(value);
            bytes += key.size() + value.size();
            at.next();
        }
        lastSent = !hasNext();
        chunk.setLast(lastSent);
        return Optional.of(chunk.setChecksum(SnapshotChecksum.of(chunk)).build());
    }

    private boolean hasNext() {
        while (cursor == null || !cursor.valid()) {
            closeCursor();
            KeyRange range = rangesLeft.pollFirst();
            if (range == null) {
                return false;
            }
            cursor = view.range(range.start(), range.end(), false);
        }
        return true;
    }

    private StorageEngine.Cursor current() {
        StorageEngine.Cursor at = cursor;
        if (at == null) {
            throw new IllegalStateException("there is no next key");
        }
        return at;
    }

    private void closeCursor() {
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
    }

    @Override
    public void close() {
        closeCursor();
        view.close();
    }
}

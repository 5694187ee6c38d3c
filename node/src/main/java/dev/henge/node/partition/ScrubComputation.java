package dev.henge.node.partition;

import dev.henge.membership.TokenRange;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.StorageKeys;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Computes a replica's checksums over a view of the storage. Holds the view until it is done or given up. */
final class ScrubComputation implements SlicedTask {

    private static final long SLICE_BYTES = 1 << 20;

    private final int partition;
    private final TokenRange tokens;
    private final long index;
    private final StorageEngine.View view;
    private final Consumer<RangeChecksums> onDone;
    private final Consumer<StorageException> onFailed;
    private final byte[] installingKey;
    private final RangeChecksums.Builder checksums = new RangeChecksums.Builder();
    private @Nullable Deque<KeyRange> rangesLeft;
    private StorageEngine.@Nullable Cursor cursor;
    private boolean ended;

    /**
     * Takes the view over.
     *
     * @param index the applied index of the view
     * @param onDone and {@code onFailed}: called by the thread that ran the last slice
     */
    ScrubComputation(
            int partition,
            TokenRange tokens,
            long index,
            StorageEngine.View view,
            Consumer<RangeChecksums> onDone,
            Consumer<StorageException> onFailed) {
        this.partition = partition;
        this.tokens = tokens;
        this.index = index;
        this.view = view;
        this.onDone = onDone;
        this.onFailed = onFailed;
        this.installingKey = StorageKeys.installingKey(partition);
    }

    @Override
    public synchronized long runSlice() {
        if (ended) {
            return -1;
        }
        try {
            long bytes = readSlice();
            if (bytes >= 0) {
                return bytes;
            }
            abandon();
        } catch (StorageException e) {
            abandon();
            onFailed.accept(e);
            return -1;
        }
        onDone.accept(checksums.build(index));
        return -1;
    }

    private long readSlice() {
        long bytes = 0;
        while (bytes < SLICE_BYTES) {
            StorageEngine.Cursor at = nextKey();
            if (at == null) {
                return bytes == 0 ? -1 : bytes;
            }
            byte[] key = at.key();
            byte[] value = at.value();
            // What only this replica has while it takes in a snapshot is no part of the replicated state.
            if (!Arrays.equals(key, installingKey)) {
                checksums.add(leafOf(key), key, value);
            }
            bytes += key.length + value.length;
            at.next();
        }
        return bytes;
    }

    private int leafOf(byte[] key) {
        return StorageKeys.privateRange(partition).contains(key)
                ? RangeChecksums.PRIVATE_LEAF
                : RangeChecksums.leafOf(tokens, StorageKeys.tokenOf(key));
    }

    /** The cursor on the next key; null behind the last. */
    private StorageEngine.@Nullable Cursor nextKey() {
        Deque<KeyRange> ranges = rangesLeft;
        if (ranges == null) {
            List<KeyRange> all = StateMachine.ranges(partition, tokens, view);
            ranges = new ArrayDeque<>(all);
            rangesLeft = ranges;
        }
        while (cursor == null || !cursor.valid()) {
            closeCursor();
            KeyRange range = ranges.pollFirst();
            if (range == null) {
                return null;
            }
            cursor = view.scan(range.start(), range.end());
        }
        return cursor;
    }

    private void closeCursor() {
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
    }

    @Override
    public synchronized void abandon() {
        if (ended) {
            return;
        }
        ended = true;
        closeCursor();
        view.close();
    }
}

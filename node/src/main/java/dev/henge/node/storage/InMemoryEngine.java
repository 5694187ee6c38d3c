package dev.henge.node.storage;

import dev.henge.node.log.SimulatedDisk;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A storage engine in memory, deterministic, that forgets what was not flushed when told to crash. For simulations.
 *
 * <p>Keys and values are kept as they are handed in, not copied: they must not be changed afterwards.
 */
public final class InMemoryEngine implements StorageEngine {

    /** After this many batches it flushes by itself, as RocksDB does; bounds what is remembered for a crash. */
    private static final int UNFLUSHED_BATCHES_MAX = 10_000;

    /** Each of them is changed by an ingestion: with more, it flushes first. */
    private static final int UNFLUSHED_VERSIONS_AT_INGESTION_MAX = 100;

    /** The tree after each batch since the last flush; the first is the flushed one, the last is now. */
    private final List<@Nullable PersistentTree> unflushed = new ArrayList<>();

    private final SimulatedDisk snapshotFiles = new SimulatedDisk();
    private @Nullable PersistentTree root;
    private int incarnation;
    private boolean full;
    private boolean outOfSpace;
    private boolean closed;

    public InMemoryEngine() {
        unflushed.add(null);
    }

    /** From now on each write and flush fails for want of disk space, or works again. */
    public synchronized void full(boolean nowFull) {
        full = nowFull;
    }

    @Override
    public synchronized boolean outOfSpace() {
        return outOfSpace;
    }

    private void ensureSpace() {
        outOfSpace = full;
        if (full) {
            throw new StorageException(
                    "the disk is full",
                    new IOException("No space left on device"),
                    StorageException.Reason.OUT_OF_SPACE);
        }
    }

    /** Goes back to the last flush; views made before are closed. The engine is open afterwards. */
    public synchronized void crash() {
        crashTo(0);
    }

    /** Goes back to a random point between the last flush and now: RocksDB flushes on its own too. */
    public synchronized void crash(RandomGenerator random) {
        crashTo(random.nextInt(unflushed.size()));
    }

    private void crashTo(int point) {
        root = unflushed.get(point);
        markFlushed();
        incarnation++;
        closed = false;
    }

    @Override
    public synchronized byte @Nullable [] get(byte[] key) {
        ensureOpen();
        return PersistentTree.get(root, key);
    }

    @Override
    public synchronized void write(WriteBatch batch) {
        ensureOpen();
        if (batch.isEmpty()) {
            return;
        }
        ensureSpace();
        for (WriteBatch.Change change : batch.changes()) {
            root = switch (change) {
                case WriteBatch.Change.Put put -> PersistentTree.put(root, put.key(), put.value());
                case WriteBatch.Change.Delete delete -> PersistentTree.delete(root, delete.key());
                case WriteBatch.Change.DeleteRange range ->
                    PersistentTree.deleteRange(root, range.start(), range.end());
            };
        }
        if (unflushed.size() > UNFLUSHED_BATCHES_MAX) {
            markFlushed();
            return;
        }
        unflushed.add(root);
    }

    @Override
    public synchronized View view() {
        ensureOpen();
        return new TreeView(root, incarnation);
    }

    @Override
    public synchronized void flush() {
        ensureOpen();
        ensureSpace();
        markFlushed();
    }

    private void markFlushed() {
        unflushed.clear();
        unflushed.add(root);
    }

    @Override
    public synchronized void verify() {
        ensureOpen();
    }

    /** Bytes of all keys and values; walks them all. */
    @Override
    public synchronized long sizeBytes() {
        ensureOpen();
        return PersistentTree.sizeBytes(root);
    }

    /** Exactly, of keys and values. */
    @Override
    public synchronized long approximateBytes(List<KeyRange> ranges) {
        ensureOpen();
        long bytes = 0;
        for (KeyRange range : ranges) {
            bytes += PersistentTree.sizeBytes(root, range.start(), range.end());
        }
        return bytes;
    }

    @Override
    public synchronized long unflushedBytes() {
        ensureOpen();
        return Math.max(0, PersistentTree.sizeBytes(root) - PersistentTree.sizeBytes(unflushed.getFirst()));
    }

    /** A disk of its own: {@link #crash} does not touch it. */
    @Override
    public SimulatedDisk snapshotFiles() {
        return snapshotFiles;
    }

    @Override
    public synchronized Export export(View view, List<KeyRange> ranges, String namePrefix, long fileBytesMax) {
        ensureOpen();
        return new InMemoryExport(snapshotFiles, view, ranges, namePrefix, fileBytesMax);
    }

    /** As in RocksDB, what is ingested is durable at once, whatever becomes of batches that were written before. */
    @Override
    public synchronized void ingest(WriteBatch clearing, List<KeyRange> ranges, List<String> files) {
        ensureOpen();
        ensureSpace();
        if (unflushed.size() > UNFLUSHED_VERSIONS_AT_INGESTION_MAX) {
            markFlushed();
        }
        for (int version = 0; version < unflushed.size(); version++) {
            PersistentTree tree = unflushed.get(version);
            for (String file : files) {
                tree = InMemoryExport.readInto(tree, snapshotFiles, file);
            }
            unflushed.set(version, tree);
        }
        root = unflushed.getLast();
        InMemoryExport.delete(snapshotFiles, files);
    }

    /** Keeps what it holds, flushed, so that a simulated restart can go on with the same object after {@link #reopen}. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        markFlushed();
        incarnation++;
        closed = true;
    }

    /** Opens a closed engine again, with what it held. */
    public synchronized void reopen() {
        closed = false;
    }

    private void ensureOpen() {
        if (closed) {
            throw new IllegalStateException("the storage engine is closed");
        }
    }

    private synchronized void ensureSame(int madeIn) {
        ensureOpen();
        if (madeIn != incarnation) {
            throw new IllegalStateException("the storage engine was closed or crashed since this was opened");
        }
    }

    private final class TreeView implements View {
        private final @Nullable PersistentTree tree;
        private final int madeIn;
        private boolean viewClosed;

        TreeView(@Nullable PersistentTree tree, int madeIn) {
            this.tree = tree;
            this.madeIn = madeIn;
        }

        @Override
        public byte @Nullable [] get(byte[] key) {
            ensureUsable();
            return PersistentTree.get(tree, key);
        }

        @Override
        public Cursor range(byte[] start, byte[] end, boolean backwards) {
            ensureUsable();
            return new TreeCursor(this, start, end, backwards);
        }

        @Override
        public Cursor scan(byte[] start, byte[] end) {
            return range(start, end, false);
        }

        @Override
        public void close() {
            viewClosed = true;
        }

        private void ensureUsable() {
            ensureSame(madeIn);
            if (viewClosed) {
                throw new IllegalStateException("the view is closed");
            }
        }
    }

    private static final class TreeCursor implements Cursor {
        private final TreeView view;
        private final byte[] start;
        private final byte[] end;
        private final boolean backwards;
        private @Nullable PersistentTree at;

        TreeCursor(TreeView view, byte[] start, byte[] end, boolean backwards) {
            this.view = view;
            this.start = start;
            this.end = end;
            this.backwards = backwards;
            at = within(backwards ? PersistentTree.lower(view.tree, end) : PersistentTree.ceiling(view.tree, start));
        }

        @Override
        public boolean valid() {
            return at != null;
        }

        @Override
        public byte[] key() {
            return entry().key();
        }

        @Override
        public byte[] value() {
            return entry().value();
        }

        @Override
        public void next() {
            byte[] key = entry().key();
            view.ensureUsable();
            at = within(
                    backwards
                            ? PersistentTree.lower(view.tree, key)
                            : PersistentTree.ceiling(view.tree, PersistentTree.justAfter(key)));
        }

        @Override
        public void close() {
            at = null;
        }

        private PersistentTree entry() {
            if (at == null) {
                throw new IllegalStateException("the cursor is at the end");
            }
            return at;
        }

        private @Nullable PersistentTree within(@Nullable PersistentTree entry) {
            if (entry == null
                    || Arrays.compareUnsigned(entry.key(), start) < 0
                    || Arrays.compareUnsigned(entry.key(), end) >= 0) {
                return null;
            }
            return entry;
        }
    }
}

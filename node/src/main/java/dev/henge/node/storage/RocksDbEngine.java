package dev.henge.node.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompactionPriority;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.Status;
import org.rocksdb.WriteBufferManager;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RocksDB behind the port. One column family and no write-ahead log of its own, so a flush keeps a prefix of the batches.
 * Every method throws {@link StorageException} when RocksDB fails; after {@link #close} every method throws
 * {@link IllegalStateException}. A cursor is used by one thread at a time.
 *
 * <p>Memory: one cache holds data, index and filter blocks and is charged for the memtables. Native objects are freed in
 * the reverse order of their making; the read-write lock keeps {@code close} from freeing what a call still uses.
 */
public final class RocksDbEngine implements StorageEngine {

    private static final Logger log = LoggerFactory.getLogger(RocksDbEngine.class);

    private static final long MEMTABLE_BYTES_MAX = 64L << 20;
    private static final int BLOCK_BYTES = 8 << 10;
    private static final double BLOOM_BITS_PER_KEY = 10;

    /** Native objects in the order in which they were made. */
    private final List<AutoCloseable> natives;

    private final RocksDB database;
    private final WriteOptions writeOptions;
    private final ReadOptions readOptions;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Lock using = lock.readLock();
    private final Set<RocksView> views = ConcurrentHashMap.newKeySet();
    private volatile boolean outOfSpace;
    private boolean closed;

    private RocksDbEngine(List<AutoCloseable> natives, RocksDB database) {
        this.natives = natives;
        this.database = database;
        this.writeOptions = new WriteOptions().setDisableWAL(true);
        natives.add(writeOptions);
        this.readOptions = new ReadOptions().setVerifyChecksums(true);
        natives.add(readOptions);
    }

    /** Opens the database in this directory, made if it is not there. */
    public static RocksDbEngine open(Path directory, RocksDbOptions options) {
        RocksDB.loadLibrary();
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new StorageException("can't make the directory " + directory + ": " + e.getMessage(), e);
        }
        try {
            return open(directory, options, CompressionType.LZ4_COMPRESSION);
        } catch (RocksDBException e) {
            if (!String.valueOf(e.getMessage()).contains("not linked")) {
                throw failed("open " + directory, e);
            }
        }
        try {
            return open(directory, options, CompressionType.NO_COMPRESSION);
        } catch (RocksDBException e) {
            throw failed("open " + directory, e);
        }
    }

    private static RocksDbEngine open(Path directory, RocksDbOptions options, CompressionType compression)
            throws RocksDBException {
        List<AutoCloseable> natives = new ArrayList<>();
        try {
            Cache cache = made(natives, new LRUCache(options.cacheBytes(), -1, false, 0.2));
            WriteBufferManager memtables =
                    made(natives, new WriteBufferManager(Math.max(1, options.cacheBytes() / 2), cache));
            BloomFilter bloom = made(natives, new BloomFilter(BLOOM_BITS_PER_KEY, false));
            Options databaseOptions = made(natives, new Options())
                    .setCreateIfMissing(true)
                    .setParanoidChecks(true)
                    .setMaxOpenFiles(options.openFilesMax())
                    .setMaxBackgroundJobs(options.backgroundJobs())
                    .setWriteBufferManager(memtables)
                    .setBytesPerSync(1 << 20)
                    .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                    .setMaxLogFileSize(8 << 20)
                    .setKeepLogFileNum(3)
                    .setSkipStatsUpdateOnDbOpen(true)
                    .setWriteBufferSize(Math.max(1 << 20, Math.min(MEMTABLE_BYTES_MAX, options.cacheBytes() / 4)))
                    .setMaxWriteBufferNumber(3)
                    .setLevelCompactionDynamicLevelBytes(true)
                    .setCompactionPriority(CompactionPriority.MinOverlappingRatio)
                    .setTargetFileSizeBase(64 << 20)
                    .setMaxBytesForLevelBase(256 << 20)
                    .setCompressionType(compression)
                    .setTableFormatConfig(new BlockBasedTableConfig()
                            .setBlockCache(cache)
                            .setCacheIndexAndFilterBlocks(true)
                            .setCacheIndexAndFilterBlocksWithHighPriority(true)
                            .setPinL0FilterAndIndexBlocksInCache(true)
                            .setFilterPolicy(bloom)
                            .setWholeKeyFiltering(true)
                            .setBlockSize(BLOCK_BYTES)
                            .setFormatVersion(5));
            RocksDB database = made(natives, RocksDB.open(databaseOptions, directory.toString()));
            return new RocksDbEngine(natives, database);
        } catch (RocksDBException | RuntimeException e) {
            freeAll(natives);
            throw e;
        }
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        return used("read", () -> database.get(readOptions, key));
    }

    @Override
    public void write(WriteBatch batch) {
        if (batch.isEmpty()) {
            return;
        }
        using.lock();
        try (org.rocksdb.WriteBatch nativeBatch = new org.rocksdb.WriteBatch()) {
            ensureOpen();
            for (WriteBatch.Change change : batch.changes()) {
                switch (change) {
                    case WriteBatch.Change.Put put -> nativeBatch.put(put.key(), put.value());
                    case WriteBatch.Change.Delete delete -> nativeBatch.delete(delete.key());
                    case WriteBatch.Change.DeleteRange range -> {
                        // RocksDB refuses a range that ends before it starts; the port takes it for an empty one.
                        if (Arrays.compareUnsigned(range.start(), range.end()) < 0) {
                            nativeBatch.deleteRange(range.start(), range.end());
                        }
                    }
                }
            }
            database.write(writeOptions, nativeBatch);
            outOfSpace = false;
        } catch (RocksDBException e) {
            throw noted(failed("write", e));
        } finally {
            using.unlock();
        }
    }

    @Override
    public View view() {
        return used("make a view", () -> {
            RocksView view = new RocksView();
            views.add(view);
            return view;
        });
    }

    @Override
    public void flush() {
        using.lock();
        try (FlushOptions flushOptions = new FlushOptions().setWaitForFlush(true)) {
            ensureOpen();
            database.flush(flushOptions);
            outOfSpace = false;
        } catch (RocksDBException e) {
            throw noted(failed("flush", e));
        } finally {
            using.unlock();
        }
    }

    /**
     * {@inheritDoc} A flush that finds no space makes RocksDB read-only; by itself it looks for space every few seconds and
     * goes on, with nothing lost.
     */
    @Override
    public boolean outOfSpace() {
        return outOfSpace;
    }

    private StorageException noted(StorageException failure) {
        outOfSpace |= failure.outOfSpace();
        return failure;
    }

    @Override
    public long sizeBytes() {
        return used("measure", () -> database.getLongProperty("rocksdb.total-sst-files-size"));
    }

    /** Flushes, closes views that are still open (their next call fails), and frees all native memory. */
    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            try (FlushOptions flushOptions = new FlushOptions().setWaitForFlush(true)) {
                database.flush(flushOptions);
            } catch (RocksDBException e) {
                // The write-ahead log still has what is not flushed; freeing the memory must not be left undone.
                log.warn("{}", failed("flush before closing", e).getMessage());
            } finally {
                closed = true;
                List.copyOf(views).forEach(RocksView::free);
                freeAll(natives);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private interface Use<T extends @Nullable Object> {
        T run() throws RocksDBException;
    }

    /** Runs a call of RocksDB while nobody can close it. */
    private <T extends @Nullable Object> T used(String what, Use<T> use) {
        using.lock();
        try {
            ensureOpen();
            return use.run();
        } catch (RocksDBException e) {
            throw failed(what, e);
        } finally {
            using.unlock();
        }
    }

    private void ensureOpen() {
        if (closed) {
            throw new IllegalStateException("the storage engine is closed");
        }
    }

    private static StorageException failed(String what, RocksDBException cause) {
        boolean outOfSpace = cause.getStatus() != null && cause.getStatus().getSubCode() == Status.SubCode.NoSpace;
        return new StorageException("RocksDB can't " + what + ": " + cause.getMessage(), cause, outOfSpace);
    }

    private static <T extends AutoCloseable> T made(List<AutoCloseable> natives, T made) {
        natives.add(made);
        return made;
    }

    private static void freeAll(List<AutoCloseable> natives) {
        for (AutoCloseable object : natives.reversed()) {
            try {
                object.close();
            } catch (Exception e) {
                throw new IllegalStateException("can't free a native object", e);
            }
        }
        natives.clear();
    }

    private final class RocksView implements View {
        private final Snapshot snapshot = database.getSnapshot();
        private final ReadOptions viewOptions =
                new ReadOptions().setVerifyChecksums(true).setSnapshot(snapshot);
        private final Set<RocksCursor> cursors = Collections.newSetFromMap(new ConcurrentHashMap<>());
        private boolean freed;

        @Override
        public byte @Nullable [] get(byte[] key) {
            return used("read", () -> {
                ensureOpen();
                return database.get(viewOptions, key);
            });
        }

        @Override
        public Cursor range(byte[] start, byte[] end, boolean backwards) {
            return used("read a range", () -> {
                ensureOpen();
                RocksCursor cursor = new RocksCursor(this, start, end, backwards);
                cursors.add(cursor);
                return cursor;
            });
        }

        @Override
        public void close() {
            using.lock();
            try {
                free();
            } finally {
                using.unlock();
            }
        }

        private void ensureOpen() {
            if (freed) {
                throw new IllegalStateException("the view is closed");
            }
        }

        private synchronized void free() {
            if (freed) {
                return;
            }
            freed = true;
            views.remove(this);
            List.copyOf(cursors).forEach(RocksCursor::free);
            viewOptions.close();
            database.releaseSnapshot(snapshot);
            snapshot.close();
        }
    }

    /** Reads key and value when it moves, so that looking at them costs no lock and no call of native code. */
    private final class RocksCursor implements Cursor {
        private final RocksView view;
        private final boolean backwards;
        private final Slice lowerBound;
        private final Slice upperBound;
        private final ReadOptions cursorOptions;
        private final RocksIterator iterator;
        private boolean freed;
        private byte @Nullable [] key;
        private byte[] value = {};

        RocksCursor(RocksView view, byte[] start, byte[] end, boolean backwards) throws RocksDBException {
            this.view = view;
            this.backwards = backwards;
            this.lowerBound = new Slice(start);
            this.upperBound = new Slice(end);
            this.cursorOptions = new ReadOptions()
                    .setVerifyChecksums(true)
                    .setSnapshot(view.snapshot)
                    .setIterateLowerBound(lowerBound)
                    .setIterateUpperBound(upperBound);
            this.iterator = database.newIterator(cursorOptions);
            if (Arrays.compareUnsigned(start, end) >= 0) {
                return;
            }
            try {
                if (backwards) {
                    iterator.seekToLast();
                } else {
                    iterator.seekToFirst();
                }
                load();
            } catch (RocksDBException | RuntimeException e) {
                free();
                throw e;
            }
        }

        @Override
        public boolean valid() {
            return key != null;
        }

        @Override
        public byte[] key() {
            if (key == null) {
                throw new IllegalStateException("the cursor is at the end");
            }
            return key;
        }

        @Override
        public byte[] value() {
            key();
            return value;
        }

        @Override
        public void next() {
            key();
            used("read a range", () -> {
                if (freed) {
                    throw new IllegalStateException("the cursor is closed");
                }
                if (backwards) {
                    iterator.prev();
                } else {
                    iterator.next();
                }
                load();
                return true;
            });
        }

        @Override
        public void close() {
            using.lock();
            try {
                free();
            } finally {
                using.unlock();
            }
        }

        private void load() throws RocksDBException {
            if (iterator.isValid()) {
                key = iterator.key();
                value = iterator.value();
                return;
            }
            key = null;
            // The end of the range and a block that can't be read look alike until asked.
            iterator.status();
        }

        private void free() {
            if (freed) {
                return;
            }
            freed = true;
            view.cursors.remove(this);
            iterator.close();
            cursorOptions.close();
            upperBound.close();
            lowerBound.close();
        }
    }
}

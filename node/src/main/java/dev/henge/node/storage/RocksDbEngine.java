package dev.henge.node.storage;

import dev.henge.node.log.Disk;
import dev.henge.node.log.FileSystemDisk;
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
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.CompactionPriority;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.Range;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SizeApproximationFlag;
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

    /** In the database's own directory: what is taken in is linked, so it must be on the same disk. */
    private static final String SNAPSHOT_DIRECTORY = "snapshots";

    /** So many files of a snapshot may stand on top of all others; more would count as a backlog that slows writes. */
    private static final int FILES_ON_TOP_MAX = 4;

    private static final long MEMTABLE_BYTES_MAX = 64L << 20;
    private static final int BLOCK_BYTES = 8 << 10;
    private static final double BLOOM_BITS_PER_KEY = 10;

    /** Native objects in the order in which they were made. */
    private final List<AutoCloseable> natives;

    private final RocksDB database;
    private final Options databaseOptions;
    private final Path snapshotDirectory;
    private final Disk snapshotFiles;
    private final WriteOptions writeOptions;
    private final ReadOptions readOptions;
    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Lock using = lock.readLock();
    private final Set<RocksView> views = ConcurrentHashMap.newKeySet();
    private final Set<RocksDbExport> exports = ConcurrentHashMap.newKeySet();
    private volatile boolean outOfSpace;
    private boolean closed;

    private RocksDbEngine(List<AutoCloseable> natives, RocksDB database, Options databaseOptions, Path directory)
            throws IOException {
        this.natives = natives;
        this.database = database;
        this.databaseOptions = databaseOptions;
        this.snapshotDirectory = directory.resolve(SNAPSHOT_DIRECTORY);
        this.snapshotFiles = FileSystemDisk.open(snapshotDirectory);
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
        } catch (IOException e) {
            throw new StorageException("can't make the directory of snapshots: " + e.getMessage(), e);
        }
        try {
            return open(directory, options, CompressionType.NO_COMPRESSION);
        } catch (RocksDBException e) {
            throw failed("open " + directory, e);
        } catch (IOException e) {
            throw new StorageException("can't make the directory of snapshots: " + e.getMessage(), e);
        }
    }

    private static RocksDbEngine open(Path directory, RocksDbOptions options, CompressionType compression)
            throws RocksDBException, IOException {
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
            return new RocksDbEngine(natives, database, databaseOptions, directory);
        } catch (RocksDBException | IOException | RuntimeException e) {
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
            if (outOfSpace) {
                askWhetherItGoesOn();
            }
            database.flush(flushOptions);
            outOfSpace = false;
        } catch (RocksDBException e) {
            throw noted(failed("flush", e));
        } finally {
            using.unlock();
        }
    }

    /**
     * While there is no space RocksDB refuses any write, also one of nothing. Another flush would fail, too, and then pause for a
     * second in the background; RocksDB begins to recover only when no flush is under way, so to try one each second puts that off
     * for as long as one tries.
     */
    private void askWhetherItGoesOn() throws RocksDBException {
        try (org.rocksdb.WriteBatch nothing = new org.rocksdb.WriteBatch()) {
            database.write(writeOptions, nothing);
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
    public void verify() {
        used("verify its files", () -> {
            database.verifyChecksum();
            return true;
        });
    }

    /** One of RocksDB's own numbers; 0 when it does not know it. */
    public long number(String property) {
        return used("tell " + property, () -> database.getLongProperty(property));
    }

    @Override
    public long sizeBytes() {
        return used("measure", () -> database.getLongProperty("rocksdb.total-sst-files-size"));
    }

    @Override
    public long approximateBytes(List<KeyRange> ranges) {
        List<Slice> bounds = new ArrayList<>(2 * ranges.size());
        try {
            List<Range> measured = new ArrayList<>(ranges.size());
            for (KeyRange range : ranges) {
                Slice start = new Slice(range.start());
                bounds.add(start);
                Slice end = new Slice(range.end());
                bounds.add(end);
                measured.add(new Range(start, end));
            }
            long[] sizes = used(
                    "measure",
                    () -> database.getApproximateSizes(
                            measured, SizeApproximationFlag.INCLUDE_FILES, SizeApproximationFlag.INCLUDE_MEMTABLES));
            return LongStream.of(sizes).sum();
        } finally {
            bounds.forEach(Slice::close);
        }
    }

    @Override
    public long unflushedBytes() {
        return number("rocksdb.cur-size-all-mem-tables");
    }

    @Override
    public Disk snapshotFiles() {
        return snapshotFiles;
    }

    @Override
    public Export export(View view, List<KeyRange> ranges, String namePrefix, long fileBytesMax) {
        if (!(view instanceof RocksView rocksView)) {
            throw new IllegalArgumentException("not a view of this engine");
        }
        return used("write a snapshot", () -> {
            rocksView.ensureOpen();
            RocksDbExport export = new RocksDbExport(
                    this,
                    database,
                    databaseOptions,
                    rocksView.snapshot,
                    view,
                    ranges,
                    snapshotDirectory,
                    namePrefix,
                    fileBytesMax);
            exports.add(export);
            return export;
        });
    }

    void close(RocksDbExport export) {
        using.lock();
        try {
            exports.remove(export);
            export.free();
        } finally {
            using.unlock();
        }
    }

    @Override
    public void ingest(WriteBatch clearing, List<KeyRange> ranges, List<String> files) {
        if (files.isEmpty()) {
            return;
        }
        if (files.size() > FILES_ON_TOP_MAX) {
            makeRoomBelow(clearing, ranges);
        }
        List<String> paths = files.stream()
                .map(file -> snapshotDirectory.resolve(file).toString())
                .toList();
        used("take in a snapshot", () -> {
            // Views that are open do not see what comes in; of several files all come in or none.
            try (IngestExternalFileOptions ingestion = new IngestExternalFileOptions(true, true, true, true)) {
                database.ingestExternalFile(paths, ingestion);
            }
            return true;
        });
    }

    /**
     * The tombstones of the ranges stand in the newest files: what is ingested would have to go on top of them. So what they
     * delete is dropped first, and they with it. Files that lie in a range as a whole go at once; with them may go
     * tombstones that hide something in other files, so the ranges are cleared again before the rest is compacted.
     */
    private void makeRoomBelow(WriteBatch clearing, List<KeyRange> ranges) {
        List<KeyRange> deleted = ranges.stream()
                .filter(range -> Arrays.compareUnsigned(range.start(), range.end()) < 0)
                .toList();
        used("drop what a snapshot replaces", () -> {
            List<byte[]> bounds = deleted.stream()
                    .flatMap(range -> Stream.of(range.start(), range.end()))
                    .toList();
            database.deleteFilesInRanges(database.getDefaultColumnFamily(), bounds, false);
            return true;
        });
        write(clearing);
        flush();
        for (KeyRange range : deleted) {
            used("drop what a snapshot replaces", () -> {
                try (CompactRangeOptions compaction = new CompactRangeOptions().setExclusiveManualCompaction(false)) {
                    database.compactRange(database.getDefaultColumnFamily(), range.start(), range.end(), compaction);
                }
                return true;
            });
        }
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
                List.copyOf(exports).forEach(RocksDbExport::free);
                List.copyOf(views).forEach(RocksView::free);
                freeAll(natives);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    interface Use<T extends @Nullable Object> {
        T run() throws RocksDBException;
    }

    /** Runs a call of RocksDB while nobody can close it. */
    <T extends @Nullable Object> T used(String what, Use<T> use) {
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
        return new StorageException("RocksDB can't " + what + ": " + cause.getMessage(), cause, reason(cause));
    }

    /** Damage: a block or file that fails its check, is gone, or sits on a bad sector. */
    private static StorageException.Reason reason(RocksDBException cause) {
        Status status = cause.getStatus();
        String message = String.valueOf(cause.getMessage());
        if (status == null) {
            return message.contains("Corruption") ? StorageException.Reason.DAMAGE : StorageException.Reason.OTHER;
        }
        if (status.getSubCode() == Status.SubCode.NoSpace) {
            return StorageException.Reason.OUT_OF_SPACE;
        }
        boolean fileLost = status.getCode() == Status.Code.IOError
                && message.contains(".sst")
                && (message.contains("No such file") || message.contains("Input/output error"));
        return status.getCode() == Status.Code.Corruption || fileLost
                ? StorageException.Reason.DAMAGE
                : StorageException.Reason.OTHER;
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
            return cursor(start, end, backwards, true);
        }

        @Override
        public Cursor scan(byte[] start, byte[] end) {
            return cursor(start, end, false, false);
        }

        private Cursor cursor(byte[] start, byte[] end, boolean backwards, boolean fillCache) {
            return used("read a range", () -> {
                ensureOpen();
                RocksCursor cursor = new RocksCursor(this, start, end, backwards, fillCache);
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

        RocksCursor(RocksView view, byte[] start, byte[] end, boolean backwards, boolean fillCache)
                throws RocksDBException {
            this.view = view;
            this.backwards = backwards;
            this.lowerBound = new Slice(start);
            this.upperBound = new Slice(end);
            this.cursorOptions = new ReadOptions()
                    .setVerifyChecksums(true)
                    .setFillCache(fillCache)
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

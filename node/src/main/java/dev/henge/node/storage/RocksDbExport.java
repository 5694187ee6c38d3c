package dev.henge.node.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.rocksdb.EnvOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.SstFileWriter;

/**
 * Ranges of one RocksDB snapshot written into SST files. Reads past the block cache, so that what everybody else needs stays
 * there. A file's checksum is computed from what is read back of it.
 */
final class RocksDbExport implements StorageEngine.Export {

    private static final String SUFFIX = ".sst";
    private static final int READAHEAD_BYTES = 1 << 20;
    private static final int SYNC_BYTES = 1 << 20;
    private static final int CHECKSUM_WINDOW_BYTES = 256 << 10;

    private final RocksDbEngine engine;
    private final RocksDB database;
    private final Options fileOptions;
    private final Snapshot snapshot;
    private final StorageEngine.View view;
    private final Path directory;
    private final String namePrefix;
    private final long fileBytesMax;
    private final EnvOptions writerOptions = new EnvOptions().setBytesPerSync(SYNC_BYTES);
    private final Deque<KeyRange> rangesLeft;
    private final List<ExportedFile> files = new ArrayList<>();
    private @Nullable RangeIterator iterator;
    private @Nullable SstFileWriter writer;
    private @Nullable Checksumming checksumming;
    private long fileBytes;
    private boolean freed;

    /** Called while nobody can close the engine, as is {@link #free}. */
    RocksDbExport(
            RocksDbEngine engine,
            RocksDB database,
            Options fileOptions,
            Snapshot snapshot,
            StorageEngine.View view,
            List<KeyRange> ranges,
            Path directory,
            String namePrefix,
            long fileBytesMax) {
        this.engine = engine;
        this.database = database;
        this.fileOptions = fileOptions;
        this.snapshot = snapshot;
        this.view = view;
        this.rangesLeft = new ArrayDeque<>(ranges);
        this.directory = directory;
        this.namePrefix = namePrefix;
        this.fileBytesMax = fileBytesMax;
    }

    @Override
    public long writeSome(int bytesMax) {
        return engine.used("write a snapshot", () -> {
            if (freed) {
                throw new IllegalStateException("the export is closed");
            }
            return checksumming == null ? copySome(bytesMax) : checksumSome(bytesMax, checksumming);
        });
    }

    private long copySome(int bytesMax) throws RocksDBException {
        long bytes = 0;
        while (bytes < bytesMax) {
            RangeIterator at = next();
            if (at == null) {
                if (writer == null) {
                    return bytes == 0 ? -1 : bytes;
                }
                endFile(writer);
                return bytes;
            }
            byte[] key = at.iterator.key();
            byte[] value = at.iterator.value();
            writer().put(key, value);
            at.iterator.next();
            fileBytes += key.length + value.length;
            bytes += key.length + value.length;
            if (fileBytes >= fileBytesMax) {
                endFile(writer());
                return bytes;
            }
        }
        return bytes;
    }

    private @Nullable RangeIterator next() throws RocksDBException {
        while (iterator == null || !iterator.iterator.isValid()) {
            if (iterator != null) {
                // The end of the range and a block that can't be read look alike until asked.
                iterator.iterator.status();
                iterator.free();
                iterator = null;
            }
            KeyRange range = rangesLeft.pollFirst();
            if (range == null) {
                return null;
            }
            if (Arrays.compareUnsigned(range.start(), range.end()) < 0) {
                iterator = new RangeIterator(range);
            }
        }
        return iterator;
    }

    private SstFileWriter writer() throws RocksDBException {
        if (writer == null) {
            writer = new SstFileWriter(writerOptions, fileOptions);
            writer.open(directory.resolve(fileName()).toString());
        }
        return writer;
    }

    private String fileName() {
        return namePrefix + files.size() + SUFFIX;
    }

    private void endFile(SstFileWriter ended) throws RocksDBException {
        ended.finish();
        ended.close();
        writer = null;
        fileBytes = 0;
        try {
            checksumming = new Checksumming(FileChannel.open(directory.resolve(fileName()), StandardOpenOption.READ));
        } catch (IOException e) {
            throw new StorageException("can't read " + fileName() + " back: " + e.getMessage(), e);
        }
    }

    private long checksumSome(int bytesMax, Checksumming current) {
        try {
            long bytes = current.read(bytesMax);
            if (bytes >= 0) {
                return bytes;
            }
            files.add(new ExportedFile(fileName(), current.position, (int) current.checksum.getValue()));
            current.channel.close();
            checksumming = null;
            return 0;
        } catch (IOException e) {
            throw new StorageException("can't read " + fileName() + " back: " + e.getMessage(), e);
        }
    }

    @Override
    public List<ExportedFile> files() {
        return List.copyOf(files);
    }

    @Override
    public void close() {
        engine.close(this);
    }

    void free() {
        if (freed) {
            return;
        }
        freed = true;
        if (iterator != null) {
            iterator.free();
        }
        if (writer != null) {
            writer.close();
        }
        writerOptions.close();
        if (checksumming != null) {
            try {
                checksumming.channel.close();
            } catch (IOException e) {
                throw new StorageException("can't close " + fileName() + ": " + e.getMessage(), e);
            }
        }
        view.close();
    }

    private static final class Checksumming {
        final FileChannel channel;
        final CRC32C checksum = new CRC32C();
        private final ByteBuffer window = ByteBuffer.allocateDirect(CHECKSUM_WINDOW_BYTES);
        long position;

        Checksumming(FileChannel channel) {
            this.channel = channel;
        }

        /** Takes in up to that many bytes; -1 at the file's end. */
        long read(int bytesMax) throws IOException {
            long before = position;
            while (position - before < bytesMax) {
                window.clear();
                int count = channel.read(window, position);
                if (count < 0) {
                    return position == before ? -1 : position - before;
                }
                checksum.update(window.flip());
                position += count;
            }
            return position - before;
        }
    }

    private final class RangeIterator {
        private final Slice lowerBound;
        private final Slice upperBound;
        private final ReadOptions options;
        final RocksIterator iterator;

        RangeIterator(KeyRange range) {
            lowerBound = new Slice(range.start());
            upperBound = new Slice(range.end());
            options = new ReadOptions()
                    .setVerifyChecksums(true)
                    .setFillCache(false)
                    .setReadaheadSize(READAHEAD_BYTES)
                    .setSnapshot(snapshot)
                    .setIterateLowerBound(lowerBound)
                    .setIterateUpperBound(upperBound);
            iterator = database.newIterator(options);
            iterator.seekToFirst();
        }

        void free() {
            iterator.close();
            options.close();
            upperBound.close();
            lowerBound.close();
        }
    }
}

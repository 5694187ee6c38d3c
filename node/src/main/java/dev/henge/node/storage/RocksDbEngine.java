package dev.henge.node.storage;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * RocksDB behind the port. One column family and no write-ahead log of its own, so a flush keeps a prefix of the batches.
 * Every method throws {@link StorageException} when RocksDB fails.
 */
public final class RocksDbEngine implements StorageEngine {

    private RocksDbEngine() {}

    /** Opens the database in this directory, made if it is not there. */
    public static RocksDbEngine open(Path directory, RocksDbOptions options) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(WriteBatch batch) {
        throw new UnsupportedOperationException();
    }

    @Override
    public View view() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void flush() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long sizeBytes() {
        throw new UnsupportedOperationException();
    }

    /** Flushes, closes views that are still open (their next call fails), and frees all native memory. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}

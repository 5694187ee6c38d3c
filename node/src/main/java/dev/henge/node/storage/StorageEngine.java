package dev.henge.node.storage;

import org.jspecify.annotations.Nullable;

/**
 * An ordered map from byte keys to byte values. Keys order as unsigned bytes.
 *
 * <p>Durability: a batch is atomic. What was written is durable after {@link #flush()}; a crash before it loses a
 * suffix of the batches, never one from the middle and never part of one. The write-ahead log makes up for the rest.
 *
 * <p>All methods may be called from any thread.
 */
public interface StorageEngine extends AutoCloseable {

    byte @Nullable [] get(byte[] key);

    void write(WriteBatch batch);

    /** A consistent view of everything written before this call. To be closed. */
    View view();

    /** Returns once everything written before this call is durable. */
    void flush();

    /** Bytes on disk, about. */
    long sizeBytes();

    /** Whether the last write or flush failed for want of disk space; reads go on, writes may be tried again. */
    boolean outOfSpace();

    @Override
    void close();

    /** A consistent view; close it soon, it pins old versions. */
    interface View extends AutoCloseable {
        byte @Nullable [] get(byte[] key);

        /** A cursor over the keys of {@code [start, end)}, placed on its first key, or its last if backwards. */
        Cursor range(byte[] start, byte[] end, boolean backwards);

        @Override
        void close();
    }

    /** Stands on a key or at the end. */
    interface Cursor extends AutoCloseable {
        boolean valid();

        /** The key under the cursor; {@link #valid()} must hold. */
        byte[] key();

        byte[] value();

        void next();

        @Override
        void close();
    }
}

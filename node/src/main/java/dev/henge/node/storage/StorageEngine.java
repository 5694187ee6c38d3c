package dev.henge.node.storage;

import dev.henge.node.log.Disk;
import java.util.List;
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

    /**
     * Reads every file from the disk and checks its checksums, past all caches. May take long.
     *
     * @throws StorageException with {@link StorageException#damage()} when one does not match
     */
    void verify();

    /** Bytes on disk, about. */
    long sizeBytes();

    /**
     * Bytes that these ranges take in memory and on disk, about: as they are stored, so compressed, and with what was
     * deleted or overwritten and is not cleared away yet.
     */
    long approximateBytes(List<KeyRange> ranges);

    /** Bytes written that are not on disk yet, about; they will take as much of it. */
    long unflushedBytes();

    /** Whether the last write or flush failed for want of disk space; reads go on, writes may be tried again. */
    boolean outOfSpace();

    /**
     * Where snapshot files stand: those that {@link #export} writes and those that {@link #ingest} takes in. On the same disk
     * as the data, and still there after a restart.
     */
    Disk snapshotFiles();

    /**
     * Begins to write what these ranges hold in a view into files of {@link #snapshotFiles()}, named by the prefix and a
     * number.
     *
     * @param view is taken over, to be closed with the export
     * @param ranges ascending, without overlaps
     * @param fileBytesMax about how many bytes of keys and values go into one file
     */
    Export export(View view, List<KeyRange> ranges, String namePrefix, long fileBytesMax);

    /**
     * Puts the content of files that an export wrote in the place of what the ranges held. Durable, with everything else
     * that was written to the ranges, when it returns; may take long. A crash before that leaves anything in the ranges, but
     * for what {@code clearing} puts there, which is to be a mark that says so.
     *
     * <p>Nobody else may write to the ranges meanwhile. The files are consumed. What they hold must have been checked.
     *
     * @param clearing deletes the ranges and then puts the mark; has been written and flushed by the caller, and may be
     *     written again
     * @param files names in {@link #snapshotFiles()}; their keys must lie in the ranges and not overlap
     */
    void ingest(WriteBatch clearing, List<KeyRange> ranges, List<String> files);

    @Override
    void close();

    /** A consistent view; close it soon, it pins old versions. */
    interface View extends AutoCloseable {
        byte @Nullable [] get(byte[] key);

        /** A cursor over the keys of {@code [start, end)}, placed on its first key, or its last if backwards. */
        Cursor range(byte[] start, byte[] end, boolean backwards);

        /** As {@link #range} forwards, for reading much once: what it reads does not crowd out what is in memory. */
        Cursor scan(byte[] start, byte[] end);

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

    /**
     * Files being written, slice by slice, so that whoever runs it decides how fast. Used by one thread at a time, never by
     * an event loop.
     */
    interface Export extends AutoCloseable {

        /** Reads and writes about this many bytes more; returns how many they were, or -1 when the export is complete. */
        long writeSome(int bytesMax);

        /** What was written, in the order of the keys; complete once {@link #writeSome} returned -1. */
        List<ExportedFile> files();

        /** Frees what it holds. The files stay, those of an incomplete export too. */
        @Override
        void close();
    }
}

package dev.henge.node.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What the log needs of a file system: one flat directory of files. May be used from several threads.
 *
 * <p>Durability: bytes of a file after {@link DiskFile#sync()}, names (made, renamed, deleted) after
 * {@link #syncDirectory()}. Before that a crash may keep any part of them.
 */
public interface Disk {

    /** Names of the files, sorted. */
    List<String> list() throws IOException;

    /**
     * Makes a file of this many zero bytes, all of them written (so that its blocks are allocated), not synced. When it
     * fails, for want of space or otherwise, there is no such file.
     */
    DiskFile create(String name, long sizeBytes) throws IOException;

    /** Opens a file that exists. */
    DiskFile open(String name) throws IOException;

    void rename(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    /** Makes durable which files there are and how they are called. */
    void syncDirectory() throws IOException;

    /** Bytes that can still be allocated. */
    long freeBytes() throws IOException;

    /** An open file; positional, so that a reader does not disturb the writer. */
    interface DiskFile extends AutoCloseable {

        long sizeBytes() throws IOException;

        /** Writes all that remains in {@code source} at this position. */
        void write(ByteBuffer source, long position) throws IOException;

        /** Reads up to what remains in {@code target}; returns the count of bytes read, fewer only at the file's end. */
        int read(ByteBuffer target, long position) throws IOException;

        /** Makes the bytes (and what is needed to read them) durable: fdatasync. */
        void sync() throws IOException;

        void truncate(long sizeBytes) throws IOException;

        @Override
        void close() throws IOException;
    }
}

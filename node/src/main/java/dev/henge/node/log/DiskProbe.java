package dev.henge.node.log;

import dev.henge.node.log.Disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Shows that the log's disk writes while the log has nothing to write: a few bytes of a file of its own, synced. Not
 * thread-safe; blocks as long as the disk does.
 */
public final class DiskProbe implements AutoCloseable {

    /** No name of a segment: recovery passes it over. */
    static final String NAME = "probe";

    private static final int BYTES = 512;

    private final DiskFile file;
    private long count;

    private DiskProbe(DiskFile file) {
        this.file = file;
    }

    /** Makes the file, if it is not there. */
    public static DiskProbe open(Disk disk) throws IOException {
        return new DiskProbe(disk.list().contains(NAME) ? disk.open(NAME) : disk.create(NAME, BYTES));
    }

    /** Writes and syncs. What is written has no meaning, but is another each time. */
    public void run() throws IOException {
        count++;
        file.write(ByteBuffer.allocate(Long.BYTES).putLong(count).flip(), 0);
        file.sync();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}

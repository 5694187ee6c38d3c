package dev.henge.node.runtime;

import java.io.IOException;
import java.nio.file.FileStore;

/**
 * How full a disk is, as {@code df} counts it: what the file system keeps for itself or for the superuser is neither used nor
 * there to be used.
 *
 * @param usedBytes in use, by anything
 * @param totalBytes in use or free for this process
 */
record DiskUse(long usedBytes, long totalBytes) {

    static DiskUse of(FileStore disk) throws IOException {
        long used = Math.max(0, disk.getTotalSpace() - disk.getUnallocatedSpace());
        return new DiskUse(used, used + disk.getUsableSpace());
    }

    /** 0 to 1. */
    double share() {
        return totalBytes > 0 ? (double) usedBytes / totalBytes : 0;
    }
}

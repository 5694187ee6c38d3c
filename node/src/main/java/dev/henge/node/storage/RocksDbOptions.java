package dev.henge.node.storage;

/**
 * Bounds of a RocksDB instance.
 *
 * @param cacheBytes bound of data, index and filter blocks and memtables together
 * @param openFilesMax most SST files held open
 * @param backgroundJobs threads that flush and compact
 */
public record RocksDbOptions(long cacheBytes, int openFilesMax, int backgroundJobs) {

    public static RocksDbOptions withCache(long cacheBytes) {
        return new RocksDbOptions(cacheBytes, 512, 2);
    }
}

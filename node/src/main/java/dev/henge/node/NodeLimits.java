package dev.henge.node;

import dev.henge.node.partition.ReplicaEnvironment;
import dev.henge.node.snapshot.SnapshotOptions;
import java.time.Duration;

/**
 * What a node may use.
 *
 * @param cacheBytes bound of RocksDB's block cache and memtables together
 * @param logBytesMax size of the write-ahead log at which entries that the storage holds are forgotten
 * @param snapshotBytesPerSecond bound of what the node makes and sends of snapshots, and of what it receives
 * @param scrubInterval how often each partition's replicas are compared; zero for never but on demand
 * @param itemCollectionBytesMax how large an item collection of a table with local indexes may grow, about
 */
public record NodeLimits(
        long cacheBytes,
        long logBytesMax,
        long snapshotBytesPerSecond,
        Duration scrubInterval,
        long itemCollectionBytesMax) {

    /** The bound of item collections when nobody says otherwise, the service's. */
    public static final long ITEM_COLLECTION_BYTES_MAX = ReplicaEnvironment.ITEM_COLLECTION_BYTES_MAX;

    /** The log's bound when nobody says otherwise. */
    public static final long LOG_BYTES_MAX = 512L << 20;

    /** How often replicas are compared when nobody says otherwise. */
    public static final Duration SCRUB_INTERVAL = Duration.ofHours(24);

    /** What a node may use when nobody says otherwise, but for its cache. */
    public static NodeLimits ofCache(long cacheBytes) {
        return new NodeLimits(
                cacheBytes, LOG_BYTES_MAX, SnapshotOptions.BYTES_PER_SECOND, SCRUB_INTERVAL, ITEM_COLLECTION_BYTES_MAX);
    }

    public NodeLimits withLogBytesMax(long bytesMax) {
        return new NodeLimits(cacheBytes, bytesMax, snapshotBytesPerSecond, scrubInterval, itemCollectionBytesMax);
    }

    public NodeLimits withSnapshotBytesPerSecond(long bytesPerSecond) {
        return new NodeLimits(cacheBytes, logBytesMax, bytesPerSecond, scrubInterval, itemCollectionBytesMax);
    }

    public NodeLimits withScrubInterval(Duration interval) {
        return new NodeLimits(cacheBytes, logBytesMax, snapshotBytesPerSecond, interval, itemCollectionBytesMax);
    }

    public NodeLimits withItemCollectionBytesMax(long bytesMax) {
        return new NodeLimits(cacheBytes, logBytesMax, snapshotBytesPerSecond, scrubInterval, bytesMax);
    }
}

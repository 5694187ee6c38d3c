package dev.henge.node;

import dev.henge.node.partition.ReplicaEnvironment;
import dev.henge.node.snapshot.SnapshotOptions;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * How a node is started.
 *
 * @param cluster the cluster's name; all its processes must be given the same
 * @param name this node's name, one of the keys of {@code nodes}
 * @param nodes the cluster's first members: name to gRPC address "host:port"
 * @param listen where this node's gRPC endpoint listens
 * @param dataDirectory where everything of this node is kept
 * @param ephemeral nothing is synced to disk; for {@code henge dev --ephemeral} and tests alone
 * @param partitions how many partitions the ring is cut into at bootstrap
 * @param cacheBytes bound of RocksDB's block cache and memtables together
 * @param logBytesMax size of the write-ahead log at which entries that the storage holds are forgotten
 * @param snapshotBytesPerSecond bound of what the node makes and sends of snapshots, and of what it receives
 * @param scrubInterval how often each partition's replicas are compared; zero for never but on demand
 * @param itemCollectionBytesMax how large an item collection of a table with local indexes may grow, about
 */
public record NodeConfig(
        String cluster,
        String name,
        Map<String, String> nodes,
        InetSocketAddress listen,
        Path dataDirectory,
        boolean ephemeral,
        int partitions,
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

    public NodeConfig(
            String cluster,
            String name,
            Map<String, String> nodes,
            InetSocketAddress listen,
            Path dataDirectory,
            boolean ephemeral,
            int partitions,
            long cacheBytes) {
        this(
                cluster,
                name,
                nodes,
                listen,
                dataDirectory,
                ephemeral,
                partitions,
                cacheBytes,
                LOG_BYTES_MAX,
                SnapshotOptions.BYTES_PER_SECOND);
    }

    public NodeConfig(
            String cluster,
            String name,
            Map<String, String> nodes,
            InetSocketAddress listen,
            Path dataDirectory,
            boolean ephemeral,
            int partitions,
            long cacheBytes,
            long logBytesMax,
            long snapshotBytesPerSecond) {
        this(
                cluster,
                name,
                nodes,
                listen,
                dataDirectory,
                ephemeral,
                partitions,
                cacheBytes,
                logBytesMax,
                snapshotBytesPerSecond,
                SCRUB_INTERVAL,
                ITEM_COLLECTION_BYTES_MAX);
    }

    /** The same but for how often replicas are compared; zero for never but on demand. */
    public NodeConfig withScrubInterval(Duration interval) {
        return new NodeConfig(
                cluster,
                name,
                nodes,
                listen,
                dataDirectory,
                ephemeral,
                partitions,
                cacheBytes,
                logBytesMax,
                snapshotBytesPerSecond,
                interval,
                itemCollectionBytesMax);
    }

    /** The same but for how large an item collection may grow, in bytes. */
    public NodeConfig withItemCollectionBytesMax(long bytesMax) {
        return new NodeConfig(
                cluster,
                name,
                nodes,
                listen,
                dataDirectory,
                ephemeral,
                partitions,
                cacheBytes,
                logBytesMax,
                snapshotBytesPerSecond,
                scrubInterval,
                bytesMax);
    }
}

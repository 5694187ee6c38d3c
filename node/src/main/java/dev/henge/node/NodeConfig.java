package dev.henge.node;

import dev.henge.node.snapshot.SnapshotOptions;
import java.net.InetSocketAddress;
import java.nio.file.Path;
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
        long snapshotBytesPerSecond) {

    /** The log's bound when nobody says otherwise. */
    public static final long LOG_BYTES_MAX = 512L << 20;

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
}

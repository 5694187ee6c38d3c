package dev.henge.node;

import java.nio.file.Path;

/**
 * A node's data directory: held by one process at a time, and marked with whose it is.
 *
 * <p>It holds {@code identity.properties} (who), {@code lock} (held while the node runs), {@code log/} (the write-ahead
 * log) and {@code storage/} (RocksDB).
 */
public final class DataDirectory implements AutoCloseable {

    /**
     * Whose directory it is.
     *
     * @param cluster the cluster's name
     * @param clusterId UUID made at the cluster's bootstrap; empty while this node has not learned it
     * @param node the node's name
     * @param instanceId UUID made with the directory
     */
    public record Identity(String cluster, String clusterId, String node, String instanceId) {}

    private DataDirectory() {}

    /**
     * Opens a node's data directory, made when it is not there, and locks it.
     *
     * @throws StartupException when it is not writable, locked, or belongs to another cluster or node
     */
    public static DataDirectory open(Path path, String cluster, String node) throws StartupException {
        throw new UnsupportedOperationException();
    }

    public Identity identity() {
        throw new UnsupportedOperationException();
    }

    /**
     * Notes, durably, the id of the cluster this directory belongs to. Does nothing when it is noted already.
     *
     * @throws StartupException when the directory belongs to another cluster, or can't be written
     */
    public void joinCluster(String clusterId) throws StartupException {
        throw new UnsupportedOperationException();
    }

    /** Directory of the write-ahead log. */
    public Path log() {
        throw new UnsupportedOperationException();
    }

    /** Directory of the storage engine. */
    public Path storage() {
        throw new UnsupportedOperationException();
    }

    /** Lets go of the lock. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}

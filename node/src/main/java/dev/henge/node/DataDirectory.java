package dev.henge.node;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Properties;
import java.util.UUID;

/**
 * A node's data directory: held by one process at a time, and marked with whose it is.
 *
 * <p>It holds {@code identity.properties} (who), {@code lock} (held while the node runs), {@code log/} (the write-ahead
 * log), {@code storage/} (RocksDB) and {@code damaged/} (which replicas are to be rebuilt).
 */
public final class DataDirectory implements AutoCloseable {

    private static final String IDENTITY_FILE = "identity.properties";
    private static final String LOCK_FILE = "lock";

    /**
     * Whose directory it is.
     *
     * @param cluster the cluster's name
     * @param clusterId UUID made at the cluster's bootstrap; empty while this node has not learned it
     * @param node the node's name
     * @param instanceId UUID made with the directory
     */
    public record Identity(String cluster, String clusterId, String node, String instanceId) {}

    private final Path path;
    private final FileChannel lockFile;
    private volatile Identity identity;

    private DataDirectory(Path path, FileChannel lockFile, Identity identity) {
        this.path = path;
        this.lockFile = lockFile;
        this.identity = identity;
    }

    /**
     * Opens a node's data directory, made when it is not there, and locks it.
     *
     * @throws StartupException when it is not writable, locked, or belongs to another cluster or node
     */
    public static DataDirectory open(Path path, String cluster, String node) throws StartupException {
        FileChannel lockFile;
        try {
            Files.createDirectories(path);
            lockFile = FileChannel.open(path.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new StartupException("The data directory " + path + " is not writable: " + reason(e) + ".", e);
        }
        try {
            lock(path, lockFile);
            Identity identity = Files.exists(path.resolve(IDENTITY_FILE))
                    ? readIdentity(path)
                    : new Identity(cluster, "", node, UUID.randomUUID().toString());
            if (!identity.cluster.equals(cluster)) {
                throw new StartupException("The data directory " + path + " belongs to cluster \"" + identity.cluster
                        + "\", not \"" + cluster + "\".");
            }
            if (!identity.node.equals(node)) {
                throw new StartupException("The data directory " + path + " belongs to node \"" + identity.node
                        + "\", not \"" + node + "\".");
            }
            // Written at every start: that shows early whether the directory can be written and synced.
            writeIdentity(path, identity);
            return new DataDirectory(path, lockFile, identity);
        } catch (StartupException | RuntimeException e) {
            closeQuietly(lockFile);
            throw e;
        }
    }

    public Identity identity() {
        return identity;
    }

    /**
     * Notes, durably, the id of the cluster this directory belongs to. Does nothing when it is noted already.
     *
     * @throws StartupException when the directory belongs to another cluster, or can't be written
     */
    public synchronized void joinCluster(String clusterId) throws StartupException {
        if (identity.clusterId.equals(clusterId)) {
            return;
        }
        if (!identity.clusterId.isEmpty()) {
            throw new StartupException("The data directory " + path + " belongs to another cluster named \""
                    + identity.cluster + "\" (id " + identity.clusterId + ", not " + clusterId + ").");
        }
        Identity joined = new Identity(identity.cluster, clusterId, identity.node, identity.instanceId);
        writeIdentity(path, joined);
        identity = joined;
    }

    /** The directory itself. */
    public Path path() {
        return path;
    }

    /** Directory of the notes about damaged replicas. */
    public Path damaged() {
        return path.resolve("damaged");
    }

    /** Directory of the write-ahead log. */
    public Path log() {
        return path.resolve("log");
    }

    /** Directory of the storage engine. */
    public Path storage() {
        return path.resolve("storage");
    }

    /** Lets go of the lock. */
    @Override
    public void close() {
        closeQuietly(lockFile);
    }

    /** The lock goes with the channel, and with the process however it ends. */
    private static void lock(Path path, FileChannel lockFile) throws StartupException {
        try {
            FileLock lock = lockFile.tryLock();
            if (lock != null) {
                return;
            }
        } catch (OverlappingFileLockException e) {
            throw new StartupException("The data directory " + path + " is already used by a node of this process.", e);
        } catch (IOException e) {
            throw new StartupException("The data directory " + path + " can't be locked: " + reason(e) + ".", e);
        }
        throw new StartupException("The data directory " + path + " is already used by another process.");
    }

    private static Identity readIdentity(Path path) throws StartupException {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(Files.readString(path.resolve(IDENTITY_FILE))));
        } catch (IOException | IllegalArgumentException e) {
            throw new StartupException("The data directory " + path + " can't be read: " + reason(e) + ".", e);
        }
        return new Identity(
                property(path, properties, "cluster"),
                property(path, properties, "cluster-id"),
                property(path, properties, "node"),
                property(path, properties, "instance-id"));
    }

    private static String property(Path path, Properties properties, String name) throws StartupException {
        String value = properties.getProperty(name);
        if (value == null) {
            throw new StartupException(
                    "The data directory " + path + " is damaged: " + IDENTITY_FILE + " has no \"" + name + "\".");
        }
        return value;
    }

    /** Written beside, synced, then renamed over: whoever reads it finds the old or the new one, whole. */
    private static void writeIdentity(Path path, Identity identity) throws StartupException {
        String text = "# Whose data this is. Written by Henge; do not edit.\n"
                + "cluster=" + escaped(identity.cluster) + "\n"
                + "cluster-id=" + escaped(identity.clusterId) + "\n"
                + "node=" + escaped(identity.node) + "\n"
                + "instance-id=" + escaped(identity.instanceId) + "\n";
        Path unfinished = path.resolve(IDENTITY_FILE + ".tmp");
        try {
            try (FileChannel file = FileChannel.open(
                    unfinished,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                file.force(true);
            }
            Files.move(
                    unfinished,
                    path.resolve(IDENTITY_FILE),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            try (FileChannel directory = FileChannel.open(path, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new StartupException("The data directory " + path + " is not writable: " + reason(e) + ".", e);
        }
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r");
    }

    /** File system exceptions carry the file's name as their message, and say what is wrong in their type. */
    private static String reason(Exception e) {
        String type = e.getClass().getSimpleName().replace("Exception", "");
        return type.equals("IO") ? String.valueOf(e.getMessage()) : type + " (" + e.getMessage() + ")";
    }

    @SuppressWarnings("EmptyCatch") // the descriptor and the lock are gone either way
    private static void closeQuietly(FileChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            // Nothing was to be written.
        }
    }
}

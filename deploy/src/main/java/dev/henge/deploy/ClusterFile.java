package dev.henge.deploy;

import dev.henge.node.StartupException;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.Properties;

/**
 * What {@code henge dev} and {@code henge cluster} note in their data directory, so that {@code henge status} finds the
 * nodes and a later start sees which cluster's data it is: {@code cluster.properties}.
 *
 * @param cluster the cluster's name
 * @param nodes its nodes as they were last started
 * @param endpoint the router's HTTP address as it was last started
 */
record ClusterFile(String cluster, ClusterNodes nodes, HostPort endpoint) {

    static final String NAME = "cluster.properties";

    /**
     * Reads the file of a data directory; empty when there is none.
     *
     * @throws StartupException when it can't be read or makes no sense
     */
    static Optional<ClusterFile> read(Path dataDirectory) throws StartupException {
        Path path = dataDirectory.resolve(NAME);
        if (Files.notExists(path)) {
            return Optional.empty();
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(path, StandardCharsets.UTF_8)) {
            properties.load(reader);
            return Optional.of(new ClusterFile(
                    properties.getProperty("cluster", ""),
                    ClusterNodes.parse(properties.getProperty("nodes", "")),
                    HostPort.parse(properties.getProperty("endpoint", ""))));
        } catch (IOException | IllegalArgumentException e) {
            throw new StartupException("can't read " + path + ": " + e.getMessage(), e);
        }
    }

    /**
     * Makes the directory if need be, and checks that it is writable and not another cluster's.
     *
     * @param nodeCount how many nodes the cluster is to have
     */
    static void prepare(Path dataDirectory, String cluster, int nodeCount) throws StartupException {
        try {
            Files.createDirectories(dataDirectory);
        } catch (FileAlreadyExistsException e) {
            throw new StartupException(
                    "the data directory " + dataDirectory + " is a file; choose another with --data", e);
        } catch (IOException e) {
            throw notWritable(dataDirectory, e);
        }
        if (!Files.isWritable(dataDirectory)) {
            throw notWritable(dataDirectory, new AccessDeniedException(dataDirectory.toString()));
        }
        Optional<ClusterFile> found = read(dataDirectory);
        if (found.isEmpty()) {
            return;
        }
        if (!found.get().cluster().equals(cluster)) {
            throw new StartupException("the data directory " + dataDirectory + " belongs to the cluster '"
                    + found.get().cluster() + "', not to '" + cluster + "'; choose another with --data");
        }
        int kept = found.get().nodes().addresses().size();
        if (kept != nodeCount) {
            throw new StartupException("the data directory " + dataDirectory + " holds a cluster of " + kept
                    + " nodes; start it with --nodes " + kept + " or choose another with --data");
        }
    }

    private static StartupException notWritable(Path dataDirectory, IOException cause) {
        return new StartupException(
                "the data directory " + dataDirectory
                        + " is not writable; change its owner or choose another with --data",
                cause);
    }

    /** Writes the file; whoever reads it sees the old one or the new one. */
    void write(Path dataDirectory) throws StartupException {
        Properties properties = new Properties();
        properties.setProperty("cluster", cluster);
        properties.setProperty("nodes", nodes.toString());
        properties.setProperty("endpoint", endpoint.toString());
        Path path = dataDirectory.resolve(NAME);
        Path fresh = dataDirectory.resolve(NAME + ".new");
        try {
            try (Writer writer = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
                properties.store(writer, "Written by henge at each start; henge status reads it.");
            }
            Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new StartupException("can't write " + path + ": " + e.getMessage(), e);
        }
    }
}

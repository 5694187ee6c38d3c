package dev.henge.deploy;

import dev.henge.node.StartupException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which nodes a command speaks to when nobody says. */
final class NodeAddresses {

    private NodeAddresses() {}

    /**
     * Those that were named; else those in the data directory's cluster file; else, where no directory was named, those
     * that a cluster on this machine has by default.
     *
     * @param dataDirectory the one that was named; null for the default one
     * @throws StartupException when the file can't be read, or the directory was named and has none
     */
    static List<String> of(List<HostPort> named, @Nullable Path dataDirectory) throws StartupException {
        if (!named.isEmpty()) {
            return named.stream().map(HostPort::toString).toList();
        }
        Path directory = dataDirectory == null ? Path.of(Checks.DATA_DIRECTORY) : dataDirectory;
        Optional<ClusterFile> file = ClusterFile.read(directory);
        if (file.isPresent()) {
            return file.get().nodes().addressTexts();
        }
        if (dataDirectory != null) {
            // Any cluster may be at the default addresses, so it may be another one than was meant.
            throw new StartupException(dataDirectory.resolve(ClusterFile.NAME)
                    + " does not exist; name the data directory of henge dev or henge cluster with --data, or nodes"
                    + " with --nodes");
        }
        List<String> usual = new ArrayList<>();
        for (int i = 0; i < Checks.NODE_COUNT; i++) {
            usual.add("127.0.0.1:" + (Checks.FIRST_NODE_PORT + i));
        }
        return usual;
    }
}

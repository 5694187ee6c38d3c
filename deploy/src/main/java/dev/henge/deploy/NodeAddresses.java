package dev.henge.deploy;

import dev.henge.node.StartupException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which nodes a command speaks to when nobody says. */
final class NodeAddresses {

    private NodeAddresses() {}

    /**
     * Those that were named; else those in the data directory's cluster file; else those that a cluster on this machine has
     * by default.
     */
    static List<String> of(List<HostPort> named, Path dataDirectory) throws StartupException {
        if (!named.isEmpty()) {
            return named.stream().map(HostPort::toString).toList();
        }
        Optional<ClusterFile> file = ClusterFile.read(dataDirectory);
        if (file.isPresent()) {
            return file.get().nodes().addressTexts();
        }
        List<String> usual = new ArrayList<>();
        for (int i = 0; i < Checks.NODE_COUNT; i++) {
            usual.add("127.0.0.1:" + (Checks.FIRST_NODE_PORT + i));
        }
        return usual;
    }
}

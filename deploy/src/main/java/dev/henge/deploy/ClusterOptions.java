package dev.henge.deploy;

import dev.henge.node.StartupException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which cluster a command speaks to. */
final class ClusterOptions {

    @Option(
            names = "--nodes",
            split = ",",
            paramLabel = "HOST:PORT",
            description = "Addresses of some nodes (default: what the data directory's cluster.properties says, else"
                    + " 127.0.0.1:7001 to 7003).")
    private List<HostPort> nodes = List.of();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Data directory of henge dev or henge cluster (default: ./" + Checks.DATA_DIRECTORY + ").")
    private @Nullable Path data;

    /**
     * Addresses of nodes, "host:port" each; at least one.
     *
     * @throws StartupException when the data directory's cluster file can't be read, or a named one has none
     */
    List<String> addresses() throws StartupException {
        return NodeAddresses.of(nodes, data);
    }
}

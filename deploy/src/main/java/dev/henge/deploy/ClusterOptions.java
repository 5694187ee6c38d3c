package dev.henge.deploy;

import dev.henge.node.StartupException;
import java.nio.file.Path;
import java.util.List;
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
            defaultValue = Checks.DATA_DIRECTORY,
            description = "Data directory of henge dev or henge cluster (default: ./${DEFAULT-VALUE}).")
    private Path data = Path.of("");

    /**
     * Addresses of nodes, "host:port" each; at least one.
     *
     * @throws StartupException when the data directory's cluster file can't be read
     */
    List<String> addresses() throws StartupException {
        return NodeAddresses.of(nodes, data);
    }
}

package dev.henge.deploy;

import dev.henge.node.StartupException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code henge dev}: a whole cluster in this process. */
@Command(
        name = "dev",
        description = "Start a cluster for development in one process: three nodes and a router.",
        sortOptions = false)
final class DevCommand extends VerboseCommand implements Callable<Integer> {

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "8000",
            description = "Port of the endpoint (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(
            names = "--host",
            paramLabel = "HOST",
            defaultValue = "127.0.0.1",
            description = "Address that the endpoint listens on (default: ${DEFAULT-VALUE}).")
    private String host = "";

    @Option(names = "--data", paramLabel = "DIR", description = "Where the data is kept (default: ./henge-data).")
    private @Nullable Path data;

    @Option(
            names = "--ephemeral",
            description = "Keep nothing: a temporary directory, deleted at the end, and no syncing to disk.")
    private boolean ephemeral;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            defaultValue = "16",
            description = "Partitions of a new cluster (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--cache",
            paramLabel = "SIZE",
            defaultValue = "64MB",
            description = "Memory for each node's cache (default: ${DEFAULT-VALUE}).")
    private ByteSize cache = new ByteSize(1);

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws StartupException, InterruptedException {
        if (ephemeral && data != null) {
            throw new ParameterException(
                    spec.commandLine(), "--ephemeral keeps no data, so --data makes no sense with it");
        }
        Checks.partitions(spec, partitions);
        HostPort listen = Checks.address(spec, host, port);
        Path directory = ephemeral ? null : data == null ? Path.of(Checks.DATA_DIRECTORY) : data;
        Logging.warningsToStandardError(verbose());
        if (directory != null) {
            ClusterFile.prepare(directory, Checks.CLUSTER_NAME, Checks.NODE_COUNT);
            Logging.toFile(directory.resolve("henge.log"), verbose());
        }
        EmbeddedCluster cluster = EmbeddedCluster.start(new EmbeddedCluster.Options(
                Checks.CLUSTER_NAME,
                directory,
                listen,
                Checks.NODE_COUNT,
                Checks.FIRST_NODE_PORT,
                partitions,
                cache.bytes()));
        RunningProcess.closeAtExit(cluster);
        greet(spec.commandLine().getOut(), cluster);
        RunningProcess.awaitEnd();
        return 0;
    }

    private void greet(PrintWriter out, EmbeddedCluster cluster) {
        String endpoint = Checks.endpointUrl(cluster.endpoint());
        out.println("Henge " + VersionCommand.version() + (cluster.ready() ? " is ready at " : " runs at ") + endpoint);
        if (!cluster.ready()) {
            out.println("Not ready: some partition has no leader yet, see henge status.");
        }
        out.println();
        out.println("  Try     aws dynamodb list-tables --endpoint-url " + endpoint);
        out.println("          Any well-formed signature is accepted, so any key, secret and region will do.");
        out.println("  Data    "
                + (ephemeral
                        ? "kept nowhere: what is written is gone when this ends"
                        : cluster.dataDirectory().toAbsolutePath().normalize() + " (log: henge.log)"));
        out.println("  Nodes   " + cluster.nodes().toString().replace(",", "  "));
        out.println("  Status  henge status --nodes "
                + String.join(",", cluster.nodes().addressTexts()));
        out.println("  Stop    Ctrl-C");
        out.flush();
    }
}

package dev.henge.deploy;

import dev.henge.deploy.status.ClusterStatus;
import dev.henge.deploy.status.Health;
import dev.henge.deploy.status.StatusCollector;
import dev.henge.deploy.status.StatusJson;
import dev.henge.deploy.status.StatusText;
import dev.henge.node.StartupException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code henge status}: how a cluster stands. */
@Command(
        name = "status",
        description = "Show whether a cluster is healthy; then its nodes, partitions, leaders and epochs.",
        footer = {"", "Exits with 0 when the cluster is healthy, else with 1."},
        sortOptions = false)
final class StatusCommand extends VerboseCommand implements Callable<Integer> {

    private static final int TIMEOUT_SECONDS_MAX = 60;

    /** The forms of the answer. */
    enum Output {
        TEXT,
        JSON
    }

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

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "text",
            description = "text or json (default: ${DEFAULT-VALUE}).")
    private Output output = Output.TEXT;

    @Option(
            names = "--timeout-seconds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How long a node may take to answer (default: ${DEFAULT-VALUE}).")
    private int timeoutSeconds;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws StartupException, InterruptedException {
        if (timeoutSeconds < 1 || timeoutSeconds > TIMEOUT_SECONDS_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--timeout-seconds must be from 1 to " + TIMEOUT_SECONDS_MAX + ", not " + timeoutSeconds);
        }
        Logging.quiet(verbose());
        ClusterStatus status =
                new StatusCollector(Duration.ofSeconds(timeoutSeconds)).collect(NodeAddresses.of(nodes, data));
        spec.commandLine()
                .getOut()
                .print(
                        switch (output) {
                            case TEXT -> StatusText.render(status);
                            case JSON -> StatusJson.render(status);
                        });
        return status.health() == Health.HEALTHY ? 0 : Henge.EXIT_FAILED;
    }
}

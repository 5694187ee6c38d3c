package dev.henge.deploy;

import dev.henge.deploy.status.ClusterStatus;
import dev.henge.deploy.status.Health;
import dev.henge.deploy.status.StatusCollector;
import dev.henge.deploy.status.StatusJson;
import dev.henge.deploy.status.StatusText;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code henge status}: how a cluster stands. */
@Command(
        name = "status",
        description = "Show whether a cluster is healthy; then its nodes, partitions, leaders and epochs.",
        footer = {"", "Exits with 0 when the cluster is healthy, else with 1."},
        sortOptions = false)
final class StatusCommand extends OperatorCommand {

    /** A node that says nothing for so long is shown as one that does not answer. */
    private static final int TIMEOUT_SECONDS = 3;

    StatusCommand() {
        super(TIMEOUT_SECONDS);
    }

    @Override
    Answer answer(List<String> addresses, Duration timeout) throws InterruptedException {
        ClusterStatus status = new StatusCollector(timeout).collect(addresses);
        return new Answer(
                StatusText.render(status),
                StatusJson.render(status),
                status.health() == Health.HEALTHY ? Henge.EXIT_DONE : Henge.EXIT_FAILED);
    }
}

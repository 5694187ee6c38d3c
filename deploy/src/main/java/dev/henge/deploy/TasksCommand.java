package dev.henge.deploy;

import dev.henge.deploy.status.StatusJson;
import dev.henge.deploy.status.StatusText;
import dev.henge.node.StartupException;
import dev.henge.node.catalog.Tasks;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.ClusterSettings;
import dev.henge.proto.TaskRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JsonGenerator;

/** {@code henge tasks}: what the coordinator has begun, and whether it may begin more. */
@Command(
        name = "tasks",
        description = "Show what the coordinator does and has done last; pause it and let it go on.",
        footer = {
            "",
            "  henge tasks --watch                              until nothing runs any more",
            "  henge tasks pause --reason 'a disk is replaced'  nothing new is begun",
            "  henge tasks resume"
        },
        subcommands = {TasksCommand.Pause.class, TasksCommand.Resume.class},
        sortOptions = false)
final class TasksCommand extends OperatorCommand {

    private static final int TIMEOUT_SECONDS = 10;
    private static final int FINISHED_SHOWN = 20;
    private static final long LOOK_SECONDS = 1;
    /** The coordinator decides every few seconds: between two steps of one change, nothing runs for a moment. */
    private static final int QUIET_LOOKS = 5;

    @Option(names = "--watch", description = "Tell what is begun and what ends, until nothing runs any more.")
    private boolean watch;

    TasksCommand() {
        super(TIMEOUT_SECONDS);
    }

    @Override
    Answer answer(List<String> addresses, Duration timeout) throws StartupException, InterruptedException {
        Catalog catalog = catalog(addresses, timeout);
        if (watch) {
            catalog = watched(catalog, addresses, timeout);
        }
        Catalog shown = catalog;
        return Answer.done(text(shown), json -> write(shown, json));
    }

    private static Catalog catalog(List<String> addresses, Duration timeout) throws StartupException {
        try (CatalogClient cluster = CatalogClient.connect(addresses, timeout)) {
            return cluster.newest();
        }
    }

    private Catalog watched(Catalog first, List<String> addresses, Duration timeout)
            throws StartupException, InterruptedException {
        Catalog catalog = first;
        List<TaskRecord> known = Tasks.running(catalog);
        known.forEach(task -> progress("running  " + StatusText.describe(task)));
        int quietLooks = known.isEmpty() ? QUIET_LOOKS : 0;
        while (quietLooks < QUIET_LOOKS) {
            TimeUnit.SECONDS.sleep(LOOK_SECONDS);
            catalog = catalog(addresses, timeout);
            List<TaskRecord> running = Tasks.running(catalog);
            quietLooks = running.isEmpty() ? quietLooks + 1 : 0;
            for (TaskRecord task : known) {
                if (running.stream().noneMatch(other -> other.getId() == task.getId())) {
                    progress("ended    " + StatusText.describe(task));
                }
            }
            for (TaskRecord task : running) {
                if (known.stream().noneMatch(other -> other.getId() == task.getId())) {
                    progress("begun    " + StatusText.describe(task));
                }
            }
            known = running;
        }
        return catalog;
    }

    private static String text(Catalog catalog) {
        StringBuilder text = new StringBuilder();
        ClusterSettings.Pause pause = catalog.getSettings().getPause();
        if (catalog.getSettings().hasPause()) {
            text.append("The coordinator is paused since ").append(time(pause.getSinceMillis()));
            text.append(pause.getBy().isEmpty() ? "" : " by " + pause.getBy());
            text.append(pause.getReason().isEmpty() ? "" : ": " + pause.getReason())
                    .append('\n');
        }
        List<TaskRecord> running = Tasks.running(catalog);
        text.append(running.isEmpty() ? "Nothing runs.\n" : "Running:\n");
        running.forEach(task -> text.append("  since ")
                .append(time(task.getStartedMillis()))
                .append("  ")
                .append(StatusText.describe(task))
                .append('\n'));
        List<TaskRecord> finished = new ArrayList<>(catalog.getFinishedTasksList()).reversed();
        if (!finished.isEmpty()) {
            text.append("Ended, the last first:\n");
        }
        finished.stream().limit(FINISHED_SHOWN).forEach(task -> text.append("  ")
                .append(time(task.getEndedMillis()))
                .append("  ")
                .append(String.format(
                        Locale.ROOT, "%-9s", task.getOutcome().name().toLowerCase(Locale.ROOT)))
                .append("  ")
                .append(StatusText.describe(task))
                .append('\n'));
        return text.toString();
    }

    private static String time(long wallMillis) {
        return wallMillis == 0
                ? "?"
                : Instant.ofEpochMilli(wallMillis)
                        .truncatedTo(ChronoUnit.SECONDS)
                        .toString();
    }

    private static void write(Catalog catalog, JsonGenerator json) {
        json.writeBooleanProperty("paused", catalog.getSettings().hasPause());
        ClusterSettings.Pause pause = catalog.getSettings().getPause();
        json.writeStringProperty("pauseReason", pause.getReason());
        json.writeStringProperty("pausedBy", pause.getBy());
        json.writeNumberProperty("pausedSinceMillis", pause.getSinceMillis());
        json.writeArrayPropertyStart("running");
        Tasks.running(catalog).forEach(task -> StatusJson.task(json, task));
        json.writeEndArray();
        json.writeArrayPropertyStart("ended");
        catalog.getFinishedTasksList().forEach(task -> StatusJson.task(json, task));
        json.writeEndArray();
    }

    /** What pausing and resuming have in common. */
    abstract static class Change extends OperatorCommand {

        Change() {
            super(TIMEOUT_SECONDS);
        }

        final void change(ChangeSettings.Builder settings, List<String> addresses, Duration timeout)
                throws StartupException {
            try (CatalogClient cluster = CatalogClient.connect(addresses, timeout)) {
                cluster.require(CatalogCommand.newBuilder().setChangeSettings(settings), "henge tasks");
            }
        }
    }

    @Command(
            name = "pause",
            description = "Have the coordinator begin nothing.",
            footer = {"", "What runs goes on to its end. Nodes that are drained still hand their leaderships over."},
            sortOptions = false)
    static final class Pause extends Change {

        @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for whoever looks at the status.")
        private String reason = "";

        @Override
        Answer answer(List<String> addresses, Duration timeout) throws StartupException {
            change(
                    ChangeSettings.newBuilder()
                            .setPause(ClusterSettings.Pause.newBuilder()
                                    .setReason(reason)
                                    .setBy(System.getProperty("user.name", ""))
                                    .setSinceMillis(System.currentTimeMillis())),
                    addresses,
                    timeout);
            return Answer.done(
                    "The coordinator is paused; henge tasks resume lets it go on.\n",
                    json -> json.writeBooleanProperty("paused", true));
        }
    }

    @Command(name = "resume", description = "Let the coordinator go on.", sortOptions = false)
    static final class Resume extends Change {

        @Override
        Answer answer(List<String> addresses, Duration timeout) throws StartupException {
            change(ChangeSettings.newBuilder().setResume(true), addresses, timeout);
            return Answer.done("The coordinator goes on.\n", json -> json.writeBooleanProperty("paused", false));
        }
    }
}

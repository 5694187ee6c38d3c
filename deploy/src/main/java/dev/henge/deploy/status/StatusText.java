package dev.henge.deploy.status;

import dev.henge.proto.TaskRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The status for people: the verdict and its reasons first, then the tables. */
public final class StatusText {

    private StatusText() {}

    /** Some lines, each ended. */
    public static String render(ClusterStatus status) {
        StringBuilder text = new StringBuilder(2048);
        text.append(status.health()).append('\n');
        status.reasons().forEach(reason -> text.append("  ").append(reason).append('\n'));
        status.notes().forEach(note -> text.append("  note: ").append(note).append('\n'));
        text.append('\n');
        if (status.catalogEpoch() > 0) {
            text.append("Cluster ")
                    .append(status.cluster())
                    .append(" (")
                    .append(status.clusterId())
                    .append("), ")
                    .append(status.tableCount())
                    .append(status.tableCount() == 1 ? " table" : " tables")
                    .append(", catalog epoch ")
                    .append(status.catalogEpoch())
                    .append(", cluster version ")
                    .append(status.clusterVersion())
                    .append("\n");
            text.append(scrub(status.scrub())).append("\n\n");
        }
        appendTable(text, nodeRows(status));
        if (!status.routers().isEmpty()) {
            text.append('\n');
            appendTable(text, routerRows(status));
        }
        if (!status.partitions().isEmpty()) {
            text.append('\n');
            appendTable(text, partitionRows(status));
        }
        appendPlans(text, status);
        return text.toString();
    }

    private static void appendPlans(StringBuilder text, ClusterStatus status) {
        if (status.catalogEpoch() == 0) {
            return;
        }
        text.append('\n');
        if (!status.pause().isEmpty()) {
            text.append("The coordinator is paused ").append(status.pause()).append('\n');
        }
        text.append(String.format(
                Locale.ROOT,
                "Balance: %s, bytes of a node are up to %.0f %% off its share%n",
                status.balance().balanced() ? "even" : "uneven",
                100 * status.balance().deviation()));
        status.balance()
                .reasons()
                .forEach(reason -> text.append("  ").append(reason).append('\n'));
        if (status.tasks().isEmpty()) {
            text.append("Tasks: none\n");
            return;
        }
        text.append("Tasks: ").append(status.tasks().size()).append('\n');
        status.tasks().forEach(task -> text.append("  ").append(describe(task)).append('\n'));
    }

    /** A task in one line. */
    public static String describe(TaskRecord task) {
        String nodes =
                switch (task.getKind()) {
                    case REPLACE_REPLICA -> " " + task.getFrom() + " -> " + task.getTo();
                    case ADD_REPLICA -> " + " + task.getTo();
                    case REMOVE_REPLICA -> " - " + task.getFrom();
                    case ABANDON,
                            OPERATOR_MOVE,
                            OPERATOR_SPLIT,
                            OPERATOR_MERGE,
                            SPLIT,
                            MERGE,
                            LOG_REPLICA,
                            KIND_UNSPECIFIED,
                            UNRECOGNIZED -> "";
                };
        return "#" + task.getId() + " partition " + task.getPartition() + ": "
                + task.getKind().name().toLowerCase(Locale.ROOT).replace('_', ' ') + nodes
                + (task.getReason().isEmpty() ? "" : " (" + task.getReason() + ")");
    }

    private static String scrub(ScrubView scrub) {
        if (scrub.newestWallMillis() == 0) {
            return "Last scrub: never";
        }
        String newest = Instant.ofEpochMilli(scrub.newestWallMillis()).toString();
        return scrub.partitionsNever() > 0
                ? "Last scrub: " + newest + ", partitions never scrubbed: " + scrub.partitionsNever()
                : "Last scrub: " + newest + ", every partition since " + Instant.ofEpochMilli(scrub.oldestWallMillis());
    }

    private static List<List<String>> nodeRows(ClusterStatus status) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(
                "NODE", "ADDRESS", "ZONE", "STATE", "LEADS", "REPLICAS", "DATA", "LOG", "DISK", "UPTIME", "VERSION"));
        for (NodeView node : status.nodes()) {
            String name = node.name().isEmpty() ? "?" : node.name();
            rows.add(
                    node.up()
                            ? List.of(
                                    name,
                                    node.address(),
                                    zone(node),
                                    state(node),
                                    Integer.toString(node.leads()),
                                    Integer.toString(node.replicas()),
                                    size(node.dataBytes()),
                                    size(node.logBytes()),
                                    disk(node),
                                    duration(node.uptimeMillis()),
                                    node.version())
                            : List.of(
                                    name, node.address(), zone(node), state(node), "-", "-", "-", "-", "-", "-", "-"));
        }
        return rows;
    }

    private static List<List<String>> routerRows(ClusterStatus status) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ROUTER", "ADDRESS", "ZONE", "STATE", "CATALOG", "VERSION"));
        for (RouterView router : status.routers()) {
            rows.add(List.of(
                    router.name(),
                    router.address(),
                    orDash(router.zone()),
                    router.suspect() ? "suspect" : "up",
                    Long.toString(router.catalogEpoch()),
                    router.version()));
        }
        return rows;
    }

    private static String zone(NodeView node) {
        return orDash(node.zone());
    }

    private static String orDash(String text) {
        return text.isEmpty() ? "-" : text;
    }

    private static String state(NodeView node) {
        String seen = node.up() ? "up" : "down";
        return node.intent().isEmpty() || node.intent().equals("SERVING")
                ? seen
                : seen + ", " + node.intent().toLowerCase(Locale.ROOT);
    }

    private static String disk(NodeView node) {
        return node.diskTotalBytes() == 0
                ? "-"
                : String.format(Locale.ROOT, "%.0f %%", 100.0 * node.diskUsedBytes() / node.diskTotalBytes());
    }

    private static List<List<String>> partitionRows(ClusterStatus status) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("PARTITION", "FIRST TOKEN", "EPOCH", "TERM", "LEADER", "COMMITTED", "APPLIED", "REPLICAS"));
        for (PartitionView partition : status.partitions()) {
            boolean led = !partition.leader().isEmpty();
            rows.add(List.of(
                    Integer.toString(partition.id()),
                    partition.id() == 0 ? "(catalog)" : String.format(Locale.ROOT, "%016x", partition.startToken()),
                    Long.toString(partition.epoch()),
                    led ? Long.toString(partition.term()) : "-",
                    led ? partition.leader() : "none",
                    led ? Long.toString(partition.commitIndex()) : "-",
                    led ? Long.toString(partition.appliedIndex()) : "-",
                    partition.replicas().stream()
                            .map(name -> partition.liveReplicas().contains(name) ? name : name + "(down)")
                            .collect(Collectors.joining(" "))));
        }
        return rows;
    }

    /** A table with its heads in the first row, each line ended. */
    public static String table(List<List<String>> rows) {
        StringBuilder text = new StringBuilder();
        appendTable(text, rows);
        return text.toString();
    }

    private static void appendTable(StringBuilder text, List<List<String>> rows) {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(120);
            for (int column = 0; column < columns; column++) {
                line.append(row.get(column))
                        .repeat(' ', widths[column] - row.get(column).length() + 2);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
    }

    /** A number of bytes for people. */
    public static String size(long bytes) {
        if (bytes < 1L << 10) {
            return bytes + " B";
        }
        if (bytes < 1L << 20) {
            return String.format(Locale.ROOT, "%.1f KB", bytes / 1024.0);
        }
        if (bytes < 1L << 30) {
            return String.format(Locale.ROOT, "%.1f MB", bytes / 1048576.0);
        }
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1073741824.0);
    }

    private static String duration(long millis) {
        Duration duration = Duration.ofMillis(millis);
        if (duration.toDays() > 0) {
            return duration.toDays() + "d " + duration.toHoursPart() + "h";
        }
        if (duration.toHours() > 0) {
            return duration.toHours() + "h " + duration.toMinutesPart() + "m";
        }
        if (duration.toMinutes() > 0) {
            return duration.toMinutes() + "m " + duration.toSecondsPart() + "s";
        }
        return duration.toSeconds() + "s";
    }
}

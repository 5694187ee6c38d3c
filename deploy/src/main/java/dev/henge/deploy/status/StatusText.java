package dev.henge.deploy.status;

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
                    .append("\n");
            text.append(scrub(status.scrub())).append("\n\n");
        }
        appendTable(text, nodeRows(status));
        if (!status.partitions().isEmpty()) {
            text.append('\n');
            appendTable(text, partitionRows(status));
        }
        return text.toString();
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
        rows.add(List.of("NODE", "ADDRESS", "STATE", "LEADS", "REPLICAS", "DATA", "LOG", "UPTIME", "VERSION"));
        for (NodeView node : status.nodes()) {
            String name = node.name().isEmpty() ? "?" : node.name();
            rows.add(
                    node.up()
                            ? List.of(
                                    name,
                                    node.address(),
                                    "up",
                                    Integer.toString(node.leads()),
                                    Integer.toString(node.replicas()),
                                    size(node.dataBytes()),
                                    size(node.logBytes()),
                                    duration(node.uptimeMillis()),
                                    node.version())
                            : List.of(name, node.address(), "down", "-", "-", "-", "-", "-", "-"));
        }
        return rows;
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

    private static String size(long bytes) {
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

package dev.henge.deploy;

import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.StatusCollector;
import dev.henge.deploy.status.StatusText;
import dev.henge.membership.plan.PartitionView;
import dev.henge.node.StartupException;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.ReplicaStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JsonGenerator;

/** {@code henge partitions}: what the partitions hold and do. */
@Command(
        name = "partitions",
        description = "Show each partition's tokens, size, leader, replicas and requests per second.",
        footer = {"", "  henge partitions --hot       those with the most requests first"},
        sortOptions = false)
final class PartitionsCommand extends OperatorCommand {

    private static final int TIMEOUT_SECONDS = 5;
    private static final long WINDOW_MILLIS = 1_000;

    @Option(names = "--hot", description = "Those with the most requests first.")
    private boolean hot;

    private record Row(PartitionView partition, double operationsPerSecond) {}

    PartitionsCommand() {
        super(TIMEOUT_SECONDS);
    }

    @Override
    Answer answer(List<String> addresses, Duration timeout) throws StartupException, InterruptedException {
        StatusCollector collector = new StatusCollector(timeout);
        Map<String, Map<Integer, Long>> before = counts(collector.look(addresses));
        long beganNanos = System.nanoTime();
        TimeUnit.MILLISECONDS.sleep(WINDOW_MILLIS);
        ClusterLook look = collector.look(addresses);
        double seconds = (System.nanoTime() - beganNanos) / 1e9;
        if (look.catalog().getEpoch() == 0) {
            throw new StartupException("no node answers that knows the cluster's catalog");
        }
        Map<Integer, Double> rates = rates(before, counts(look), seconds);
        List<Row> rows = new ArrayList<>(look.view().partitions().stream()
                .map(partition -> new Row(partition, rates.getOrDefault(partition.id(), 0.0)))
                .toList());
        if (hot) {
            rows.sort(Comparator.comparing(Row::operationsPerSecond).reversed());
        }
        return Answer.done(text(rows), json -> write(rows, json));
    }

    private static Map<String, Map<Integer, Long>> counts(ClusterLook look) {
        Map<String, Map<Integer, Long>> counts = new HashMap<>();
        for (Map.Entry<String, NodeStatusReply> reply : look.replies().entrySet()) {
            Map<Integer, Long> ofNode = new HashMap<>();
            for (ReplicaStatus replica : reply.getValue().getReplicasList()) {
                ofNode.put(replica.getPartition(), replica.getOperations());
            }
            counts.put(reply.getKey(), ofNode);
        }
        return counts;
    }

    /** Of all nodes together; one that was started in between counts from its start. */
    private static Map<Integer, Double> rates(
            Map<String, Map<Integer, Long>> before, Map<String, Map<Integer, Long>> after, double seconds) {
        Map<Integer, Double> rates = new HashMap<>();
        after.forEach((node, counts) -> counts.forEach((partition, count) -> {
            long known = before.getOrDefault(node, Map.of()).getOrDefault(partition, count);
            rates.merge(partition, Math.max(0, count - known) / seconds, Double::sum);
        }));
        return rates;
    }

    private static String text(List<Row> rows) {
        List<List<String>> cells = new ArrayList<>();
        cells.add(List.of("PARTITION", "FIRST TOKEN", "SIZE", "REQUESTS/S", "LEADER", "REPLICAS"));
        for (Row row : rows) {
            PartitionView partition = row.partition();
            cells.add(List.of(
                    Integer.toString(partition.id()),
                    partition.isSystem() ? "(catalog)" : token(partition.range().start()),
                    StatusText.size(partition.sizeBytes()),
                    String.format(Locale.ROOT, "%.0f", row.operationsPerSecond()),
                    partition.leader().isEmpty() ? "none" : partition.leader(),
                    String.join(" ", partition.voters())));
        }
        return StatusText.table(cells);
    }

    private static void write(List<Row> rows, JsonGenerator json) {
        json.writeArrayPropertyStart("partitions");
        for (Row row : rows) {
            PartitionView partition = row.partition();
            json.writeStartObject();
            json.writeNumberProperty("id", partition.id());
            json.writeStringProperty("startToken", token(partition.range().start()));
            json.writeStringProperty("endToken", token(partition.range().end()));
            json.writeNumberProperty("sizeBytes", partition.sizeBytes());
            json.writeNumberProperty("operationsPerSecond", row.operationsPerSecond());
            json.writeStringProperty("leader", partition.leader());
            json.writeArrayPropertyStart("replicas");
            partition.voters().forEach(json::writeString);
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    static String token(long token) {
        return new RingToken(token).toString();
    }
}

package dev.henge.deploy;

import dev.henge.cluster.Channels;
import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.StatusCollector;
import dev.henge.node.StartupException;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.ScrubProgress;
import dev.henge.proto.ScrubRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code henge verify}: whether all replicas hold the same. */
@Command(
        name = "verify",
        description = "Compare what all replicas of all partitions hold, and say whether it is the same.",
        footer = {
            "",
            "It scrubs every partition, as henge scrub --wait does, at the nodes' rate for that. Replicas that differ are",
            "rebuilt. Exits with 0 when all partitions were compared and equal, else with 1."
        },
        sortOptions = false)
final class VerifyCommand extends OperatorCommand {

    private static final int TIMEOUT_SECONDS = 5;
    private static final String EQUAL = "EQUAL";

    @Option(
            names = "--timeout-minutes",
            paramLabel = "N",
            defaultValue = "60",
            description = "How long to wait for the comparison (default: ${DEFAULT-VALUE}).")
    private int timeoutMinutes;

    VerifyCommand() {
        super(TIMEOUT_SECONDS);
    }

    @Override
    Answer answer(List<String> addresses, Duration timeout) throws StartupException, InterruptedException {
        ClusterLook look = new StatusCollector(timeout).look(addresses);
        if (look.catalog().getEpoch() == 0) {
            throw new StartupException("no node answers that knows the cluster's catalog");
        }
        List<String> troubles = new ArrayList<>();
        Map<Integer, ScrubProgress> results = scrub(look.catalog().getNodesList(), troubles);
        look.catalog().getPartitionsList().stream()
                .filter(partition -> !results.containsKey(partition.getId()))
                .forEach(partition -> troubles.add("partition " + partition.getId()
                        + " was not compared: no node that answered leads it, or it changed hands meanwhile"));
        results.values().stream()
                .filter(result -> !result.getOutcome().equals(EQUAL))
                .forEach(result -> troubles.add("partition " + result.getPartition() + ": " + result.getOutcome()
                        + (result.getDetail().isEmpty() ? "" : ", " + result.getDetail())));
        long keys = results.values().stream().mapToLong(ScrubProgress::getKeys).sum();
        long bytes =
                results.values().stream().mapToLong(ScrubProgress::getBytes).sum();
        long equal = results.values().stream()
                .filter(result -> result.getOutcome().equals(EQUAL))
                .count();
        StringBuilder text = new StringBuilder(
                troubles.isEmpty() ? "All replicas are equal.\n" : "Not all replicas were found equal.\n");
        troubles.forEach(trouble -> text.append("! ").append(trouble).append('\n'));
        text.append(equal + " partitions equal, " + keys + " keys, " + bytes + " bytes compared.\n");
        return Answer.of(
                text.toString(),
                json -> {
                    json.writeBooleanProperty("equal", troubles.isEmpty());
                    json.writeNumberProperty("partitionsEqual", equal);
                    json.writeNumberProperty("keys", keys);
                    json.writeNumberProperty("bytes", bytes);
                    json.writeArrayPropertyStart("troubles");
                    troubles.forEach(json::writeString);
                    json.writeEndArray();
                },
                troubles.isEmpty());
    }

    /** Each node scrubs what it leads: all are asked before the first result is waited for. */
    private Map<Integer, ScrubProgress> scrub(List<NodeRecord> nodes, List<String> troubles) {
        Map<String, Iterator<ScrubProgress>> running = new LinkedHashMap<>();
        List<ManagedChannel> channels = new ArrayList<>();
        Map<Integer, ScrubProgress> results = new TreeMap<>(Comparator.naturalOrder());
        try {
            for (NodeRecord node : nodes) {
                ManagedChannel channel = Channels.open(node.getAddress());
                channels.add(channel);
                running.put(
                        node.getName(),
                        AdminGrpc.newBlockingStub(channel)
                                .withDeadlineAfter(TimeUnit.MINUTES.toSeconds(timeoutMinutes), TimeUnit.SECONDS)
                                .scrub(ScrubRequest.getDefaultInstance()));
            }
            running.forEach((node, progress) -> {
                try {
                    while (progress.hasNext()) {
                        ScrubProgress result = progress.next();
                        if (!result.getOutcome().isEmpty()) {
                            results.put(result.getPartition(), result);
                            progress("partition " + result.getPartition() + ": " + result.getOutcome());
                        }
                    }
                } catch (StatusRuntimeException e) {
                    troubles.add("lost node " + node + " (" + e.getStatus().getCode()
                            + "); henge status shows how it stands");
                }
            });
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
        }
        return results;
    }
}

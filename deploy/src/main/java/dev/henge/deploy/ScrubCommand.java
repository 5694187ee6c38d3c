package dev.henge.deploy;

import dev.henge.cluster.Channels;
import dev.henge.deploy.status.ClusterLook;
import dev.henge.deploy.status.StatusCollector;
import dev.henge.node.StartupException;
import dev.henge.proto.AdminGrpc;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.ScrubProgress;
import dev.henge.proto.ScrubRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code henge scrub}: compare what the replicas hold. */
@Command(
        name = "scrub",
        description = "Compare what the replicas of each partition hold; those that differ are rebuilt.",
        footer = {
            "",
            "With --wait, exits with 0 when all replicas were found equal, else with 1.",
            "Without, the nodes go on by themselves; henge status shows what they find.",
            "Any node will do for --nodes: it knows the others. Each scrubs the partitions that it leads."
        },
        sortOptions = false)
final class ScrubCommand extends VerboseCommand implements Callable<Integer> {

    private static final int TIMEOUT_MINUTES_MAX = 7 * 24 * 60;
    private static final long START_SECONDS_MAX = 10;
    private static final Duration LOOK_TIMEOUT = Duration.ofSeconds(5);

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(names = "--partition", split = ",", paramLabel = "ID", description = "Partitions to scrub (default: all).")
    private List<Integer> partitions = List.of();

    @Option(names = "--wait", description = "Wait for the results and show them.")
    private boolean wait;

    @Option(
            names = "--timeout-minutes",
            paramLabel = "N",
            defaultValue = "60",
            description = "How long --wait waits (default: ${DEFAULT-VALUE}).")
    private int timeoutMinutes;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Override
    public Integer call() throws StartupException, InterruptedException {
        if (timeoutMinutes < 1 || timeoutMinutes > TIMEOUT_MINUTES_MAX) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--timeout-minutes must be from 1 to " + TIMEOUT_MINUTES_MAX + ", not " + timeoutMinutes);
        }
        Logging.quiet(verbose());
        ClusterLook look = new StatusCollector(LOOK_TIMEOUT).look(cluster.addresses());
        if (look.catalog().getEpoch() == 0) {
            throw new StartupException("no node answers that knows the cluster's catalog");
        }
        int wanted = wanted(look.catalog());
        Map<String, ManagedChannel> channels = new TreeMap<>();
        look.catalog().getNodesList().stream()
                .map(NodeRecord::getAddress)
                .forEach(address -> channels.put(address, Channels.open(address)));
        try {
            return scrub(channels, wanted);
        } finally {
            channels.values().forEach(ManagedChannel::shutdownNow);
        }
    }

    /**
     * How many partitions are to be scrubbed.
     *
     * @throws StartupException when one that was named does not exist
     */
    private int wanted(Catalog catalog) throws StartupException {
        Set<Integer> all =
                catalog.getPartitionsList().stream().map(PartitionRecord::getId).collect(Collectors.toSet());
        for (int partition : partitions) {
            if (!all.contains(partition)) {
                throw new StartupException("there is no partition " + partition);
            }
        }
        return partitions.isEmpty() ? all.size() : Set.copyOf(partitions).size();
    }

    private int scrub(Map<String, ManagedChannel> channels, int wanted) {
        PrintWriter out = spec.commandLine().getOut();
        // Asked one after another to begin, all before the first result is waited for.
        Map<String, Iterator<ScrubProgress>> running = new TreeMap<>();
        List<String> troubles = new ArrayList<>();
        long count = 0;
        for (Map.Entry<String, ManagedChannel> node : channels.entrySet()) {
            try {
                Iterator<ScrubProgress> progress = AdminGrpc.newBlockingStub(node.getValue())
                        .withDeadlineAfter(
                                wait ? TimeUnit.MINUTES.toSeconds(timeoutMinutes) : START_SECONDS_MAX, TimeUnit.SECONDS)
                        .scrub(ScrubRequest.newBuilder()
                                .addAllPartitions(partitions)
                                .build());
                count += progress.next().getPartitionCount();
                running.put(node.getKey(), progress);
            } catch (StatusRuntimeException e) {
                troubles.add("the node at " + node.getKey() + " does not answer ("
                        + e.getStatus().getCode() + ")");
            }
        }
        out.println(count + (count == 1 ? " partition is" : " partitions are") + " being scrubbed by their leaders.");
        out.flush();
        if (count < wanted) {
            long left = wanted - count;
            troubles.add(left + (left == 1 ? " partition is" : " partitions are")
                    + " not scrubbed: no node that answered leads them, or too many scrubs wait there");
        }
        boolean allEqual = troubles.isEmpty() && count > 0;
        if (wait) {
            for (Map.Entry<String, Iterator<ScrubProgress>> node : running.entrySet()) {
                allEqual &= show(out, node.getKey(), node.getValue(), troubles);
            }
        }
        troubles.forEach(trouble -> out.println("! " + trouble));
        out.flush();
        return troubles.isEmpty() && (allEqual || !wait) ? Henge.EXIT_DONE : Henge.EXIT_FAILED;
    }

    private static boolean show(
            PrintWriter out, String address, Iterator<ScrubProgress> progress, List<String> troubles) {
        boolean allEqual = true;
        try {
            while (progress.hasNext()) {
                ScrubProgress result = progress.next();
                boolean equal = result.getOutcome().equals("EQUAL");
                allEqual &= equal;
                out.println((equal ? "  " : "! ") + "partition " + result.getPartition() + ": " + result.getOutcome()
                        + ", " + result.getKeys() + " keys, " + result.getBytes() + " bytes"
                        + (result.getDetail().isEmpty() ? "" : "; " + result.getDetail()));
                out.flush();
            }
        } catch (StatusRuntimeException e) {
            troubles.add("lost the node at " + address + " (" + e.getStatus().getCode()
                    + "); if its storage is damaged it starts again by itself, see henge status");
            return false;
        }
        return allEqual;
    }
}

package dev.henge.chaos.simulation;

import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.node.catalog.Splits;
import dev.henge.node.partition.Replica;
import dev.henge.proto.BeginSplit;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.PartitionRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Has partitions split, at the keys of clients and in between. */
final class Divisions {

    private static final int PARTITIONS_MAX = 12;
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(8);

    private final World world;
    private final SimulatedRouter router;
    private final Chance chance;
    private boolean busy;
    private boolean stopping;

    Divisions(World world, SimulatedRouter router) {
        this.world = world;
        this.router = router;
        // Of its own, so that a run without splits is the same as if there were none.
        this.chance = new Chance(new SplittableRandom(world.settings.seed() ^ 0x5b1175b117L));
    }

    void start() {
        long pauseNanosMax = world.settings.splitPauseNanosMax();
        if (pauseNanosMax > 0) {
            world.scheduler.after(chance.below(pauseNanosMax), this::next);
        }
    }

    void stop() {
        stopping = true;
    }

    boolean idle() {
        return !busy;
    }

    /** No split is under way, and all have counted what they have. */
    boolean areDone() {
        return world.catalogs.newest().getPartitionsList().stream().noneMatch(PartitionRecord::hasSplit)
                && world.nodes.values().stream()
                        .flatMap(node -> node.replicas().stream())
                        .noneMatch(replica -> replica.machine().counts());
    }

    private void next() {
        if (stopping) {
            return;
        }
        Catalog catalog = router.client().catalog();
        List<PartitionRecord> partitions = catalog.getPartitionsList().stream()
                .filter(partition -> partition.getId() != 0)
                .toList();
        if (partitions.isEmpty() || partitions.size() >= PARTITIONS_MAX) {
            start();
            return;
        }
        PartitionRecord partition = chance.oneOf(partitions);
        CatalogCommand command = CatalogCommand.newBuilder()
                .setRequestId(RoutingEnvironment.requestId(chance))
                .setBeginSplit(BeginSplit.newBuilder()
                        .setPartition(partition.getId())
                        .setToken(token(partition))
                        .setEpoch(partition.getEpoch()))
                .build();
        busy = true;
        traced("calls", command);
        router.client()
                .submit(command, new Deadline(router.nanoTime() + TIMEOUT_NANOS))
                .whenComplete((outcome, failure) -> world.scheduler.after(0, () -> {
                    busy = false;
                    traced("learns", outcome == null ? failure : outcome);
                    check(outcome, failure);
                    start();
                }));
    }

    private long token(PartitionRecord partition) {
        long middle = Splits.middleOf(partition);
        long token = chance.any();
        boolean inside =
                token != partition.getStartToken() && Catalogs.tokens(partition).contains(token);
        return inside ? token : middle;
    }

    private static void check(@Nullable CatalogOutcome outcome, @Nullable Throwable failure) {
        if (outcome != null && outcome.getCode() == CatalogOutcome.Code.INVALID_SPLIT) {
            throw new SimulationFailure("a split was refused: " + outcome.getMessage());
        }
        Throwable cause = failure instanceof CompletionException
                ? Optional.ofNullable(failure.getCause()).orElse(failure)
                : failure;
        if (cause != null && !(cause instanceof ClusterException)) {
            throw new SimulationFailure("a split failed", cause);
        }
    }

    /** What is wrong with the map, as text: it covers the ring, and replicas are what it says they are. */
    List<String> complaints() {
        List<String> complaints = new ArrayList<>();
        List<PartitionRecord> partitions = world.catalogs.dataPartitions().stream()
                .sorted(Comparator.comparing(PartitionRecord::getStartToken, Long::compareUnsigned))
                .toList();
        long reached = 0;
        for (PartitionRecord partition : partitions) {
            if (partition.getStartToken() != reached) {
                complaints.add("the map has a gap or an overlap before partition " + partition.getId());
            }
            reached = partition.getEndToken();
            for (String name : partition.getReplicasList()) {
                Replica replica = world.node(name).replica(partition.getId()).orElseThrow();
                if (!replica.tokens().equals(Catalogs.tokens(partition)) || replica.epoch() != partition.getEpoch()) {
                    complaints.add(name + " has " + replica.tokens() + " of epoch " + replica.epoch()
                            + " of what the map says is " + partition);
                }
            }
        }
        if (!partitions.isEmpty() && reached != 0) {
            complaints.add("the map ends before the ring does");
        }
        return complaints;
    }

    private void traced(String what, @Nullable Object text) {
        world.trace.event(world.scheduler.nowNanos(), "divisions", what, 0, () -> String.valueOf(text)
                .replaceAll("\\s+", " "));
    }
}

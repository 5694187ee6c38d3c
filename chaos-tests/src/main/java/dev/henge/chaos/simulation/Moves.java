package dev.henge.chaos.simulation;

import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.node.catalog.Placements;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Has partitions moved to other nodes, one wish after the other, whether the last one is carried out or not. */
final class Moves {

    private static final int REPLICAS = 3;
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(8);

    private final World world;
    private final SimulatedRouter router;
    private final Chance chance;
    private boolean busy;
    private boolean stopping;

    Moves(World world, SimulatedRouter router) {
        this.world = world;
        this.router = router;
        this.chance = world.chanceFor();
    }

    void start() {
        long pauseNanosMax = world.settings.movePauseNanosMax();
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

    /** Every partition is where it is to be, and nowhere else. */
    boolean areDone() {
        return world.catalogs.newest().getPartitionsList().stream()
                .allMatch(partition -> partition.getTargetCount() == 0
                        && world.nodes.values().stream()
                                .allMatch(
                                        node -> node.replica(partition.getId()).isPresent()
                                                == Placements.nodesOf(partition).contains(node.name())));
    }

    private void next() {
        if (stopping) {
            return;
        }
        Catalog catalog = router.client().catalog();
        if (catalog.getPartitionsCount() == 0) {
            start();
            return;
        }
        PartitionRecord partition = chance.oneOf(catalog.getPartitionsList());
        List<String> nodes = chance.shuffled(
                catalog.getNodesList().stream().map(NodeRecord::getName).toList());
        int count = chance.happens(0.8) ? REPLICAS : REPLICAS + chance.below(nodes.size() - REPLICAS + 1);
        CatalogCommand command = CatalogCommand.newBuilder()
                .setRequestId(RoutingEnvironment.requestId(chance))
                .setPlacePartition(PlacePartition.newBuilder()
                        .setPartition(partition.getId())
                        .addAllReplicas(nodes.subList(0, count))
                        .setPlacementEpoch(partition.getPlacementEpoch()))
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

    private static void check(@Nullable CatalogOutcome outcome, @Nullable Throwable failure) {
        if (outcome != null && outcome.getCode() == CatalogOutcome.Code.INVALID_PLACEMENT) {
            throw new SimulationFailure("a move was refused: " + outcome.getMessage());
        }
        Throwable cause = failure instanceof CompletionException
                ? Optional.ofNullable(failure.getCause()).orElse(failure)
                : failure;
        if (cause != null && !(cause instanceof ClusterException)) {
            throw new SimulationFailure("a move failed", cause);
        }
    }

    private void traced(String what, @Nullable Object text) {
        world.trace.event(world.scheduler.nowNanos(), "moves", what, 0, () -> String.valueOf(text)
                .replaceAll("\\s+", " "));
    }
}

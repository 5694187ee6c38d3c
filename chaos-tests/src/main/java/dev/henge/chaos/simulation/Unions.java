package dev.henge.chaos.simulation;

import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.proto.BeginMerge;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.TaskRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Has neighbours on the ring merged, once they are on the same nodes. */
final class Unions {

    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(8);

    private final World world;
    private final SimulatedRouter router;
    private final Chance chance;
    private boolean busy;
    private boolean stopping;

    Unions(World world, SimulatedRouter router) {
        this.world = world;
        this.router = router;
        // Of its own, so that a run without merges is the same as if there were none.
        this.chance = new Chance(new SplittableRandom(world.settings.seed() ^ 0x3e49e5L));
    }

    void start() {
        long pauseNanosMax = world.settings.mergePauseNanosMax();
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

    /** No merge is under way, and nothing is left of partitions that became part of others. */
    boolean areDone() {
        Set<Integer> partitions = world.catalogs.newest().getPartitionsList().stream()
                .map(PartitionRecord::getId)
                .collect(Collectors.toSet());
        return world.catalogs.newest().getPartitionsList().stream()
                        .noneMatch(partition -> partition.hasMerge() || partition.getMergedCount() > 0)
                && world.nodes.values().stream()
                        .flatMap(node -> node.replicas().stream())
                        .allMatch(replica -> partitions.contains(replica.partition())
                                && !replica.machine().counts());
    }

    private void next() {
        if (stopping) {
            return;
        }
        Catalog catalog = router.client().catalog();
        List<PartitionRecord> ring = new ArrayList<>(catalog.getPartitionsList().stream()
                .filter(partition -> partition.getId() != 0)
                .sorted(Comparator.comparing(PartitionRecord::getStartToken, Long::compareUnsigned))
                .toList());
        if (ring.size() < 2) {
            start();
            return;
        }
        int place = chance.below(ring.size() - 1);
        CatalogCommand command = merge(ring.get(place), ring.get(place + 1));
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

    private CatalogCommand merge(PartitionRecord left, PartitionRecord right) {
        CatalogCommand.Builder command = CatalogCommand.newBuilder().setRequestId(RoutingEnvironment.requestId(chance));
        boolean together = new HashSet<>(left.getReplicasList()).equals(new HashSet<>(right.getReplicasList()));
        if (!together) {
            return command.setPlacePartition(PlacePartition.newBuilder()
                            .setPartition(right.getId())
                            .addAllReplicas(left.getReplicasList())
                            .setPlacementEpoch(right.getPlacementEpoch()))
                    .build();
        }
        BeginMerge.Builder merge = BeginMerge.newBuilder()
                .setLeft(left.getId())
                .setRight(right.getId())
                .setLeftEpoch(left.getEpoch())
                .setRightEpoch(right.getEpoch());
        if (chance.happens(0.5)) {
            merge.setTask(TaskRecord.newBuilder().setKind(TaskRecord.Kind.MERGE).setReason("simulated"));
        }
        return command.setBeginMerge(merge).build();
    }

    private static void check(@Nullable CatalogOutcome outcome, @Nullable Throwable failure) {
        if (outcome != null && outcome.getCode() == CatalogOutcome.Code.INVALID_MERGE) {
            throw new SimulationFailure("a merge was refused: " + outcome.getMessage());
        }
        Throwable cause = failure instanceof CompletionException
                ? Optional.ofNullable(failure.getCause()).orElse(failure)
                : failure;
        if (cause != null && !(cause instanceof ClusterException)) {
            throw new SimulationFailure("a merge failed", cause);
        }
    }

    private void traced(String what, @Nullable Object text) {
        world.trace.event(world.scheduler.nowNanos(), "unions", what, 0, () -> String.valueOf(text)
                .replaceAll("\\s+", " "));
    }
}

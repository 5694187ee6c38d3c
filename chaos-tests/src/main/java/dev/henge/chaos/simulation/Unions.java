package dev.henge.chaos.simulation;

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
import java.util.stream.Collectors;

/** Has neighbours on the ring merged, once they are on the same nodes. */
final class Unions {

    private final World world;
    private final Chance chance;
    private final RepeatedCommand commands;

    Unions(World world, SimulatedRouter router) {
        this.world = world;
        // Of its own, so that a run without merges is the same as if there were none.
        this.chance = new Chance(new SplittableRandom(world.settings.seed() ^ 0x3e49e5L));
        this.commands = new RepeatedCommand(
                world,
                router,
                new RepeatedCommand.Kind(
                        "unions", "a merge", CatalogOutcome.Code.INVALID_MERGE, world.settings.mergePauseNanosMax()),
                chance,
                this::next);
    }

    RepeatedCommand commands() {
        return commands;
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

    private Optional<CatalogCommand> next(Catalog catalog) {
        List<PartitionRecord> ring = new ArrayList<>(catalog.getPartitionsList().stream()
                .filter(partition -> partition.getId() != 0)
                .sorted(Comparator.comparing(PartitionRecord::getStartToken, Long::compareUnsigned))
                .toList());
        if (ring.size() < 2) {
            return Optional.empty();
        }
        int place = chance.below(ring.size() - 1);
        return Optional.of(merge(ring.get(place), ring.get(place + 1)));
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
            merge.setTask(TaskRecord.newBuilder()
                    .setKind(TaskRecord.Kind.OPERATOR_MERGE)
                    .setReason("simulated"));
        }
        return command.setBeginMerge(merge).build();
    }
}

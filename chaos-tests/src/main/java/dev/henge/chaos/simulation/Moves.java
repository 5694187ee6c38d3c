package dev.henge.chaos.simulation;

import dev.henge.node.catalog.Placements;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import java.util.List;
import java.util.Optional;

/** Has partitions moved to other nodes, one wish after the other, whether the last one is carried out or not. */
final class Moves {

    private static final int REPLICAS = 3;

    private final World world;
    private final Chance chance;
    private final RepeatedCommand commands;

    Moves(World world, SimulatedRouter router) {
        this.world = world;
        this.chance = world.chanceFor();
        this.commands = new RepeatedCommand(
                world,
                router,
                new RepeatedCommand.Kind(
                        "moves", "a move", CatalogOutcome.Code.INVALID_PLACEMENT, world.settings.movePauseNanosMax()),
                chance,
                this::next);
    }

    RepeatedCommand commands() {
        return commands;
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

    private Optional<CatalogCommand> next(Catalog catalog) {
        if (catalog.getPartitionsCount() == 0) {
            return Optional.empty();
        }
        PartitionRecord partition = chance.oneOf(catalog.getPartitionsList());
        List<String> nodes = chance.shuffled(
                catalog.getNodesList().stream().map(NodeRecord::getName).toList());
        int count = chance.happens(0.8) ? REPLICAS : REPLICAS + chance.below(nodes.size() - REPLICAS + 1);
        return Optional.of(CatalogCommand.newBuilder()
                .setRequestId(RoutingEnvironment.requestId(chance))
                .setPlacePartition(PlacePartition.newBuilder()
                        .setPartition(partition.getId())
                        .addAllReplicas(nodes.subList(0, count))
                        .setPlacementEpoch(partition.getPlacementEpoch()))
                .build());
    }
}

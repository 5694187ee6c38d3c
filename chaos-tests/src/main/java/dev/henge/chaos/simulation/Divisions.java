package dev.henge.chaos.simulation;

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

/** Has partitions split, at the keys of clients and in between. */
final class Divisions {

    private static final int PARTITIONS_MAX = 12;

    private final World world;
    private final Chance chance;
    private final RepeatedCommand commands;

    Divisions(World world, SimulatedRouter router) {
        this.world = world;
        // Of its own, so that a run without splits is the same as if there were none.
        this.chance = new Chance(new SplittableRandom(world.settings.seed() ^ 0x5b1175b117L));
        this.commands = new RepeatedCommand(
                world,
                router,
                new RepeatedCommand.Kind(
                        "divisions", "a split", CatalogOutcome.Code.INVALID_SPLIT, world.settings.splitPauseNanosMax()),
                chance,
                this::next);
    }

    RepeatedCommand commands() {
        return commands;
    }

    /** No split is under way, and all have counted what they have. */
    boolean areDone() {
        return world.catalogs.newest().getPartitionsList().stream().noneMatch(PartitionRecord::hasSplit)
                && world.nodes.values().stream()
                        .flatMap(node -> node.replicas().stream())
                        .noneMatch(replica -> replica.machine().counts());
    }

    private Optional<CatalogCommand> next(Catalog catalog) {
        List<PartitionRecord> partitions = catalog.getPartitionsList().stream()
                .filter(partition -> partition.getId() != 0)
                .toList();
        if (partitions.isEmpty() || partitions.size() >= PARTITIONS_MAX) {
            return Optional.empty();
        }
        PartitionRecord partition = chance.oneOf(partitions);
        return Optional.of(CatalogCommand.newBuilder()
                .setRequestId(RoutingEnvironment.requestId(chance))
                .setBeginSplit(BeginSplit.newBuilder()
                        .setPartition(partition.getId())
                        .setToken(token(partition))
                        .setEpoch(partition.getEpoch()))
                .build());
    }

    private long token(PartitionRecord partition) {
        long middle = Splits.middleOf(partition);
        long token = chance.any();
        boolean inside =
                token != partition.getStartToken() && Catalogs.tokens(partition).contains(token);
        return inside ? token : middle;
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
}

package dev.henge.chaos.simulation;

import dev.henge.node.catalog.Placements;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Once everything is healed, in some runs: a node goes and stays away while another replica of one of its partitions moves, until
 * the coordinator has replaced all that it had. Until then others keep the logs in its place, where it is long and there are nodes for
 * it; and no partition is to have fewer replicas than before.
 */
final class LastingLoss {

    private static final double SHARE = 0.3;
    private static final int NODES_MIN = 4;

    /** With one more than a partition that moves has replicas on, there is one to keep its log. */
    private static final int NODES_FOR_LOGS = 5;

    private static final int REPLICAS = 3;
    private static final long REPLACE_AFTER_MILLIS_MIN = 2_000;
    private static final long REPLACE_AFTER_MILLIS_MAX = 20_000;

    /** From here on the logs are surely kept by others first: a lost node is noticed, and a log asked for, within seconds. */
    private static final long LONG_MILLIS = 12_000;

    private static final long KILL_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(1_500);

    private final World world;
    private final SimulatedRouter router;
    private final Chance chance;
    private final CatalogCalls calls;
    private final boolean wanted;
    private final long replaceAfterMillis;
    private @Nullable SimulatedNode gone;

    LastingLoss(World world, SimulatedRouter router) {
        this.world = world;
        this.router = router;
        this.calls = new CatalogCalls(world, router, "loss");
        // A stream of its own: the runs before it stay as they were.
        this.chance = new Chance(new SplittableRandom(world.settings.seed()));
        this.wanted = chance.happens(SHARE);
        this.replaceAfterMillis = chance.between(REPLACE_AFTER_MILLIS_MIN, REPLACE_AFTER_MILLIS_MAX);
    }

    /** Whether there is a coordinator, and a node more than a partition needs. */
    boolean isPossible() {
        return wanted
                && world.settings.planPauseNanosMax() > 0
                && world.catalogs.newest().getNodesCount() >= NODES_MIN;
    }

    void begin() {
        submit(
                CatalogCommand.newBuilder()
                        .setChangeSettings(ChangeSettings.newBuilder().setReplaceAfterMillis(replaceAfterMillis)),
                this::move);
    }

    private void move() {
        Catalog catalog = router.client().catalog();
        PartitionRecord partition = chance.oneOf(catalog.getPartitionsList());
        List<String> nodes = chance.shuffled(partition.getReplicasList());
        SimulatedNode leaves = world.node(nodes.getLast());
        List<String> replicas = new ArrayList<>(partition.getReplicasList());
        List<String> others = chance.shuffled(catalog.getNodesList().stream()
                .map(node -> node.getName())
                .filter(name -> !partition.getReplicasList().contains(name))
                .toList());
        if (others.isEmpty()) {
            leave(leaves);
            return;
        }
        replicas.set(replicas.indexOf(nodes.getFirst()), others.getFirst());
        submit(
                CatalogCommand.newBuilder()
                        .setPlacePartition(PlacePartition.newBuilder()
                                .setPartition(partition.getId())
                                .addAllReplicas(replicas)
                                .setPlacementEpoch(partition.getPlacementEpoch())),
                () -> leave(leaves));
    }

    private void leave(SimulatedNode node) {
        world.scheduler.after(chance.below(KILL_NANOS_MAX), () -> {
            node.goesAway();
            gone = node;
        });
    }

    /** Whether others have to keep the logs in its place before anything is replaced. */
    boolean isLong() {
        return replaceAfterMillis >= LONG_MILLIS && world.catalogs.newest().getNodesCount() >= NODES_FOR_LOGS;
    }

    /** Others keep the logs in its place. */
    boolean isStoodInFor() {
        SimulatedNode node = gone;
        return node != null
                && partitions()
                        .filter(partition -> partition.getReplicasList().contains(node.name()))
                        .allMatch(partition -> partition.getLogReplicasList().stream()
                                .anyMatch(log -> log.getInPlaceOf().equals(node.name())));
    }

    /** Nothing is to be on it any more, and nothing moves. */
    boolean isReplaced() {
        SimulatedNode node = gone;
        partitions().forEach(LastingLoss::checkReplicas);
        return node != null
                && world.catalogs.newest().getPartitionsList().stream()
                        .allMatch(partition -> partition.getTargetCount() == 0
                                && !Placements.nodesOf(partition).contains(node.name()));
    }

    private Stream<PartitionRecord> partitions() {
        return world.catalogs.newest().getPartitionsList().stream().filter(partition -> partition.getId() != 0);
    }

    private static void checkReplicas(PartitionRecord partition) {
        int target = partition.getTargetCount();
        if (partition.getReplicasCount() < REPLICAS || (target > 0 && target < REPLICAS)) {
            throw new SimulationFailure("a node is gone, and a partition is to have fewer replicas: " + partition);
        }
    }

    void end() {
        if (gone != null) {
            gone.comesBack();
        }
    }

    private void submit(CatalogCommand.Builder command, Runnable then) {
        calls.submit(command.setRequestId(RoutingEnvironment.requestId(chance)).build(), (outcome, failure) -> {
            CatalogCalls.assertExpected(failure, "a wish before a node goes failed");
            then.run();
        });
    }
}

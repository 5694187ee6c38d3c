package dev.henge.chaos.simulation;

import dev.henge.node.catalog.Placements;
import dev.henge.node.replication.Configuration;
import dev.henge.node.replication.Member;
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

/**
 * Once everything is healed, in some runs: a node goes and stays away while another replica of one of its partitions moves, until
 * the coordinator has replaced all that it had. Until then others keep the logs in its place, where it is long and there are nodes for
 * it; and no partition is to have fewer replicas than before. In some of these runs a second node goes as well before anything is
 * replaced, where that leaves every group a majority.
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

    private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final World world;
    private final SimulatedRouter router;
    private final Chance chance;
    private final CatalogCalls calls;
    private final boolean wanted;
    private final long replaceAfterMillis;
    private final boolean wantsSecond;
    private final List<SimulatedNode> gone = new ArrayList<>();

    LastingLoss(World world, SimulatedRouter router) {
        this.world = world;
        this.router = router;
        this.calls = new CatalogCalls(world, router, "loss");
        // A stream of its own: the runs before it stay as they were.
        this.chance = new Chance(new SplittableRandom(world.settings.seed()));
        this.wanted = chance.happens(SHARE);
        this.wantsSecond = chance.happens(0.5);
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
            gone.add(node);
        });
    }

    /** Whether others have to keep the logs in its place before anything is replaced. */
    boolean isLong() {
        return replaceAfterMillis >= LONG_MILLIS && world.catalogs.newest().getNodesCount() >= NODES_FOR_LOGS;
    }

    /** Others keep the logs in its place. */
    boolean isStoodInFor() {
        return !gone.isEmpty()
                && partitions()
                        .filter(partition -> partition
                                .getReplicasList()
                                .contains(gone.getFirst().name()))
                        .allMatch(partition -> partition.getLogReplicasList().stream()
                                .anyMatch(log -> log.getInPlaceOf()
                                        .equals(gone.getFirst().name())));
    }

    /** Another node goes, if there is one that all groups can do without as they are now. */
    void goOn() {
        if (!wantsSecond) {
            return;
        }
        List<SimulatedNode> others = chance.shuffled(
                world.nodes.values().stream().filter(SimulatedNode::up).toList());
        others.stream().filter(this::canBeDoneWithout).findFirst().ifPresent(node -> {
            node.goesAway();
            gone.add(node);
        });
    }

    private boolean canBeDoneWithout(SimulatedNode node) {
        return world.catalogs.newest().getPartitionsList().stream()
                .allMatch(partition -> configurations(partition.getId())
                        .allMatch(configuration -> isMajority(configuration.voters(), node)
                                && configuration.fullVoters().stream().anyMatch(voter -> isThere(voter, node))));
    }

    /** As of all who are there: one of them leads, or is going to. */
    private Stream<Configuration> configurations(int partition) {
        return world.nodes.values().stream()
                .flatMap(node -> node.replica(partition).stream())
                .map(replica -> replica.core().configuration());
    }

    private boolean isMajority(List<String> voters, SimulatedNode without) {
        return 2 * voters.stream().filter(voter -> isThere(voter, without)).count() > voters.size();
    }

    private boolean isThere(String voter, SimulatedNode without) {
        SimulatedNode node = world.node(Member.of(voter).node());
        return node.up() && node != without;
    }

    /** Nothing is to be on it any more, and nothing moves. */
    boolean isReplaced() {
        partitions().forEach(LastingLoss::checkReplicas);
        return !gone.isEmpty()
                && world.catalogs.newest().getPartitionsList().stream()
                        .allMatch(partition -> partition.getTargetCount() == 0
                                && gone.stream().noneMatch(node -> Placements.nodesOf(partition)
                                        .contains(node.name())));
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
        gone.forEach(SimulatedNode::comesBack);
    }

    /** Until it is accepted: a disk that was full a moment ago may still be taken for that. */
    private void submit(CatalogCommand.Builder command, Runnable then) {
        calls.submit(command.setRequestId(RoutingEnvironment.requestId(chance)).build(), (outcome, failure) -> {
            CatalogCalls.assertExpected(failure, "a wish before a node goes failed");
            if (failure == null) {
                then.run();
            } else {
                world.scheduler.after(AGAIN_NANOS, () -> submit(command, then));
            }
        });
    }
}

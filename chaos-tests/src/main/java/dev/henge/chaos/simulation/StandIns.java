package dev.henge.chaos.simulation;

import dev.henge.node.catalog.Placements;
import dev.henge.node.partition.Replica;
import dev.henge.node.replication.Configuration;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.Role;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlaceLogReplica;
import dev.henge.proto.RetireLogReplica;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Has nodes keep the log of partitions in the place of replicas whose nodes are away, or are not, and takes that back, at
 * random. In some runs the machine of a voter is lost for good once another's log stands in for one that is away: what was
 * acknowledged must be there all the same.
 */
final class StandIns {

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long AWAY_NANOS_MAX = TimeUnit.SECONDS.toNanos(25);

    private final World world;
    private final SimulatedRouter router;
    private final Chance chance;
    private final CatalogCalls calls;
    private boolean machineMayBeLost;
    private boolean stopping;

    StandIns(World world, SimulatedRouter router) {
        this.world = world;
        this.router = router;
        this.calls = new CatalogCalls(world, router, "stand-ins");
        // None of the world's streams is used where there are no log replicas: those runs stay as they were.
        this.chance =
                world.settings.standInPauseNanosMax() > 0 ? world.chanceFor() : new Chance(new SplittableRandom(0));
        this.machineMayBeLost = world.settings.machineIsLost();
    }

    private boolean areUsed() {
        return world.settings.standInPauseNanosMax() > 0;
    }

    void start() {
        if (areUsed()) {
            world.scheduler.after(chance.below(world.settings.standInPauseNanosMax()), this::next);
            world.scheduler.after(LOOK_NANOS, () -> look(null));
        }
    }

    /** From now on all go. */
    void stop() {
        stopping = true;
        machineMayBeLost = false;
    }

    /** Nobody is to keep the log alone any more. */
    boolean areGone() {
        return calls.idle() && wishes().isEmpty();
    }

    /** Every group has a voter on each of its nodes, and no other member. */
    boolean groupsAreWhole() {
        return !areUsed()
                || world.catalogs.dataPartitions().stream().allMatch(partition -> leader(partition.getId())
                        .map(leader -> isWhole(leader.core().configuration(), partition))
                        .orElse(false));
    }

    private static boolean isWhole(Configuration configuration, PartitionRecord partition) {
        return configuration.learners().isEmpty()
                && !configuration.hasLogMembers()
                && configuration.voters().stream()
                        .map(voter -> Member.of(voter).node())
                        .sorted()
                        .toList()
                        .equals(partition.getReplicasList().stream().sorted().toList());
    }

    private Optional<Replica> leader(int partition) {
        return world.nodes.values().stream()
                .flatMap(node -> node.replica(partition).stream())
                .filter(Replica::leads)
                .findFirst();
    }

    private List<PartitionRecord> wishes() {
        return world.catalogs.dataPartitions().stream()
                .filter(partition -> partition.getLogReplicasCount() > 0)
                .toList();
    }

    private void next() {
        List<PartitionRecord> partitions = router.client().catalog().getPartitionsList().stream()
                .filter(partition -> partition.getId() != 0)
                .toList();
        if (partitions.isEmpty()) {
            later();
            return;
        }
        if (stopping) {
            List<PartitionRecord> left = wishes();
            if (!left.isEmpty()) {
                submit(retirement(left.getFirst(), left.getFirst().getLogReplicas(0)));
            } else {
                // A wish that was given up may still be on its way.
                later();
            }
            return;
        }
        PartitionRecord partition = chance.oneOf(partitions);
        if (partition.getLogReplicasCount() > 0 && chance.happens(0.5)) {
            submit(retirement(partition, chance.oneOf(partition.getLogReplicasList())));
            return;
        }
        List<String> free = world.nodeNames.stream()
                .filter(node -> !Placements.nodesOf(partition).contains(node))
                .toList();
        if (free.isEmpty()) {
            later();
            return;
        }
        String lost = chance.oneOf(partition.getReplicasList());
        if (chance.happens(0.7)) {
            SimulatedNode node = world.node(lost);
            node.kill();
            world.scheduler.after(chance.below(AWAY_NANOS_MAX), node::start);
        }
        submit(CatalogCommand.newBuilder()
                .setPlaceLogReplica(PlaceLogReplica.newBuilder()
                        .setPartition(partition.getId())
                        .setPlacementEpoch(partition.getPlacementEpoch())
                        .setLogReplica(LogReplicaRecord.newBuilder()
                                .setNode(chance.oneOf(free))
                                .setInPlaceOf(lost))));
    }

    private static CatalogCommand.Builder retirement(PartitionRecord partition, LogReplicaRecord retired) {
        return CatalogCommand.newBuilder()
                .setRetireLogReplica(RetireLogReplica.newBuilder()
                        .setPartition(partition.getId())
                        .setNode(retired.getNode()));
    }

    private void submit(CatalogCommand.Builder command) {
        calls.submit(command.setRequestId(RoutingEnvironment.requestId(chance)).build(), (outcome, failure) -> later());
    }

    private void later() {
        long pauseNanosMax = stopping ? TimeUnit.SECONDS.toNanos(1) : world.settings.standInPauseNanosMax();
        world.scheduler.after(chance.below(pauseNanosMax), this::next);
    }

    /** Looks for log members that have begun to vote in the place of one that votes no more. */
    private void look(@Nullable Configuration before) {
        Configuration found = null;
        for (PartitionRecord partition : world.catalogs.dataPartitions()) {
            Optional<Replica> leader = leader(partition.getId());
            if (leader.isEmpty()) {
                continue;
            }
            Configuration configuration = leader.get().core().configuration();
            boolean standsIn = configuration.voters().stream().anyMatch(Member::keepsLogAlone)
                    && !configuration.learners().isEmpty()
                    && configuration.index() <= leader.get().core().commitIndex();
            if (standsIn) {
                found = configuration;
                if (!configuration.equals(before)) {
                    world.counts.standsIn();
                    mayLoseOne(leader.get(), configuration);
                }
                break;
            }
        }
        Configuration seen = found;
        world.scheduler.after(LOOK_NANOS, () -> look(seen));
    }

    /** All that a voter with items has is lost, it alone has it or others too. */
    private void mayLoseOne(Replica leader, Configuration configuration) {
        if (!machineMayBeLost || chance.happens(0.3)) {
            return;
        }
        machineMayBeLost = false;
        List<String> full = configuration.fullVoters().stream()
                .map(voter -> Member.of(voter).node())
                .toList();
        String leads = world.nodes.values().stream()
                .filter(node -> node.replica(leader.partition())
                        .filter(same -> same == leader)
                        .isPresent())
                .map(SimulatedNode::name)
                .findFirst()
                .orElseThrow();
        boolean leaderGoes = leader.core().role() == Role.LEADER && chance.happens(0.7);
        String goes = leaderGoes ? leads : chance.oneOf(full);
        if (leaderGoes && chance.happens(0.7)) {
            // What it commits from now on, it commits with the log members.
            full.stream().filter(other -> !other.equals(leads)).forEach(other -> world.network.cut(leads, other));
        }
        world.scheduler.after(chance.below(TimeUnit.SECONDS.toNanos(3)), () -> {
            SimulatedNode lost = world.node(goes);
            lost.losesMachine();
            world.scheduler.after(chance.below(TimeUnit.SECONDS.toNanos(5)), lost::start);
            world.scheduler.after(chance.below(TimeUnit.SECONDS.toNanos(2)), world.network::unblockAll);
        });
    }
}

package dev.henge.chaos.simulation;

import dev.henge.node.log.SpaceLevel;
import dev.henge.node.replication.Role;
import dev.henge.proto.Catalog;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Makes things go wrong, of the kinds and as often as the settings say, and right again after a while. */
final class FaultInjector {

    private final World world;
    private final Chance chance;
    private final List<Fault> kinds;

    /** The one node that loses what was synced: the cluster promises nothing when a majority of a partition does. */
    private final String loser;

    private boolean active = true;
    private boolean nextLeaderIsCutOff;
    private int count;

    FaultInjector(World world) {
        this.world = world;
        this.chance = world.chanceFor();
        this.loser = chance.oneOf(world.nodeNames);
        this.kinds = List.copyOf(world.settings.faults());
    }

    int count() {
        return count;
    }

    void start() {
        world.invariants.onNewLeader(this::cutOffNewLeader);
        if (!kinds.isEmpty()) {
            scheduleNext();
        }
    }

    private void scheduleNext() {
        world.scheduler.after(chance.below(world.settings.faultPauseNanosMax()), () -> {
            if (active) {
                count++;
                inject(chance.oneOf(kinds));
                scheduleNext();
            }
        });
    }

    /** Ends all faults: the network and the disks work, nodes run. */
    void healAll() {
        active = false;
        nextLeaderIsCutOff = false;
        world.trace.event(world.scheduler.nowNanos(), "world", "heals", 0, () -> "everything");
        world.network.heal();
        world.cutSystemPartition(false);
        for (SimulatedNode node : world.nodes.values()) {
            node.healDisk();
            node.keepPower();
            node.failSyncs(false);
            node.spaceLevel(SpaceLevel.AMPLE);
            node.start();
        }
    }

    private void inject(Fault fault) {
        SimulatedNode node = world.node(chance.oneOf(world.nodeNames));
        world.trace.event(world.scheduler.nowNanos(), "world", "fault", count, () -> fault + " " + node.name());
        world.counts.fault(fault);
        switch (fault) {
            case POWER_LOSS -> {
                node.losePower();
                restartLater(node);
            }
            case POWER_LOSS_IN_SYNC -> {
                node.losePowerInNextSync();
                restartLater(node);
            }
            case KILL -> {
                node.kill();
                restartLater(node);
            }
            case POWER_LOSS_EVERYWHERE ->
                world.nodes.values().forEach(each -> {
                    each.losePower();
                    restartLater(each);
                });
            case PAUSE -> node.pause(chance.betweenMillis(50, 4_000));
            case PARTITION -> partition();
            case ONE_WAY_PARTITION -> {
                world.network.block(node.name(), chance.oneOf(world.nodeNames));
                unblockLater();
            }
            case LOSS_BURST -> {
                world.network.burst(chance.between(0.05, 0.9));
                later(5_000, () -> world.network.burst(0));
            }
            case SLOW_DISK -> {
                node.slowDisk(chance.betweenMillis(100, 3_000));
                later(10_000, node::healDisk);
            }
            case STREAMS_BREAK -> others(node.name()).forEach(node::peerUnreachable);
            case LEADER_CUT_OFF ->
                leader().ifPresent(leader -> {
                    others(leader.name()).forEach(other -> world.network.cut(leader.name(), other));
                    unblockLater();
                });
            case NEXT_LEADER_CUT_OFF -> nextLeaderIsCutOff = true;
            case SYSTEM_PARTITION_CUT -> {
                world.cutSystemPartition(true);
                later(15_000, () -> world.cutSystemPartition(false));
            }
            case WRONG_MAP -> offerWrongMap(node);
            case BIT_FLIP_IN_LOG -> flipBit(world.node(loser));
            case SYNC_FAILS -> {
                node.failSyncs(true);
                later(3_000, () -> node.failSyncs(false));
            }
            case DISK_FILLS -> {
                node.spaceLevel(chance.oneOf(SpaceLevel.LOW, SpaceLevel.SCARCE));
                later(10_000, () -> node.spaceLevel(SpaceLevel.AMPLE));
            }
            case CLOCK_CHANGES_PACE -> node.clock().runAt(1 + chance.between(-1.0, 1.0) * world.settings.clockDrift());
            case SWIZZLE -> swizzle();
            case LEADER_LOSES_ONE ->
                leader().ifPresent(leader -> {
                    world.network.cut(leader.name(), chance.oneOf(others(leader.name())));
                    unblockLater();
                });
            case LEADER_DEAF ->
                leader().ifPresent(leader -> {
                    others(leader.name()).forEach(other -> world.network.block(other, leader.name()));
                    unblockLater();
                });
            case LAST_SUPPORTER_RESTARTS -> leader().ifPresent(this::restartLastSupporter);
        }
    }

    /**
     * In a segment that a later one follows: damage to the log's very last batch is not told from one that was torn by a
     * loss of power, which is what {@code dev.henge.node.log} says it can't promise.
     */
    private void flipBit(SimulatedNode node) {
        List<String> segments = node.disk().list().stream()
                .filter(name -> name.endsWith(".log"))
                .sorted()
                .toList();
        if (segments.size() < 2) {
            return;
        }
        String segment = chance.oneOf(segments.subList(0, segments.size() - 1));
        try {
            long sizeBytes = node.disk().open(segment).sizeBytes();
            node.disk().flipBit(segment, chance.below(sizeBytes), chance.below(Byte.SIZE));
        } catch (IOException e) {
            throw new SimulationFailure("can't flip a bit in " + segment, e);
        }
    }

    private void swizzle() {
        for (String name : world.nodeNames) {
            if (chance.happens(0.6)) {
                later(3_000, () -> world.network.isolate(name, true));
                world.scheduler.after(chance.betweenMillis(3_000, 9_000), () -> world.network.isolate(name, false));
            }
        }
    }

    /** The others' support runs out before; the last one's stands for a moment more, as the leader counts. */
    private void restartLastSupporter(SimulatedNode leader) {
        List<String> others = chance.shuffled(others(leader.name()));
        int needed = world.nodeNames.size() / 2;
        others.subList(needed, others.size()).forEach(other -> world.network.cut(leader.name(), other));
        world.scheduler.after(chance.betweenMillis(650, 1_300), () -> {
            if (active) {
                others.subList(0, needed).forEach(other -> world.network.cut(leader.name(), other));
                SimulatedNode supporter = world.node(others.getFirst());
                supporter.kill();
                world.scheduler.after(chance.betweenMillis(1, 100), supporter::start);
                unblockLater();
            }
        });
    }

    private Optional<SimulatedNode> leader() {
        return world.nodes.values().stream()
                .filter(FaultInjector::leadsSomething)
                .findFirst();
    }

    private static boolean leadsSomething(SimulatedNode node) {
        return node.replicas().stream().anyMatch(replica -> replica.core().role() == Role.LEADER);
    }

    private List<String> others(String node) {
        return world.nodeNames.stream().filter(name -> !name.equals(node)).toList();
    }

    private void cutOffNewLeader(String leader) {
        if (nextLeaderIsCutOff) {
            nextLeaderIsCutOff = false;
            world.network.separate(List.of(leader), others(leader));
            unblockLater();
        }
    }

    private void offerWrongMap(SimulatedNode node) {
        if (world.catalogs.newest().getEpoch() == 0) {
            return;
        }
        Catalog wrong = chance.happens(0.5) ? world.catalogs.old(chance) : world.catalogs.foreign(chance);
        // One that knows no catalog yet believes any: a node then has its identity in its data directory to go by.
        if (node.catalog().isPresent()) {
            node.offer(wrong);
        }
        for (SimulatedRouter router : world.routers) {
            if (router.client().catalog().getEpoch() > 0) {
                router.offer(wrong);
            }
        }
    }

    private void partition() {
        List<String> endpoints = new ArrayList<>(world.nodeNames);
        if (chance.happens(0.5)) {
            world.routers.forEach(router -> endpoints.add(router.name()));
        }
        List<String> oneSide = new ArrayList<>();
        List<String> otherSide = new ArrayList<>();
        endpoints.forEach(endpoint -> (chance.happens(0.4) ? oneSide : otherSide).add(endpoint));
        world.network.separate(oneSide, otherSide);
        unblockLater();
    }

    private void unblockLater() {
        later(10_000, world.network::unblockAll);
    }

    private void restartLater(SimulatedNode node) {
        // A node that is to lose its power in a sync that does not come by then just goes on. One that is back before
        // its
        // support has run out shows whether it knows what it owes.
        later(chance.happens(0.2) ? 15_000 : chance.happens(0.3) ? 100 : 2_000, node::start);
    }

    private void later(long millisMax, Runnable action) {
        world.scheduler.after(chance.below(TimeUnit.MILLISECONDS.toNanos(millisMax)), () -> {
            if (active) {
                action.run();
            }
        });
    }
}

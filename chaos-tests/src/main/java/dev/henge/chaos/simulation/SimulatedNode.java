package dev.henge.chaos.simulation;

import dev.henge.node.coordinator.PlanStep;
import dev.henge.node.log.SimulatedDisk;
import dev.henge.node.log.SpaceLevel;
import dev.henge.node.partition.DamageMarks;
import dev.henge.node.partition.Replica;
import dev.henge.node.partition.ReplicaIdentity;
import dev.henge.node.partition.Responder;
import dev.henge.node.partition.ScrubResult;
import dev.henge.node.storage.InMemoryEngine;
import dev.henge.proto.Catalog;
import dev.henge.proto.DataRequest;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PeerMessage;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A machine: a disk, clocks, and at most one process, which comes and goes. */
final class SimulatedNode {

    private final World world;
    private final String name;
    private final Chance chance;
    private final SimulatedClock clock;
    private SimulatedDisk disk = new SimulatedDisk();
    private InMemoryEngine storage = new InMemoryEngine();
    private DamageMarks damageMarks = new MemoryDamageMarks();
    private @Nullable SimulatedProcess process;
    private long syncNanosMax;
    private int startCount;
    private boolean syncsFail;
    private boolean staysAway;
    private SpaceLevel spaceLevel = SpaceLevel.AMPLE;
    private Catalog keptCatalog = Catalog.getDefaultInstance();
    private final String instanceId;

    SimulatedNode(World world, String name) {
        this.world = world;
        this.name = name;
        this.chance = world.chanceFor();
        this.instanceId = new UUID(chance.any(), chance.any()).toString();
        Settings settings = world.settings;
        this.clock = new SimulatedClock(
                world.scheduler,
                chance.between(1L, 1L << 50),
                1 + (chance.happens(0.5) ? settings.clockDrift() : -settings.clockDrift()));
        this.syncNanosMax = settings.syncNanosMax();
    }

    String name() {
        return name;
    }

    SimulatedClock clock() {
        return clock;
    }

    SimulatedDisk disk() {
        return disk;
    }

    InMemoryEngine storage() {
        return storage;
    }

    /** The catalog in the data directory; of epoch 0 while there is none. */
    Catalog keptCatalog() {
        return keptCatalog;
    }

    void keepCatalog(Catalog catalog) {
        keptCatalog = catalog;
    }

    DamageMarks damageMarks() {
        return damageMarks;
    }

    boolean up() {
        return process != null;
    }

    void start() {
        if (process != null || staysAway) {
            return;
        }
        startCount++;
        world.trace.event(world.scheduler.nowNanos(), name, "start", startCount, () -> "start " + startCount);
        world.invariants.nodeStarts(name);
        if (syncsFail) {
            // Opening the log begins a segment, and makes that durable.
            startAgainLater();
            return;
        }
        SimulatedProcess started = new SimulatedProcess(world, this, chance.split());
        process = started;
        started.begin();
    }

    /** It is killed, and nobody starts it until it {@link #comesBack}. */
    void goesAway() {
        staysAway = true;
        kill();
    }

    void comesBack() {
        staysAway = false;
        start();
    }

    private void startAgainLater() {
        world.scheduler.after(chance.betweenMillis(500, 3_000), this::start);
    }

    /** The process can't go on and ends itself; its supervisor starts it again. */
    void stopsByItself(String why) {
        world.trace.event(world.scheduler.nowNanos(), name, "gives up", startCount, () -> why);
        if (chance.happens(0.5)) {
            losePower();
        } else {
            kill();
        }
        startAgainLater();
    }

    boolean syncsFail() {
        return syncsFail;
    }

    /** The disk fails to sync from now on, or syncs again. */
    void failSyncs(boolean fail) {
        syncsFail = fail;
        disk.failSyncs(fail);
    }

    SpaceLevel spaceLevel() {
        return spaceLevel;
    }

    /** What is free on its disks has changed. */
    void spaceLevel(SpaceLevel level) {
        spaceLevel = level;
        SimulatedProcess running = process;
        if (running != null) {
            running.spaceLevelChanged();
        }
    }

    /** The power fails. */
    void losePower() {
        stop("power loss");
        disk.crash(new SplittableRandom(chance.any()));
        storage.crash(new SplittableRandom(chance.any()));
        storage.snapshotFiles().crash(new SplittableRandom(chance.any()));
    }

    /**
     * The machine is lost with all that its disks held. Another one takes its place and name; its replicas are none of those
     * that were there before, and say so.
     */
    void losesMachine() {
        stop("machine lost");
        world.routers.forEach(router -> router.disconnected(name));
        world.nodes.values().forEach(other -> other.disconnected(name));
        for (PartitionRecord partition : world.catalogs.newest().getPartitionsList()) {
            world.invariants.lost(ReplicaIdentity.of(partition.getId(), name, storage), partition.getId());
        }
        disk = new SimulatedDisk();
        disk.failSyncs(syncsFail);
        storage = new InMemoryEngine();
        damageMarks = new MemoryDamageMarks();
        world.counts.machineLost();
        for (PartitionRecord partition : world.catalogs.newest().getPartitionsList()) {
            world.invariants.erased(this, partition.getId());
            ReplicaIdentity.beginAnew(partition.getId(), name, storage, chance.between(1L, Long.MAX_VALUE - 1));
        }
    }

    /** The process is killed; the machine goes on. */
    void kill() {
        stop("killed");
        world.routers.forEach(router -> router.disconnected(name));
        world.nodes.values().forEach(other -> other.disconnected(name));
        disk.kill();
        storage.crash(new SplittableRandom(chance.any()));
        storage.snapshotFiles().kill();
    }

    private void stop(String why) {
        SimulatedProcess stopped = process;
        if (stopped == null) {
            return;
        }
        world.trace.event(world.scheduler.nowNanos(), name, "stop", startCount, () -> why);
        process = null;
        stopped.end();
    }

    /** The next sync of the log writes and fails; the power fails with it. */
    void losePowerInNextSync() {
        SimulatedProcess running = process;
        if (running != null) {
            running.losePowerInNextSync();
        }
    }

    void pause(long nanos) {
        SimulatedProcess running = process;
        if (running != null) {
            running.pause(nanos);
        }
    }

    long syncNanos() {
        return chance.between(world.settings.syncNanosMin(), syncNanosMax);
    }

    void slowDisk(long syncNanosMax) {
        this.syncNanosMax = syncNanosMax;
    }

    void healDisk() {
        syncNanosMax = world.settings.syncNanosMax();
    }

    void keepPower() {
        SimulatedProcess running = process;
        if (running != null) {
            running.keepPower();
        }
    }

    void receive(String from, PeerMessage message) {
        SimulatedProcess running = process;
        if (running != null) {
            running.receive(from, message);
        }
    }

    /** A request that reaches a machine without a process gets no answer. */
    void receive(DataRequest request, Responder responder) {
        SimulatedProcess running = process;
        if (running != null) {
            running.receive(request, responder);
        }
    }

    void scrub(int partition, Consumer<ScrubResult> onDone) {
        SimulatedProcess running = process;
        if (running != null) {
            running.scrub(partition, onDone);
        }
    }

    /** The id of its data directory. */
    String instanceId() {
        return instanceId;
    }

    /** How it stands, when it runs and is not paused. */
    Optional<NodeStatusReply> status() {
        SimulatedProcess running = process;
        return running == null ? Optional.empty() : Optional.of(running.status());
    }

    /** What its coordinator found, when it runs and coordinates. */
    Optional<PlanStep.Report> planned() {
        SimulatedProcess running = process;
        return running == null ? Optional.empty() : running.planned();
    }

    /** The catalog as its process knows it, when there is one. */
    Optional<Catalog> catalog() {
        SimulatedProcess running = process;
        return running == null || running.catalog().getEpoch() == 0 ? Optional.empty() : Optional.of(running.catalog());
    }

    /** A catalog arrives, of whatever age and origin. */
    void offer(Catalog catalog) {
        SimulatedProcess running = process;
        if (running != null) {
            running.offer(catalog);
        }
    }

    void disconnected(String node) {
        SimulatedProcess running = process;
        if (running != null) {
            running.disconnected(node);
        }
    }

    void peerUnreachable(String peer) {
        SimulatedProcess running = process;
        if (running != null) {
            running.peerUnreachable(peer);
        }
    }

    /** The replicas of the running process; none when it does not run. */
    Collection<Replica> replicas() {
        SimulatedProcess running = process;
        return running == null ? List.of() : running.replicas();
    }

    Optional<Replica> replica(int partition) {
        SimulatedProcess running = process;
        return running == null ? Optional.empty() : running.replica(partition);
    }

    /** They outlive crashes: each is synced when it is set. */
    private static final class MemoryDamageMarks implements DamageMarks {
        private final Map<Integer, String> reasons = new HashMap<>();

        @Override
        public Optional<String> reason(int partition) {
            return Optional.ofNullable(reasons.get(partition));
        }

        @Override
        public void mark(int partition, String reason) {
            reasons.put(partition, reason);
        }

        @Override
        public void clear(int partition) {
            reasons.remove(partition);
        }
    }
}

package dev.henge.chaos.simulation;

import dev.henge.node.log.CorruptLogException;
import dev.henge.node.log.LogOptions;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.partition.Replica;
import dev.henge.node.partition.ReplicaEnvironment;
import dev.henge.node.partition.Responder;
import dev.henge.node.replication.Role;
import dev.henge.proto.Catalog;
import dev.henge.proto.DataRequest;
import dev.henge.proto.PeerMessage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A node's process: what {@code NodeRuntime} is made of, with events in the place of threads. Event loops work in
 * turns, the log is synced by one syncer at a time, reads come in between, and a checkpointer comes by now and then.
 */
final class SimulatedProcess {

    private static final int LOOPS_MAX = 2;
    private static final int TURN_TASKS_MAX = 1024;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long BACKGROUND_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long SYNCER_WAKE_NANOS_MAX = TimeUnit.MICROSECONDS.toNanos(200);

    private final World world;
    private final SimulatedNode node;
    private final Chance chance;
    private final WriteAheadLog writeAheadLog;
    private final Map<Integer, Replica> replicas = new LinkedHashMap<>();
    private final Map<Integer, Loop> loopOf = new LinkedHashMap<>();
    private final List<Loop> loops = new ArrayList<>();
    private boolean alive = true;
    private long pausedUntilNanos;
    private boolean syncerAwake;
    private boolean powerFailsInSync;

    SimulatedProcess(World world, SimulatedNode node, Chance chance) {
        this.world = world;
        this.node = node;
        this.chance = chance;
        Settings settings = world.settings;
        try {
            writeAheadLog = WriteAheadLog.open(
                    settings.sabotage() == Sabotage.SYNC_DOES_NOTHING ? new UnsyncedDisk(node.disk()) : node.disk(),
                    new LogOptions(
                            settings.logSegmentBytes(),
                            settings.logSegmentBytes(),
                            settings.logBufferBytes(),
                            settings.logMemoryBytes()),
                    broken -> {
                        if (!powerFailsInSync) {
                            fail("its log broke", broken);
                        }
                    });
        } catch (CorruptLogException | IOException e) {
            throw new SimulationFailure("node " + node.name() + " can't recover its log", e);
        }
        writeAheadLog.onWork(this::wakeSyncer);
        int loopCount = Math.min(LOOPS_MAX, world.partitions.size());
        for (int count = 0; count < loopCount; count++) {
            loops.add(new Loop());
        }
        for (World.Partition partition : world.partitions) {
            Loop loop = loops.get(partition.id() % loops.size());
            String preferred = world.nodeNames.get(partition.id() % world.nodeNames.size());
            Replica replica = new Replica(
                    partition.id(),
                    partition.tokens(),
                    World.EPOCH,
                    settings.raftConfig(node.name(), world.nodeNames, preferred.equals(node.name())),
                    writeAheadLog.partition(partition.id()),
                    node.storage(),
                    new Environment(loop));
            replicas.put(partition.id(), replica);
            loopOf.put(partition.id(), loop);
            loop.replicas.add(replica);
        }
    }

    void begin() {
        loops.forEach(Loop::tick);
        scheduleCheckpoint();
    }

    void end() {
        alive = false;
    }

    Replica replica(int partition) {
        Replica replica = replicas.get(partition);
        if (replica == null) {
            throw new IllegalArgumentException("no partition " + partition);
        }
        return replica;
    }

    Collection<Replica> replicas() {
        return replicas.values();
    }

    private Loop loop(int partition) {
        Loop loop = loopOf.get(partition);
        if (loop == null) {
            throw new IllegalArgumentException("no partition " + partition);
        }
        return loop;
    }

    // ---- what reaches the process ------------------------------------------------------------------------------

    void receive(String from, PeerMessage message) {
        loop(message.getPartition()).post(replica(message.getPartition()), replica -> replica.onMessage(from, message));
    }

    void receive(DataRequest request, Responder responder) {
        Replica replica = replica(request.getPartition());
        switch (request.getOperationCase()) {
            case READ_ITEM, READ_RANGE ->
                // On a thread of its own: between turns of the loop, at any time.
                later(
                        chance.below(world.settings.loopDelayNanosMax()),
                        () -> replica.read(sabotaged(request, replica), responder));
            case WRITE_ITEM, CATALOG, DROP_TABLE, OPERATION_NOT_SET ->
                loop(request.getPartition()).post(replica, same -> same.submit(request, responder));
        }
    }

    private DataRequest sabotaged(DataRequest request, Replica replica) {
        boolean unsafe =
                switch (world.settings.sabotage()) {
                    case READS_FROM_FOLLOWERS -> true;
                    case READS_WITHOUT_LEASE -> replica.core().role() == Role.LEADER;
                    case NONE,
                            SYNC_DOES_NOTHING,
                            DURABLE_TOLD_EARLY,
                            FLUSH_DOES_NOTHING,
                            CLOCKS_DRIFT_TOO_FAR,
                            RETRIES_ARE_NEW_WRITES,
                            RETRIES_HIDE_THAT_THEY_ARE -> false;
                };
        if (!unsafe) {
            return request;
        }
        return request.toBuilder()
                .setReadItem(request.getReadItem().toBuilder().setConsistent(false))
                .build();
    }

    void peerUnreachable(String peer) {
        replicas.forEach((partition, replica) -> loop(partition).post(replica, same -> same.onPeerUnreachable(peer)));
    }

    void pause(long nanos) {
        pausedUntilNanos = Math.max(pausedUntilNanos, world.scheduler.nowNanos() + nanos);
    }

    void losePowerInNextSync() {
        powerFailsInSync = true;
    }

    void keepPower() {
        powerFailsInSync = false;
    }

    // ---- time --------------------------------------------------------------------------------------------------

    /** Runs something in this process, unless it has died by then; not while it is paused. */
    private void later(long delayNanos, Runnable action) {
        world.scheduler.after(delayNanos, () -> {
            if (!alive) {
                return;
            }
            long stillPausedNanos = pausedUntilNanos - world.scheduler.nowNanos();
            if (stillPausedNanos > 0) {
                later(stillPausedNanos, action);
                return;
            }
            try {
                action.run();
            } catch (SimulationFailure e) {
                throw e;
            } catch (RuntimeException | AssertionError e) {
                fail("it failed", e);
            }
        });
    }

    private void fail(String what, Throwable cause) {
        throw new SimulationFailure("node " + node.name() + ": " + what + ": " + cause.getMessage(), cause);
    }

    // ---- the log's syncer --------------------------------------------------------------------------------------

    private void wakeSyncer() {
        if (world.settings.sabotage() == Sabotage.DURABLE_TOLD_EARLY) {
            loops.forEach(loop -> loop.durable(writeAheadLog.appendedPosition()));
        }
        if (syncerAwake) {
            return;
        }
        syncerAwake = true;
        long syncNanos = node.syncNanos();
        // What is appended while the sync is under way is not part of it.
        later(chance.below(SYNCER_WAKE_NANOS_MAX), () -> later(syncNanos / 2, () -> sync(syncNanos / 2)));
    }

    private void sync(long untilToldNanos) {
        syncerAwake = false;
        if (powerFailsInSync) {
            losePowerInSync();
            return;
        }
        long position = writeAheadLog.sync();
        later(untilToldNanos, () -> loops.forEach(loop -> loop.durable(position)));
        if (writeAheadLog.needsSpare() && chance.happens(0.5)) {
            later(chance.below(BACKGROUND_NANOS_MAX), writeAheadLog::prepareSpare);
        }
        if (chance.happens(0.2)) {
            writeAheadLog.markSynced();
        }
        if (writeAheadLog.appendedPosition() > position) {
            wakeSyncer();
        }
    }

    private void losePowerInSync() {
        node.disk().failSyncs(true);
        try {
            writeAheadLog.sync();
        } catch (RuntimeException e) {
            world.trace.event(world.scheduler.nowNanos(), node.name(), "torn sync", 0, e::toString);
        }
        node.disk().failSyncs(false);
        node.losePower();
    }

    // ---- checkpoints -------------------------------------------------------------------------------------------

    private void scheduleCheckpoint() {
        later(chance.below(world.settings.checkpointNanosMax()), this::checkpoint);
    }

    /** As {@code Checkpointer} does: the indexes first, then the flush, then each partition forgets on its own loop. */
    private void checkpoint() {
        Map<Integer, Long> appliedIndexes = new LinkedHashMap<>();
        replicas.forEach((partition, replica) ->
                appliedIndexes.put(partition, replica.machine().applied().index()));
        boolean regardless = chance.happens(0.3);
        later(chance.below(BACKGROUND_NANOS_MAX), () -> {
            if (world.settings.sabotage() != Sabotage.FLUSH_DOES_NOTHING) {
                node.storage().flush();
            }
            appliedIndexes.forEach((partition, index) ->
                    loop(partition).post(replica(partition), replica -> replica.compact(index, regardless)));
            scheduleCheckpoint();
        });
    }

    // ---- event loops -------------------------------------------------------------------------------------------

    private record Task(Replica replica, Consumer<Replica> action) {}

    private record Outgoing(String to, PeerMessage message) {}

    /** What {@code EventLoop} does in a thread. */
    private final class Loop {
        private final List<Replica> replicas = new ArrayList<>();
        private final Deque<Task> tasks = new ArrayDeque<>();
        private final List<Outgoing> outbox = new ArrayList<>();
        private boolean awake;
        private boolean tickDue;
        private long durablePosition;
        private long reportedPosition;

        void post(Replica replica, Consumer<Replica> action) {
            tasks.add(new Task(replica, action));
            wake();
        }

        void durable(long position) {
            durablePosition = Math.max(durablePosition, position);
            wake();
        }

        void tick() {
            tickDue = true;
            wake();
            later(TICK_NANOS, this::tick);
        }

        private void wake() {
            if (!awake) {
                awake = true;
                later(chance.below(world.settings.loopDelayNanosMax()), this::turn);
            }
        }

        private void turn() {
            awake = false;
            Set<Replica> touched = new LinkedHashSet<>();
            if (durablePosition != reportedPosition) {
                reportedPosition = durablePosition;
                for (Replica replica : replicas) {
                    if (replica.awaitsSync()) {
                        touched.add(replica);
                        replica.onDurable(durablePosition);
                    }
                }
            }
            for (int count = Math.min(tasks.size(), TURN_TASKS_MAX); count > 0; count--) {
                Task task = tasks.removeFirst();
                touched.add(task.replica());
                task.action().accept(task.replica());
            }
            if (tickDue) {
                tickDue = false;
                replicas.forEach(replica -> {
                    touched.add(replica);
                    replica.onTick();
                });
            }
            touched.forEach(Replica::endTurn);
            outbox.forEach(this::send);
            outbox.clear();
            touched.forEach(replica -> world.invariants.afterTurn(node, replica));
            if (!tasks.isEmpty()) {
                wake();
            }
        }

        private void send(Outgoing outgoing) {
            PeerMessage message = outgoing.message();
            world.trace.event(
                    world.scheduler.nowNanos(),
                    node.name(),
                    "send",
                    message.getSerializedSize(),
                    () -> "to " + outgoing.to() + ": " + message.toString().replaceAll("\\s+", " "));
            world.network.send(
                    node.name(), outgoing.to(), () -> world.node(outgoing.to()).receive(node.name(), message));
        }
    }

    // ---- a replica's world -------------------------------------------------------------------------------------

    private final class Environment implements ReplicaEnvironment {
        private final Loop loop;

        Environment(Loop loop) {
            this.loop = loop;
        }

        @Override
        public long nanoTime() {
            return node.clock().nanoTime();
        }

        @Override
        public long randomBelow(long bound) {
            return chance.below(bound);
        }

        @Override
        public void send(String to, PeerMessage message) {
            loop.outbox.add(new Outgoing(to, message));
        }

        @Override
        public void runInBackground(Runnable task) {
            later(chance.below(BACKGROUND_NANOS_MAX), task);
        }

        @Override
        public void post(Runnable task) {
            // The task belongs to the replica that asks; every replica of the loop may be touched by it.
            loop.replicas.forEach(replica -> loop.tasks.add(new Task(replica, same -> {})));
            loop.post(loop.replicas.getFirst(), same -> task.run());
        }

        @Override
        public void catalogApplied(Catalog catalog) {
            throw new IllegalStateException("the system partition is not simulated");
        }

        @Override
        public void fail(Throwable cause) {
            SimulatedProcess.this.fail("it gave up", cause);
        }
    }
}

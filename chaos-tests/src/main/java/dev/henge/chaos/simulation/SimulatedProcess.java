package dev.henge.chaos.simulation;

import dev.henge.catalog.ClusterVersion;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.membership.TokenRange;
import dev.henge.node.catalog.CatalogHolder;
import dev.henge.node.catalog.CatalogState;
import dev.henge.node.catalog.Merges;
import dev.henge.node.catalog.Nodes;
import dev.henge.node.catalog.Placements;
import dev.henge.node.catalog.Splits;
import dev.henge.node.coordinator.PlanSettingsOf;
import dev.henge.node.coordinator.PlanStep;
import dev.henge.node.liveness.LivenessConfig;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.log.CorruptLogException;
import dev.henge.node.log.DiskProbe;
import dev.henge.node.log.LogBrokenException;
import dev.henge.node.log.LogOptions;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.log.SegmentArchive;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.partition.DamageMarks;
import dev.henge.node.partition.HeldRanges;
import dev.henge.node.partition.LogPressure;
import dev.henge.node.partition.OperationKind;
import dev.henge.node.partition.OwnRange;
import dev.henge.node.partition.Predecessor;
import dev.henge.node.partition.Replica;
import dev.henge.node.partition.ReplicaEnvironment;
import dev.henge.node.partition.ReplicaIdentity;
import dev.henge.node.partition.Responder;
import dev.henge.node.partition.ScrubResult;
import dev.henge.node.partition.SizeSamples;
import dev.henge.node.partition.SlicedTask;
import dev.henge.node.partition.StateMachine;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.Role;
import dev.henge.node.runtime.CoordinatorStep;
import dev.henge.node.runtime.ReplicaTurns;
import dev.henge.node.runtime.SupportExchange;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.DropTable;
import dev.henge.proto.HeldRange;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.IndexPrepared;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.PlaceReplicas;
import dev.henge.proto.PrepareIndex;
import dev.henge.proto.RangeSealed;
import dev.henge.proto.RangeTaken;
import dev.henge.proto.Refusal;
import dev.henge.proto.RegisterNode;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.ReplicasPlaced;
import dev.henge.proto.SealRange;
import dev.henge.proto.SnapshotReply;
import dev.henge.proto.SplitRange;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TakeRange;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A node's process: what {@code NodeRuntime} is made of, with events in the place of threads. Event loops work in
 * turns, the log is synced by one syncer at a time, reads come in between, and a checkpointer comes by now and then.
 */
final class SimulatedProcess {

    private static final int LOOPS = 2;
    private static final int SEGMENTS_CHECKED = 3;
    private static final int SYSTEM = 0;
    private static final long COORDINATOR_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long COORDINATOR_STEP_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);
    private static final long INDEX_BATCH_NANOS_MAX = TimeUnit.SECONDS.toNanos(5);
    private static final long WATCH_NANOS_MAX = TimeUnit.SECONDS.toNanos(2);
    private static final String CLUSTER = "simulated";
    private static final long REGISTRATION_NANOS_MAX = TimeUnit.SECONDS.toNanos(2);
    private static final long RETIREMENT_NANOS_MAX = TimeUnit.SECONDS.toNanos(2);
    private static final long RETIREMENT_ANSWER_NANOS_MAX = TimeUnit.SECONDS.toNanos(2);
    private static final long SPACE_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);
    private static final int TURN_TASKS_MAX = 1024;
    /** How late a timer may be: a thread that sleeps does not wake up to the nanosecond. */
    private static final long TIMER_LATE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(2);

    private static final long SUPPORT_SLEEP_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long BACKGROUND_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long SYNCER_WAKE_NANOS_MAX = TimeUnit.MICROSECONDS.toNanos(200);

    private final World world;
    private final SimulatedNode node;
    private final Chance chance;
    private final WriteAheadLog writeAheadLog;
    private final SnapshotResources snapshotResources;
    private final DiskProbe probe;
    private final SupportExchange support;
    private final CatalogHolder catalogs = new CatalogHolder();
    private final RoutingEnvironment routing;
    private final RoutedClusterClient client;
    private final CoordinatorStep coordinator;
    private final SimulatedPlanning planning;
    private final Map<Integer, Replica> replicas = new LinkedHashMap<>();
    private final Map<Integer, Loop> loopOf = new LinkedHashMap<>();
    private final List<Loop> loops = new ArrayList<>();
    private final Map<Integer, PartitionRecord> records = new HashMap<>();
    private final Set<Integer> mending = new HashSet<>();
    private final Map<Integer, Predecessor> predecessors = new HashMap<>();
    private final Set<Integer> erasing = new HashSet<>();
    private final HeldRanges held = new HeldRanges();
    private final Set<Integer> waiting = new HashSet<>();
    private final Map<Integer, Runnable> takenDurable = new HashMap<>();
    private long sweptEpoch;
    private boolean alive = true;
    private long pausedUntilNanos;
    private boolean syncerAwake;
    private long checkedPosition;
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
                    SegmentArchive.NONE,
                    partition -> StateMachine.durablyApplied(node.storage(), partition),
                    broken -> {
                        if (!powerFailsInSync && !node.syncsFail()) {
                            fail("its log broke", broken);
                        }
                    });
        } catch (IOException e) {
            throw new SimulationFailure("node " + node.name() + " can't recover its log", e);
        }
        if (!writeAheadLog.damagedPlaces().isEmpty()) {
            if (!world.settings.faults().contains(Fault.BIT_FLIP_IN_LOG)) {
                throw new SimulationFailure("node " + node.name() + ": its log is damaged: "
                        + writeAheadLog.damagedPlaces().getFirst());
            }
            world.trace.event(
                    world.scheduler.nowNanos(),
                    node.name(),
                    "damage",
                    writeAheadLog.damaged().size(),
                    () -> writeAheadLog.damagedPlaces() + " harms " + writeAheadLog.damaged());
        }
        Invariants.checkDurable(node, Integer.MAX_VALUE);
        writeAheadLog.spaceLevel(node.spaceLevel());
        try {
            snapshotResources = new SnapshotResources(settings.snapshots(), node.storage());
        } catch (IOException e) {
            throw new SimulationFailure("node " + node.name() + " can't clear its old snapshots away", e);
        }
        try {
            probe = DiskProbe.open(node.disk());
        } catch (IOException e) {
            throw new SimulationFailure("node " + node.name() + " can't open its probe", e);
        }
        support = new SupportExchange(
                LivenessConfig.DEFAULTS,
                node.name(),
                world.nodeNames.stream()
                        .filter(name -> !name.equals(node.name()))
                        .toList(),
                node.clock()::nanoTime,
                chance::below,
                new SupportPort());
        writeAheadLog.onWork(this::wakeSyncer);
        for (int count = 0; count < LOOPS; count++) {
            loops.add(new Loop());
        }
        catalogs.listen(this::follow);
        routing = new RoutingEnvironment(world, node.name(), node.clock(), chance.split(), this::later);
        client = RoutedClusterClient.withCatalogOf(Catalog.getDefaultInstance(), routing);
        catalogs.listen(client::offer);
        Map<String, String> founders = world.founders();
        boolean founds = founders.containsKey(node.name());
        CoordinatorPort port = new CoordinatorPort();
        coordinator = new CoordinatorStep(
                founds
                        ? new CoordinatorStep.Founding(
                                CLUSTER, founders, settings.partitionCount(), ClusterVersion.HIGHEST)
                        : CoordinatorStep.Founding.NONE,
                port);
        // Of a stream of its own: a run whose coordinator does not plan is what it was without.
        planning = new SimulatedPlanning(world, node, world.planningChanceFor(), port, client, this::later);
        held.takeStored(node.storage());
        catalogs.offer(node.keptCatalog());
        if (founds && catalogs.current().getEpoch() == 0) {
            PartitionRecord system = CoordinatorStep.systemPartition(founders);
            open(system, system.getReplicasList().getFirst().equals(node.name()));
        }
        catalogs.listen(this::keep);
    }

    /** As {@code CatalogFile} does. */
    private void keep(Catalog catalog) {
        later(chance.below(BACKGROUND_NANOS_MAX), () -> node.keepCatalog(catalog));
    }

    /** As {@code Registrar} does: has the catalog say of this node what the node says of itself. */
    private void register() {
        NodeRecord self = NodeRecord.newBuilder()
                .setName(node.name())
                .setInstanceId(node.instanceId())
                .setAddress(World.addressOf(node.name()))
                .setWeight(1)
                .setHighestClusterVersion(ClusterVersion.HIGHEST)
                .build();
        Catalog catalog = catalogs.current();
        if (catalog.getEpoch() > 0 && !Nodes.isAsSaid(catalog, self)) {
            CatalogCommand command = CatalogCommand.newBuilder()
                    .setRequestId(RoutingEnvironment.requestId(chance))
                    .setRegisterNode(RegisterNode.newBuilder().setNode(self).setClusterName(CLUSTER))
                    .build();
            client.submit(command, new Deadline(routing.nanoTime() + REGISTRATION_NANOS_MAX))
                    .whenComplete((outcome, failure) -> {
                        if (outcome != null && outcome.getCode() == CatalogOutcome.Code.NODE_REFUSED) {
                            throw new SimulationFailure("a node was refused: " + outcome.getMessage());
                        }
                    });
        }
        later(REGISTRATION_NANOS_MAX, this::register);
    }

    /** As {@code Partitions} does: its loop has let go of a replica that could not read back its log. */
    private void onCorrupt(Replica replica, CorruptLogException corrupt) {
        int partition = replica.partition();
        if (!world.settings.faults().contains(Fault.BIT_FLIP_IN_LOG)) {
            throw new SimulationFailure("node " + node.name() + " could not read back what it wrote", corrupt);
        }
        world.trace.event(world.scheduler.nowNanos(), node.name(), "corrupt", partition, () -> String.valueOf(corrupt));
        replicas.remove(partition);
        loopOf.remove(partition);
        mending.add(partition);
        predecessors.put(partition, replica.asPredecessor());
        replica.still().thenRun(() -> mend(partition, records.get(partition), corrupt));
    }

    private void mend(int partition, @Nullable PartitionRecord record, CorruptLogException corrupt) {
        later(chance.below(BACKGROUND_NANOS_MAX), () -> {
            node.storage().flush();
            writeAheadLog.mend(corrupt, StateMachine.durablyApplied(node.storage(), partition));
            mending.remove(partition);
            if (record != null) {
                open(record, record.getReplicasList().getFirst().equals(node.name()));
            }
        });
    }

    /** What {@code DiskSpaceWatcher} finds out within a second. */
    void spaceLevelChanged() {
        later(chance.below(SPACE_NANOS_MAX), () -> writeAheadLog.spaceLevel(node.spaceLevel()));
    }

    /** As {@code Partitions} does: opens the replicas of the catalog that this node has and are not open yet. */
    private void follow(Catalog catalog) {
        List<PartitionRecord> partitions = Merges.partitionsWithMerged(catalog)
                .sorted(Comparator.comparing(
                        partition -> node.storage().get(StorageKeys.appliedKey(partition.getId())) == null))
                .toList();
        for (PartitionRecord partition : partitions) {
            boolean inMap = Merges.survivorOf(catalog, partition.getId()).isEmpty();
            boolean listed = inMap && Placements.nodesOf(partition).contains(node.name());
            if (!isInUse(partition.getId()) && (listed || isHere(partition.getId()))) {
                open(partition, partition.getReplicasList().getFirst().equals(node.name()));
            }
        }
    }

    private boolean isInUse(int partition) {
        return replicas.containsKey(partition) || mending.contains(partition) || erasing.contains(partition);
    }

    private boolean isHere(int partition) {
        return !writeAheadLog.partition(partition).isEmpty()
                || node.storage().get(StorageKeys.appliedKey(partition)) != null
                || node.storage().get(StorageKeys.installingKey(partition)) != null;
    }

    /** As {@code Partitions} does: asks about replicas that may have been let go. */
    private void retire() {
        follow(catalogs.current());
        retireMerged(catalogs.current());
        for (PartitionRecord partition : catalogs.current().getPartitionsList()) {
            Replica replica = replicas.get(partition.getId());
            if (replica == null) {
                continue;
            }
            boolean listed = Placements.has(partition, node.name(), replica.keepsLogAlone());
            boolean moves = partition.getTargetCount() > 0;
            if (listed && !replica.mayBeLetGo(moves)) {
                continue;
            }
            Deadline deadline = new Deadline(routing.nanoTime() + RETIREMENT_ANSWER_NANOS_MAX);
            client.place(partition.getId(), PlaceReplicas.getDefaultInstance(), deadline)
                    .thenAccept(group -> later(0, () -> retire(replica, group)));
        }
        later(chance.below(RETIREMENT_NANOS_MAX), this::retire);
    }

    private void retire(Replica replica, ReplicasPlaced group) {
        int partition = replica.partition();
        if (replicas.get(partition) == replica) {
            loop(partition).releaseIf(replica, same -> same.isLetGo(group), () -> erase(replica));
        }
    }

    private void erase(Replica replica) {
        int partition = replica.partition();
        world.trace.event(world.scheduler.nowNanos(), node.name(), "erases", partition, () -> "its replica");
        replicas.remove(partition);
        loopOf.remove(partition);
        erasing.add(partition);
        replica.still()
                .thenRun(() -> later(chance.below(BACKGROUND_NANOS_MAX), () -> {
                    inheritBefore(partition);
                    ReplicaIdentity.erase(
                            writeAheadLog.partition(partition),
                            replica.tokens(),
                            node.name(),
                            node.storage(),
                            chance::below);
                    node.damageMarks().clear(partition);
                    world.invariants.erased(node, partition);
                    world.counts.replicaErased();
                    erasing.remove(partition);
                    held.release(partition);
                    follow(catalogs.current());
                }));
    }

    /** As {@code Partitions} does: those that became part of others, and are of no more use. */
    private void retireMerged(Catalog catalog) {
        for (PartitionRecord survivor : catalog.getPartitionsList()) {
            for (PartitionRecord merged : survivor.getMergedList()) {
                boolean mayBeTaken = replicas.containsKey(survivor.getId())
                        || (Placements.nodesOf(survivor).contains(node.name()) && !waiting.contains(survivor.getId()));
                if (!mayBeTaken) {
                    letGo(merged.getId());
                }
            }
        }
        if (sweptEpoch < catalog.getEpoch()) {
            sweptEpoch = catalog.getEpoch();
            sweep(catalog);
        }
    }

    private void sweep(Catalog catalog) {
        Set<Integer> here = new TreeSet<>(replicas.keySet());
        try (StorageEngine.View view = node.storage().view()) {
            here.addAll(StorageKeys.partitionsIn(view));
        }
        writeAheadLog.partitions().stream()
                .filter(partition -> !writeAheadLog.partition(partition).isEmpty())
                .forEach(here::add);
        List<Integer> gone = here.stream()
                .filter(partition -> Merges.isGone(catalog, partition))
                .toList();
        for (int partition : gone) {
            letGo(partition);
            if (isInUse(partition)) {
                sweptEpoch = 0;
            } else {
                ReplicaIdentity.eraseTaken(writeAheadLog.partition(partition), node.storage());
                ReplicaIdentity.forget(partition, node.storage());
                held.release(partition);
            }
        }
    }

    /** As {@code Partitions} does: erases a replica of a partition that is part of another one. */
    private void letGo(int partition) {
        Replica replica = replicas.get(partition);
        if (replica != null) {
            loop(partition).releaseIf(replica, same -> true, () -> {
                replicas.remove(partition);
                loopOf.remove(partition);
                erasing.add(partition);
                HeldRange range = replica.machine().range();
                replica.still()
                        .thenRun(() -> later(chance.below(BACKGROUND_NANOS_MAX), () -> eraseMerged(partition, range)));
            });
        }
    }

    private void eraseMerged(int partition, HeldRange range) {
        boolean taken = OwnRange.taken(node.storage(), partition).isPresent();
        world.trace.event(
                world.scheduler.nowNanos(),
                node.name(),
                "erases",
                partition,
                () -> taken ? "its replica, which was taken" : "its replica, for a snapshot");
        inheritBefore(partition);
        if (taken) {
            ReplicaIdentity.eraseTaken(writeAheadLog.partition(partition), node.storage());
        } else {
            ReplicaIdentity.eraseForSnapshot(writeAheadLog.partition(partition), range, node.storage());
            world.counts.replicaGaveWay();
        }
        node.damageMarks().clear(partition);
        world.invariants.erasedAsTaken(node, partition);
        erasing.remove(partition);
        held.release(partition);
        tellDurable(partition);
        follow(catalogs.current());
    }

    private void tellDurable(int taken) {
        Runnable durable = takenDurable.remove(taken);
        if (durable != null) {
            durable.run();
        }
    }

    private void inheritBefore(int erased) {
        Catalog catalog = catalogs.current();
        catalog.getPartitionsList().stream()
                .filter(child -> child.getParent() != 0 && child.getId() != erased)
                .filter(child -> Placements.nodesOf(child).contains(node.name()))
                .forEach(child -> ReplicaIdentity.inherit(child, catalog, node.storage()));
    }

    /** As {@code Partitions} does: the first state of a partition that was split from a replica's is in the storage. */
    private void openSplitOff(PartitionRecord child, boolean leadsFirst) {
        if (!replicas.containsKey(child.getId())) {
            open(child, leadsFirst);
        }
    }

    private void open(PartitionRecord partition, boolean preferredFirstLeader) {
        PartitionLog log = writeAheadLog.partition(partition.getId());
        if (OwnRange.taken(node.storage(), partition.getId()).isPresent()) {
            if (isHere(partition.getId())) {
                ReplicaIdentity.eraseTaken(log, node.storage());
                world.invariants.erasedAsTaken(node, partition.getId());
            }
            tellDurable(partition.getId());
            return;
        }
        boolean toBeReplaced = node.damageMarks().reason(partition.getId()).isPresent();
        PartitionRange range = OwnRange.toOpen(partition, log, node.storage(), toBeReplaced);
        if (partition.getId() != SYSTEM && !held.take(partition.getId(), OwnRange.tokens(range))) {
            waiting.add(partition.getId());
            return;
        }
        waiting.remove(partition.getId());
        if (log.damage().isPresent()) {
            world.counts.replicaDamaged();
        }
        ReplicaIdentity.inherit(partition, catalogs.current(), node.storage());
        Member member = ReplicaIdentity.recover(
                log,
                node.name(),
                node.storage(),
                Placements.joins(partition, node.name()),
                Placements.keepsLogAlone(partition, node.name()),
                chance::below);
        OwnRange.awaitSnapshotWhereSplit(partition, range, node.storage());
        Loop loop = loops.get(partition.getId() % loops.size());
        List<String> voters = Placements.foundersOf(partition);
        Environment environment = new Environment(partition.getId(), loop);
        Replica replica;
        try {
            replica = new Replica(
                    partition.getId(),
                    OwnRange.tokens(range),
                    range.getEpoch(),
                    world.settings.raftConfig(member.name(), voters, preferredFirstLeader),
                    log,
                    node.storage(),
                    environment);
        } catch (CorruptLogException e) {
            // Sound when the log was recovered, and no more.
            if (!world.settings.faults().contains(Fault.BIT_FLIP_IN_LOG)) {
                throw e;
            }
            mending.add(partition.getId());
            mend(partition.getId(), partition, e);
            return;
        }
        environment.replica = replica;
        Predecessor predecessor = predecessors.remove(partition.getId());
        if (predecessor != null) {
            replica.succeeds(predecessor);
        }
        records.put(partition.getId(), partition);
        loop.adopt(replica);
        replicas.put(partition.getId(), replica);
        loopOf.put(partition.getId(), loop);
        world.invariants.synced(node, replica);
    }

    void begin() {
        loops.forEach(Loop::wake);
        // The log was synced when it was opened.
        support.onSynced();
        supportTick();
        scheduleCheckpoint();
        coordinate();
        planning.next();
        watchCatalog();
        retire();
        register();
    }

    /** In the place of a {@code CatalogWatcher}: asks some other node for its catalog now and then. */
    private void watchCatalog() {
        String other = chance.oneOf(world.nodeNames);
        world.network.sendOnce(node.name(), other, () -> world.node(other)
                .catalog()
                .ifPresent(catalog -> world.network.sendOnce(other, node.name(), () -> offer(catalog))));
        later(chance.below(WATCH_NANOS_MAX), this::watchCatalog);
    }

    void end() {
        alive = false;
    }

    /** As {@code NodeRuntime} tells it, as far as the coordinator asks. */
    NodeStatusReply status() {
        NodeStatusReply.Builder reply = NodeStatusReply.newBuilder().setNode(node.name());
        long splitBytesMin = PlanSettingsOf.splitBytesWhileFew(catalog().getSettings());
        for (Replica replica : replicas.values()) {
            ReplicaStatus status = replica.status();
            reply.addReplicas(status.toBuilder()
                    .addAllSizeSamples(SizeSamples.of(status, catalog(), splitBytesMin, node.storage())));
        }
        return reply.build();
    }

    /** What its coordinator found; nothing unless it leads the system partition. */
    Optional<PlanStep.Report> planned() {
        return planning.report();
    }

    Optional<Replica> replica(int partition) {
        return Optional.ofNullable(replicas.get(partition));
    }

    private Replica open(int partition) {
        return replica(partition)
                .orElseThrow(() -> new IllegalStateException("partition " + partition + " is not open yet"));
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

    // ---- the catalog -------------------------------------------------------------------------------------------

    Catalog catalog() {
        return catalogs.current();
    }

    void offer(Catalog catalog) {
        later(0, () -> {
            Catalog before = catalogs.current();
            catalogs.offer(catalog);
            world.catalogs.check(node.name(), before, catalogs.current());
        });
    }

    void disconnected(String peer) {
        routing.disconnected(peer);
    }

    /** What {@code Coordinator} does in a thread. */
    private void coordinate() {
        later(COORDINATOR_PAUSE_NANOS, () -> coordinator.run().whenComplete((done, failure) -> {
            if (failure != null) {
                world.trace.event(
                        world.scheduler.nowNanos(), node.name(), "coordinator", 0, () -> "tries again: " + failure);
            }
            coordinate();
        }));
    }

    private final class CoordinatorPort implements CoordinatorStep.Port {

        private <T> CompletableFuture<T> limited(CompletableFuture<T> future) {
            later(
                    2 * COORDINATOR_STEP_NANOS_MAX,
                    () -> future.completeExceptionally(new TimeoutException("the coordinator waited in vain")));
            return future;
        }

        @Override
        public CompletableFuture<Optional<CatalogState>> catalogIfLeading() {
            CompletableFuture<Optional<CatalogState>> catalog = new CompletableFuture<>();
            if (replica(SYSTEM).isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
            loop(SYSTEM)
                    .post(
                            open(SYSTEM),
                            replica -> later(
                                    0,
                                    completion(
                                            catalog,
                                            replica.leads()
                                                    ? Optional.of(
                                                            replica.machine().catalog())
                                                    : Optional.empty())));
            // A replica that is given up meanwhile never answers.
            return limited(catalog);
        }

        /** Completes in an event of its own, as the coordinator has its own thread. */
        private <T> Runnable completion(CompletableFuture<T> future, T value) {
            return () -> future.complete(value);
        }

        @Override
        public Optional<String> instanceOf(String name) {
            SimulatedNode other = world.node(name);
            return other.up() ? Optional.of(other.instanceId()) : Optional.empty();
        }

        @Override
        public CompletableFuture<CatalogOutcome> submit(CatalogCommand command) {
            CompletableFuture<CatalogOutcome> outcome = new CompletableFuture<>();
            DataRequest request = DataRequest.newBuilder()
                    .setPartition(SYSTEM)
                    .setEpoch(CoordinatorStep.SYSTEM_EPOCH)
                    .setKnownTimeMillis(Long.MAX_VALUE)
                    .setCatalog(command)
                    .build();
            receive(request, response -> {
                DataResponse answer = response.build();
                later(0, () -> {
                    if (answer.hasCatalog()) {
                        outcome.complete(answer.getCatalog());
                    } else {
                        outcome.completeExceptionally(new IllegalStateException(
                                "refused: " + answer.getRefusal().getCode()));
                    }
                });
            });
            return limited(outcome);
        }

        @Override
        public CompletableFuture<Boolean> prepare(Map<Integer, PrepareIndex> preparationsByPartition) {
            Deadline deadline = new Deadline(routing.nanoTime() + COORDINATOR_STEP_NANOS_MAX);
            List<CompletableFuture<IndexPrepared>> answers = preparationsByPartition.entrySet().stream()
                    .map(prepare -> client.prepareIndex(prepare.getKey(), prepare.getValue(), deadline))
                    .toList();
            CompletableFuture<Boolean> filled = new CompletableFuture<>();
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .whenComplete((done, failure) -> later(0, () -> {
                        if (failure != null) {
                            filled.completeExceptionally(failure);
                        } else {
                            filled.complete(answers.stream()
                                    .allMatch(answer -> answer.join().getDone()));
                        }
                    }));
            return limited(filled);
        }

        @Override
        public CompletableFuture<Void> drop(Map<Integer, DropTable> dropsByPartition) {
            Deadline deadline = new Deadline(routing.nanoTime() + COORDINATOR_STEP_NANOS_MAX);
            CompletableFuture<?>[] drops = dropsByPartition.entrySet().stream()
                    .map(drop -> client.dropTable(drop.getKey(), drop.getValue(), deadline))
                    .toArray(CompletableFuture[]::new);
            CompletableFuture<Void> all = new CompletableFuture<>();
            CompletableFuture.allOf(drops)
                    .whenComplete((done, failure) -> later(0, () -> {
                        if (failure == null) {
                            all.complete(null);
                        } else {
                            all.completeExceptionally(failure);
                        }
                    }));
            return all;
        }

        @Override
        public CompletableFuture<Set<Integer>> place(Map<Integer, PlaceReplicas> placementsByPartition) {
            return tell(placementsByPartition, ReplicasPlaced::getDone);
        }

        @Override
        public CompletableFuture<Set<Integer>> tell(Map<Integer, PlaceReplicas> placementsByPartition) {
            return tell(placementsByPartition, group -> true);
        }

        private CompletableFuture<Set<Integer>> tell(
                Map<Integer, PlaceReplicas> placementsByPartition, Predicate<ReplicasPlaced> counts) {
            Deadline deadline = new Deadline(routing.nanoTime() + COORDINATOR_STEP_NANOS_MAX);
            Set<Integer> placed = new LinkedHashSet<>();
            CompletableFuture<?>[] answers = placementsByPartition.entrySet().stream()
                    .map(placement -> client.place(placement.getKey(), placement.getValue(), deadline)
                            .handle((group, failure) -> failure == null
                                    && counts.test(group)
                                    && group.getEpoch() == placement.getValue().getEpoch()
                                    && placed.add(placement.getKey())))
                    .toArray(CompletableFuture[]::new);
            CompletableFuture<Set<Integer>> all = new CompletableFuture<>();
            CompletableFuture.allOf(answers).whenComplete((done, failure) -> later(0, () -> all.complete(placed)));
            return limited(all);
        }

        @Override
        public CompletableFuture<Set<Integer>> split(Map<Integer, SplitRange> splitsByPartition) {
            Deadline deadline = new Deadline(routing.nanoTime() + COORDINATOR_STEP_NANOS_MAX);
            Set<Integer> done = new LinkedHashSet<>();
            CompletableFuture<?>[] answers = splitsByPartition.entrySet().stream()
                    .map(split -> client.split(split.getKey(), split.getValue(), deadline)
                            .handle((answer, failure) ->
                                    failure == null && answer.getDone() && done.add(split.getKey())))
                    .toArray(CompletableFuture[]::new);
            CompletableFuture<Set<Integer>> all = new CompletableFuture<>();
            CompletableFuture.allOf(answers).whenComplete((ready, failure) -> later(0, () -> all.complete(done)));
            return limited(all);
        }

        @Override
        public CompletableFuture<RangeSealed> seal(int partition, SealRange seal) {
            Deadline deadline = new Deadline(routing.nanoTime() + COORDINATOR_STEP_NANOS_MAX);
            return limited(inOwnEvent(client.seal(partition, seal, deadline)));
        }

        @Override
        public CompletableFuture<RangeTaken> take(int partition, TakeRange take) {
            Deadline deadline = new Deadline(routing.nanoTime() + COORDINATOR_STEP_NANOS_MAX);
            return limited(inOwnEvent(client.take(partition, take, deadline)));
        }

        private <T> CompletableFuture<T> inOwnEvent(CompletableFuture<T> answer) {
            CompletableFuture<T> own = new CompletableFuture<>();
            answer.whenComplete((value, failure) -> later(0, () -> {
                if (failure == null) {
                    own.complete(value);
                } else {
                    own.completeExceptionally(failure);
                }
            }));
            return own;
        }

        @Override
        public CompletableFuture<Map<String, NodeStatusReply>> ask(List<NodeRecord> nodes) {
            return planning.ask(nodes);
        }

        @Override
        public UUID newId() {
            return new UUID(chance.any(), chance.any());
        }

        @Override
        public long wallMillis() {
            return TimeUnit.NANOSECONDS.toMillis(node.clock().nanoTime());
        }
    }

    // ---- what reaches the process ------------------------------------------------------------------------------

    void receive(String from, PeerMessage message) {
        if (message.hasSupport()) {
            // On a thread of its own: between turns of the loops, at any time; held up by a pause as all else.
            later(0, () -> support.onMessage(from, message.getSupport()));
            return;
        }
        replica(message.getPartition()).ifPresent(target -> loop(message.getPartition())
                .post(target, replica -> replica.onMessage(from, message)));
    }

    void receive(DataRequest request, Responder responder) {
        Replica replica = replicas.get(request.getPartition());
        if (replica == null) {
            responder.respond(DataResponse.newBuilder().setRefusal(notHere(request)));
            return;
        }
        switch (OperationKind.of(request)) {
            case READ ->
                // On a thread of its own: between turns of the loop, at any time.
                later(
                        chance.below(world.settings.loopDelayNanosMax()),
                        () -> replica.read(sabotaged(request, replica), responder));
            case WRITE, INDEX, CONTENTS, GROUP, UNKNOWN ->
                loop(request.getPartition()).post(replica, same -> same.submit(request, responder));
        }
    }

    /** As {@code Partitions} says it. */
    private Refusal.Builder notHere(DataRequest request) {
        boolean hasKeys = OperationKind.of(request).hasKeys();
        return (hasKeys ? OwnRange.taken(node.storage(), request.getPartition()) : Optional.<HeldRange>empty())
                .filter(HeldRange::hasSeal)
                .map(taken -> Refusal.newBuilder()
                        .setCode(Refusal.Code.STALE_EPOCH)
                        .setMerge(taken.getSeal().getMerge()))
                .orElseGet(() -> Refusal.newBuilder().setCode(Refusal.Code.UNKNOWN_PARTITION));
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
        if (request.hasReadRange()) {
            return request.toBuilder()
                    .setReadRange(request.getReadRange().toBuilder().setConsistent(false))
                    .build();
        }
        return request.toBuilder()
                .setReadItem(request.getReadItem().toBuilder().setConsistent(false))
                .build();
    }

    void scrub(int partition, Consumer<ScrubResult> onDone) {
        long wallMillis = TimeUnit.NANOSECONDS.toMillis(node.clock().nanoTime());
        loop(partition).post(open(partition), replica -> replica.scrub(wallMillis, onDone));
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
            } catch (LogBrokenException e) {
                if (!node.syncsFail()) {
                    fail("its log broke", e);
                }
                node.stopsByItself("its log broke: " + e.getMessage());
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
        if (position > checkedPosition) {
            // Without news a mark may stand behind what was synced, which nobody counts on.
            checkedPosition = position;
            Invariants.checkDurable(node, SEGMENTS_CHECKED);
        }
        replicas.values().forEach(replica -> world.invariants.synced(node, replica));
        later(untilToldNanos, () -> {
            loops.forEach(loop -> loop.durable(position));
            support.onSynced();
        });
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
        node.disk().failSyncs(node.syncsFail());
        node.losePower();
    }

    // ---- support between nodes ---------------------------------------------------------------------------------

    /** What {@code SupportTimer} does in a thread. */
    private void supportTick() {
        long waitNanos = support.tick() - node.clock().nanoTime();
        later(
                Math.clamp(waitNanos, 0, SUPPORT_SLEEP_NANOS_MAX) + chance.below(TIMER_LATE_NANOS_MAX),
                this::supportTick);
    }

    private void probeDisk() {
        boolean succeeded = false;
        try {
            probe.run();
            succeeded = true;
        } catch (IOException e) {
            world.trace.event(world.scheduler.nowNanos(), node.name(), "probe failed", 0, e::toString);
        }
        support.onProbed(succeeded);
    }

    private void send(String to, PeerMessage message) {
        if (message.getSnapshotReply().getOutcome() == SnapshotReply.Outcome.INSTALLED) {
            world.snapshotInstalled(message.getSnapshotReply().getTransfer());
        }
        world.trace.event(
                world.scheduler.nowNanos(),
                node.name(),
                "send",
                message.getSerializedSize(),
                () -> "to " + to + ": " + message.toString().replaceAll("\\s+", " "));
        world.invariants.sent(node.name(), to, message);
        if (world.systemPartitionCut() && message.getPartition() == SYSTEM && !message.hasSupport()) {
            return;
        }
        world.network.send(node.name(), to, () -> world.node(to).receive(node.name(), message));
    }

    private final class SupportPort implements SupportExchange.Port {

        @Override
        public void send(String to, PeerMessage message) {
            SimulatedProcess.this.send(to, message);
        }

        @Override
        public void supportChanged(String peer) {
            world.trace.event(
                    world.scheduler.nowNanos(),
                    node.name(),
                    "support",
                    0,
                    () -> "with " + peer + " changed: " + support.peer(peer).given() + " given, "
                            + support.peer(peer).received() + " received");
            loops.forEach(loop -> loop.supportChanged(peer));
        }

        @Override
        public void probeDisk() {
            later(node.syncNanos(), SimulatedProcess.this::probeDisk);
        }
    }

    // ---- checkpoints -------------------------------------------------------------------------------------------

    private void scheduleCheckpoint() {
        later(chance.below(world.settings.checkpointNanosMax()), this::checkpoint);
    }

    /** As {@code Checkpointer} does: the indexes first, then the flush, then each partition forgets on its own loop. */
    private void checkpoint() {
        Map<Replica, Long> appliedIndexes = new LinkedHashMap<>();
        replicas.values()
                .forEach(replica ->
                        appliedIndexes.put(replica, replica.machine().applied().index()));
        LogPressure drawn = chance.happens(0.3)
                ? chance.oneOf(LogPressure.HIGH, LogPressure.HIGH, LogPressure.HIGH, LogPressure.CRITICAL)
                : LogPressure.LOW;
        // Snapshots that begin anew for ever are no way to heal, and disks have room by then.
        boolean healed = world.scheduler.nowNanos() >= world.settings.faultNanos();
        LogPressure pressure = healed && drawn == LogPressure.CRITICAL ? LogPressure.HIGH : drawn;
        later(chance.below(BACKGROUND_NANOS_MAX), () -> {
            if (world.settings.sabotage() != Sabotage.FLUSH_DOES_NOTHING) {
                node.storage().flush();
            }
            appliedIndexes.forEach((replica, index) -> {
                if (replicas.get(replica.partition()) == replica) {
                    loop(replica.partition()).post(replica, same -> same.compact(index, pressure));
                }
            });
            scheduleCheckpoint();
        });
    }

    // ---- event loops -------------------------------------------------------------------------------------------

    private record Outgoing(String to, PeerMessage message) {}

    /** What {@code EventLoop} does in a thread. */
    private final class Loop {
        private final ReplicaTurns turns = new ReplicaTurns(SimulatedProcess.this::onCorrupt);
        private final Deque<Runnable> tasks = new ArrayDeque<>();
        private final List<Outgoing> outbox = new ArrayList<>();
        private boolean awake;
        private long timerNanos = Long.MAX_VALUE;
        private long durablePosition;

        void adopt(Replica replica) {
            tasks.add(() -> turns.adopt(replica));
            wake();
        }

        void releaseIf(Replica replica, Predicate<Replica> condition, Runnable released) {
            tasks.add(() -> {
                if (turns.releaseIf(replica, condition)) {
                    released.run();
                }
            });
            wake();
        }

        void post(Replica replica, Consumer<Replica> action) {
            tasks.add(() -> turns.run(replica, action));
            wake();
        }

        void durable(long position) {
            durablePosition = Math.max(durablePosition, position);
            wake();
        }

        void supportChanged(String peer) {
            tasks.add(() -> turns.supportChanged(peer));
            wake();
        }

        private void wake() {
            if (!awake) {
                awake = true;
                later(chance.below(world.settings.loopDelayNanosMax()), this::turn);
            }
        }

        private void turn() {
            awake = false;
            turns.durable(durablePosition);
            for (int count = Math.min(tasks.size(), TURN_TASKS_MAX); count > 0; count--) {
                tasks.removeFirst().run();
            }
            long nowNanos = node.clock().nanoTime();
            turns.tick(nowNanos);
            List<Replica> touched = turns.endTurn(nowNanos);
            outbox.forEach(outgoing -> send(outgoing.to(), outgoing.message()));
            outbox.clear();
            touched.forEach(replica -> world.invariants.afterTurn(node, replica));
            if (!tasks.isEmpty()) {
                wake();
            }
            setTimer();
        }

        /** One timer at a time stands, the earliest asked for; one that comes too early sets the next. */
        private void setTimer() {
            long nextNanos = turns.nextTurnNanos();
            if (nextNanos >= timerNanos) {
                return;
            }
            timerNanos = nextNanos;
            long waitNanos = Math.max(0, nextNanos - node.clock().nanoTime());
            later(waitNanos + chance.below(TIMER_LATE_NANOS_MAX), () -> {
                if (timerNanos == nextNanos) {
                    timerNanos = Long.MAX_VALUE;
                    wake();
                }
            });
        }
    }

    // ---- a replica's world -------------------------------------------------------------------------------------

    private final class Environment implements ReplicaEnvironment {
        private final int partition;
        private final Loop loop;
        private @Nullable Replica replica;

        Environment(int partition, Loop loop) {
            this.partition = partition;
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
        public NodeSupport support() {
            return support;
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
        public void runSliced(SlicedTask task) {
            later(chance.below(BACKGROUND_NANOS_MAX), () -> {
                if (task.runSlice() >= 0) {
                    runSliced(task);
                }
            });
        }

        @Override
        public Optional<TableRecord> table(long id) {
            return catalogs.table(id);
        }

        @Override
        public List<String> nodesOf(int moved) {
            return Placements.nodesOf(catalogs.current(), moved);
        }

        @Override
        public OptionalInt partitionOf(long token) {
            return client.knownPartitionOf(token).stream()
                    .mapToInt(PartitionRecord::getId)
                    .findFirst();
        }

        @Override
        public long mapEpoch() {
            return client.mapVersion();
        }

        @Override
        public CompletableFuture<Void> sendIndexBatch(int receiver, IndexBatch batch) {
            Deadline deadline = new Deadline(routing.nanoTime() + INDEX_BATCH_NANOS_MAX);
            return client.takeIndexBatch(receiver, batch, deadline);
        }

        @Override
        public DamageMarks damageMarks() {
            return node.damageMarks();
        }

        @Override
        public void storageDamaged(StorageException cause) {
            SimulatedProcess.this.fail("its storage is damaged", cause);
        }

        @Override
        public void post(Runnable task) {
            // To the replica it is of: where that was given up meanwhile, its loop takes no notice.
            loop.post(Objects.requireNonNull(replica, "it is not open yet"), same -> task.run());
        }

        @Override
        public SnapshotResources snapshotResources() {
            return snapshotResources;
        }

        @Override
        public long logReplicaBytesMax() {
            return world.settings.logReplicaBytesMax();
        }

        @Override
        public boolean hold(TokenRange tokens) {
            return partition == SYSTEM || held.take(partition, tokens);
        }

        @Override
        public void split(TokenRange kept, PartitionRecord child, boolean here, boolean leads) {
            held.split(partition, kept, here ? Optional.of(child) : Optional.empty());
            world.counts.partitionSplit();
            world.trace.event(
                    world.scheduler.nowNanos(),
                    node.name(),
                    "splits",
                    partition,
                    () -> "off " + child.toString().replaceAll("\\s+", " ") + (here ? "" : "elsewhere")
                            + (leads ? " and leads" : ""));
            runInBackground(() -> {
                if (here) {
                    openSplitOff(child, leads);
                } else {
                    follow(catalogs.current());
                }
            });
        }

        @Override
        public Optional<PartitionRange> rangeOf(int other) {
            return client.knownPartition(other).map(Splits::rangeOf);
        }

        @Override
        public boolean couldHold(TokenRange tokens, List<Integer> without) {
            return partition == SYSTEM || held.couldTake(partition, tokens, without);
        }

        @Override
        public boolean giveWay(List<Integer> partitions) {
            partitions.forEach(SimulatedProcess.this::letGo);
            return partitions.stream().noneMatch(other -> isInUse(other) || held.holds(other));
        }

        @Override
        public void proveSealed(int other, long index, long term) {
            Replica target = replicas.get(other);
            if (target != null) {
                loop(other).post(target, replica -> replica.proveCommitted(index, term));
            }
        }

        @Override
        public void took(int taken, TokenRange tokens, Runnable durable) {
            world.counts.partitionTaken();
            world.trace.event(world.scheduler.nowNanos(), node.name(), "takes", partition, () -> "partition " + taken);
            held.join(partition, tokens, taken);
            takenDurable.put(taken, () -> post(durable));
            runInBackground(() -> {
                if (replicas.containsKey(taken)) {
                    letGo(taken);
                } else if (!isInUse(taken)) {
                    eraseMerged(taken, HeldRange.getDefaultInstance());
                }
            });
        }

        @Override
        public void snapshotInstalled() {
            runInBackground(() -> follow(catalogs.current()));
        }

        @Override
        public void catalogApplied(Catalog catalog) {
            world.catalogs.applied(node.name(), catalog);
            runInBackground(() -> catalogs.offer(catalog));
        }

        @Override
        public void fail(Throwable cause) {
            SimulatedProcess.this.fail("it gave up", cause);
        }
    }
}

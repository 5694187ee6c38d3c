package dev.henge.chaos.simulation;

import dev.henge.chaos.checker.AcknowledgedWritesChecker;
import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.EventualReadsChecker;
import dev.henge.chaos.checker.LinearizabilityChecker;
import dev.henge.chaos.checker.Operation;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.checker.ReplicaEquality;
import dev.henge.chaos.checker.Value;
import dev.henge.node.partition.Replica;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.Catalog;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.TableRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** One run: a world made from a seed, a time of faults, a time to heal, and the judgement. */
final class Simulation {

    /** A chain of splits and moves, each of which waits for slow snapshots, may take minutes. */
    private static final long HEAL_NANOS_MAX = TimeUnit.SECONDS.toNanos(240);

    private static final long FINAL_READ_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);
    private static final int READER = 1_000;

    /**
     * What a run came to.
     *
     * @param answeredCount calls whose outcome is known
     * @param failedCount calls that were given up or refused for the time being
     * @param fingerprint the same for two runs that did the same
     */
    record Result(
            long seed,
            long simulatedNanos,
            int operationCount,
            long answeredCount,
            long failedCount,
            int leaderCount,
            int tableCount,
            long committedCount,
            int faultCount,
            int scrubsEqual,
            int scrubsFound,
            Counts counts,
            int snapshotCount,
            long eventCount,
            long fingerprint) {}

    private final World world;
    private final Workload workload;
    private final Observations observations;
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final TableClient tables;
    private final Moves moves;
    private final StandIns standIns;
    private final Operators operators;
    private final Divisions divisions;
    private final Unions unions;
    private final FaultInjector faults;
    private final Scrubs scrubs;
    private final LastingLoss loss;

    private Simulation(Settings settings, Trace trace, Scrubs.Mode scrubMode) {
        world = new World(settings, trace);
        workload = new Workload(settings.keysPerKind());
        observations = new Observations(world.scheduler);
        for (int number = 1; number <= settings.clientCount(); number++) {
            clients.add(new SimulatedClient(world, router(number), number, workload, observations));
        }
        tables = new TableClient(world, router(0), workload, observations);
        moves = new Moves(world, router(0));
        operators = new Operators(world, router(0), world.planningChanceFor());
        divisions = new Divisions(world, router(0));
        unions = new Unions(world, router(0));
        faults = new FaultInjector(world);
        scrubs = new Scrubs(world, scrubMode);
        standIns = new StandIns(world, router(0));
        loss = new LastingLoss(world, router(0));
    }

    private SimulatedRouter router(int client) {
        return world.routers.get(client % world.routers.size());
    }

    /**
     * Runs the seed.
     *
     * @throws SimulationFailure when something happened that must not
     */
    static Result run(Settings settings, Trace trace) {
        return run(settings, trace, Scrubs.ofSeed(settings.seed()));
    }

    static Result run(Settings settings, Trace trace, Scrubs.Mode scrubMode) {
        return new Simulation(settings, trace, scrubMode).run();
    }

    private Result run() {
        Settings settings = world.settings;
        world.nodes.values().forEach(SimulatedNode::start);
        world.routers.forEach(SimulatedRouter::start);
        clients.forEach(SimulatedClient::start);
        tables.start();
        moves.commands().start();
        standIns.start();
        operators.start();
        divisions.commands().start();
        unions.commands().start();
        faults.start();
        scrubs.start();
        while (world.scheduler.runNext(settings.faultNanos())) {
            // Goes on until the time of faults is over.
        }
        faults.healAll();
        clients.forEach(SimulatedClient::stop);
        tables.stop();
        moves.commands().stop();
        standIns.stop();
        operators.stop();
        divisions.commands().stop();
        unions.commands().stop();
        await(
                "the clients' last calls",
                () -> clients.stream().allMatch(SimulatedClient::idle)
                        && tables.idle()
                        && moves.commands().idle()
                        && operators.idle()
                        && divisions.commands().idle()
                        && unions.commands().idle());
        await("the end of splits", divisions::areDone);
        await("the end of merges", unions::areDone);
        await("the end of log replicas", standIns::areGone);
        await("the end of what operators wished", () -> operators.isPutRight() && operators.idle());
        // A wish that nobody answered may still come true.
        await(
                "the end of what the coordinator wants",
                () -> operators.isPutRight() && operators.idle() && operators.isAsPlanned() && moves.areDone());
        if (loss.isPossible()) {
            loss.begin();
            if (loss.isLong()) {
                await(
                        "logs in the place of those of a node that is gone",
                        () -> operators.isPutRight() && loss.isStoodInFor());
                loss.goOn();
            }
            await("the replacement of a node that is gone", () -> operators.isPutRight() && loss.isReplaced());
            loss.end();
            await(
                    "the end of what the coordinator wants once it is back",
                    () -> operators.isPutRight() && operators.idle() && operators.isAsPlanned() && moves.areDone());
        }
        world.endPlanning();
        await("the end of moves", moves::areDone);
        await("groups of voters that are all there", standIns::groupsAreWhole);
        await("the end of the deletion of tables", this::noTableIsBeingDeleted);
        await("the end of changes of indexes", () -> Indexes.areSettled(world));
        await("the end of the planted difference", scrubs::plantIsGone);
        scrubs.stop();
        await("equal replicas", this::atRest);
        Map<String, Value> finalValues = readAll();
        await("equal replicas after the last reads", this::atRest);
        judge(finalValues);
        return new Result(
                settings.seed(),
                world.scheduler.nowNanos(),
                observations.history().operations().size(),
                clients.stream().mapToLong(SimulatedClient::answeredCount).sum(),
                clients.stream().mapToLong(SimulatedClient::failedCount).sum(),
                world.invariants.leaderCount(),
                tables.createdCount(),
                world.invariants.committedCount(),
                faults.count(),
                scrubs.equalCount(),
                scrubs.foundCount(),
                world.counts,
                world.snapshotCount(),
                world.scheduler.eventCount(),
                world.trace.fingerprint());
    }

    private void await(String what, BooleanSupplier condition) {
        long deadlineNanos = world.scheduler.nowNanos() + HEAL_NANOS_MAX;
        while (!condition.getAsBoolean()) {
            if (!world.scheduler.runNext(deadlineNanos)) {
                throw new SimulationFailure("waited in vain for " + what + " after everything was healed: " + status());
            }
        }
    }

    /** Nothing is under way any more; what was asked for and got no answer may have come to pass at last. */
    private boolean atRest() {
        return settled()
                && noTableIsBeingDeleted()
                && Indexes.areSettled(world)
                && moves.areDone()
                && standIns.groupsAreWhole()
                && divisions.areDone()
                && unions.areDone();
    }

    /** Every replica has applied the whole log of its leader. */
    private boolean settled() {
        List<PartitionRecord> partitions = world.catalogs.newest().getPartitionsList();
        for (PartitionRecord partition : partitions) {
            List<Replica> replicas = replicas(partition);
            long leaders = replicas.stream().filter(Replica::leads).count();
            long indexes = replicas.stream()
                    .mapToLong(replica -> replica.machine().applied().index())
                    .distinct()
                    .count();
            boolean allApplied = replicas.stream()
                    .allMatch(replica -> replica.usable()
                            && replica.machine().applied().index()
                                    == replica.log().lastIndex());
            if (leaders != 1 || indexes != 1 || !allApplied || replicas.size() != partition.getReplicasCount()) {
                return false;
            }
        }
        return !partitions.isEmpty();
    }

    private boolean noTableIsBeingDeleted() {
        return world.catalogs.newest().getTablesList().stream()
                .noneMatch(table -> table.getStatus() == TableRecord.Status.DELETING);
    }

    private List<Replica> replicas(PartitionRecord partition) {
        return partition.getReplicasList().stream()
                .flatMap(name -> world.node(name).replica(partition.getId()).stream())
                .toList();
    }

    private String status() {
        StringBuilder text = new StringBuilder();
        for (PartitionRecord partition : world.catalogs.newest().getPartitionsList()) {
            world.nodes.values().forEach(node -> node.replica(partition.getId()).ifPresent(replica -> {
                replica.publishStatus();
                text.append('\n').append(node.name()).append(": ");
                text.append(replica.status().toString().replace('\n', ' '));
            }));
        }
        return text.toString();
    }

    private Map<String, Value> readAll() {
        SimulatedClient reader = new SimulatedClient(world, router(READER), READER, workload, observations);
        reader.stop();
        for (Requests.Key key : workload.keys()) {
            reader.call(key, new Call.Get(), FINAL_READ_NANOS_MAX);
            await("the last read of " + key.name(), reader::idle);
        }
        Map<String, Value> values = new TreeMap<>();
        for (Operation operation : observations.history().operations()) {
            if (operation.client() == READER && operation.outcome() instanceof Outcome.Holds holds) {
                values.put(operation.key(), holds.value());
            }
        }
        for (Requests.Key key : workload.keys()) {
            if (!values.containsKey(key.name())) {
                throw new SimulationFailure(key.name() + " could not be read at the end");
            }
        }
        return values;
    }

    private void judge(Map<String, Value> finalValues) {
        Map<String, List<Operation>> operations = observations.history().operationsByKey();
        List<String> complaints = new ArrayList<>(new LinearizabilityChecker().complaints(operations));
        Map<String, List<Operation>> lasting = new TreeMap<>(operations);
        lasting.keySet().retainAll(finalValues.keySet());
        complaints.addAll(new AcknowledgedWritesChecker().complaints(lasting, finalValues));
        complaints.addAll(EventualReadsChecker.complaints(observations.eventualReads(), operations, finalValues));
        for (PartitionRecord partition : world.catalogs.newest().getPartitionsList()) {
            complaints.addAll(ReplicaEquality.complaints(partition.getReplicasList().stream()
                    .map(name -> contents(world.node(name), partition))
                    .toList()));
            if (partition.getId() != 0) {
                partition.getReplicasList().stream()
                        .forEach(name -> complaints.addAll(remains(world.node(name), partition)));
            }
        }
        complaints.addAll(divisions.complaints());
        complaints.addAll(new Indexes(world).complaints());
        if (!complaints.isEmpty()) {
            throw new SimulationFailure(String.join("\n", complaints));
        }
    }

    /** Of deleted tables nothing is left. */
    private List<String> remains(SimulatedNode node, PartitionRecord partition) {
        Catalog catalog = world.catalogs.newest();
        Set<Long> tables = catalog.getTablesList().stream()
                .flatMap(table -> Stream.concat(
                        Stream.of(table.getId()),
                        table.getIndexesList().stream().map(IndexRecord::getId)))
                .collect(Collectors.toSet());
        List<String> complaints = new ArrayList<>();
        for (long table = Requests.TABLE; table < catalog.getNextTableId(); table++) {
            List<ReplicaEquality.Entry> entries = new ArrayList<>();
            try (StorageEngine.View view = node.storage().view()) {
                addAll(view, StorageKeys.itemRange(table, partition.getStartToken(), partition.getEndToken()), entries);
            }
            if (!tables.contains(table) && !entries.isEmpty()) {
                complaints.add(node.name() + " holds " + entries.size() + " items of the deleted table " + table);
            }
        }
        return complaints;
    }

    private ReplicaEquality.Contents contents(SimulatedNode node, PartitionRecord partition) {
        List<ReplicaEquality.Entry> entries = new ArrayList<>();
        try (StorageEngine.View view = node.storage().view()) {
            addAll(view, StorageKeys.privateRange(partition.getId()), entries);
            if (partition.getId() != 0) {
                for (long table = Requests.TABLE;
                        table < world.catalogs.newest().getNextTableId();
                        table++) {
                    addAll(
                            view,
                            StorageKeys.itemRange(table, partition.getStartToken(), partition.getEndToken()),
                            entries);
                }
            }
        }
        long appliedIndex = node.replica(partition.getId())
                .orElseThrow()
                .machine()
                .applied()
                .index();
        return new ReplicaEquality.Contents(node.name(), appliedIndex, entries);
    }

    private static void addAll(StorageEngine.View view, KeyRange range, List<ReplicaEquality.Entry> entries) {
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                entries.add(new ReplicaEquality.Entry(cursor.key(), cursor.value()));
            }
        }
    }
}

package dev.henge.chaos.simulation;

import dev.henge.chaos.checker.AcknowledgedWritesChecker;
import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.History;
import dev.henge.chaos.checker.LinearizabilityChecker;
import dev.henge.chaos.checker.Operation;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.checker.ReplicaEquality;
import dev.henge.chaos.checker.Value;
import dev.henge.node.partition.Replica;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** One run: a world made from a seed, a time of faults, a time to heal, and the judgement. */
final class Simulation {

    private static final long HEAL_NANOS_MAX = TimeUnit.SECONDS.toNanos(120);
    private static final long FINAL_READ_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);
    private static final int READER = 1_000;

    /**
     * What a run came to.
     *
     * @param answeredCount calls whose outcome is known
     * @param fingerprint the same for two runs that did the same
     */
    record Result(
            long seed,
            long simulatedNanos,
            int operationCount,
            long answeredCount,
            int leaderCount,
            long committedCount,
            int faultCount,
            int scrubsEqual,
            int scrubsFound,
            long eventCount,
            long fingerprint) {}

    private final World world;
    private final Workload workload;
    private final History history;
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final FaultInjector faults;
    private final Scrubs scrubs;

    private Simulation(Settings settings, Trace trace, Scrubs.Mode scrubMode) {
        world = new World(settings, trace);
        workload = new Workload(settings.keysPerKind());
        history = new History(world.scheduler::nowNanos);
        for (int number = 1; number <= settings.clientCount(); number++) {
            clients.add(new SimulatedClient(world, number, workload, history));
        }
        faults = new FaultInjector(world, clients);
        scrubs = new Scrubs(world, scrubMode);
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
        clients.forEach(SimulatedClient::start);
        faults.start();
        scrubs.start();
        while (world.scheduler.runNext(settings.faultNanos())) {
            // Goes on until the time of faults is over.
        }
        faults.healAll();
        clients.forEach(SimulatedClient::stop);
        await("the clients' last calls", () -> clients.stream().allMatch(SimulatedClient::idle));
        await("the end of the planted difference", scrubs::plantIsGone);
        scrubs.stop();
        await("equal replicas", this::settled);
        Map<String, Value> finalValues = readAll();
        await("equal replicas after the last reads", this::settled);
        judge(finalValues);
        return new Result(
                settings.seed(),
                world.scheduler.nowNanos(),
                history.operations().size(),
                clients.stream().mapToLong(SimulatedClient::answeredCount).sum(),
                world.invariants.leaderCount(),
                world.invariants.committedCount(),
                faults.count(),
                scrubs.equalCount(),
                scrubs.foundCount(),
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

    /** Every replica has applied the whole log of its leader. */
    private boolean settled() {
        for (World.Partition partition : world.partitions) {
            List<Replica> replicas = replicas(partition.id());
            long leaders = replicas.stream().filter(Replica::leads).count();
            long indexes = replicas.stream()
                    .mapToLong(replica -> replica.machine().applied().index())
                    .distinct()
                    .count();
            boolean allApplied = replicas.stream()
                    .allMatch(replica -> replica.usable()
                            && replica.machine().applied().index()
                                    == replica.log().lastIndex());
            if (leaders != 1 || indexes != 1 || !allApplied) {
                return false;
            }
        }
        return true;
    }

    private List<Replica> replicas(int partition) {
        return world.nodes.values().stream()
                .map(node -> node.replica(partition).orElseThrow())
                .toList();
    }

    private String status() {
        StringBuilder text = new StringBuilder();
        for (World.Partition partition : world.partitions) {
            world.nodes.values().forEach(node -> node.replica(partition.id()).ifPresent(replica -> {
                replica.publishStatus();
                text.append('\n').append(node.name()).append(": ");
                text.append(replica.status().toString().replace('\n', ' '));
            }));
        }
        return text.toString();
    }

    private Map<String, Value> readAll() {
        SimulatedClient reader = new SimulatedClient(world, READER, workload, history);
        reader.stop();
        for (Requests.Key key : workload.keys()) {
            reader.call(key, new Call.Get(), FINAL_READ_NANOS_MAX);
            await("the last read of " + key.name(), reader::idle);
        }
        Map<String, Value> values = new TreeMap<>();
        for (Operation operation : history.operations()) {
            if (operation.client() == READER && operation.outcome() instanceof Outcome.Holds holds) {
                values.put(operation.key(), holds.value());
            }
        }
        return values;
    }

    private void judge(Map<String, Value> finalValues) {
        Map<String, List<Operation>> operations = history.operationsByKey();
        List<String> complaints = new ArrayList<>(new LinearizabilityChecker().complaints(operations));
        complaints.addAll(new AcknowledgedWritesChecker().complaints(operations, finalValues));
        for (World.Partition partition : world.partitions) {
            complaints.addAll(ReplicaEquality.complaints(world.nodes.values().stream()
                    .map(node -> contents(node, partition))
                    .toList()));
        }
        if (!complaints.isEmpty()) {
            throw new SimulationFailure(String.join("\n", complaints));
        }
    }

    private static ReplicaEquality.Contents contents(SimulatedNode node, World.Partition partition) {
        List<ReplicaEquality.Entry> entries = new ArrayList<>();
        try (StorageEngine.View view = node.storage().view()) {
            addAll(view, StorageKeys.privateRange(partition.id()), entries);
            addAll(
                    view,
                    StorageKeys.itemRange(
                            Requests.TABLE,
                            partition.tokens().start(),
                            partition.tokens().end()),
                    entries);
        }
        long appliedIndex =
                node.replica(partition.id()).orElseThrow().machine().applied().index();
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

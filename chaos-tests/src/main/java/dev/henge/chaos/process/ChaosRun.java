package dev.henge.chaos.process;

import dev.henge.chaos.checker.AcknowledgedWritesChecker;
import dev.henge.chaos.checker.History;
import dev.henge.chaos.checker.LinearizabilityChecker;
import dev.henge.chaos.checker.Operation;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.checker.Value;
import dev.henge.chaos.support.Await;
import dev.henge.chaos.support.Clients;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * One run of mixed faults. It goes in rounds: clients call on new keys, a few faults come and go one after the other, the
 * clients stop, and the round's history is judged. So a run of any length takes the memory of one round, and what earlier
 * rounds left is read again at the end.
 */
final class ChaosRun {

    /**
     * What to run.
     *
     * @param duration the run begins no fault after this, but deals each kind at least once
     * @param kinds faults to mix
     */
    record Plan(long seed, int nodeCount, Duration duration, List<FaultKind> kinds) {}

    private static final String TABLE = "Chaos";
    private static final int CLIENTS = 6;
    private static final int PROBES = 1000;
    private static final int FAULTS_PER_ROUND = 4;

    /** What a final read of earlier rounds looks at, per round. */
    private static final int REMEMBERED_KEYS = 200;

    private static final int CONFIGURATIONS_MAX = 2_000_000;
    private static final int READERS = 8;

    /** The aim is 3 s; the bound leaves room for a machine that is busy with other things. */
    private static final Duration GAP_MAX = Duration.ofSeconds(15);

    private static final Duration RECOVERY_MAX = Duration.ofSeconds(60);

    private final Plan plan;
    private final FaultyCluster cluster;
    private final DynamoDbClient client;
    private final Path directory;
    private final Consumer<String> output;
    private final NodeStatuses statuses;
    private final Faults faults;
    private final SplittableRandom random;
    private final Deque<FaultKind> deck = new ArrayDeque<>();
    private final Map<String, Value> remembered = new TreeMap<>();
    private final List<String> complaints = new ArrayList<>();
    private final long startedNanos = System.nanoTime();
    private int faultCount;
    private int undecided;
    private long operationCount;
    private long unknownCount;

    private ChaosRun(Plan plan, FaultyCluster cluster, DynamoDbClient client, Path directory, Consumer<String> output) {
        this.plan = plan;
        this.cluster = cluster;
        this.client = client;
        this.directory = directory;
        this.output = output;
        random = new SplittableRandom(plan.seed());
        statuses = new NodeStatuses(cluster);
        faults = new Faults(cluster, statuses, random.split());
    }

    /**
     * Runs, and returns what is wrong as text for a person; empty when all held.
     *
     * @param directory where processes' outputs, data and the histories of rounds with complaints go
     */
    static List<String> run(Plan plan, Path directory, Consumer<String> output) throws IOException {
        FaultyCluster.Options options = FaultyCluster.Options.usual(plan.nodeCount());
        try (FaultyCluster cluster = FaultyCluster.start(directory, options);
                DynamoDbClient client = Clients.withoutRetries(cluster.endpoint())) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            ChaosRun run = new ChaosRun(plan, cluster, client, directory, output);
            run.rounds();
            return run.complaints;
        }
    }

    private void rounds() throws IOException {
        List<FaultKind> kinds = possibleKinds();
        deal(kinds);
        int dealt = 0;
        for (int round = 1; dealt < kinds.size() || elapsed().compareTo(plan.duration()) < 0; round++) {
            List<FaultKind> next = new ArrayList<>();
            while (next.size() < FAULTS_PER_ROUND && (next.isEmpty() || dealt + next.size() != kinds.size())) {
                if (deck.isEmpty()) {
                    deal(kinds);
                }
                next.add(deck.removeFirst());
            }
            dealt += next.size();
            round(round, next);
        }
        judgeRemembered();
        output.accept(String.format(
                Locale.ROOT,
                "%d faults in %d s; %d operations judged, %d of unknown outcome, %d keys undecided; %s",
                faultCount,
                elapsed().toSeconds(),
                operationCount,
                unknownCount,
                undecided,
                complaints.isEmpty() ? "no complaints" : complaints.size() + " complaints"));
    }

    private List<FaultKind> possibleKinds() {
        List<FaultKind> kinds = new ArrayList<>();
        for (FaultKind kind : plan.kinds()) {
            if (kind.needsLibrary() && cluster.missingLibrary() != null) {
                output.accept("skipped: " + kind + "; " + cluster.missingLibrary());
            } else {
                kinds.add(kind);
            }
        }
        return kinds;
    }

    private void deal(List<FaultKind> kinds) {
        List<FaultKind> shuffled = new ArrayList<>(kinds);
        for (int i = shuffled.size() - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            shuffled.set(i, shuffled.set(other, shuffled.get(i)));
        }
        deck.addAll(shuffled);
    }

    private void round(int round, List<FaultKind> kinds) throws IOException {
        History history = new History(System::nanoTime);
        RecordedTable table = new RecordedTable(client, TABLE, history, "r" + round + "-");
        Availability availability = new Availability(table, PROBES);
        availability.awaitWritesToAllKeys(System.nanoTime(), RECOVERY_MAX);
        try (RetryingUser user = RetryingUser.start(cluster.endpoint(), TABLE);
                Workload workload = Workload.start(table, 0, CLIENTS, random.nextLong())) {
            Await.until("clients begin", GAP_MAX, () -> workload.answered() >= 100);
            for (FaultKind kind : kinds) {
                user.look();
                fault(kind, availability, user);
            }
            workload.stop();
        }
        judge(round, history, table);
    }

    private void fault(FaultKind kind, Availability availability, RetryingUser user) throws IOException {
        faultCount++;
        String node = faults.target(kind);
        Duration hold = faults.hold(kind);
        String begin = String.format(Locale.ROOT, "%6.1f s  %s", elapsed().toMillis() / 1e3, kind);
        long sinceNanos = System.nanoTime();
        Faults.Injected injected = faults.inject(kind, node);
        StringBuilder line =
                new StringBuilder(begin).append(" [").append(injected.target()).append(']');
        if (kind.leavesWritable()) {
            try {
                Duration gap = availability.awaitWritesToAllKeys(sinceNanos, GAP_MAX);
                line.append("; all keys written after ").append(gap.toMillis()).append(" ms");
            } catch (AssertionError e) {
                complain(kind + " of " + node + ": not all keys writable meanwhile: " + e.getMessage());
            }
        }
        Faults.last(sinceNanos, hold);
        line.append("; lasted ").append(millisSince(sinceNanos)).append(" ms");
        long healedNanos = System.nanoTime();
        try {
            injected.remedy().heal();
        } catch (AssertionError e) {
            complain(kind + " of " + node + ": " + e.getMessage());
        }
        restartTheDead(kind);
        try {
            availability.awaitWritesToAllKeys(healedNanos, RECOVERY_MAX);
            for (String each : cluster.nodes()) {
                statuses.awaitCaughtUp(each, RECOVERY_MAX);
            }
            line.append(", mended in ").append(millisSince(healedNanos)).append(" ms");
        } catch (AssertionError e) {
            complain(kind + " of " + node + ": does not recover: " + e.getMessage());
            // The rest of the run is worth having: what is stuck is killed.
            cluster.killAll();
            cluster.startAll();
            availability.awaitWritesToAllKeys(System.nanoTime(), RECOVERY_MAX);
        }
        RetryingUser.Seen seen = user.look();
        line.append("; ").append(seen);
        seen.errors().forEach(error -> line.append("\n            ").append(error));
        output.accept(line.toString());
    }

    /** Nobody may have ended but by the fault itself, which its remedy has undone. */
    private void restartTheDead(FaultKind kind) throws IOException {
        for (String program : cluster.programs()) {
            if (!cluster.isAlive(program)) {
                complain(kind + ": " + program + " ended by itself, saying:\n" + tail(cluster.output(program)));
            }
        }
        cluster.startAll();
    }

    private void judge(int round, History history, RecordedTable table) throws IOException {
        try {
            statuses.awaitEqual(RECOVERY_MAX);
        } catch (AssertionError e) {
            complain("round " + round + ": replicas don't become equal: " + e.getMessage());
        }
        Map<String, List<Operation>> operations = history.operationsByKey();
        Map<String, Value> finalValues = readAll(operations.keySet(), table);
        List<String> found = new ArrayList<>(new AcknowledgedWritesChecker().complaints(operations, finalValues));
        LinearizabilityChecker checker = new LinearizabilityChecker(CONFIGURATIONS_MAX);
        operations.values().forEach(ofKey -> {
            switch (checker.check(ofKey)) {
                case LinearizabilityChecker.Verdict.Linearizable _ -> {}
                case LinearizabilityChecker.Verdict.Violation violation -> found.add(violation.explanation());
                case LinearizabilityChecker.Verdict.Undecided _ -> undecided++;
            }
        });
        long unknown = 0;
        int rememberedNow = 0;
        for (Map.Entry<String, List<Operation>> entry : operations.entrySet()) {
            long open = entry.getValue().stream()
                    .filter(operation -> operation.outcome() instanceof Outcome.Unknown)
                    .count();
            unknown += open;
            operationCount += entry.getValue().size();
            Value value = finalValues.get(entry.getKey());
            // A call of unknown outcome may still take effect, so that key may change.
            if (open == 0 && value != null && rememberedNow < REMEMBERED_KEYS) {
                remembered.put(entry.getKey(), value);
                rememberedNow++;
            }
        }
        unknownCount += unknown;
        if (!found.isEmpty()) {
            Path kept = directory.resolve("history-round-" + round + ".txt");
            Files.write(kept, (Iterable<String>)
                    () -> history.operations().stream().map(Operation::toString).iterator());
            found.forEach(complaint -> complain("round " + round + ": " + complaint));
        }
        output.accept(String.format(
                Locale.ROOT,
                "%6.1f s  round %d judged: %d keys, %d operations, %d of unknown outcome: %s",
                elapsed().toMillis() / 1e3,
                round,
                operations.size(),
                history.operations().size(),
                unknown,
                found.isEmpty() ? "holds" : found.size() + " complaints"));
    }

    private void judgeRemembered() {
        RecordedTable table = new RecordedTable(client, TABLE, new History(System::nanoTime));
        Map<String, Value> now = readAll(remembered.keySet(), table);
        remembered.forEach((key, value) -> {
            if (!value.equals(now.get(key))) {
                complain("key " + key + " of an earlier round held " + value + " and holds " + now.get(key)
                        + " now, though nobody wrote it");
            }
        });
    }

    private static Map<String, Value> readAll(Iterable<String> keys, RecordedTable table) {
        Map<String, Value> values = new ConcurrentSkipListMap<>();
        List<Future<?>> reads = new ArrayList<>();
        try (ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
            for (String key : keys) {
                reads.add(readers.submit(() ->
                        values.put(key, Await.value("a strong read of " + key, RECOVERY_MAX, () -> table.read(key)))));
            }
        }
        for (Future<?> read : reads) {
            try {
                read.get();
            } catch (ExecutionException e) {
                throw new AssertionError(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
        return values;
    }

    private void complain(String complaint) {
        complaints.add(complaint);
        output.accept("COMPLAINT: " + complaint);
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    private static long millisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }

    private static String tail(String text) {
        List<String> lines = text.lines().toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
    }
}

package dev.henge.chaos.process;

import dev.henge.chaos.support.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * For how long writes to the worst key fail after each kind of fault, and how many calls fail for a user of the SDK with
 * its usual retries. Prints, for each kind, the median and the worst over its repetitions, beside what the machine does to
 * the worst key without any fault; and what one node with a slow fsync does to writes.
 */
public final class AvailabilityBenchmark {

    private static final String TABLE = "Availability";
    private static final Duration PAUSE = Duration.ofSeconds(10);
    private static final Duration QUIET = Duration.ofSeconds(3);
    private static final Duration WRITABLE_MAX = Duration.ofSeconds(30);
    private static final Duration RECOVERY_MAX = Duration.ofSeconds(60);
    private static final Duration LOAD = Duration.ofSeconds(5);

    private static final List<FaultKind> KINDS =
            List.of(FaultKind.KILL_LEADER, FaultKind.STOP_NODE, FaultKind.PAUSE_LEADER, FaultKind.CUT_NODE);

    private AvailabilityBenchmark() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        SandboxedProgram.main(
                AvailabilityBenchmark.class, List.of("--repeat", "--faults"), arguments, AvailabilityBenchmark::run);
    }

    private static boolean run(SandboxedProgram.Options options, Path directory) throws IOException {
        int repeat = options.number("--repeat", 5);
        String wanted = options.text("--faults", "");
        List<FaultKind> kinds = wanted.isEmpty()
                ? KINDS
                : Arrays.stream(wanted.split(",")).map(FaultKind::valueOf).toList();
        try (FaultyCluster cluster = FaultyCluster.start(directory, FaultyCluster.Options.usual(3))) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            NodeStatuses statuses = new NodeStatuses(cluster);
            Faults faults = new Faults(cluster, statuses, new SplittableRandom(1));
            try (GapProbe probe = GapProbe.start(cluster.endpoint(), TABLE);
                    RetryingUser user = RetryingUser.start(cluster.endpoint(), TABLE)) {
                awaitWritten(probe, RECOVERY_MAX);
                for (FaultKind kind : kinds) {
                    measure(kind, repeat, cluster, statuses, faults, probe, user);
                }
            }
            if (wanted.isEmpty()) {
                slowSync(cluster);
            }
        }
        return true;
    }

    private static void measure(
            FaultKind kind,
            int repeat,
            FaultyCluster cluster,
            NodeStatuses statuses,
            Faults faults,
            GapProbe probe,
            RetryingUser user)
            throws IOException {
        List<Duration> gaps = new ArrayList<>();
        List<Duration> healingGaps = new ArrayList<>();
        List<Duration> quietGaps = new ArrayList<>();
        int failed = 0;
        int calls = 0;
        for (int i = 0; i < repeat; i++) {
            String node = faults.target(kind);
            probe.reset();
            Faults.last(System.nanoTime(), QUIET);
            quietGaps.add(probe.gaps().getLast());
            user.look();
            probe.reset();
            long sinceNanos = System.nanoTime();
            Faults.Injected injected = faults.inject(kind, node);
            awaitWritten(probe, WRITABLE_MAX);
            Faults.last(sinceNanos, kind == FaultKind.PAUSE_LEADER ? PAUSE : Duration.ofSeconds(4));
            gaps.add(probe.gaps().getLast());
            probe.reset();
            injected.remedy().heal();
            awaitWritten(probe, RECOVERY_MAX);
            for (String each : cluster.nodes()) {
                statuses.awaitCaughtUp(each, RECOVERY_MAX);
            }
            Faults.last(System.nanoTime(), Duration.ofSeconds(3));
            healingGaps.add(probe.gaps().getLast());
            RetryingUser.Seen seen = user.look();
            failed += seen.failed();
            calls += seen.calls();
            seen.errors().forEach(AvailabilityBenchmark::print);
        }
        quietGaps.sort(null);
        gaps.sort(null);
        healingGaps.sort(null);
        print(String.format(
                Locale.ROOT,
                "%-40s gap p50 %5d ms, max %5d ms; while it ends p50 %5d ms, max %5d ms; without a fault p50 %d ms,"
                        + " max %d ms; %d of %d SDK calls failed",
                kind,
                gaps.get(gaps.size() / 2).toMillis(),
                gaps.getLast().toMillis(),
                healingGaps.get(healingGaps.size() / 2).toMillis(),
                healingGaps.getLast().toMillis(),
                quietGaps.get(quietGaps.size() / 2).toMillis(),
                quietGaps.getLast().toMillis(),
                failed,
                calls));
    }

    private static void slowSync(FaultyCluster cluster) {
        if (cluster.missingLibrary() != null) {
            print("skipped: a slow fsync; " + cluster.missingLibrary());
            return;
        }
        String node = cluster.nodes().getLast();
        WriteLoad.measure(cluster.endpoint(), TABLE, LOAD);
        WriteLoad.Measured before = WriteLoad.measure(cluster.endpoint(), TABLE, LOAD);
        cluster.disk(node).slowSyncs(Faults.SYNC_DELAY);
        WriteLoad.Measured slow = WriteLoad.measure(cluster.endpoint(), TABLE, LOAD);
        cluster.disk(node).heal();
        print("all disks well: " + before);
        print(String.format(
                Locale.ROOT,
                "fsync of one node %d ms slower: %s; %.1f times slower",
                Faults.SYNC_DELAY.toMillis(),
                slow,
                before.perSecond() / slow.perSecond()));
    }

    private static void awaitWritten(GapProbe probe, Duration atMost) {
        long sinceNanos = System.nanoTime();
        Await.until("a write to every key", atMost, () -> probe.allWrittenSince(sinceNanos));
    }

    @SuppressWarnings("SystemOut")
    private static void print(String line) {
        System.out.println("availability: " + line);
    }
}

package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.support.Await;
import dev.henge.chaos.support.Clients;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * What users notice of a fourth node that joins three with data: how long reads and writes at a steady rate take meanwhile, next
 * to before, and how long it takes until the balance is even. Prints it; {@code -Dhenge.join.bytes} says how much data, and
 * {@code -Dhenge.process.jvm=-Xmx512m} gives the programs what {@code henge} gives them. The
 * node has no machine of its own here: it has the lowest priority on the processors, and shares the disk, unless {@code
 * -Dhenge.join.directory} names a place on another one.
 */
@Timeout(1_800)
final class JoinOnDemand {

    private static final String TABLE = "Joining";
    private static final int PARTITIONS = 12;
    private static final int WRITERS = 4;
    private static final int ITEM_BYTES = 100_000;
    private static final Duration COMMAND_MAX = Duration.ofSeconds(60);
    private static final Duration BALANCE_MAX = Duration.ofMinutes(15);
    private static final int RATE = 200;
    private static final Duration IDLE = Duration.ofMinutes(1);
    private static final Duration LAP = Duration.ofSeconds(5);
    private static final Pattern RECEIVES = Pattern.compile(
            "partition (\\d+): receives a snapshot of node \\S+ at index (\\d+), (\\d+) bytes, from piece 0 ");
    private static final Pattern INSTALLED =
            Pattern.compile("partition (\\d+): installed the snapshot at index (\\d+), (\\d+) ms after");
    private static final long COPY_BYTES_MIN = 10_000_000;
    private static final long BYTES = Long.getLong("henge.join.bytes", 2_000_000_000L);

    @TempDir
    private Path directory;

    @TempDir(factory = Elsewhere.class)
    private Path elsewhere;

    /** Where the joining node keeps its data. */
    private static final class Elsewhere implements TempDirFactory {
        @Override
        public Path createTempDirectory(AnnotatedElementContext field, ExtensionContext test) throws IOException {
            String parent = System.getProperty("henge.join.directory", System.getProperty("java.io.tmpdir"));
            return Files.createTempDirectory(Path.of(parent), "henge-join-");
        }
    }

    @Test
    void aNodeJoinsAndUsersHardlyNotice() throws Exception {
        try (ElasticCluster cluster = ElasticCluster.start(directory, PARTITIONS);
                DynamoDbClient client = Clients.usual(cluster.endpoint())) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            fill(client);
            Await.until("an even balance", BALANCE_MAX, () -> isEven(cluster));
            LogSyncs syncs = new LogSyncs(
                    ElasticCluster.FOUNDERS.stream().map(cluster::metrics).toList());
            try (SteadyLoad load = SteadyLoad.start(cluster.endpoint(), TABLE, RATE)) {
                watch(load, syncs, IDLE);
                SteadyLoad.Lap before = watch(load, syncs, IDLE);

                long beganNanos = System.nanoTime();
                cluster.joinAside("n4", elsewhere);
                load.forget();
                do {
                    lap(load, syncs);
                } while (!isEven(cluster));
                SteadyLoad.Lap meanwhile = load.all();
                long evenSeconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos);
                SteadyLoad.Lap after = watch(load, syncs, IDLE);

                System.out.printf(
                        Locale.ROOT,
                        "join: with %d MB, %d requests/s; p99 of strong reads %.1f ms before, %.1f while n4 joined (%.2f times as much),"
                                + " %.1f after; of writes %.1f, %.1f (%.2f times), %.1f; failed %d; even after %d s%n",
                        BYTES / 1_000_000,
                        RATE,
                        before.readsP99(),
                        meanwhile.readsP99(),
                        meanwhile.readsP99() / before.readsP99(),
                        after.readsP99(),
                        before.writesP99(),
                        meanwhile.writesP99(),
                        meanwhile.writesP99() / before.writesP99(),
                        after.writesP99(),
                        before.failed() + meanwhile.failed() + after.failed(),
                        evenSeconds);
            }
            printCopies(cluster.output("n4"));
            assertThat(cluster.command(COMMAND_MAX, "status").text()).startsWith("HEALTHY");
        }
    }

    /** How fast the node got each of its larger copies, by its own log. {@code HENGE_SNAPSHOT_RATE} sets the bound. */
    private static void printCopies(String output) {
        Map<String, Long> bytes = new HashMap<>();
        RECEIVES.matcher(output)
                .results()
                .forEach(found -> bytes.put(found.group(1) + " at " + found.group(2), Long.valueOf(found.group(3))));
        INSTALLED.matcher(output).results().forEach(found -> {
            long size = bytes.getOrDefault(found.group(1) + " at " + found.group(2), 0L);
            if (size > COPY_BYTES_MIN) {
                long millis = Long.parseLong(found.group(3));
                System.out.printf(
                        Locale.ROOT,
                        "join: partition %s: %d MB in %d ms, %.1f MB/s%n",
                        found.group(1),
                        size / 1_000_000,
                        millis,
                        size / 1e3 / millis);
            }
        });
    }

    private static boolean isEven(ElasticCluster cluster) {
        try {
            String status = cluster.command(COMMAND_MAX, "status").text();
            return status.contains("Balance: even") && status.contains("Tasks: none");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What users see in a time in which nothing is done to the cluster. */
    private static SteadyLoad.Lap watch(SteadyLoad load, LogSyncs syncs, Duration time)
            throws IOException, InterruptedException {
        load.forget();
        long endNanos = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < endNanos) {
            lap(load, syncs);
        }
        return load.all();
    }

    private static void lap(SteadyLoad load, LogSyncs syncs) throws IOException, InterruptedException {
        LockSupport.parkNanos(LAP.toNanos());
        SteadyLoad.Lap lap = load.lap();
        System.out.printf(
                Locale.ROOT,
                "join: strong reads %.1f ms, p99 %.1f; writes %.1f, p99 %.1f; 99 of 100 syncs of the logs took at most %.1f%n",
                lap.readsMedian(),
                lap.readsP99(),
                lap.writesMedian(),
                lap.writesP99(),
                syncs.p99Millis());
    }

    private static void fill(DynamoDbClient client) throws Exception {
        long beganNanos = System.nanoTime();
        new Writers(client, TABLE, WRITERS).putAll(BYTES / ITEM_BYTES, ITEM_BYTES);
        System.out.println("join: filled in " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos) + " s");
    }
}

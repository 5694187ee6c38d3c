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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * What users notice of a fourth node that joins three with data: how long reads and writes at a steady rate take meanwhile, next
 * to before, and how long it takes until the balance is even. Prints it; {@code -Dhenge.join.bytes} says how much data. The
 * node has no machine of its own here: it has the lowest priority on the processors, and shares the disk as they are.
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
    private static final int SECONDS = 20;
    private static final Pattern HIGH = Pattern.compile("\"p99\"\\s*:\\s*([0-9.]+)");
    private static final Pattern RECEIVES = Pattern.compile(
            "partition (\\d+): receives a snapshot of node \\S+ at index (\\d+), (\\d+) bytes, from piece 0 ");
    private static final Pattern INSTALLED =
            Pattern.compile("partition (\\d+): installed the snapshot at index (\\d+), (\\d+) ms after");
    private static final long COPY_BYTES_MIN = 10_000_000;
    private static final long BYTES = Long.getLong("henge.join.bytes", 2_000_000_000L);

    @TempDir
    private Path directory;

    @Test
    void aNodeJoinsAndUsersHardlyNotice() throws Exception {
        try (ElasticCluster cluster = ElasticCluster.start(directory, PARTITIONS);
                DynamoDbClient client = Clients.usual(cluster.endpoint())) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            fill(client);
            Await.until("an even balance", BALANCE_MAX, () -> isEven(cluster));
            LogSyncs syncs = new LogSyncs(
                    ElasticCluster.FOUNDERS.stream().map(cluster::metrics).toList());
            bench(cluster, syncs);
            double before = bench(cluster, syncs);

            long beganNanos = System.nanoTime();
            cluster.joinAside("n4");
            double highest = 0;
            while (!isEven(cluster)) {
                highest = Math.max(highest, bench(cluster, syncs));
            }
            long evenSeconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos);
            double after = bench(cluster, syncs);

            System.out.printf(
                    Locale.ROOT,
                    "join: with %d MB, p99 of %d requests/s %.1f ms before, %.1f ms at most while n4 joined (%.2f times as much), %.1f ms"
                            + " after; even after %d s%n",
                    BYTES / 1_000_000,
                    RATE,
                    before,
                    highest,
                    highest / before,
                    after,
                    evenSeconds);
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

    /** The higher p99 of strong reads and of writes, in milliseconds. */
    private double bench(ElasticCluster cluster, LogSyncs syncs) throws IOException, InterruptedException {
        syncs.p99Millis();
        Path output = Files.createTempFile(directory, "bench-", ".out");
        Process process = new ProcessBuilder(ProcessCluster.henge(
                        "bench",
                        "--endpoint",
                        cluster.endpoint().toString(),
                        "--operations",
                        "get,put",
                        "--rate",
                        Integer.toString(RATE),
                        "--seconds",
                        Integer.toString(SECONDS),
                        "--warm-up-seconds",
                        "2",
                        "-o",
                        "json"))
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(output.toFile())
                .start();
        assertThat(process.waitFor()).as(Files.readString(output)).isZero();
        String text = Files.readString(output);
        System.out.println("join: " + text.replaceAll("\\s+", " "));
        Matcher matcher = HIGH.matcher(text);
        double highest = 0;
        while (matcher.find()) {
            highest = Math.max(highest, Double.parseDouble(matcher.group(1)));
        }
        assertThat(highest).as(text).isPositive();
        System.out.printf(Locale.ROOT, "join: 99 of 100 syncs of the logs took at most %.1f ms%n", syncs.p99Millis());
        return highest;
    }

    private static void fill(DynamoDbClient client) throws Exception {
        long beganNanos = System.nanoTime();
        new Writers(client, TABLE, WRITERS).putAll(BYTES / ITEM_BYTES, ITEM_BYTES);
        System.out.println("join: filled in " + TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNanos) + " s");
    }
}

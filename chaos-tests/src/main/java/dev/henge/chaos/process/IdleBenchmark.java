package dev.henge.chaos.process;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What many partitions cost three nodes while nobody asks for anything: processor time and memory. */
public final class IdleBenchmark {

    private static final String TABLE = "Idle";

    /** Leaders are elected and the first compiled code has settled by then. */
    private static final Duration SETTLE = Duration.ofSeconds(30);

    /** Clock ticks of /proc/PID/stat; 100 on every Linux of ours (getconf CLK_TCK). */
    private static final double TICKS_PER_SECOND = 100;

    /** Threads that take less of a core are not named. */
    private static final double THREAD_PERCENT_MIN = 0.01;

    private IdleBenchmark() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        SandboxedProgram.main(IdleBenchmark.class, List.of("--partitions", "--seconds"), arguments, IdleBenchmark::run);
    }

    private static boolean run(SandboxedProgram.Options options, Path directory) throws IOException {
        int partitions = options.number("--partitions", 1000);
        int seconds = options.number("--seconds", 60);
        // Without the preloaded library, so that the processes are as a user has them.
        try (FaultyCluster cluster = FaultyCluster.start(directory, new FaultyCluster.Options(3, partitions, false))) {
            ChaosTable.create(cluster.endpoint(), TABLE);
            Faults.last(System.nanoTime(), SETTLE);
            Map<String, Long> before = new LinkedHashMap<>();
            Map<String, Map<String, Long>> threadsBefore = new LinkedHashMap<>();
            for (String program : cluster.programs()) {
                before.put(program, ticks(cluster.pid(program)));
                threadsBefore.put(program, threadNanos(cluster.pid(program)));
            }
            long sinceNanos = System.nanoTime();
            Faults.last(sinceNanos, Duration.ofSeconds(seconds));
            double measuredSeconds = (System.nanoTime() - sinceNanos) / 1e9;
            for (Map.Entry<String, Long> entry : before.entrySet()) {
                long pid = cluster.pid(entry.getKey());
                double percent = (ticks(pid) - entry.getValue()) / TICKS_PER_SECOND / measuredSeconds * 100;
                print(String.format(
                        Locale.ROOT,
                        "%d partitions, %s: %.2f %% of a core, %d MB resident",
                        partitions,
                        entry.getKey(),
                        percent,
                        residentBytes(pid) >> 20));
                printThreads(threadsBefore.getOrDefault(entry.getKey(), Map.of()), threadNanos(pid), measuredSeconds);
            }
        }
        return true;
    }

    /** User and system time of a process (proc(5): fields 14 and 15, counted after the name in brackets). */
    private static long ticks(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    /** Time on a processor by name of thread (proc(5): schedstat). */
    private static Map<String, Long> threadNanos(long pid) throws IOException {
        Map<String, Long> nanos = new HashMap<>();
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(Path.of("/proc/" + pid + "/task"))) {
            for (Path thread : threads) {
                try {
                    String name = Files.readString(thread.resolve("comm")).strip();
                    String spent = Files.readString(thread.resolve("schedstat")).split(" ", -1)[0];
                    nanos.merge(name, Long.parseLong(spent), Long::sum);
                } catch (IOException _) {
                    // It has ended meanwhile.
                }
            }
        }
        return nanos;
    }

    private static void printThreads(Map<String, Long> before, Map<String, Long> after, double seconds) {
        after.entrySet().stream()
                .map(thread -> Map.entry(
                        thread.getKey(),
                        (thread.getValue() - before.getOrDefault(thread.getKey(), 0L)) / 1e7 / seconds))
                .filter(thread -> thread.getValue() >= THREAD_PERCENT_MIN)
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .forEach(thread ->
                        print(String.format(Locale.ROOT, "    %5.2f %% %s", thread.getValue(), thread.getKey())));
    }

    private static long residentBytes(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                .findFirst()
                .orElseThrow();
    }

    @SuppressWarnings("SystemOut")
    private static void print(String line) {
        System.out.println("idle: " + line);
    }
}

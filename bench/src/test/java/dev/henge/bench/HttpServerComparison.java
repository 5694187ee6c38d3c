package dev.henge.bench;

import dev.henge.bench.http.HttpServerCandidate;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Measures the candidates for the router's HTTP server: each in a process of its own, in alternating rounds, with
 * signed PutItem requests of a 1 KB item over keep-alive connections. See docs/decisions/0002-http-server.md.
 */
@Command(name = "http-server-comparison", mixinStandardHelpOptions = true)
public final class HttpServerComparison implements Callable<Integer> {
    private static final Credentials CREDENTIALS = new Credentials("hengebench", "hengebench", "us-east-1");
    private static final int ANSWER_TIMEOUT_MILLIS = 10_000;
    private static final long START_WAIT_NANOS_MAX = 30_000_000_000L;
    private static final long POLL_NANOS = 2_000_000;

    @Option(
            names = "--mode",
            description = "direct, or hop: another thread completes each answer.",
            defaultValue = "hop")
    private String mode = "";

    @Option(names = "--candidates", split = ",", description = "Labels; all when left out.")
    private List<String> labels = new ArrayList<>();

    @Option(names = "--rounds", defaultValue = "4")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "3")
    private double seconds;

    @Option(names = "--warm-up-seconds", defaultValue = "1")
    private double warmUpSeconds;

    @Option(names = "--connections", defaultValue = "16")
    private int connections;

    @Option(names = "--rate", defaultValue = "0")
    private double ratePerSecond;

    private HttpServerComparison() {}

    /** Runs the comparison. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new HttpServerComparison()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<HttpServerCandidate> candidates = labels.isEmpty()
                ? Arrays.asList(HttpServerCandidate.values())
                : labels.stream().map(HttpServerCandidate::of).toList();
        LoadOptions options = new LoadOptions(
                CREDENTIALS, connections, warmUpSeconds, seconds, 1000, ratePerSecond, ANSWER_TIMEOUT_MILLIS);
        List<ChildJvm> processes = new ArrayList<>();
        try {
            List<Endpoint> endpoints = new ArrayList<>();
            for (HttpServerCandidate candidate : candidates) {
                endpoints.add(start(candidate, processes));
            }
            List<Measurement> measurements = new ArrayList<>();
            // The first round warms the servers up and is not recorded.
            for (int round = 0; round <= rounds; round++) {
                for (Endpoint endpoint : endpoints) {
                    Measurement measurement = new LoadRun(endpoint, Operation.PUT, options).run(round);
                    if (round > 0) {
                        System.err.println(Report.progress(measurement));
                        measurements.add(measurement);
                    }
                }
            }
            PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
            Report.writeText(Summary.of(measurements), out);
        } finally {
            processes.forEach(ChildJvm::close);
        }
        return 0;
    }

    private Endpoint start(HttpServerCandidate candidate, List<ChildJvm> processes) throws IOException {
        int port = ChildJvm.freePort();
        Path log = Files.createTempFile("henge-bench-" + candidate.label(), ".log");
        log.toFile().deleteOnExit();
        long start = System.nanoTime();
        ChildJvm process =
                ChildJvm.start(log, HttpServerCandidate.class, candidate.label(), Integer.toString(port), mode);
        processes.add(process);
        Endpoint endpoint = new Endpoint(candidate.label(), "127.0.0.1", port, List.of(process.pid()));
        try (ApiClient client = new ApiClient(endpoint, CREDENTIALS, ANSWER_TIMEOUT_MILLIS)) {
            SplittableRandom random = new SplittableRandom(0);
            while (!client.perform(Operation.PUT, 0, random).equals(ApiClient.OK)) {
                if (System.nanoTime() - start > START_WAIT_NANOS_MAX) {
                    throw new IOException(candidate.label() + " did not start:\n" + Files.readString(log));
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
        System.err.printf(
                Locale.ROOT,
                "%s: first answer after %.0f ms, %d MB resident%n",
                candidate.label(),
                (System.nanoTime() - start) / 1e6,
                ServerProcesses.residentBytes(endpoint.serverPids()) >> 20);
        return endpoint;
    }
}

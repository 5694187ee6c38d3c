package dev.henge.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * One operation on one endpoint for some seconds, over a number of connections with a platform thread each. Platform
 * threads, since a blocking read on one is a system call and nothing else; a virtual thread would add a poller and a
 * scheduler to the client's cost, to no gain at this number of connections.
 */
final class LoadRun {
    private static final long LATENCY_NANOS_MAX = Duration.ofMinutes(10).toNanos();
    private static final int LATENCY_DIGITS = 3;
    /** After an error of the connection a worker waits this long, so that a dead server isn't flooded. */
    private static final long BACK_OFF_NANOS = Duration.ofMillis(20).toNanos();

    private final Endpoint endpoint;
    private final Operation operation;
    private final LoadOptions options;

    LoadRun(Endpoint endpoint, Operation operation, LoadOptions options) {
        this.endpoint = endpoint;
        this.operation = operation;
        this.options = options;
    }

    /** Drives the load: first the warm-up, which is not recorded, then the measured part. */
    Measurement run(int round) throws InterruptedException {
        List<ApiClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < options.connections(); i++) {
                clients.add(new ApiClient(endpoint, options.credentials(), options.answerTimeoutMillis()));
            }
            drive(clients, options.warmUpSeconds(), round);
            Duration serverBefore = ServerProcesses.cpuTime(endpoint.serverPids());
            Duration clientBefore = ServerProcesses.cpuTime(ownPid());
            Driven driven = drive(clients, options.seconds(), round);
            Duration server = ServerProcesses.cpuTime(endpoint.serverPids()).minus(serverBefore);
            Duration client = ServerProcesses.cpuTime(ownPid()).minus(clientBefore);
            return new Measurement(
                    endpoint.name(),
                    operation.label(),
                    round,
                    driven.seconds(),
                    driven.latencyNanos(),
                    driven.errors(),
                    driven.unsent(),
                    endpoint.serverPids().isEmpty() ? Double.NaN : seconds(server),
                    seconds(client),
                    ServerProcesses.residentBytes(endpoint.serverPids()));
        } finally {
            clients.forEach(ApiClient::close);
        }
    }

    private record Driven(double seconds, Histogram latencyNanos, SortedMap<String, Long> errors, long unsent) {}

    private Driven drive(List<ApiClient> clients, double seconds, int round) throws InterruptedException {
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        Pace pace = options.ratePerSecond() > 0
                ? new Pace.OpenLoop(start, end, options.ratePerSecond())
                : new Pace.ClosedLoop(end);
        List<Worker> workers = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (ApiClient client : clients) {
            Worker worker = new Worker(client, pace, new SplittableRandom(31L * workers.size() + round));
            workers.add(worker);
            threads.add(Thread.ofPlatform().name("load-" + workers.size()).start(worker));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double elapsed = (System.nanoTime() - start) / 1e9;
        Histogram latencyNanos = new Histogram(LATENCY_NANOS_MAX, LATENCY_DIGITS);
        SortedMap<String, Long> errors = new TreeMap<>();
        for (Worker worker : workers) {
            if (worker.failure != null) {
                throw new IllegalStateException("a connection's thread failed", worker.failure);
            }
            latencyNanos.add(worker.latencyNanos);
            worker.errors.forEach((type, count) -> errors.merge(type, count, Long::sum));
        }
        return new Driven(elapsed, latencyNanos, errors, pace.leftOver());
    }

    private static List<Long> ownPid() {
        return List.of(ProcessHandle.current().pid());
    }

    private static double seconds(Duration duration) {
        return duration.toNanos() / 1e9;
    }

    private final class Worker implements Runnable {
        private final ApiClient client;
        private final Pace pace;
        private final SplittableRandom random;
        private final Histogram latencyNanos = new Histogram(LATENCY_NANOS_MAX, LATENCY_DIGITS);
        private final SortedMap<String, Long> errors = new TreeMap<>();
        private @Nullable RuntimeException failure;

        Worker(ApiClient client, Pace pace, SplittableRandom random) {
            this.client = client;
            this.pace = pace;
            this.random = random;
        }

        @Override
        public void run() {
            try {
                long due = pace.nextDueNanos(System.nanoTime());
                while (due != Pace.NOTHING_DUE) {
                    waitUntil(due);
                    perform(due);
                    due = pace.nextDueNanos(System.nanoTime());
                }
            } catch (RuntimeException e) {
                failure = e;
            }
        }

        private void perform(long dueNanos) {
            String outcome = client.perform(operation, random.nextInt(options.items()), random);
            if (outcome.equals(ApiClient.OK)) {
                latencyNanos.recordValue(Math.min(LATENCY_NANOS_MAX, System.nanoTime() - dueNanos));
                return;
            }
            errors.merge(outcome, 1L, Long::sum);
            if (!client.isConnected()) {
                LockSupport.parkNanos(BACK_OFF_NANOS);
            }
        }

        private static void waitUntil(long dueNanos) {
            long left = dueNanos - System.nanoTime();
            while (left > 0) {
                LockSupport.parkNanos(left);
                left = dueNanos - System.nanoTime();
            }
        }
    }
}

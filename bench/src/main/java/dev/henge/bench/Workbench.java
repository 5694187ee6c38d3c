package dev.henge.bench;

import dev.henge.bench.ApiClient.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The tables of a bench: made and filled before the runs on each endpoint, dropped after them. */
final class Workbench {
    private static final Duration TABLE_WAIT_MAX = Duration.ofSeconds(60);
    private static final long POLL_NANOS = Duration.ofMillis(100).toNanos();
    private static final int LOAD_ATTEMPTS_MAX = 20;

    private final List<Endpoint> endpoints;
    private final List<Operation> operations;
    private final LoadOptions options;
    private final int rounds;

    Workbench(List<Endpoint> endpoints, List<Operation> operations, LoadOptions options, int rounds) {
        this.endpoints = List.copyOf(endpoints);
        this.operations = List.copyOf(operations);
        this.options = options;
        this.rounds = rounds;
    }

    /**
     * Runs everything: per operation the rounds, in each round the endpoints one after the other, so that a machine
     * whose speed drifts does so for all of them.
     *
     * @param progress takes each measurement as it is made
     * @return all measurements
     * @throws BenchException with a sentence for the user
     */
    List<Measurement> run(Consumer<Measurement> progress) throws InterruptedException {
        List<Measurement> measurements = new ArrayList<>();
        for (Endpoint endpoint : endpoints) {
            makeTable(endpoint);
            loadItems(endpoint);
        }
        for (Operation operation : operations) {
            for (int round = 1; round <= rounds; round++) {
                for (Endpoint endpoint : endpoints) {
                    Measurement measurement = new LoadRun(endpoint, operation, options).run(round);
                    progress.accept(measurement);
                    measurements.add(measurement);
                }
            }
        }
        for (Endpoint endpoint : endpoints) {
            dropTable(endpoint);
        }
        return measurements;
    }

    private void makeTable(Endpoint endpoint) {
        dropTable(endpoint);
        try (ApiClient client = client(endpoint)) {
            Result result = client.call("CreateTable", endpoint.table().createRequest());
            expectOk(endpoint, "CreateTable", result);
            long deadline = System.nanoTime() + TABLE_WAIT_MAX.toNanos();
            while (!describe(client, endpoint).body().contains("\"ACTIVE\"")) {
                waitOrGiveUp(endpoint, deadline, "table " + endpoint.table().tableName() + " did not become active");
            }
        } catch (IOException e) {
            throw unreachable(endpoint, e);
        }
    }

    private void dropTable(Endpoint endpoint) {
        try (ApiClient client = client(endpoint)) {
            Result result = client.call(
                    "DeleteTable", "{\"TableName\":\"" + endpoint.table().tableName() + "\"}");
            if (result.errorType().equals("ResourceNotFoundException")) {
                return;
            }
            expectOk(endpoint, "DeleteTable", result);
            long deadline = System.nanoTime() + TABLE_WAIT_MAX.toNanos();
            while (!describe(client, endpoint).errorType().equals("ResourceNotFoundException")) {
                waitOrGiveUp(endpoint, deadline, "table " + endpoint.table().tableName() + " did not go away");
            }
        } catch (IOException e) {
            throw unreachable(endpoint, e);
        }
    }

    private void loadItems(Endpoint endpoint) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        AtomicReference<@Nullable String> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < options.connections(); i++) {
            SplittableRandom random = new SplittableRandom(i);
            threads.add(Thread.ofPlatform().name("fill-" + i).start(() -> {
                try (ApiClient client = client(endpoint)) {
                    int item = next.getAndIncrement();
                    while (item < options.items() && failure.get() == null) {
                        String outcome = putWithRetries(client, item, random);
                        if (!outcome.equals(ApiClient.OK)) {
                            failure.set(outcome);
                        }
                        item = next.getAndIncrement();
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        String failed = failure.get();
        if (failed != null) {
            throw new BenchException(endpoint.name() + ": filling the table failed: " + failed);
        }
    }

    private static String putWithRetries(ApiClient client, int item, SplittableRandom random) {
        String outcome = client.perform(Operation.PUT, item, random);
        for (int attempt = 1; attempt < LOAD_ATTEMPTS_MAX && !outcome.equals(ApiClient.OK); attempt++) {
            LockSupport.parkNanos(POLL_NANOS);
            outcome = client.perform(Operation.PUT, item, random);
        }
        return outcome;
    }

    private ApiClient client(Endpoint endpoint) {
        return new ApiClient(endpoint, options.credentials(), options.answerTimeoutMillis());
    }

    private static Result describe(ApiClient client, Endpoint endpoint) throws IOException {
        return client.call(
                "DescribeTable", "{\"TableName\":\"" + endpoint.table().tableName() + "\"}");
    }

    private static void waitOrGiveUp(Endpoint endpoint, long deadlineNanos, String complaint) {
        if (System.nanoTime() - deadlineNanos > 0) {
            throw new BenchException(
                    endpoint.name() + ": " + complaint + " within " + TABLE_WAIT_MAX.toSeconds() + " s");
        }
        LockSupport.parkNanos(POLL_NANOS);
    }

    private static void expectOk(Endpoint endpoint, String apiName, Result result) {
        if (result.status() != 200) {
            throw new BenchException(
                    endpoint.name() + ": " + apiName + " answered " + result.status() + ": " + result.body());
        }
    }

    private static BenchException unreachable(Endpoint endpoint, IOException e) {
        return new BenchException(
                endpoint.name() + ": no answer from http://" + endpoint.hostHeader() + ": " + e.getMessage(), e);
    }
}

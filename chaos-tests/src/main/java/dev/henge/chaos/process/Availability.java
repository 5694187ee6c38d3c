package dev.henge.chaos.process;

import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.checker.Value;
import dev.henge.chaos.support.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Measures for how long writes do not succeed, on keys of all partitions. */
final class Availability {

    /** With 64 keys the odds that one of 16 partitions has none are 1 in 4; with 128, 1 in 250. */
    private static final int KEYS = 128;

    private static final int THREADS = 16;

    private final RecordedTable table;
    private final int caller;
    private int round;

    /** @param caller number of a client that nobody else uses; the next 128 are taken too */
    Availability(RecordedTable table, int caller) {
        this.table = table;
        this.caller = caller;
    }

    /**
     * Writes to all keys until each write has succeeded.
     *
     * @param sinceNanos when the fault was, by {@link System#nanoTime}
     * @return time from the fault until the last key was written
     * @throws AssertionError when a key can't be written within {@code atMost}
     */
    Duration awaitWritesToAllKeys(long sinceNanos, Duration atMost) {
        round++;
        Value value = Value.text("probe." + round);
        List<Future<Long>> writes = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(THREADS)) {
            for (int i = 0; i < KEYS; i++) {
                String key = "probe-" + i;
                int client = caller + i;
                writes.add(executor.submit(() -> Await.value("a write to " + key, atMost, () -> {
                    Outcome outcome = table.call(client, key, new Call.Put(value));
                    return outcome == null ? null : System.nanoTime();
                })));
            }
        }
        long lastNanos = sinceNanos;
        for (Future<Long> write : writes) {
            try {
                lastNanos = Math.max(lastNanos, write.get());
            } catch (ExecutionException e) {
                throw new AssertionError(e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
        return Duration.ofNanos(lastNanos - sinceNanos);
    }
}

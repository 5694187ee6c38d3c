package dev.henge.chaos.process;

import dev.henge.chaos.support.Clients;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Writes to keys of all partitions without a pause, and tells for how long none succeeded.
 *
 * <p>Each key is written every {@link #SPACING}, by attempts that don't wait for each other: one that hangs doesn't hide
 * that the next would have succeeded. The gap of a key is the longest time between the ends of two successful writes, or
 * between the last one and now. A key stands for its partition; with two keys for each partition on average, and
 * leadership lost by node and not by partition, the worst key is as bad as the worst partition.
 */
final class GapProbe implements AutoCloseable {

    private static final int KEYS = 32;

    /** How precisely a gap is measured; what is written closer together would take more of the machine than the nodes. */
    private static final Duration SPACING = Duration.ofMillis(50);

    private static final int UNDER_WAY_PER_KEY_MAX = 4;

    private final DynamoDbClient client;
    private final String table;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("probe-clock").daemon().factory());
    private final List<Semaphore> underWay = new ArrayList<>();
    private final AtomicLongArray lastNanos = new AtomicLongArray(KEYS);
    private final AtomicLongArray gapNanos = new AtomicLongArray(KEYS);
    private final AtomicInteger written = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private int next;

    private GapProbe(URI endpoint, String table) {
        client = Clients.withoutRetries(endpoint);
        this.table = table;
        for (int key = 0; key < KEYS; key++) {
            underWay.add(new Semaphore(UNDER_WAY_PER_KEY_MAX));
        }
    }

    static GapProbe start(URI endpoint, String table) {
        GapProbe probe = new GapProbe(endpoint, table);
        probe.reset();
        probe.clock.scheduleAtFixedRate(probe::tick, 0, SPACING.toNanos() / KEYS, TimeUnit.NANOSECONDS);
        return probe;
    }

    /** Forgets what was; the next gaps begin now. */
    void reset() {
        long nowNanos = System.nanoTime();
        for (int key = 0; key < KEYS; key++) {
            lastNanos.set(key, nowNanos);
            gapNanos.set(key, 0);
        }
        written.set(0);
        failed.set(0);
    }

    /** Gap of every key since the last reset, ascending. */
    List<Duration> gaps() {
        long nowNanos = System.nanoTime();
        List<Duration> gaps = new ArrayList<>();
        for (int key = 0; key < KEYS; key++) {
            gaps.add(Duration.ofNanos(Math.max(gapNanos.get(key), nowNanos - lastNanos.get(key))));
        }
        gaps.sort(null);
        return gaps;
    }

    /** Whether every key has been written since. */
    boolean allWrittenSince(long nanos) {
        for (int key = 0; key < KEYS; key++) {
            if (lastNanos.get(key) - nanos <= 0) {
                return false;
            }
        }
        return true;
    }

    int written() {
        return written.get();
    }

    int failed() {
        return failed.get();
    }

    @Override
    public void close() {
        clock.shutdownNow();
        underWay.forEach(ofKey -> ofKey.acquireUninterruptibly(UNDER_WAY_PER_KEY_MAX));
        client.close();
    }

    private void tick() {
        int key = next;
        next = (next + 1) % KEYS;
        if (!underWay.get(key).tryAcquire()) {
            return;
        }
        Thread.ofVirtual().start(() -> write(key));
    }

    private void write(int key) {
        try {
            client.putItem(request -> request.tableName(table).item(Map.of("id", AttributeValue.fromS("gap-" + key))));
            succeeded(key, System.nanoTime());
        } catch (SdkException _) {
            failed.incrementAndGet();
        } finally {
            underWay.get(key).release();
        }
    }

    private void succeeded(int key, long nowNanos) {
        written.incrementAndGet();
        long before = lastNanos.getAndAccumulate(key, nowNanos, Math::max);
        gapNanos.accumulateAndGet(key, nowNanos - before, Math::max);
    }
}

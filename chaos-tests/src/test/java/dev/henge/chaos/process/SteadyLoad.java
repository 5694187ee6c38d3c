package dev.henge.chaos.process;

import dev.henge.chaos.support.Clients;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/**
 * Writes and strong reads of small items of all partitions at a steady rate, until it is closed. Times count from when a
 * request was due, so one that keeps others waiting counts for them too.
 */
final class SteadyLoad implements AutoCloseable {

    private static final int WORKERS = 16;
    private static final int KEYS = 10_000;
    private static final int ITEM_BYTES = 1_000;
    private static final int DIGITS = 3;

    /**
     * What was seen in a time; all in milliseconds but the last.
     *
     * @param failed requests that failed after the client's own attempts
     */
    record Lap(double readsMedian, double readsP99, double writesMedian, double writesP99, long failed) {}

    private final DynamoDbClient client;
    private final String table;
    private final long spacingNanos;
    private final Recorder reads = new Recorder(DIGITS);
    private final Recorder writes = new Recorder(DIGITS);
    private final Histogram readsSeen = new Histogram(DIGITS);
    private final Histogram writesSeen = new Histogram(DIGITS);
    private final AtomicInteger failed = new AtomicInteger();
    private final List<Thread> workers = new ArrayList<>();
    private volatile boolean closed;

    private SteadyLoad(URI endpoint, String table, int perSecond) {
        this.client = Clients.usual(endpoint);
        this.table = table;
        this.spacingNanos = TimeUnit.SECONDS.toNanos(WORKERS) / perSecond;
    }

    /** @param perSecond how many requests, one of two a read */
    static SteadyLoad start(URI endpoint, String table, int perSecond) {
        SteadyLoad load = new SteadyLoad(endpoint, table, perSecond);
        long beganNanos = System.nanoTime();
        for (int worker = 0; worker < WORKERS; worker++) {
            int seed = worker;
            long firstNanos = beganNanos + worker * load.spacingNanos / WORKERS;
            load.workers.add(Thread.ofVirtual().start(() -> load.run(new Random(seed), firstNanos)));
        }
        return load;
    }

    /** What was seen since the last call. It stays in what {@link #all} tells, until {@link #forget}. */
    Lap lap() {
        Histogram newReads = reads.getIntervalHistogram();
        Histogram newWrites = writes.getIntervalHistogram();
        readsSeen.add(newReads);
        writesSeen.add(newWrites);
        return lap(newReads, newWrites);
    }

    /** What was seen since {@link #forget}, up to the last lap. */
    Lap all() {
        return lap(readsSeen, writesSeen);
    }

    void forget() {
        lap();
        readsSeen.reset();
        writesSeen.reset();
        failed.set(0);
    }

    private Lap lap(Histogram ofReads, Histogram ofWrites) {
        return new Lap(
                millis(ofReads.getValueAtPercentile(50)),
                millis(ofReads.getValueAtPercentile(99)),
                millis(ofWrites.getValueAtPercentile(50)),
                millis(ofWrites.getValueAtPercentile(99)),
                failed.get());
    }

    private static double millis(long micros) {
        return micros / 1e3;
    }

    private void run(Random random, long firstNanos) {
        byte[] body = new byte[ITEM_BYTES];
        random.nextBytes(body);
        AttributeValue value = AttributeValue.fromB(SdkBytes.fromByteArray(body));
        long dueNanos = firstNanos;
        while (!closed) {
            for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            AttributeValue id = AttributeValue.fromS("steady-" + random.nextInt(KEYS));
            boolean read = random.nextBoolean();
            try {
                if (read) {
                    client.getItem(request ->
                            request.tableName(table).key(Map.of("id", id)).consistentRead(true));
                } else {
                    client.putItem(request -> request.tableName(table).item(Map.of("id", id, "body", value)));
                }
                (read ? reads : writes).recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - dueNanos));
            } catch (SdkException e) {
                failed.incrementAndGet();
            }
            dueNanos += spacingNanos;
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Thread worker : workers) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", e);
            }
        }
        client.close();
    }
}

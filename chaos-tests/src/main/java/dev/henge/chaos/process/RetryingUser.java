package dev.henge.chaos.process;

import dev.henge.chaos.support.Clients;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** What a user of the SDK with its usual retries sees: calls that fail, and the slowest one. Not part of a history. */
final class RetryingUser implements AutoCloseable {

    /**
     * What was seen since the last look.
     *
     * @param slowest the longest call of those that have ended
     * @param errors the first few failures' messages
     */
    record Seen(int calls, int failed, Duration slowest, List<String> errors) {
        @Override
        public String toString() {
            return failed + " of " + calls + " SDK calls failed, slowest " + slowest.toMillis() + " ms";
        }
    }

    private static final int THREADS = 4;
    private static final int KEYS = 64;
    private static final int ERRORS_MAX = 3;
    private static final long PACE_NANOS = Duration.ofMillis(10).toNanos();

    private final DynamoDbClient client;
    private final String table;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicLong slowestNanos = new AtomicLong();
    private final ConcurrentLinkedQueue<String> errors = new ConcurrentLinkedQueue<>();

    private RetryingUser(URI endpoint, String table) {
        client = Clients.usual(endpoint);
        this.table = table;
    }

    static RetryingUser start(URI endpoint, String table) {
        RetryingUser user = new RetryingUser(endpoint, table);
        for (int i = 0; i < THREADS; i++) {
            int first = i;
            user.threads.add(Thread.ofPlatform().name("user-" + i).daemon().start(() -> user.run(first)));
        }
        return user;
    }

    /** What was seen since the last call of this. */
    Seen look() {
        List<String> some = new ArrayList<>();
        for (String error = errors.poll(); error != null; error = errors.poll()) {
            some.add(error);
        }
        return new Seen(calls.getAndSet(0), failed.getAndSet(0), Duration.ofNanos(slowestNanos.getAndSet(0)), some);
    }

    /** The longest call since the last {@link #look}, of those that have ended. */
    Duration slowest() {
        return Duration.ofNanos(slowestNanos.get());
    }

    @Override
    public void close() {
        stopping.set(true);
        try {
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        client.close();
    }

    private void run(int first) {
        for (int i = first; !stopping.get(); i += THREADS) {
            String key = "user-" + i % KEYS;
            long startedNanos = System.nanoTime();
            try {
                client.putItem(request -> request.tableName(table).item(Map.of("id", AttributeValue.fromS(key))));
            } catch (SdkException e) {
                failed.incrementAndGet();
                if (errors.size() < ERRORS_MAX) {
                    errors.add(String.valueOf(e.getMessage()));
                }
            }
            calls.incrementAndGet();
            slowestNanos.accumulateAndGet(System.nanoTime() - startedNanos, Math::max);
            LockSupport.parkNanos(PACE_NANOS);
        }
    }
}

package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Clients that write and read without a break, nine of ten requests on the hot keys, three of four strong reads. */
final class MixedLoad implements AutoCloseable {

    private static final int CLIENTS = 24;
    private static final int FAILURES_KEPT = 10;

    private final DynamoDbClient client;
    private final String table;
    private final List<String> hot;
    private final List<String> others;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong done = new AtomicLong();
    private final Collection<SdkException> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    MixedLoad(DynamoDbClient client, String table, List<String> hot, List<String> others) {
        this.client = client;
        this.table = table;
        this.hot = hot;
        this.others = others;
        for (int number = 0; number < CLIENTS; number++) {
            threads.add(Thread.ofVirtual().start(this::run));
        }
    }

    private void run() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        while (!over) {
            List<String> keys = random.nextInt(10) < 9 ? hot : others;
            Map<String, AttributeValue> key =
                    Map.of("id", AttributeValue.fromS(keys.get(random.nextInt(keys.size()))));
            try {
                if (random.nextInt(4) == 0) {
                    client.putItem(request -> request.tableName(table).item(key));
                } else {
                    client.getItem(
                            request -> request.tableName(table).key(key).consistentRead(true));
                }
                done.incrementAndGet();
            } catch (SdkException e) {
                if (failures.size() < FAILURES_KEPT) {
                    failures.add(e);
                }
            }
        }
    }

    /** What is done from now on for that time. */
    double operationsPerSecond(Duration time) throws InterruptedException {
        long before = done.get();
        long beganNanos = System.nanoTime();
        // The measurement itself, no synchronisation.
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        return (done.get() - before) * 1e9 / (System.nanoTime() - beganNanos);
    }

    /** After the SDK's own retries. */
    void assertNoneFailed() {
        assertThat(failures).isEmpty();
    }

    @Override
    public void close() throws InterruptedException {
        over = true;
        for (Thread thread : threads) {
            thread.join();
        }
    }
}

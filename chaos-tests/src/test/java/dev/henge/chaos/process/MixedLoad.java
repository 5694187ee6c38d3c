package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.Deadline;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.proto.ReadItem;
import dev.henge.proto.WriteItem;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that write and read without a break, nine of ten requests on the hot keys, nine of ten strong reads. They ask the
 * nodes themselves, as a router does: what is measured is what the nodes do.
 */
final class MixedLoad implements AutoCloseable {

    private static final int CLIENTS = 256;
    private static final int FAILURES_KEPT = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final ClusterClient client;
    private final long table;
    private final List<String> hot;
    private final List<String> others;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong done = new AtomicLong();
    private final Collection<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean over;

    /** @param table whose partition key is the text {@code id} */
    MixedLoad(ClusterClient client, long table, List<String> hot, List<String> others) {
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
            String id = keys.get(random.nextInt(keys.size()));
            try {
                if (random.nextInt(10) == 0) {
                    write(id);
                } else {
                    read(id);
                }
                done.incrementAndGet();
            } catch (CompletionException e) {
                if (failures.size() < FAILURES_KEPT) {
                    failures.add(e.toString());
                }
            }
        }
    }

    private void write(String id) {
        UUID request = UUID.randomUUID();
        byte[] requestId = ByteBuffer.allocate(16)
                .putLong(request.getMostSignificantBits())
                .putLong(request.getLeastSignificantBits())
                .array();
        WriteItem write = WriteItem.newBuilder()
                .setRequestId(ByteString.copyFrom(requestId))
                .setTable(table)
                .setKey(key(id))
                .setPut(ByteString.copyFrom(ItemCodec.encode(Map.of("id", new StringValue(id)))))
                .build();
        client.write(token(id), write, Deadline.after(PATIENCE)).join();
    }

    private void read(String id) {
        ReadItem read = ReadItem.newBuilder()
                .setTable(table)
                .setKey(key(id))
                .setConsistent(true)
                .build();
        client.read(token(id), read, Deadline.after(PATIENCE)).join();
    }

    private ByteString key(String id) {
        return ByteString.copyFrom(ItemKeys.of(token(id), KeyEncoding.encode(new StringValue(id))));
    }

    private long token(String id) {
        return Tokens.of(table, KeyEncoding.encode(new StringValue(id)));
    }

    /** What is done from now on for that time. */
    double operationsPerSecond(Duration time) throws InterruptedException {
        long before = done.get();
        long beganNanos = System.nanoTime();
        // The measurement itself, no synchronisation.
        TimeUnit.NANOSECONDS.sleep(time.toNanos());
        return (done.get() - before) * 1e9 / (System.nanoTime() - beganNanos);
    }

    /** After the client's own retries. */
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

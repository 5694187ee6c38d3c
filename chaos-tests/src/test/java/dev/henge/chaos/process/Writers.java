package dev.henge.chaos.process;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/** Some threads that write to a table of {@link ChaosTable}, side by side, items that don't compress. */
final class Writers {

    private final DynamoDbClient client;
    private final String table;
    private final int count;

    Writers(DynamoDbClient client, String table, int count) {
        this.client = client;
        this.table = table;
        this.count = count;
    }

    /** The key of an item that has a number. */
    static String id(long number) {
        return "item-" + number;
    }

    /** The same each time for an id and a size. */
    static Map<String, AttributeValue> item(String id, int bytes) {
        byte[] filler = new byte[bytes];
        new Random(id.hashCode()).nextBytes(filler);
        return Map.of("id", AttributeValue.fromS(id), "filler", AttributeValue.fromB(SdkBytes.fromByteArray(filler)));
    }

    void put(String id, int bytes) {
        Map<String, AttributeValue> item = item(id, bytes);
        client.putItem(request -> request.tableName(table).item(item));
    }

    /** Writes the items with numbers from 0 on, each once. */
    void putAll(long items, int bytesOfEach) throws InterruptedException, ExecutionException {
        AtomicLong next = new AtomicLong();
        run(() -> {
            for (long number = next.getAndIncrement(); number < items; number = next.getAndIncrement()) {
                put(id(number), bytesOfEach);
            }
        });
    }

    /** Each thread runs it; returns when all have, and throws what one has thrown. */
    void run(Runnable writer) throws InterruptedException, ExecutionException {
        List<Future<?>> writers = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(count)) {
            IntStream.range(0, count).forEach(number -> writers.add(executor.submit(writer)));
        }
        for (Future<?> done : writers) {
            done.get();
        }
    }
}

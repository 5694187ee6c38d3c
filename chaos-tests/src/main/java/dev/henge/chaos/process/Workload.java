package dev.henge.chaos.process;

import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.Outcome;
import dev.henge.chaos.checker.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Clients that write and read back until they are stopped: puts, deletes, batches of both, conditional writes and reads of a few
 * registers, additions to a few counters, appends to a few lists, and writes of ever new keys.
 */
final class Workload implements AutoCloseable {

    /** Enough that each of 16 partitions has some, few enough that clients meet on them. */
    private static final int REGISTERS = 24;

    private static final int COUNTERS = 12;

    private static final int BATCH_WRITES = 8;

    /** Few appends to each, since each answer holds the whole list. */
    private static final int LISTS = 12;

    /** Keeps a history judgeable and the machine's two cores from being all the test's. */
    private static final long PACE_NANOS = 2_000_000;

    private final RecordedTable table;
    private final List<Thread> clients = new ArrayList<>();
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicInteger answered = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> fault = new AtomicReference<>();

    private Workload(RecordedTable table) {
        this.table = table;
    }

    /** @param firstClient number of the first client; the clients of one history all differ in it */
    static Workload start(RecordedTable table, int firstClient, int clientCount, long seed) {
        Workload workload = new Workload(table);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < clientCount; i++) {
            int client = firstClient + i;
            SplittableRandom own = random.split();
            workload.clients.add(Thread.ofPlatform()
                    .name("client-" + client)
                    .daemon()
                    .uncaughtExceptionHandler((_, thrown) -> workload.fault.set(thrown))
                    .start(() -> workload.run(client, own)));
        }
        return workload;
    }

    int answered() {
        return answered.get();
    }

    /** How many calls ended without an outcome; a caller without retries sees them. */
    int failed() {
        return failed.get();
    }

    @Override
    public void close() {
        stop();
    }

    /** Stops the clients, each after the call it is in. */
    void stop() {
        stopping.set(true);
        try {
            for (Thread client : clients) {
                client.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        Throwable thrown = fault.get();
        if (thrown != null) {
            throw new AssertionError("a client failed", thrown);
        }
    }

    private void run(int client, SplittableRandom random) {
        for (int sequence = 0; !stopping.get(); sequence++) {
            if (next(client, sequence, random) == null) {
                failed.incrementAndGet();
            } else {
                answered.incrementAndGet();
            }
            LockSupport.parkNanos(PACE_NANOS);
        }
    }

    /** Writes of some registers, each with a value of its own. */
    private static Map<String, Call> batch(int client, int sequence, SplittableRandom random) {
        Map<String, Call> writes = new LinkedHashMap<>();
        for (int i = 0; i < BATCH_WRITES; i++) {
            Call write = random.nextInt(4) == 0
                    ? new Call.Delete()
                    : new Call.Put(Value.text(client + "." + sequence + "." + i));
            writes.put("register-" + random.nextInt(REGISTERS), write);
        }
        return writes;
    }

    /** The next call and, now and then, one that builds on what it answered. */
    private @Nullable Outcome next(int client, int sequence, SplittableRandom random) {
        Value fresh = Value.text(client + "." + sequence);
        String register = "register-" + random.nextInt(REGISTERS);
        int dice = random.nextInt(100);
        if (dice < 17) {
            return table.call(client, register, new Call.Put(fresh));
        }
        if (dice < 25) {
            return table.writeTogether(client, batch(client, sequence, random));
        }
        if (dice < 35) {
            return table.call(client, register, new Call.Get());
        }
        if (dice < 40) {
            return table.query(client, register);
        }
        if (dice < 43) {
            return table.call(client, "list-" + random.nextInt(LISTS), new Call.Append(client + "." + sequence));
        }
        if (dice < 45) {
            return table.call(client, "list-" + random.nextInt(LISTS), new Call.Get());
        }
        if (dice < 65) {
            return table.call(client, register, new Call.Get()) instanceof Outcome.Holds(Value seen)
                    ? table.call(client, register, new Call.CompareAndSet(seen, fresh))
                    : null;
        }
        if (dice < 70) {
            return table.call(client, register, new Call.Delete());
        }
        if (dice < 85) {
            return table.call(client, "counter-" + random.nextInt(COUNTERS), new Call.Add(1 + random.nextInt(9)));
        }
        return table.call(client, "once-" + client + "-" + sequence, new Call.CompareAndSet(Value.ABSENT, fresh));
    }
}

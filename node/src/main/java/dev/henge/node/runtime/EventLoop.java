package dev.henge.node.runtime;

import dev.henge.node.log.CorruptLogException;
import dev.henge.node.partition.Replica;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that touches its replicas. Works in turns: takes what has gathered, then lets each replica it touched
 * propose at once what the turn brought, then sends what the turn wrote to other nodes.
 *
 * <p>A fault in a replica's code is no ordinary event: it is handed to {@code onFault}, which stops the node.
 */
final class EventLoop implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EventLoop.class);

    /** Beyond this, requests of clients are refused; what the node itself has to say still gets in. */
    private static final int WAITING_MAX = 50_000;

    private static final int TURN_TASKS_MAX = 1024;
    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long STATUS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** @param replica null for a task that only wakes the loop up */
    private record Task(@Nullable Replica replica, Consumer<Replica> action) {
        static final Task WAKE_UP = new Task(null, replica -> {});
    }

    private final BlockingQueue<Task> tasks = new LinkedBlockingQueue<>();
    private final List<Replica> replicas = new ArrayList<>();
    private final Set<Replica> touched = new LinkedHashSet<>();
    private final Set<Replica> abandoned = Collections.newSetFromMap(new IdentityHashMap<>());
    private final Runnable endOfTurn;
    private final BiConsumer<Replica, CorruptLogException> onCorrupt;
    private final Consumer<Throwable> onFault;
    private final Thread thread;
    private volatile boolean closed;
    private volatile long durablePosition;
    private long reportedPosition;
    private long lastTickNanos = System.nanoTime();
    private long lastStatusNanos = lastTickNanos - STATUS_NANOS;

    /**
     * @param endOfTurn runs on the loop after each turn
     * @param onCorrupt told on the loop when a replica could not read back its log; the loop has let go of the replica
     */
    EventLoop(
            String name,
            Runnable endOfTurn,
            BiConsumer<Replica, CorruptLogException> onCorrupt,
            Consumer<Throwable> onFault) {
        this.endOfTurn = endOfTurn;
        this.onCorrupt = onCorrupt;
        this.onFault = onFault;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Hands a replica over to this loop; {@link #post} only replicas that were. */
    void adopt(Replica replica) {
        post(replica, adopted -> replicas.add(adopted));
    }

    void post(Replica replica, Consumer<Replica> action) {
        tasks.add(new Task(replica, action));
    }

    /** Like {@link #post}, for work that may be refused: false when too much waits already. */
    boolean offer(Replica replica, Consumer<Replica> action) {
        return tasks.size() < WAITING_MAX && tasks.add(new Task(replica, action));
    }

    /** The write-ahead log is durable up to a position. Any thread, positions growing. */
    void durable(long position) {
        durablePosition = position;
        tasks.add(Task.WAKE_UP);
    }

    private void run() {
        try {
            while (!closed) {
                turn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            log.error("{} stops: {}", thread.getName(), e.getMessage(), e);
            onFault.accept(e);
        }
    }

    private void turn() throws InterruptedException {
        List<Task> batch = new ArrayList<>();
        Task first = tasks.poll(TICK_NANOS, TimeUnit.NANOSECONDS);
        if (first != null) {
            batch.add(first);
            tasks.drainTo(batch, TURN_TASKS_MAX - 1);
        }
        reportDurable();
        for (Task task : batch) {
            run(task);
        }
        tickWhenDue();
        for (Replica replica : List.copyOf(touched)) {
            call(replica, Replica::endTurn);
        }
        touched.clear();
        endOfTurn.run();
    }

    /** A replica whose log can't be read back is given up; it alone is harmed, the node goes on. */
    private void call(Replica replica, Consumer<Replica> action) {
        if (abandoned.contains(replica)) {
            return;
        }
        try {
            action.accept(replica);
        } catch (CorruptLogException e) {
            abandoned.add(replica);
            replicas.remove(replica);
            replica.abandon();
            onCorrupt.accept(replica, e);
        }
    }

    private void run(Task task) {
        Replica replica = task.replica();
        if (replica == null) {
            return;
        }
        touched.add(replica);
        call(replica, task.action());
    }

    private void reportDurable() {
        long position = durablePosition;
        if (position == reportedPosition) {
            return;
        }
        reportedPosition = position;
        for (Replica replica : List.copyOf(replicas)) {
            if (replica.awaitsSync()) {
                touched.add(replica);
                call(replica, waiting -> waiting.onDurable(position));
            }
        }
    }

    private void tickWhenDue() {
        long now = System.nanoTime();
        if (now - lastTickNanos < TICK_NANOS) {
            return;
        }
        lastTickNanos = now;
        for (Replica replica : List.copyOf(replicas)) {
            touched.add(replica);
            call(replica, Replica::onTick);
        }
        if (now - lastStatusNanos >= STATUS_NANOS) {
            lastStatusNanos = now;
            replicas.forEach(Replica::publishStatus);
        }
    }

    /** Ends after the turn under way. */
    @Override
    public void close() {
        closed = true;
        if (Thread.currentThread() == thread) {
            return;
        }
        // Not by an interrupt: it would close the log's files under a thread that reads them.
        tasks.add(Task.WAKE_UP);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        replicas.forEach(Replica::close);
    }
}

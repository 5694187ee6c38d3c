package dev.henge.node.runtime;

import dev.henge.node.log.CorruptLogException;
import dev.henge.node.partition.Replica;
import dev.henge.wire.Cork;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
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
    private static final Runnable WAKE_UP = () -> {};

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final ReplicaTurns turns;
    private final Runnable endOfTurn;
    private final Consumer<Throwable> onFault;
    private final Thread thread;
    private volatile boolean closed;
    private volatile long durablePosition;

    /**
     * @param endOfTurn runs on the loop after each turn
     * @param onCorrupt told on the loop when a replica could not read back its log; the loop has let go of the replica
     */
    EventLoop(
            String name,
            Runnable endOfTurn,
            BiConsumer<Replica, CorruptLogException> onCorrupt,
            Consumer<Throwable> onFault) {
        this.turns = new ReplicaTurns(onCorrupt);
        this.endOfTurn = endOfTurn;
        this.onFault = onFault;
        this.thread = Thread.ofPlatform().name(name).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Hands a replica over to this loop; {@link #post} only replicas that were. */
    void adopt(Replica replica) {
        tasks.add(() -> turns.adopt(replica));
    }

    /**
     * Lets go of a replica if, when its turn comes, the condition holds.
     *
     * @param released runs then, on the loop; {@link Replica#still} completes once nothing of it is under way any more
     */
    void releaseIf(Replica replica, Predicate<Replica> condition, Runnable released) {
        tasks.add(() -> {
            if (turns.releaseIf(replica, condition)) {
                released.run();
            }
        });
    }

    void post(Replica replica, Consumer<Replica> action) {
        tasks.add(() -> turns.run(replica, action));
    }

    /** Like {@link #post}, for work that may be refused: false when too much waits already. */
    boolean offer(Replica replica, Consumer<Replica> action) {
        return tasks.size() < WAITING_MAX && tasks.add(() -> turns.run(replica, action));
    }

    /** The write-ahead log is durable up to a position. Any thread, positions growing. */
    void durable(long position) {
        durablePosition = position;
        tasks.add(WAKE_UP);
    }

    /** Support between this node and another began or ended. */
    void supportChanged(String node) {
        tasks.add(() -> turns.supportChanged(node));
    }

    int waiting() {
        return tasks.size();
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
        List<Runnable> batch = new ArrayList<>();
        Runnable first = awaitTask();
        if (first != null) {
            batch.add(first);
            tasks.drainTo(batch, TURN_TASKS_MAX - 1);
        }
        Cork.around(() -> take(batch)); // the answers of a turn go out together
        endOfTurn.run();
    }

    private void take(List<Runnable> batch) {
        turns.durable(durablePosition);
        batch.forEach(Runnable::run);
        long nowNanos = MonotonicClock.nanoTime();
        turns.tick(nowNanos);
        turns.endTurn(nowNanos);
    }

    /** Null when a timer is due before anything comes. */
    private @Nullable Runnable awaitTask() throws InterruptedException {
        long nextNanos = turns.nextTurnNanos();
        return nextNanos == Long.MAX_VALUE
                ? tasks.take()
                : tasks.poll(nextNanos - MonotonicClock.nanoTime(), TimeUnit.NANOSECONDS);
    }

    /** Ends after the turn under way. */
    @Override
    public void close() {
        closed = true;
        if (Thread.currentThread() == thread) {
            return;
        }
        // Not by an interrupt: it would close the log's files under a thread that reads them.
        tasks.add(WAKE_UP);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        turns.replicas().forEach(Replica::close);
    }
}

package dev.henge.node.partition;

import dev.henge.node.storage.StorageException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slow work of one replica, done off the event loop one piece after the other, and what follows from it, done on the loop.
 * Called on the loop.
 */
final class BackgroundQueue {

    private static final Logger log = LoggerFactory.getLogger(BackgroundQueue.class);

    /** Runs off the loop. */
    interface Work<T extends @Nullable Object> {
        T run() throws IOException;
    }

    /** Work whose failure is a failure of the disk or the storage. */
    private record Job<T extends @Nullable Object>(Work<T> work, Consumer<T> done, Consumer<Exception> failed) {}

    private final ReplicaEnvironment environment;
    private final Deque<Job<?>> waiting = new ArrayDeque<>();
    private boolean running;
    private volatile boolean closed;

    // Guarded by the lock: whether work is under way off the loop, and what is to follow it at the end.
    private final Object lock = new Object();
    private boolean working;
    private @Nullable Runnable last;

    BackgroundQueue(ReplicaEnvironment environment) {
        this.environment = environment;
    }

    /**
     * @param done runs on the loop with the result
     * @param failed runs on the loop with the {@link IOException} or {@link StorageException} instead; any other failure
     *     stops the node
     */
    <T extends @Nullable Object> void run(Work<T> work, Consumer<T> done, Consumer<Exception> failed) {
        waiting.addLast(new Job<>(work, done, failed));
        next();
    }

    private void next() {
        if (running || closed) {
            return;
        }
        Job<?> job = waiting.pollFirst();
        if (job != null) {
            running = true;
            synchronized (lock) {
                working = true;
            }
            environment.runInBackground(() -> carryOut(job));
        }
    }

    private <T extends @Nullable Object> void carryOut(Job<T> job) {
        try {
            if (closed) {
                return;
            }
            T result = job.work().run();
            finish(() -> job.done().accept(result));
        } catch (IOException | StorageException e) {
            finish(() -> job.failed().accept(e));
        } catch (RuntimeException | Error e) {
            if (!closed) {
                environment.fail(e);
            }
        } finally {
            ended();
        }
    }

    private void ended() {
        Runnable follows;
        synchronized (lock) {
            working = false;
            follows = last;
            last = null;
        }
        if (follows != null) {
            follows.run();
        }
    }

    private void finish(Runnable followUp) {
        environment.post(() -> {
            running = false;
            if (!closed) {
                followUp.run();
                next();
            }
        });
    }

    /**
     * Nothing more begins; what is under way comes to nothing.
     *
     * @param release runs off the loop when nothing is under way any more
     * @return completes after it
     */
    CompletableFuture<Void> abandon(Work<?> release) {
        close();
        CompletableFuture<Void> released = new CompletableFuture<>();
        Runnable atEnd = () -> {
            try {
                release.run();
            } catch (IOException | RuntimeException e) {
                log.warn("can't clean up after a replica that was given up: {}", e.getMessage());
            } finally {
                released.complete(null);
            }
        };
        synchronized (lock) {
            if (working) {
                last = atEnd;
                return released;
            }
        }
        environment.runInBackground(atEnd);
        return released;
    }

    /** Nothing more begins; what is under way comes to nothing. */
    void close() {
        closed = true;
        waiting.clear();
    }
}

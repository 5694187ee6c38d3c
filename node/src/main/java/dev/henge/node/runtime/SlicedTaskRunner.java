package dev.henge.node.runtime;

import dev.henge.node.partition.SlicedTask;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One thread that runs sliced tasks in turns, a slice each, and pauses so that together they read no more than so many bytes
 * a second.
 */
final class SlicedTaskRunner implements AutoCloseable {

    private final long bytesPerSecondMax;
    private final Consumer<Throwable> onFault;
    private final Deque<SlicedTask> tasks = new ArrayDeque<>();
    private final Thread thread;
    private boolean closed;

    SlicedTaskRunner(String name, long bytesPerSecondMax, Consumer<Throwable> onFault) {
        this.bytesPerSecondMax = bytesPerSecondMax;
        this.onFault = onFault;
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    synchronized void submit(SlicedTask task) {
        if (closed) {
            return;
        }
        tasks.addLast(task);
        notifyAll();
    }

    private void run() {
        try {
            for (SlicedTask task = next(); task != null; task = next()) {
                long startedNanos = System.nanoTime();
                long bytes = task.runSlice();
                if (bytes >= 0) {
                    submit(task);
                    pause(bytes, System.nanoTime() - startedNanos);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            onFault.accept(e);
        }
    }

    private synchronized @Nullable SlicedTask next() throws InterruptedException {
        while (tasks.isEmpty() && !closed) {
            wait();
        }
        return closed ? null : tasks.removeFirst();
    }

    /** Sleeps for what the slice was faster than the rate; ends early when closed. */
    private synchronized void pause(long bytes, long tookNanos) throws InterruptedException {
        long pauseNanos = TimeUnit.SECONDS.toNanos(1) * bytes / bytesPerSecondMax - tookNanos;
        long untilNanos = System.nanoTime() + pauseNanos;
        for (long leftNanos = pauseNanos; leftNanos > 0 && !closed; leftNanos = untilNanos - System.nanoTime()) {
            TimeUnit.NANOSECONDS.timedWait(this, leftNanos);
        }
    }

    /** Ends after the slice under way. Tasks left are dropped; whoever made them abandons them. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            tasks.clear();
            notifyAll();
        }
        boolean interrupted = false;
        while (thread.isAlive() && Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

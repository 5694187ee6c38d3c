package dev.henge.node.runtime;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** The thread that brings a {@link SupportExchange} its ticks. */
final class SupportTimer implements AutoCloseable {

    /** The exchange may have something to do earlier than it last said, but no earlier than this. */
    private static final long SLEEP_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(100);

    private final SupportExchange exchange;
    private final Thread thread;
    private volatile boolean closed;

    /** @param onFault told of what the exchange throws */
    SupportTimer(String name, SupportExchange exchange, Consumer<Throwable> onFault) {
        this.exchange = exchange;
        this.thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> {
            try {
                run();
            } catch (RuntimeException | Error e) {
                onFault.accept(e);
            }
        });
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!closed) {
            long nextNanos = exchange.tick();
            long sleepNanos = Math.min(nextNanos - MonotonicClock.nanoTime(), SLEEP_NANOS_MAX);
            if (sleepNanos > 0) {
                LockSupport.parkNanos(this, sleepNanos);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

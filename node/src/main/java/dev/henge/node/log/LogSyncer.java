package dev.henge.node.log;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;

/**
 * The thread that syncs the log: waits for work, syncs, tells the listener, again. What is appended during a sync goes
 * into the next one; so the slower the disk, the larger the batches. A second thread makes the next segment ready.
 *
 * <p>When the log breaks, both threads end; the log's own failure handler was told.
 */
public final class LogSyncer implements AutoCloseable {

    /** After this long without work the last batch gets its mark. */
    private static final long QUIET_NANOS = 100_000_000;

    /** After this long another attempt is made at a segment that could not be made ready, for want of space. */
    private static final long RETRY_MILLIS = 1000;

    private final WriteAheadLog log;
    private final LongConsumer onDurable;
    private final Semaphore spareWanted = new Semaphore(0);
    private final Thread syncer;
    private final Thread allocator;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean stopping;

    private LogSyncer(WriteAheadLog log, LongConsumer onDurable) {
        this.log = log;
        this.onDurable = onDurable;
        this.syncer = Thread.ofPlatform().name("henge-log-syncer").unstarted(this::syncUntilStopped);
        this.allocator = Thread.ofPlatform().name("henge-log-allocator").unstarted(this::allocateUntilStopped);
    }

    /**
     * Starts syncing. Takes the log's {@link WriteAheadLog#onWork} hook.
     *
     * @param onDurable called on the syncer's thread with the durable position after each sync; must be quick and must
     *     not append
     */
    public static LogSyncer start(WriteAheadLog log, LongConsumer onDurable) {
        LogSyncer syncer = new LogSyncer(log, onDurable);
        log.onWork(() -> LockSupport.unpark(syncer.syncer));
        syncer.syncer.start();
        syncer.allocator.start();
        return syncer;
    }

    /** Syncs what was appended, tells the listener and ends the threads; the log stays open. */
    @Override
    public void close() {
        stop();
        LockSupport.unpark(syncer);
        // Joined without heeding interrupts: the log must not be closed under a thread that writes it.
        boolean interrupted = false;
        for (Thread thread : new Thread[] {syncer, allocator}) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void stop() {
        stopping = true;
        stopped.countDown();
        spareWanted.release();
    }

    private void syncUntilStopped() {
        try {
            while (!stopping || log.hasWork()) {
                if (!log.hasWork()) {
                    awaitWork();
                    continue;
                }
                onDurable.accept(log.sync());
                if (log.needsSpare()) {
                    spareWanted.release();
                }
            }
        } catch (LogBrokenException e) {
            stop(); // the log has told its failure handler
        } catch (RuntimeException | Error e) {
            stop();
            log.fail("the thread that syncs the write-ahead log failed", e);
        }
    }

    private void awaitWork() {
        LockSupport.parkNanos(this, QUIET_NANOS);
        if (!log.hasWork() && !stopping) {
            log.markSynced();
            if (!log.hasWork() && !stopping) {
                LockSupport.park(this);
            }
        }
    }

    private void allocateUntilStopped() {
        try {
            while (!stopping) {
                if (log.needsSpare()) {
                    log.prepareSpare();
                }
                if (log.needsSpare()) {
                    stopped.await(RETRY_MILLIS, TimeUnit.MILLISECONDS);
                    continue;
                }
                spareWanted.acquireUninterruptibly();
                spareWanted.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

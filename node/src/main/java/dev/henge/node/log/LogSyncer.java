package dev.henge.node.log;

import java.util.function.LongConsumer;

/**
 * The thread that syncs the log: waits for work, syncs, tells the listener, again. What is appended during a sync goes
 * into the next one; so the slower the disk, the larger the batches. A second thread makes the next segment ready.
 *
 * <p>When the log breaks, both threads end; the log's own failure handler was told.
 */
public final class LogSyncer implements AutoCloseable {

    private LogSyncer() {}

    /**
     * Starts syncing. Takes the log's {@link WriteAheadLog#onWork} hook.
     *
     * @param onDurable called on the syncer's thread with the durable position after each sync; must be quick and must
     *     not append
     */
    public static LogSyncer start(WriteAheadLog log, LongConsumer onDurable) {
        throw new UnsupportedOperationException();
    }

    /** Syncs what was appended, tells the listener and ends the threads; the log stays open. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}

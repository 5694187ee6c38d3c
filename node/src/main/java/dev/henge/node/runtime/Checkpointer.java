package dev.henge.node.runtime;

import dev.henge.node.log.SpaceLevel;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.partition.LogPressure;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the write-ahead log short: when it has grown, makes the storage durable and lets each partition forget the entries
 * that the storage holds. A leader keeps what a follower still lacks until the log is twice as large, and what follows a
 * snapshot on its way until it is four times as large.
 */
final class Checkpointer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Checkpointer.class);
    private static final long PAUSE_MILLIS = 1000;

    /** A log this short is left alone even when space is low. */
    private static final long LOG_BYTES_MIN = 64L << 20;

    private final WriteAheadLog writeAheadLog;
    private final StorageEngine storage;
    private final Partitions partitions;
    private final long logBytesMax;
    private final Supplier<SpaceLevel> spaceLevel;
    private final Consumer<Throwable> onFault;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /**
     * @param logBytesMax size of the log at which a checkpoint is made
     * @param spaceLevel when disk space is low, the log is kept as short as can be
     */
    Checkpointer(
            WriteAheadLog writeAheadLog,
            StorageEngine storage,
            Partitions partitions,
            long logBytesMax,
            Supplier<SpaceLevel> spaceLevel,
            Consumer<Throwable> onFault) {
        this.writeAheadLog = writeAheadLog;
        this.storage = storage;
        this.partitions = partitions;
        this.logBytesMax = logBytesMax;
        this.spaceLevel = spaceLevel;
        this.onFault = onFault;
        this.thread = Thread.ofPlatform().name("checkpointer").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            while (!closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                SpaceLevel space = spaceLevel.get();
                long liveBytes = writeAheadLog.liveBytes();
                if (space == SpaceLevel.AMPLE ? liveBytes > logBytesMax : liveBytes > LOG_BYTES_MIN) {
                    checkpoint(space);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.error("the checkpoint failed", e);
            onFault.accept(e);
        }
    }

    private void checkpoint(SpaceLevel space) {
        Map<Partitions.Hosted, Long> appliedIndexes = new HashMap<>();
        partitions
                .all()
                .forEach(hosted -> appliedIndexes.put(
                        hosted, hosted.replica().machine().applied().index()));
        try {
            storage.flush();
        } catch (StorageException e) {
            if (!e.outOfSpace()) {
                throw e;
            }
            log.warn("the log can't be shortened, what it holds has no room in the storage: {}", e.getMessage());
            return;
        }
        LogPressure pressure = pressure(space, writeAheadLog.liveBytes());
        long keepBytes = space == SpaceLevel.AMPLE ? logBytesMax / 2 : 0;
        Map<Integer, Long> wanted = new HashMap<>();
        writeAheadLog.compactionHints(keepBytes).forEach(hint -> wanted.put(hint.partition(), hint.index()));
        appliedIndexes.forEach((hosted, appliedIndex) -> {
            Long index = wanted.get(hosted.replica().partition());
            if (index != null) {
                long durablyApplied = Math.min(index, appliedIndex);
                hosted.post(replica -> replica.compact(durablyApplied, pressure));
            }
        });
        log.debug("made a checkpoint with {} bytes of log", writeAheadLog.liveBytes());
    }

    private LogPressure pressure(SpaceLevel space, long logBytes) {
        if (logBytes > 4 * logBytesMax) {
            return LogPressure.CRITICAL;
        }
        return space == SpaceLevel.SCARCE || logBytes > 2 * logBytesMax ? LogPressure.HIGH : LogPressure.LOW;
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}

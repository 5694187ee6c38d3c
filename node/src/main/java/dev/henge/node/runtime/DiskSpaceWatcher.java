package dev.henge.node.runtime;

import dev.henge.node.log.Disk;
import dev.henge.node.log.SpaceLevel;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.storage.StorageEngine;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second, and more often when there is little, at what is free on the node's disks and tells the log, which
 * refuses what no longer fits.
 */
final class DiskSpaceWatcher implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(DiskSpaceWatcher.class);
    private static final long PAUSE_MILLIS = 1000;

    /** A fast disk writes so much between two looks, to the log and to the storage: with less to spare, they come sooner. */
    private static final long WARY_BELOW_BYTES = 4L << 30;

    private static final long WARY_PAUSE_MILLIS = 20;

    private final Disk logDisk;
    private final Disk storageDisk;
    private final WriteAheadLog writeAheadLog;
    private final StorageEngine storage;
    private final DiskSpace decision;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread =
            Thread.ofPlatform().name("disk-space").daemon().unstarted(this::run);
    private volatile SpaceLevel level = SpaceLevel.AMPLE;
    private long pauseMillis = PAUSE_MILLIS;

    DiskSpaceWatcher(
            Disk logDisk, Disk storageDisk, WriteAheadLog writeAheadLog, StorageEngine storage, DiskSpace decision) {
        this.logDisk = logDisk;
        this.storageDisk = storageDisk;
        this.writeAheadLog = writeAheadLog;
        this.storage = storage;
        this.decision = decision;
    }

    void start() {
        look();
        thread.start();
    }

    SpaceLevel level() {
        return level;
    }

    private void run() {
        try {
            while (!closed.await(pauseMillis, TimeUnit.MILLISECONDS)) {
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        long freeBytes;
        try {
            // What is in memory is taken already: once flushed, it has its place on the disk.
            freeBytes = Math.max(0, Math.min(logDisk.freeBytes(), storageDisk.freeBytes()) - storage.unflushedBytes());
        } catch (IOException e) {
            log.warn("can't tell what is free on the disk: {}", e.getMessage());
            return;
        }
        pauseMillis = freeBytes - decision.lowBytes() < WARY_BELOW_BYTES ? WARY_PAUSE_MILLIS : PAUSE_MILLIS;
        SpaceLevel before = level;
        DiskSpace.Reading reading =
                new DiskSpace.Reading(freeBytes, writeAheadLog.spareFailure().isPresent(), storage.outOfSpace());
        SpaceLevel now = decision.next(before, reading);
        if (now == before) {
            return;
        }
        level = now;
        writeAheadLog.spaceLevel(now);
        switch (now) {
            case AMPLE -> log.info("there is room on the disk again ({} MB): writes are taken", freeBytes >> 20);
            case LOW ->
                log.warn(
                        "low on disk space ({} MB free, at least {} MB are kept{}): partitions led by this node refuse"
                                + " writes until there is more; reads go on",
                        freeBytes >> 20,
                        decision.lowBytes() >> 20,
                        reading.noSpare() ? ", no segment of the log can be made" : "");
            case SCARCE ->
                log.warn(
                        "almost no disk space left ({} MB{}): this node takes no new entries until there is more; reads"
                                + " go on",
                        freeBytes >> 20,
                        reading.storageFull() ? ", the storage can't write" : "");
        }
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

package dev.henge.node.log;

import dev.henge.node.log.Disk.DiskFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Files that are ready to become segments: filled with zeros, or recycled. One of full size is kept; small ones are made
 * when the log needs room at once. A file that can't be made (a full disk, most often) is no failure of the log: nothing
 * stands in it. The log has less room then, and says so.
 *
 * <p>Fields are guarded by the log's state lock; files are made and deleted without it.
 */
final class Spares {

    /** After a file could not be made, every so many calls of {@link #tryMakeSoon} try again. */
    private static final int CALLS_PER_TRY = 256;

    private final Disk disk;
    private final int segmentBytes;
    private final ReentrantLock stateLock;
    private final List<Segment.Spare> ready = new ArrayList<>();
    private long nextNumber;
    private boolean preparing;
    private int callsSinceFailure;
    private @Nullable String failure;
    private boolean closed;

    /** Takes over the files of these names; one of full size is kept, the rest deleted. */
    Spares(Disk disk, int segmentBytes, ReentrantLock stateLock, List<String> found) throws IOException {
        this.disk = disk;
        this.segmentBytes = segmentBytes;
        this.stateLock = stateLock;
        for (String name : found) {
            nextNumber = Math.max(nextNumber, Segment.numberOf(name) + 1);
            DiskFile file = disk.open(name);
            if (ready.isEmpty() && file.sizeBytes() == segmentBytes) {
                ready.add(new Segment.Spare(Segment.numberOf(name), file, segmentBytes));
                continue;
            }
            file.close();
            disk.delete(name);
        }
    }

    // ---- with the state lock held

    /** Takes the largest one if it has this many bytes, null if none has. */
    Segment.@Nullable Spare claim(long atLeastBytes) {
        Segment.Spare largest = null;
        for (Segment.Spare spare : ready) {
            if (largest == null || spare.sizeBytes() > largest.sizeBytes()) {
                largest = spare;
            }
        }
        if (largest == null || largest.sizeBytes() < atLeastBytes) {
            return null;
        }
        ready.remove(largest);
        return largest;
    }

    /** Size of the largest one, 0 when there is none. */
    long largestBytes() {
        long largest = 0;
        for (Segment.Spare spare : ready) {
            largest = Math.max(largest, spare.sizeBytes());
        }
        return largest;
    }

    boolean needsOne() {
        return !closed && !preparing && largestBytes() < segmentBytes;
    }

    /** Why no file could be made, at the last attempt; null when one could. */
    @Nullable
    String failure() {
        return failure;
    }

    void close() {
        closed = true;
        for (Segment.Spare spare : ready) {
            Segment.closeQuietly(spare.file());
        }
        ready.clear();
    }

    // ---- without it

    /** Makes one of full size when there is none. */
    void prepare() {
        stateLock.lock();
        try {
            if (!needsOne()) {
                return;
            }
            preparing = true;
        } finally {
            stateLock.unlock();
        }
        try {
            make(segmentBytes);
        } finally {
            stateLock.lock();
            preparing = false;
            stateLock.unlock();
        }
    }

    /** Makes one of this size at once, unless that failed a short while ago; false when it can't be made. */
    boolean tryMakeSoon(long sizeBytes) {
        stateLock.lock();
        try {
            if (failure != null && ++callsSinceFailure % CALLS_PER_TRY != 0) {
                return false;
            }
        } finally {
            stateLock.unlock();
        }
        return make(sizeBytes);
    }

    private boolean make(long sizeBytes) {
        long number;
        stateLock.lock();
        try {
            number = nextNumber++;
        } finally {
            stateLock.unlock();
        }
        String unfinished = Segment.unfinishedName(number);
        DiskFile file = null;
        String problem = null;
        try {
            // Asked first, so that an attempt that must fail does not take the room that others still find.
            if (disk.freeBytes() < sizeBytes) {
                throw new IOException("No space left on device");
            }
            file = disk.create(unfinished, sizeBytes);
            // What does not get synced here is nobody's data: the file is thrown away, its sync is not tried again.
            file.sync();
            disk.rename(unfinished, Segment.spareName(number));
            disk.syncDirectory();
        } catch (IOException e) {
            problem = String.valueOf(e.getMessage());
        }
        stateLock.lock();
        try {
            failure = problem;
            if (problem == null && file != null && !closed) {
                ready.add(new Segment.Spare(number, file, sizeBytes));
                return true;
            }
        } finally {
            stateLock.unlock();
        }
        Segment.closeQuietly(file);
        if (problem != null) {
            deleteQuietly(unfinished);
            deleteQuietly(Segment.spareName(number));
        }
        return false;
    }

    /** Keeps a segment's file that is no longer needed, if one is wanted; false when it is to be deleted. */
    boolean recycle(Segment segment) throws IOException {
        DiskFile file = segment.file;
        Segment.Spare recycled;
        stateLock.lock();
        try {
            if (!needsOne() || file == null || segment.capacityBytes != segmentBytes) {
                return false;
            }
            recycled = new Segment.Spare(nextNumber++, file, segmentBytes);
            preparing = true;
        } finally {
            stateLock.unlock();
        }
        disk.rename(segment.name(), recycled.name());
        disk.syncDirectory();
        stateLock.lock();
        try {
            preparing = false;
            ready.add(recycled);
            failure = null;
            return true;
        } finally {
            stateLock.unlock();
        }
    }

    @SuppressWarnings("EmptyCatch") // the next start deletes what is unfinished, and takes a spare for one
    private void deleteQuietly(String name) {
        try {
            if (disk.list().contains(name)) {
                disk.delete(name);
            }
        } catch (IOException e) {
            // It costs room until then.
        }
    }
}

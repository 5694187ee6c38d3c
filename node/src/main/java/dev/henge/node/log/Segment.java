package dev.henge.node.log;

import dev.henge.node.log.Disk.DiskFile;
import java.io.IOException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One file of the log. */
final class Segment {

    private static final Pattern UNFINISHED_NAME = Pattern.compile("[0-9a-f]{16}\\.spare\\.tmp");
    private static final Pattern SPARE_NAME = Pattern.compile("[0-9a-f]{16}\\.spare");

    /**
     * A file that holds no part of the log and is ready to become a segment.
     *
     * @param number names it; never used twice while a log is open, because a spare keeps its name from when a segment
     *     claims it until the segment is written
     */
    record Spare(long number, DiskFile file, long sizeBytes) {
        String name() {
            return spareName(number);
        }
    }

    private static final Pattern NAME = Pattern.compile("[0-9a-f]{16}\\.log");

    final long number;
    final long startPosition;

    /** Size of the file; records beyond it go to the next segment. */
    final long capacityBytes;

    /** The spare that this segment is to be made of; null to make a file. Until {@link #file} is set. */
    final @Nullable Spare claimedSpare;

    /** Null until the first write to it. Written under the I/O lock. */
    volatile @Nullable DiskFile file;

    Segment(
            long number,
            long startPosition,
            long capacityBytes,
            @Nullable Spare claimedSpare,
            @Nullable DiskFile file) {
        this.number = number;
        this.startPosition = startPosition;
        this.capacityBytes = capacityBytes;
        this.claimedSpare = claimedSpare;
        this.file = file;
    }

    String name() {
        return name(number);
    }

    static String name(long number) {
        return String.format("%016x.log", number);
    }

    static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }

    static String spareName(long number) {
        return String.format("%016x.spare", number);
    }

    static boolean isSpareName(String name) {
        return SPARE_NAME.matcher(name).matches();
    }

    /** Name of a spare that is still being written. */
    static String unfinishedName(long number) {
        return spareName(number) + ".tmp";
    }

    static boolean isUnfinishedName(String name) {
        return UNFINISHED_NAME.matcher(name).matches();
    }

    @SuppressWarnings("EmptyCatch") // everything that matters was synced before
    static void closeQuietly(@Nullable DiskFile file) {
        if (file == null) {
            return;
        }
        try {
            file.close();
        } catch (IOException e) {
            // The descriptor is gone either way.
        }
    }

    /** The number in a segment's or a spare's name. */
    static long numberOf(String name) {
        return Long.parseUnsignedLong(name, 0, 16, 16);
    }
}

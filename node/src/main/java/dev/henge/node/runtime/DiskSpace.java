package dev.henge.node.runtime;

import dev.henge.node.log.SpaceLevel;

/**
 * Decides from what is free on a node's disks what the node still takes on. Pure.
 *
 * <p>The storage engine needs room it was not given beforehand: for memtables that are flushed and for compactions. So
 * clients are refused while there is room for all memtables yet, and followers refuse entries at half of that: what is
 * committed already can be applied and flushed. A level is left again only when a quarter more is free than when it was
 * entered, so that the node does not waver.
 */
final class DiskSpace {

    private static final long LOW_BYTES_MIN = 512L << 20;

    /** On a small disk the floor is this share of it. */
    private static final int SHARE_OF_DISK = 10;

    /**
     * What was found.
     *
     * @param freeBytes on the fuller of the log's and the storage's disk, without what is yet to be flushed
     * @param noSpare the log's next segment can't be made
     * @param storageFull the storage engine could not write for want of space, and could not since
     */
    record Reading(long freeBytes, boolean noSpare, boolean storageFull) {}

    private final long lowBytes;

    private DiskSpace(long lowBytes) {
        this.lowBytes = lowBytes;
    }

    /**
     * @param memtableBytesMax what the storage engine may have in memory that must be written
     * @param diskBytes size of the smaller of the log's and the storage's disk
     */
    static DiskSpace of(long memtableBytesMax, long diskBytes) {
        return new DiskSpace(Math.min(Math.max(LOW_BYTES_MIN, memtableBytesMax), diskBytes / SHARE_OF_DISK));
    }

    long lowBytes() {
        return lowBytes;
    }

    /** The level after this reading. */
    SpaceLevel next(SpaceLevel before, Reading reading) {
        long scarceBytes = lowBytes / 2;
        if (reading.storageFull || reading.freeBytes < withMargin(scarceBytes, before == SpaceLevel.SCARCE)) {
            return SpaceLevel.SCARCE;
        }
        if (reading.noSpare || reading.freeBytes < withMargin(lowBytes, before != SpaceLevel.AMPLE)) {
            return SpaceLevel.LOW;
        }
        return SpaceLevel.AMPLE;
    }

    private static long withMargin(long bytes, boolean leaving) {
        return leaving ? bytes + bytes / 4 : bytes;
    }
}

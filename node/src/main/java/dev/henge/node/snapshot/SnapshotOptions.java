package dev.henge.node.snapshot;

import java.util.concurrent.TimeUnit;

/**
 * Bounds of what a node does to send and receive snapshots.
 *
 * @param fileBytesMax keys and values in one file, about
 * @param pieceBytesMax content of one message
 * @param piecesAskedMax pieces of one snapshot on their way at a time
 * @param sliceBytesMax what is read or written at a time while a snapshot is made or checked
 * @param syncBytes so much is received between two syncs; at most so much comes twice after a crash
 * @param bytesPerSecond of all snapshots together that the node makes and sends, and of all that it receives
 * @param sendingMax snapshots made, sent or kept at a time
 * @param receivingMax snapshots received at a time
 * @param keptNanos how long a snapshot that nobody asks for is kept, at either end
 */
public record SnapshotOptions(
        long fileBytesMax,
        int pieceBytesMax,
        int piecesAskedMax,
        int sliceBytesMax,
        long syncBytes,
        long bytesPerSecond,
        int sendingMax,
        int receivingMax,
        long keptNanos) {

    public static final long BYTES_PER_SECOND = 64L << 20;

    public SnapshotOptions {
        check(fileBytesMax > 0 && pieceBytesMax > 0 && sliceBytesMax > 0 && syncBytes > 0, "sizes must be positive");
        check(piecesAskedMax > 0 && sendingMax > 0 && receivingMax > 0, "counts must be positive");
        check(bytesPerSecond > 0 && keptNanos > 0, "rate and time must be positive");
    }

    /** Files of 64 MB, pieces of 256 KB, two snapshots out and two in at a time, kept for ten minutes. */
    public static SnapshotOptions ofRate(long bytesPerSecond) {
        return new SnapshotOptions(
                64L << 20, 256 << 10, 8, 1 << 20, 8L << 20, bytesPerSecond, 2, 2, TimeUnit.MINUTES.toNanos(10));
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}

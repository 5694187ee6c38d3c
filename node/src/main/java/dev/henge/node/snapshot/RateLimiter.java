package dev.henge.node.snapshot;

import java.util.concurrent.TimeUnit;

/**
 * A token bucket that never makes anyone wait: what is refused is tried again later. Takes are allowed while there is
 * anything in the bucket, and may leave it in debt, so a take may be larger than the bucket. Thread-safe.
 */
public final class RateLimiter {

    /** So much time's worth fits into the bucket: event loops come by every 10 ms, and late now and then. */
    private static final long BURST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final double bytesPerNano;
    private final double bytesMax;
    private double bytes;
    private long filledNanos = Long.MIN_VALUE;

    public RateLimiter(long bytesPerSecond) {
        this.bytesPerNano = bytesPerSecond / 1e9;
        this.bytesMax = Math.max(1, bytesPerNano * BURST_NANOS);
        this.bytes = bytesMax;
    }

    /** Whether that many bytes may go now; they are counted then. */
    public synchronized boolean tryTake(long count, long nowNanos) {
        if (filledNanos == Long.MIN_VALUE) {
            filledNanos = nowNanos;
        }
        if (nowNanos > filledNanos) {
            bytes = Math.min(bytesMax, bytes + (nowNanos - filledNanos) * bytesPerNano);
            filledNanos = nowNanos;
        }
        if (bytes <= 0) {
            return false;
        }
        bytes -= count;
        return true;
    }

    /** Counts bytes that went after a take of none, when it was not known yet how many they would be. */
    public synchronized void charge(long count) {
        bytes -= count;
    }
}

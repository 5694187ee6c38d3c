package dev.henge.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The instant by which a request must be answered.
 *
 * @param nanoTime on the client's clock, which is {@link System#nanoTime()} but in simulations
 */
public record Deadline(long nanoTime) {

    public static Deadline after(Duration duration) {
        return new Deadline(System.nanoTime() + duration.toNanos());
    }

    /** Milliseconds left, 0 when over. */
    public long remainingMillis() {
        return Math.max(0, TimeUnit.NANOSECONDS.toMillis(nanoTime - System.nanoTime()));
    }

    public boolean over() {
        return nanoTime - System.nanoTime() <= 0;
    }
}

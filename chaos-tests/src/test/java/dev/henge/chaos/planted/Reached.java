package dev.henge.chaos.planted;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts how often the place of a planted bug was reached. The changed classes call it; it is loaded once, whatever class
 * loader they are in.
 */
public final class Reached {

    private static final AtomicLong count = new AtomicLong();

    private Reached() {}

    /** What {@code PLANTED} in a replacement stands for: true. */
    public static boolean here() {
        count.incrementAndGet();
        return true;
    }

    static void reset() {
        count.set(0);
    }

    static long count() {
        return count.get();
    }
}

package dev.henge.node.runtime;

/** Monotonic time of this process that begins near 0: {@link System#nanoTime()} alone may be negative or wrap. */
final class MonotonicClock {

    // One second, so that "never" can stand before the first instant.
    private static final long ORIGIN_NANOS = System.nanoTime() - 1_000_000_000L;

    private MonotonicClock() {}

    static long nanoTime() {
        return System.nanoTime() - ORIGIN_NANOS;
    }
}

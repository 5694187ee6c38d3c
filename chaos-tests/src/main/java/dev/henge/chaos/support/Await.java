package dev.henge.chaos.support;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Waits for a condition, within a deadline; never for a time alone. */
public final class Await {

    private static final long POLL_NANOS = Duration.ofMillis(20).toNanos();

    private Await() {}

    /**
     * Tries until a value comes; an exception on the way counts as "not yet", and the last one is shown in the failure.
     *
     * @throws AssertionError when the deadline passes first
     */
    public static <T> T value(String what, Duration atMost, Callable<@Nullable T> attempt) {
        long deadlineNanos = System.nanoTime() + atMost.toNanos();
        while (true) {
            Exception failure = null;
            try {
                T value = attempt.call();
                if (value != null) {
                    return value;
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for: " + what, e);
            } catch (Exception e) {
                failure = e;
            }
            if (System.nanoTime() >= deadlineNanos) {
                throw new AssertionError("not within " + atMost.toMillis() + " ms: " + what, failure);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Tries until the condition holds, as {@link #value} does. */
    public static void until(String what, Duration atMost, Callable<Boolean> condition) {
        Object _ = value(what, atMost, () -> Boolean.TRUE.equals(condition.call()) ? true : null);
    }
}

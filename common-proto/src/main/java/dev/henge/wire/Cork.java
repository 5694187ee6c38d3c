package dev.henge.wire;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Holds back what the current thread sends through any {@link BatchingSender} while it does something, so that what goes to
 * one receiver goes as one batch. What another thread sends meanwhile on the same stream may take it along earlier.
 */
public final class Cork {

    private static final ThreadLocal<@Nullable Set<BatchingSender<?, ?>>> HELD_BACK = new ThreadLocal<>();

    private Cork() {}

    /** Does something, and sends what it has sent once it is over, also when it fails. Within another it is part of that. */
    public static void around(Runnable task) {
        if (HELD_BACK.get() != null) {
            task.run();
            return;
        }
        Set<BatchingSender<?, ?>> held = new LinkedHashSet<>();
        HELD_BACK.set(held);
        try {
            task.run();
        } finally {
            HELD_BACK.remove();
            held.forEach(Cork::resume);
        }
    }

    /** A stream that is of no use any more is told to its owner by gRPC; the others are not to suffer. */
    private static void resume(BatchingSender<?, ?> sender) {
        try {
            sender.resume();
        } catch (RuntimeException e) {
            sender.close();
        }
    }

    /** Whether the sender has to wait, as it will be resumed. */
    static boolean holdsBack(BatchingSender<?, ?> sender) {
        Set<BatchingSender<?, ?>> held = HELD_BACK.get();
        if (held == null) {
            return false;
        }
        held.add(sender);
        return true;
    }
}

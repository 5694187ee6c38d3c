package dev.henge.deploy;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what runs when this process is told to end (SIGTERM, SIGINT), and has the JVM wait for it, within a bound.
 */
final class RunningProcess {

    private static final Logger log = LoggerFactory.getLogger(RunningProcess.class);
    private static final long CLOSE_MILLIS_MAX = 20_000;

    private RunningProcess() {}

    /** From now on, the end of this process closes {@code running} first. */
    static void closeAtExit(AutoCloseable running) {
        closeAtExit(running, Duration.ZERO);
    }

    /** @param notice how much longer than usual closing may take */
    static void closeAtExit(AutoCloseable running, Duration notice) {
        Duration atMost = notice.plusMillis(CLOSE_MILLIS_MAX);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("shutdown").unstarted(() -> close(running, atMost)));
    }

    /** Ends this process, as SIGTERM would, once the process {@code parentPid} has gone. */
    static void endWith(long parentPid) {
        Thread.ofPlatform().daemon().name("parent-watch").start(() -> {
            ProcessHandle.of(parentPid).ifPresent(parent -> parent.onExit().join());
            System.exit(Henge.EXIT_FAILED);
        });
    }

    /** Waits for the end of this process, which comes from outside. */
    static void awaitEnd() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    private static void close(AutoCloseable running, Duration atMost) {
        // Bounded, since a process that can't close must still end: recovery copes with a kill at any point.
        Thread closing = Thread.ofPlatform().name("close").daemon().start(() -> {
            try {
                running.close();
            } catch (Exception e) {
                log.warn("can't close cleanly", e);
            }
        });
        try {
            if (!closing.join(atMost)) {
                log.warn("not closed after {} s; ending all the same", atMost.toSeconds());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}

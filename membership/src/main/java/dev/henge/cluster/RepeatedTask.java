package dev.henge.cluster;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a timer does again and again. A timer never again does what once failed; here the failure is logged, and the next turn comes.
 *
 * @param name of what is done, for the log
 */
public record RepeatedTask(String name, Runnable task) implements Runnable {

    private static final Logger log = LoggerFactory.getLogger(RepeatedTask.class);

    @Override
    public void run() {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("{} failed and is tried again at its next turn", name, e);
        }
    }
}

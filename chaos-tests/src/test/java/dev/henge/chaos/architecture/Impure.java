package dev.henge.chaos.architecture;

import java.nio.file.Path;
import java.util.UUID;

/** Does what protocol code must not, so that the test of the rules has something to catch. */
final class Impure {

    private Impure() {}

    static String everything() {
        return Thread.currentThread().getName() + Path.of("").toAbsolutePath() + System.nanoTime() + UUID.randomUUID();
    }
}

package dev.henge.bench;

import org.jspecify.annotations.Nullable;

/** A bench that can't go on; the message is a sentence for the user. */
final class BenchException extends RuntimeException {
    BenchException(String message) {
        this(message, null);
    }

    BenchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}

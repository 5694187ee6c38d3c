package dev.henge.node;

/** The process can't start; the message is one clear sentence for the person who started it. */
public final class StartupException extends Exception {
    public StartupException(String message) {
        super(message);
    }

    public StartupException(String message, Throwable cause) {
        super(message, cause);
    }
}

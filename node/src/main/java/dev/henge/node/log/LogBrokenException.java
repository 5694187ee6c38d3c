package dev.henge.node.log;

/** A write or a sync of the log failed, or the log was closed: nothing more can be appended, the node must stop. */
public final class LogBrokenException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public LogBrokenException(String message) {
        super(message);
    }

    public LogBrokenException(String message, Throwable cause) {
        super(message, cause);
    }
}

package dev.henge.node;

/** A node stopped by itself, because going on could have lost or corrupted data. */
public final class NodeFaultException extends RuntimeException {
    public NodeFaultException(String message, Throwable cause) {
        super(message, cause);
    }
}

package dev.henge.node;

/** The node's storage is damaged and condemned: the node must be started again, which replaces it. */
public final class StorageReplacedException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public StorageReplacedException(String message, Throwable cause) {
        super(message, cause);
    }
}

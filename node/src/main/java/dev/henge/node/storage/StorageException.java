package dev.henge.node.storage;

/** The storage engine failed: an I/O error, or a checksum that does not match. Nothing was answered from bad data. */
public final class StorageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final boolean outOfSpace;

    public StorageException(String message, Throwable cause) {
        this(message, cause, false);
    }

    StorageException(String message, Throwable cause, boolean outOfSpace) {
        super(message, cause);
        this.outOfSpace = outOfSpace;
    }

    /** Whether it failed for want of disk space: nothing was changed, and the same call works once there is some. */
    public boolean outOfSpace() {
        return outOfSpace;
    }
}

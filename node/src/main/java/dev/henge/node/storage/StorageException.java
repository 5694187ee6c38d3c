package dev.henge.node.storage;

/** The storage engine failed: an I/O error, or a checksum that does not match. Nothing was answered from bad data. */
public final class StorageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Why it failed, as far as it matters to what is to be done. */
    public enum Reason {
        /** See {@link #damage()}. */
        DAMAGE,
        /** See {@link #outOfSpace()}. */
        OUT_OF_SPACE,
        OTHER
    }

    private final Reason reason;

    public StorageException(String message, Throwable cause) {
        this(message, cause, Reason.OTHER);
    }

    public StorageException(String message, Throwable cause, Reason reason) {
        super(message, cause);
        this.reason = reason;
    }

    /**
     * Whether what is stored is damaged: a checksum that does not match, a file that is gone or that the disk can't read.
     * Trying again does not help; the storage must be replaced.
     */
    public boolean damage() {
        return reason == Reason.DAMAGE;
    }

    /** Whether it failed for want of disk space: nothing was changed, and the same call works once there is some. */
    public boolean outOfSpace() {
        return reason == Reason.OUT_OF_SPACE;
    }
}

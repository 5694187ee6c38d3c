package dev.henge.node.storage;

/** The storage engine failed: an I/O error, or a checksum that does not match. Nothing was answered from bad data. */
public final class StorageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What is to be done about it. */
    enum Kind {
        OTHER,
        OUT_OF_SPACE,
        DAMAGE
    }

    private final Kind kind;

    public StorageException(String message, Throwable cause) {
        this(message, cause, Kind.OTHER);
    }

    StorageException(String message, Throwable cause, Kind kind) {
        super(message, cause);
        this.kind = kind;
    }

    /** Whether it failed for want of disk space: nothing was changed, and the same call works once there is some. */
    public boolean outOfSpace() {
        return kind == Kind.OUT_OF_SPACE;
    }

    /**
     * Whether what is stored is damaged: a checksum that does not match, a file that is gone or that the disk can't read.
     * Trying again does not help; the storage must be replaced.
     */
    public boolean damage() {
        return kind == Kind.DAMAGE;
    }
}

package dev.henge.node.storage;

/** The storage engine failed: an I/O error, or a checksum that does not match. Nothing was answered from bad data. */
public final class StorageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final boolean damage;

    public StorageException(String message, Throwable cause) {
        this(message, cause, false);
    }

    /** @param damage what is stored can't be read, and won't be by trying again */
    public StorageException(String message, Throwable cause, boolean damage) {
        super(message, cause);
        this.damage = damage;
    }

    /**
     * Whether what is stored is damaged: a checksum that does not match, a file that is gone or that the disk can't read.
     * Trying again does not help; the storage must be replaced.
     */
    public boolean damage() {
        return damage;
    }
}

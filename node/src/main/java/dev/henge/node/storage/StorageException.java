package dev.henge.node.storage;

/** The storage engine failed: an I/O error, or a checksum that does not match. Nothing was answered from bad data. */
public final class StorageException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public StorageException(String message, Throwable cause) {
        super(message, cause);
    }
}

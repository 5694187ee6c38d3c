package dev.henge.item;

/** Bytes that are no item, value or key in the binary form; the message says what is wrong and where. */
public final class CorruptItemException extends RuntimeException {

    CorruptItemException(String message) {
        super(message);
    }
}

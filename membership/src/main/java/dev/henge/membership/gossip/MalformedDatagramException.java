package dev.henge.membership.gossip;

/** A datagram that no member sent like this. */
final class MalformedDatagramException extends Exception {

    MalformedDatagramException(String message) {
        super(message);
    }

    MalformedDatagramException(String message, Throwable cause) {
        super(message, cause);
    }
}

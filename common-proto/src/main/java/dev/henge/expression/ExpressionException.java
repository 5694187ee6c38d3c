package dev.henge.expression;

/**
 * An expression that the service refuses, or an update that it refuses on the item at hand. The message is the text of
 * its ValidationException. Carries no stack trace: it is an answer to the client, not a fault.
 */
public final class ExpressionException extends RuntimeException {

    ExpressionException(String message) {
        super(message, null, false, false);
    }
}

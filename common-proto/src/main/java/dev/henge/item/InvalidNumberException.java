package dev.henge.item;

/** A number that DynamoDB refuses; the message is the text of the service's ValidationException. */
public final class InvalidNumberException extends IllegalArgumentException {

    static final String NOT_NUMERIC = "The parameter cannot be converted to a numeric value";
    static final String TOO_MANY_DIGITS = "Attempting to store more than 38 significant digits in a Number";
    static final String OVERFLOW =
            "Number overflow. Attempting to store a number with magnitude larger than supported range";
    static final String UNDERFLOW =
            "Number underflow. Attempting to store a number with magnitude smaller than supported range";

    InvalidNumberException(String message) {
        super(message);
    }
}

package dev.henge.router.api;

import org.jspecify.annotations.Nullable;

/** An error to answer the client with. Expected, so it carries no stack trace. */
final class ApiException extends RuntimeException {

    private final ErrorType type;
    private final transient byte @Nullable [] item;

    ApiException(ErrorType type, @Nullable String message) {
        this(type, message, null);
    }

    /** @param item the old item in binary form, to be shown with a failed condition */
    ApiException(ErrorType type, @Nullable String message, byte @Nullable [] item) {
        super(message, null, false, false);
        this.type = type;
        this.item = item;
    }

    static ApiException validation(String message) {
        return new ApiException(ErrorType.VALIDATION, message);
    }

    /** For what the service reports as "One or more parameter values were invalid". */
    static ApiException invalidParameter(String detail) {
        return validation("One or more parameter values were invalid: " + detail);
    }

    static ApiException serialization(@Nullable String message) {
        return new ApiException(ErrorType.SERIALIZATION, message);
    }

    /** For what the service can do and Henge can't yet: said aloud, never ignored. */
    static ApiException notSupportedYet(String what) {
        return validation(what + " is not supported by Henge yet");
    }

    ErrorType type() {
        return type;
    }

    byte @Nullable [] item() {
        return item;
    }
}

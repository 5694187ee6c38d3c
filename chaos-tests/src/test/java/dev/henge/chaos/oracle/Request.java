package dev.henge.chaos.oracle;

import java.util.Map;

/**
 * One request of the JSON protocol.
 *
 * @param operation its name, without the API's version
 * @param body the JSON, perhaps malformed
 * @param origin what made it, for the report: {@code valid}, or how it was spoiled
 */
record Request(String operation, String body, String origin) {

    private static final int SHOWN_CHARS_MAX = 8_000;

    static Request of(String operation, Map<String, Object> body) {
        return new Request(operation, Json.write(body), "valid");
    }

    @Override
    public String toString() {
        return operation + " " + shortened(body) + "  (" + origin + ")";
    }

    /** The text, its middle left out when it is very long. */
    static String shortened(String text) {
        if (text.length() <= SHOWN_CHARS_MAX) {
            return text;
        }
        int half = SHOWN_CHARS_MAX / 2;
        return text.substring(0, half) + " ... " + (text.length() - 2 * half) + " more characters ... "
                + text.substring(text.length() - half);
    }
}

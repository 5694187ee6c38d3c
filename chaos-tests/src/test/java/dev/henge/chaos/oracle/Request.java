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

    static Request of(String operation, Map<String, Object> body) {
        return new Request(operation, Json.write(body), "valid");
    }

    @Override
    public String toString() {
        return operation + " " + body + "  (" + origin + ")";
    }
}

package dev.henge.chaos.oracle;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What an endpoint answered.
 *
 * @param status of HTTP
 * @param body the JSON, as a tree
 */
record Answer(int status, Map<String, Object> body) {

    boolean succeeded() {
        return status == 200;
    }

    /** The exception's name, with the shape's prefix; empty when it succeeded. */
    String type() {
        return String.valueOf(body.getOrDefault("__type", ""));
    }

    /** The exception's name alone. */
    String error() {
        return type().substring(type().indexOf('#') + 1);
    }

    String message() {
        return String.valueOf(body.getOrDefault("message", body.getOrDefault("Message", "")));
    }

    boolean isValidation(String message) {
        return error().equals("ValidationException") && message().equals(message);
    }

    Answer without(String member) {
        Map<String, Object> rest = new LinkedHashMap<>(body);
        rest.remove(member);
        return new Answer(status, rest);
    }

    Answer with(String member, Object value) {
        Map<String, Object> changed = new LinkedHashMap<>(body);
        changed.put(member, value);
        return new Answer(status, changed);
    }

    /** The whole of it as one text, members sorted. */
    String canonical() {
        return status + " " + Json.canonical(body);
    }

    @Override
    public String toString() {
        return status + " " + Request.shortened(Json.write(body));
    }
}

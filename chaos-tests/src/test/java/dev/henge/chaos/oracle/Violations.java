package dev.henge.chaos.oracle;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Looks into the request whether each violation that an answer names is one. */
final class Violations {

    private static final Pattern MESSAGE = Pattern.compile("(?s)(\\d+) validation errors? detected: (Value .*)");
    private static final Pattern VIOLATION = Pattern.compile(
            "(?s)Value (?:null|'.*') at '([^']*)' failed to satisfy constraint: (?:Member must |Map )(.*)");
    private static final Pattern BOUND =
            Pattern.compile("have (length|value) (greater|less) than or equal to (-?\\d+)");
    private static final Pattern VALUES = Pattern.compile("satisfy enum value set: \\[(.*)\\]");

    private Violations() {}

    static boolean hold(Map<String, Object> request, Answer answer) {
        Matcher message = MESSAGE.matcher(answer.message());
        if (!answer.error().equals("ValidationException") || !message.matches()) {
            return false;
        }
        String[] violations = message.group(2).split("; (?=Value )", -1);
        return Integer.toString(violations.length).equals(message.group(1))
                && Arrays.stream(violations).allMatch(violation -> holds(request, violation));
    }

    private static boolean holds(Map<String, Object> request, String violation) {
        Matcher parts = VIOLATION.matcher(violation);
        if (!parts.matches()) {
            return false;
        }
        Object value = at(request, parts.group(1));
        String constraint = parts.group(2);
        if (constraint.equals("not be null")) {
            return value == null;
        }
        if (value == null) {
            return false;
        }
        if (constraint.startsWith("keys must satisfy constraint")) {
            return value instanceof Map<?, ?> map && !map.keySet().stream().allMatch(name -> isName((String) name));
        }
        if (constraint.startsWith("value must satisfy constraint")) {
            return value instanceof Map<?, ?> map
                    && map.values().stream()
                            .anyMatch(list -> list instanceof List<?> each && (each.isEmpty() || each.size() > 25));
        }
        if (constraint.startsWith("satisfy regular expression pattern")) {
            return value instanceof String text && !text.matches("[a-zA-Z0-9_.-]+");
        }
        Matcher values = VALUES.matcher(constraint);
        if (values.matches()) {
            return value instanceof String text
                    && !Arrays.asList(values.group(1).split(", ", -1)).contains(text);
        }
        Matcher bound = BOUND.matcher(constraint);
        return bound.matches() && outOf(value, bound.group(1), bound.group(2), Long.parseLong(bound.group(3)));
    }

    private static boolean isName(String name) {
        return name.matches("[a-zA-Z0-9_.-]{3,255}");
    }

    private static boolean outOf(Object value, String measure, String side, long bound) {
        long size =
                switch (value) {
                    case BigDecimal number
                    when measure.equals("value") ->
                        number.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
                    case String text -> text.length();
                    case List<?> list -> list.size();
                    case Map<?, ?> map -> map.size();
                    default -> throw new IllegalArgumentException("no " + measure + " of " + value);
                };
        return side.equals("greater") ? size < bound : size > bound;
    }

    /**
     * What stands at such a path, e.g. {@code requestItems.Orders.member.keys}; null when nothing does. Keys of maps may
     * hold dots.
     */
    private static @Nullable Object at(Map<String, Object> request, String path) {
        return at(request, List.of(path.split("\\.", -1)));
    }

    private static @Nullable Object at(@Nullable Object value, List<String> steps) {
        if (steps.isEmpty()) {
            return value == Json.Null.NULL ? null : value;
        }
        String first = steps.getFirst();
        if (first.equals("member")) {
            return at(value, steps.subList(1, steps.size()));
        }
        if (value instanceof List<?> list && first.matches("\\d+") && Integer.parseInt(first) <= list.size()) {
            return at(list.get(Integer.parseInt(first) - 1), steps.subList(1, steps.size()));
        }
        if (!(value instanceof Map<?, ?> map)) {
            return null;
        }
        Map<String, Object> object = Json.asObject(map);
        for (int length = 1; length <= steps.size(); length++) {
            String key = String.join(".", steps.subList(0, length));
            String member = key.isEmpty() ? key : key.substring(0, 1).toUpperCase(Locale.ROOT) + key.substring(1);
            for (String name : List.of(key, member)) {
                if (object.containsKey(name)) {
                    return at(object.get(name), steps.subList(length, steps.size()));
                }
            }
        }
        return null;
    }
}

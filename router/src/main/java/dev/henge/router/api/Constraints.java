package dev.henge.router.api;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Collects the violations of the service model's constraints (lengths, ranges, enums, required members) and reports
 * them as the service's request framework does: all in one message, ten at most.
 */
final class Constraints {

    static final int NAME_LENGTH_MIN = 3;
    static final int NAME_LENGTH_MAX = 255;

    private static final int REPORTED_MAX = 10;

    private final List<String> violations = new ArrayList<>(0);

    /** Throws a ValidationException when anything was violated. */
    void check() {
        if (violations.isEmpty()) {
            return;
        }
        throw ApiException.validation(violations.size() + " validation error" + (violations.size() > 1 ? "s" : "")
                + " detected: " + String.join("; ", violations));
    }

    /** Notes a violation of the member at {@code path}, e.g. {@code requestItems.Orders.member.keys}. */
    void violated(@Nullable Object value, String path, String constraint) {
        if (violations.size() == REPORTED_MAX) {
            return;
        }
        String shown = value == null ? "null" : "'" + value + "'";
        violations.add("Value " + shown + " at '" + path + "' failed to satisfy constraint: " + constraint);
    }

    void notNull(@Nullable Object value, String path) {
        if (value == null) {
            violated(null, path, "Member must not be null");
        }
    }

    void atLeast(@Nullable Number value, long min, String path) {
        if (value != null && value.longValue() < min) {
            violated(value, path, "Member must have value greater than or equal to " + min);
        }
    }

    void atMost(@Nullable Number value, long max, String path) {
        if (value != null && value.longValue() > max) {
            violated(value, path, "Member must have value less than or equal to " + max);
        }
    }

    /** Bounds the length of a string, or of what {@code shown} stands for. */
    void length(@Nullable Object shown, int length, int min, int max, String path) {
        if (shown == null) {
            return;
        }
        if (length < min) {
            violated(shown, path, "Member must have length greater than or equal to " + min);
        }
        if (length > max) {
            violated(shown, path, "Member must have length less than or equal to " + max);
        }
    }

    /** A table or index name that must be there. */
    void requiredName(@Nullable String name, String path) {
        notNull(name, path);
        name(name, path);
    }

    void name(@Nullable String name, String path) {
        if (name == null) {
            return;
        }
        if (!hasNameCharacters(name)) {
            violated(name, path, "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
        }
        length(name, name.length(), NAME_LENGTH_MIN, NAME_LENGTH_MAX, path);
    }

    /** The names of tables that are the keys of a map; ARNs are taken too. */
    void tableNameKeys(Set<String> names, String path) {
        for (String nameOrArn : names) {
            String name = TableNames.plain(nameOrArn);
            if (name != null
                    && name.length() >= NAME_LENGTH_MIN
                    && name.length() <= NAME_LENGTH_MAX
                    && hasNameCharacters(name)) {
                continue;
            }
            violated(
                    "[" + nameOrArn + "]",
                    path,
                    "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must"
                            + " have length greater than or equal to 3, Member must satisfy regular expression pattern:"
                            + " [a-zA-Z0-9_.-]+]");
        }
    }

    static boolean hasNameCharacters(String name) {
        if (name.isEmpty()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean legal = (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '_'
                    || c == '.'
                    || c == '-';
            if (!legal) {
                return false;
            }
        }
        return true;
    }

    /** The enum constant of this name, or {@code absent} when it is null or a violation. */
    <E extends Enum<E>> E oneOf(@Nullable String value, Class<E> type, E absent, String path) {
        E constant = oneOfOrNull(value, type, path);
        return constant == null ? absent : constant;
    }

    /** The enum constant of this name, or null when it is null or a violation. */
    <E extends Enum<E>> @Nullable E oneOfOrNull(@Nullable String value, Class<E> type, String path) {
        if (value == null) {
            return null;
        }
        for (E constant : type.getEnumConstants()) {
            if (constant.name().equals(value)) {
                return constant;
            }
        }
        String names =
                Arrays.stream(type.getEnumConstants()).map(Enum::name).collect(Collectors.joining(", ", "[", "]"));
        violated(value, path, "Member must satisfy enum value set: " + names);
        return null;
    }
}

package dev.henge.expression;

import dev.henge.item.AttributeValue;
import dev.henge.item.Utf8;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * ExpressionAttributeNames and ExpressionAttributeValues of one request. Remembers what its expressions used, so that
 * what they did not can be refused after all are resolved. For one thread.
 */
public final class Placeholders {

    private static final Pattern NAME_KEY = Pattern.compile("#[A-Za-z0-9_]+");
    private static final Pattern VALUE_KEY = Pattern.compile(":[A-Za-z0-9_]+");

    private static final int KEY_LENGTH_MAX = 255;
    private static final int NAME_BYTES_MAX = 65_535;

    private static final String NAMES = "ExpressionAttributeNames";
    private static final String VALUES = "ExpressionAttributeValues";
    private static final String INVALID_KEY = " contains invalid key: ";
    private static final String TOO_LONG = "The expression attribute map contains a key that is too long;";

    private final Map<String, String> names;
    private final Map<String, AttributeValue> values;
    private final Set<String> usedNames = new HashSet<>();
    private final Set<String> usedValues = new HashSet<>();

    /**
     * @param names by placeholder with its number sign, as {@link #checkedNames} gives them; empty when the request has
     *     none
     * @param values by placeholder with its colon, which {@link #checkValueKeys} let pass; empty when the request has
     *     none
     */
    public Placeholders(Map<String, String> names, Map<String, AttributeValue> values) {
        this.names = Map.copyOf(names);
        this.values = values;
    }

    /**
     * The names of a request, each of which must have a placeholder for its key and be a name.
     *
     * @throws ExpressionException with the service's text when one is not
     */
    public static Map<String, String> checkedNames(Map<String, @Nullable String> names) {
        for (String key : names.keySet()) {
            if (key.length() > KEY_LENGTH_MAX) {
                throw new ExpressionException(NAMES + INVALID_KEY + TOO_LONG + " size of key: " + key.length());
            }
            checkKey(NAMES, key, NAME_KEY);
        }
        Map<String, String> checked = LinkedHashMap.newLinkedHashMap(names.size());
        names.forEach((key, name) -> {
            if (name == null) {
                throw new ExpressionException(NAMES + " contains invalid value: null for key " + key);
            }
            if (name.isEmpty()) {
                throw new ExpressionException(NAMES + " contains invalid value: Empty attribute name for key " + key);
            }
            if (name.length() > NAME_BYTES_MAX / 3 && Utf8.length(name) > NAME_BYTES_MAX) {
                throw new ExpressionException(NAMES + " contains invalid value: Attribute name is too large, must be "
                        + "less than 65536 bytes for key " + key);
            }
            checked.put(key, name);
        });
        return checked;
    }

    /**
     * Checks the keys of a request's values.
     *
     * @throws ExpressionException with the service's text when one is no placeholder
     */
    public static void checkValueKeys(Set<String> keys) {
        for (String key : keys) {
            if (key.length() > KEY_LENGTH_MAX) {
                throw new ExpressionException(VALUES + INVALID_KEY + TOO_LONG);
            }
            checkKey(VALUES, key, VALUE_KEY);
        }
    }

    private static void checkKey(String parameter, String key, Pattern pattern) {
        if (key.isEmpty()) {
            throw new ExpressionException(
                    parameter + INVALID_KEY + "The expression attribute map contains an empty key;");
        }
        if (!pattern.matcher(key).matches()) {
            throw new ExpressionException(parameter + INVALID_KEY + "Syntax error; key: \"" + key + "\"");
        }
    }

    /**
     * To be called when all expressions of the request are resolved.
     *
     * @throws ExpressionException when some name or value stands in none of them
     */
    public void requireAllUsed() {
        requireAllUsed(NAMES, names.keySet(), usedNames);
        requireAllUsed(VALUES, values.keySet(), usedValues);
    }

    private static void requireAllUsed(String parameter, Collection<String> given, Set<String> used) {
        if (used.size() == given.size()) {
            return;
        }
        List<String> unused =
                given.stream().filter(key -> !used.contains(key)).sorted().toList();
        throw new ExpressionException(
                "Value provided in " + parameter + " unused in expressions: keys: {" + String.join(", ", unused) + "}");
    }

    String name(ExpressionKind kind, String placeholder) {
        String name = names.get(placeholder);
        if (name == null) {
            throw kind.invalid("An expression attribute name used in the document path is not defined;"
                    + " attribute name: " + placeholder);
        }
        usedNames.add(placeholder);
        return name;
    }

    AttributeValue value(ExpressionKind kind, String placeholder) {
        AttributeValue value = values.get(placeholder);
        if (value == null) {
            throw kind.invalid(
                    "An expression attribute value used in expression is not defined; attribute value: " + placeholder);
        }
        usedValues.add(placeholder);
        return value;
    }
}

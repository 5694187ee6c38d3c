package dev.henge.expression;

import dev.henge.item.AttributeValue;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * ExpressionAttributeNames and ExpressionAttributeValues of one request. Remembers what its expressions used, so that
 * what they did not can be refused after all are resolved. For one thread.
 */
public final class Placeholders {

    private static final Pattern NAME_KEY = Pattern.compile("#[A-Za-z0-9_]+");
    private static final Pattern VALUE_KEY = Pattern.compile(":[A-Za-z0-9_]+");

    private final Map<String, String> names;
    private final Map<String, AttributeValue> values;
    private final Set<String> usedNames = new HashSet<>();
    private final Set<String> usedValues = new HashSet<>();

    /**
     * @param names by placeholder with its number sign; empty when the request has none
     * @param values by placeholder with its colon; empty when the request has none
     * @throws ExpressionException when a key is no placeholder
     */
    public Placeholders(Map<String, String> names, Map<String, AttributeValue> values) {
        checkKeys("ExpressionAttributeNames", names.keySet(), NAME_KEY);
        checkKeys("ExpressionAttributeValues", values.keySet(), VALUE_KEY);
        this.names = Map.copyOf(names);
        this.values = values;
    }

    private static void checkKeys(String parameter, Set<String> keys, Pattern pattern) {
        for (String key : keys) {
            if (!pattern.matcher(key).matches()) {
                throw new ExpressionException(parameter + " contains invalid key: Syntax error; key: \"" + key + "\"");
            }
        }
    }

    /**
     * To be called when all expressions of the request are resolved.
     *
     * @throws ExpressionException when some name or value stands in none of them
     */
    public void requireAllUsed() {
        requireAllUsed("ExpressionAttributeNames", names.keySet(), usedNames);
        requireAllUsed("ExpressionAttributeValues", values.keySet(), usedValues);
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

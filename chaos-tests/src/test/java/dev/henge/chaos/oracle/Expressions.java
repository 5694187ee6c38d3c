package dev.henge.chaos.oracle;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Writes the expressions of one request from their grammar, and collects the placeholders they use. A few in a hundred
 * are wrong in themselves: a placeholder not defined or not used, a reserved word, a function misused, a token too many.
 */
final class Expressions {

    private static final List<String> SIMPLE = Values.NAMES.stream()
            .filter(name -> name.matches("[a-zA-Z_][a-zA-Z0-9_]*"))
            .filter(name -> !List.of("Name", "status").contains(name))
            .toList();

    private final Chance chance;
    private final Values values;
    private final OracleTable table;
    private final Map<String, Object> names = new LinkedHashMap<>();
    private final Map<String, Object> placed = new LinkedHashMap<>();

    Expressions(Chance chance, Values values, OracleTable table) {
        this.chance = chance;
        this.values = values;
        this.table = table;
    }

    /** Adds the placeholders to the request, perhaps one too many or one too few. */
    void addPlaceholders(Map<String, Object> request) {
        if (chance.percent(2)) {
            names.put("#unused", "a");
        }
        if (chance.percent(2)) {
            placed.put(":unused", values.string());
        }
        if (chance.percent(1) && !names.isEmpty()) {
            names.remove(chance.of(new ArrayList<>(names.keySet())));
        }
        if (chance.percent(1) && !placed.isEmpty()) {
            placed.remove(chance.of(new ArrayList<>(placed.keySet())));
        }
        if (!names.isEmpty()) {
            request.put("ExpressionAttributeNames", names);
        }
        if (!placed.isEmpty()) {
            request.put("ExpressionAttributeValues", placed);
        }
    }

    String condition() {
        return spoiled(condition(chance.of(0, 0, 1, 1, 2, 3)));
    }

    private String condition(int depth) {
        if (depth > 0) {
            return switch (chance.below(5)) {
                case 0 -> condition(depth - 1) + word("AND") + condition(depth - 1);
                case 1 -> condition(depth - 1) + word("OR") + condition(depth - 1);
                case 2 -> "NOT " + condition(depth - 1);
                case 3 -> "(" + condition(depth - 1) + ")";
                default -> leaf();
            };
        }
        return leaf();
    }

    private String leaf() {
        String attribute = attribute();
        return switch (chance.below(11)) {
            case 0, 1, 2 -> path(attribute) + " " + comparator() + " " + operand(attribute);
            case 3 -> path(attribute) + word("BETWEEN") + operand(attribute) + word("AND") + operand(attribute);
            case 4 -> path(attribute) + word("IN") + "(" + list(attribute) + ")";
            case 5 -> "attribute_exists(" + path(attribute) + ")";
            case 6 -> "attribute_not_exists(" + path(attribute) + ")";
            case 7 ->
                "attribute_type(" + path(attribute) + ", "
                        + value(Json.object(
                                "S",
                                chance.percent(95)
                                        ? chance.of("S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS")
                                        : chance.of("X", "s", "")))
                        + ")";
            case 8 -> "begins_with(" + path(attribute) + ", " + operand(attribute) + ")";
            case 9 -> "contains(" + path(attribute) + ", " + element(attribute) + ")";
            default ->
                "size(" + path(attribute) + ") " + comparator() + " "
                        + value(Json.object("N", Integer.toString(chance.below(6))));
        };
    }

    private String word(String keyword) {
        return " " + (chance.percent(15) ? keyword.toLowerCase(Locale.ROOT) : keyword) + " ";
    }

    private String comparator() {
        return chance.percent(99) ? chance.of("=", "<>", "<", "<=", ">", ">=") : chance.of("==", "!=", "=<", "!");
    }

    private String list(String attribute) {
        List<String> operands = new ArrayList<>();
        int count = chance.between(1, 4);
        for (int i = 0; i < count; i++) {
            operands.add(operand(attribute));
        }
        return String.join(", ", operands);
    }

    /** A value that suits the attribute, or a path, or a size. */
    private String operand(String attribute) {
        int choice = chance.below(20);
        if (choice < 15) {
            return value(table.isKey(attribute) ? keyValue(attribute) : values.usual(attribute));
        }
        if (choice < 16) {
            return "size(" + path(attribute()) + ")";
        }
        return path(attribute());
    }

    private Map<String, Object> keyValue(String attribute) {
        OracleTable.Key key = table.allKeys().get(attribute);
        return key == null ? values.any(1) : values.sortValue(key);
    }

    private String element(String attribute) {
        return switch (attribute) {
            case "ss", "s" -> value(values.string());
            case "ns" -> value(values.number());
            case "bs", "bin" -> value(values.binary());
            default -> operand(attribute);
        };
    }

    private String attribute() {
        if (chance.percent(8)) {
            return chance.of(table.keys()).name();
        }
        return chance.of(Values.NAMES);
    }

    String path() {
        return path(attribute());
    }

    private String path(String attribute) {
        StringBuilder path = new StringBuilder(name(attribute));
        boolean nested = attribute.equals("m") || attribute.equals("l");
        int steps = chance.percent(nested ? 50 : 6) ? chance.between(1, 3) : 0;
        for (int i = 0; i < steps; i++) {
            boolean index = attribute.equals("l") && i == 0 ? chance.percent(90) : chance.percent(35);
            if (index) {
                path.append('[')
                        .append(chance.percent(97) ? chance.below(5) : 99_999_999_999L)
                        .append(']');
            } else {
                path.append('.').append(name(chance.of("a", "c", "n", "s", "m", "l", "Name", "x.y")));
            }
        }
        return path.toString();
    }

    private String name(String attribute) {
        boolean simple = SIMPLE.contains(attribute)
                || table.isKey(attribute)
                || (attribute.equals("Name") && chance.percent(2))
                || chance.percent(1);
        if (simple && chance.percent(65)) {
            return attribute;
        }
        for (Map.Entry<String, Object> entry : names.entrySet()) {
            if (entry.getValue().equals(attribute)) {
                return entry.getKey();
            }
        }
        String placeholder = "#n" + names.size();
        names.put(placeholder, attribute);
        return placeholder;
    }

    private String value(Map<String, Object> value) {
        if (!placed.isEmpty() && chance.percent(5)) {
            return chance.of(new ArrayList<>(placed.keySet()));
        }
        String placeholder = ":v" + placed.size();
        placed.put(placeholder, chance.percent(1) ? values.bad() : value);
        return placeholder;
    }

    String projection() {
        List<String> paths = new ArrayList<>();
        int count = chance.between(1, 4);
        for (int i = 0; i < count; i++) {
            paths.add(path());
        }
        return spoiled(String.join(chance.of(",", ", ", " , "), paths));
    }

    /** A condition on the key of the table or of the index. */
    String keyCondition(OracleTable.Key partition, OracleTable.@org.jspecify.annotations.Nullable Key sort) {
        Map<String, Object> wanted =
                partition.equals(table.partitionKey()) ? values.partitionValue(partition) : values.sortValue(partition);
        String first = name(partition.name()) + " = " + value(wanted);
        if (sort == null || chance.percent(35)) {
            return chance.percent(3) ? "(" + first + ")" : spoiled(first);
        }
        String name = name(sort.name());
        String second =
                switch (chance.below(8)) {
                    case 0, 1 -> name + " = " + value(values.sortValue(sort));
                    case 2, 3 -> name + " " + chance.of("<", "<=", ">", ">=") + " " + value(values.sortValue(sort));
                    case 4, 5 ->
                        name
                                + word("BETWEEN")
                                + value(values.sortValue(sort))
                                + word("AND")
                                + value(values.sortValue(sort));
                    case 6 -> "begins_with(" + name + ", " + value(values.sortValue(sort)) + ")";
                    default ->
                        chance.percent(80)
                                ? name + " >= " + value(values.sortValue(sort))
                                : chance.of(
                                        name + " <> " + value(values.sortValue(sort)),
                                        "contains(" + name + ", " + value(values.sortValue(sort)) + ")",
                                        name + " IN (" + value(values.sortValue(sort)) + ")",
                                        "attribute_exists(" + name + ")",
                                        "NOT " + name + " = " + value(values.sortValue(sort)),
                                        value(values.sortValue(sort)) + " < " + name,
                                        name + " = " + name);
                };
        String both = chance.percent(85) ? first + word("AND") + second : second + word("AND") + first;
        if (chance.percent(1)) {
            both = first + " OR " + second;
        }
        if (chance.percent(1)) {
            both = both + " AND " + second;
        }
        return spoiled(both);
    }

    String update() {
        List<String> clauses = new ArrayList<>();
        if (chance.percent(65)) {
            clauses.add(word("SET").strip() + " " + several(this::assignment));
        }
        if (chance.percent(25)) {
            clauses.add(word("REMOVE").strip() + " " + several(() -> path(updated())));
        }
        if (chance.percent(20)) {
            clauses.add(word("ADD").strip() + " " + several(this::addition));
        }
        if (chance.percent(12) || clauses.isEmpty()) {
            clauses.add(word("DELETE").strip() + " " + several(this::deletion));
        }
        if (chance.percent(1)) {
            clauses.add("REMOVE " + path(updated()));
        }
        Collections.shuffle(clauses, new java.util.Random(chance.below(1_000_000)));
        return spoiled(String.join(" ", clauses));
    }

    private interface Part {
        String write();
    }

    private String several(Part part) {
        List<String> parts = new ArrayList<>();
        int count = chance.of(1, 1, 1, 2, 2, 3);
        for (int i = 0; i < count; i++) {
            parts.add(part.write());
        }
        return parts.stream().distinct().collect(Collectors.joining(", "));
    }

    /** Mostly none of the key. */
    private String updated() {
        String attribute = chance.of(Values.NAMES);
        return table.isKey(attribute) && chance.percent(90) ? "a" : chance.percent(1) ? attribute() : attribute;
    }

    private String assignment() {
        String attribute = updated();
        String target = path(attribute);
        return target + " = "
                + switch (chance.below(12)) {
                    case 0, 1, 2, 3 -> value(values.attribute(table, attribute));
                    case 4 -> path(attribute());
                    case 5 -> term("n") + chance.of(" + ", " - ", "+", "-") + term("n");
                    case 6 -> "if_not_exists(" + path(attribute()) + ", " + setOperand(attribute) + ")";
                    case 7 -> "list_append(" + listOperand() + ", " + listOperand() + ")";
                    case 8 -> target + " + " + value(values.number());
                    case 9 ->
                        "if_not_exists(" + target + ", " + value(values.number()) + ") + " + value(values.number());
                    case 10 -> chance.percent(20) ? "size(" + path(attribute) + ")" : value(values.any(2));
                    default -> value(values.any(2));
                };
    }

    private String term(String attribute) {
        return chance.percent(50) ? path(attribute) : value(chance.percent(95) ? values.number() : values.any(1));
    }

    private String setOperand(String attribute) {
        return chance.percent(70) ? value(values.attribute(table, attribute)) : path(attribute());
    }

    private String listOperand() {
        return chance.percent(40)
                ? path("l")
                : value(chance.percent(90) ? Json.object("L", List.of(values.any(1))) : values.any(1));
    }

    private String addition() {
        String attribute = chance.of("n", "ss", "ns", "bs", "n", "a", "m", updated());
        if (table.isKey(attribute)) {
            attribute = "a";
        }
        return path(attribute) + " " + value(chance.percent(30) ? values.number() : values.usual(attribute));
    }

    private String deletion() {
        String attribute = chance.of("ss", "ns", "bs", "ss", "a", updated());
        if (table.isKey(attribute)) {
            attribute = "ss";
        }
        return path(attribute) + " " + value(values.usual(attribute));
    }

    /** Two in a hundred get a token too many, too few or in the wrong place. */
    private String spoiled(String expression) {
        if (!chance.percent(2)) {
            return expression;
        }
        List<String> tokens = new ArrayList<>(List.of(expression.split(" ", -1)));
        int at = chance.below(tokens.size());
        switch (chance.below(6)) {
            case 0 -> tokens.remove(at);
            case 1 -> tokens.add(at, tokens.get(at));
            case 2 ->
                tokens.add(
                        at,
                        chance.of(
                                "(", ")", "AND", ",", "=", "!", "?", ":", "#", "'a'", "1", "\"a\"", "foo(a)",
                                "BETWEEN"));
            case 3 -> Collections.swap(tokens, at, chance.below(tokens.size()));
            case 4 -> tokens.clear();
            default ->
                tokens.set(
                        at,
                        chance.of(
                                "",
                                "+",
                                "&",
                                "attribute_exists",
                                "size()",
                                "IN",
                                "a.",
                                "a[",
                                "a[]",
                                "a[-1]",
                                "a[x]",
                                ".a",
                                ":"));
        }
        return String.join(" ", tokens);
    }
}

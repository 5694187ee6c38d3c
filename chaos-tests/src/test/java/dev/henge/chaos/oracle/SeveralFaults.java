package dev.henge.chaos.oracle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds out whether two different errors are those of a request with two faults, of which each endpoint names another.
 * They are when the request, with some place of it taken away, makes one endpoint say what the other has said of the
 * whole. In which order the service looks at things is not for DynamoDB Local to say: it looks at the table first, for
 * one, and at each parameter where it comes to use it.
 */
final class SeveralFaults {

    private static final int TRIES_MAX = 200;
    private static final Set<String> REQUIRED =
            Set.of("TableName", "Key", "Item", "KeyConditionExpression", "KeyConditions", "RequestItems");
    private static final Pattern SECTION =
            Pattern.compile("(?i)\\b(SET|REMOVE|ADD|DELETE) (.*?)(?= (?:SET|REMOVE|ADD|DELETE) |$)", Pattern.DOTALL);

    private SeveralFaults() {}

    static boolean explain(Exchange exchange, Function<Request, Exchange> again) {
        if (exchange.local().succeeded()
                || exchange.henge().succeeded()
                || exchange.local().status() >= 500
                || exchange.henge().status() >= 500) {
            return false;
        }
        int tries = 0;
        for (Map<String, Object> variant : variants(exchange.parameters())) {
            if (tries++ >= TRIES_MAX) {
                return false;
            }
            Exchange other =
                    again.apply(new Request(exchange.request().operation(), Json.write(variant), "one fault less"));
            if (!other.local().succeeded() && KnownTexts.same(other.local(), exchange.henge())) {
                return true;
            }
            if (!other.henge().succeeded() && KnownTexts.same(exchange.local(), other.henge())) {
                return true;
            }
        }
        return false;
    }

    /** Those that are likely to tell the faults apart first. */
    private static List<Map<String, Object>> variants(Map<String, Object> parameters) {
        List<Map<String, Object>> variants = new ArrayList<>();
        for (String name : parameters.keySet()) {
            Map<String, Object> variant = new LinkedHashMap<>(parameters);
            variant.remove(name);
            variants.add(onlyUsed(variant));
        }
        parameters.forEach((name, value) -> {
            if (name.endsWith("Expression") && value instanceof String text) {
                for (String smaller : smallerExpressions(text)) {
                    Map<String, Object> variant = new LinkedHashMap<>(parameters);
                    variant.put(name, smaller);
                    variants.add(onlyUsed(variant));
                }
            }
        });
        addWithoutOptions(parameters, variants);
        addPairs(parameters, variants);
        addOthers(parameters, variants);
        for (Object smaller : Reduction.withoutOne(parameters)) {
            Map<String, Object> variant = Json.asObject(smaller);
            variants.add(variant);
            if (!onlyUsed(variant).equals(variant)) {
                variants.add(onlyUsed(variant));
            }
        }
        return variants;
    }

    /** What an operation can't do without, and one parameter more. */
    private static void addWithoutOptions(Map<String, Object> parameters, List<Map<String, Object>> variants) {
        Map<String, Object> bare = new LinkedHashMap<>(parameters);
        bare.keySet().retainAll(REQUIRED);
        variants.add(bare);
        parameters.forEach((name, value) -> {
            if (!bare.containsKey(name) && !name.startsWith("ExpressionAttribute")) {
                Map<String, Object> variant = new LinkedHashMap<>(parameters);
                variant.keySet()
                        .removeIf(other -> !REQUIRED.contains(other)
                                && !other.equals(name)
                                && !other.startsWith("ExpressionAttribute"));
                variants.add(onlyUsed(variant));
            }
        });
    }

    /** Without two parameters, which may need each other. */
    private static void addPairs(Map<String, Object> parameters, List<Map<String, Object>> variants) {
        List<String> names = new ArrayList<>(parameters.keySet());
        for (int i = 0; i < names.size(); i++) {
            for (int j = i + 1; j < names.size(); j++) {
                Map<String, Object> variant = new LinkedHashMap<>(parameters);
                variant.remove(names.get(i));
                variant.remove(names.get(j));
                variants.add(onlyUsed(variant));
            }
        }
    }

    /** With one entry of several alone, and with other values behind the placeholders. */
    private static void addOthers(Map<String, Object> parameters, List<Map<String, Object>> variants) {
        for (String name : List.of("AttributeUpdates", "Expected", "ScanFilter", "QueryFilter", "Item")) {
            if (parameters.get(name) instanceof Map<?, ?> entries) {
                Json.asObject(entries).forEach((entry, value) -> {
                    Map<String, Object> variant = new LinkedHashMap<>(parameters);
                    variant.put(name, Json.object(entry, value));
                    variants.add(variant);
                });
            }
        }
        if (parameters.get("RequestItems") instanceof Map<?, ?> requests) {
            Json.asObject(requests).forEach((table, asked) -> {
                Map<String, Object> variant = new LinkedHashMap<>(parameters);
                variant.put("RequestItems", Json.object(table, asked));
                variants.add(variant);
                if (asked instanceof Map<?, ?> reads && reads.get("Keys") instanceof List<?> keys && !keys.isEmpty()) {
                    Map<String, Object> fewer = new LinkedHashMap<>(Json.asObject(reads));
                    fewer.put("Keys", List.of(keys.getFirst()));
                    Map<String, Object> withFewer = new LinkedHashMap<>(parameters);
                    withFewer.put("RequestItems", Json.object(table, fewer));
                    variants.add(withFewer);
                }
            });
        }
        if (parameters.containsKey("KeySchema")) {
            Map<String, Object> variant = new LinkedHashMap<>(parameters);
            variant.remove("ProvisionedThroughput");
            variant.put("BillingMode", "PAY_PER_REQUEST");
            variants.add(variant);
        }
        if (parameters.containsKey("TableName")) {
            for (String table : List.of("HashS", "RangeS", "RangeN", "HashN", "HashB", "RangeB", "Local")) {
                Map<String, Object> variant = new LinkedHashMap<>(parameters);
                variant.put("TableName", table);
                variants.add(variant);
            }
        }
        if (parameters.get("Key") instanceof Map<?, ?> key) {
            for (String part : Json.asObject(key).keySet()) {
                for (Map<String, Object> other :
                        List.of(Json.object("S", "a"), Json.object("N", "1"), Json.object("B", "AQ=="))) {
                    Map<String, Object> changed = new LinkedHashMap<>(Json.asObject(key));
                    changed.put(part, other);
                    Map<String, Object> variant = new LinkedHashMap<>(parameters);
                    variant.put("Key", changed);
                    variants.add(variant);
                }
            }
        }
        if (parameters.get("ExpressionAttributeValues") instanceof Map<?, ?> values) {
            for (String placeholder : Json.asObject(values).keySet()) {
                for (Map<String, Object> other : List.of(Json.object("S", "a"), Json.object("N", "1"))) {
                    Map<String, Object> changed = new LinkedHashMap<>(Json.asObject(values));
                    changed.put(placeholder, other);
                    Map<String, Object> variant = new LinkedHashMap<>(parameters);
                    variant.put("ExpressionAttributeValues", changed);
                    variants.add(variant);
                }
            }
        }
    }

    /** Without one of the actions of an update or one of the operands of AND and OR, or that one alone. */
    private static List<String> smallerExpressions(String text) {
        List<String> smaller = new ArrayList<>();
        List<String> actions = actions(text);
        for (int i = 0; i < actions.size() && actions.size() > 1; i++) {
            smaller.add(actions.get(i));
            List<String> rest = new ArrayList<>(actions);
            rest.remove(i);
            smaller.add(joined(rest));
        }
        for (String separator : List.of(", ", " AND ", " OR ")) {
            String[] parts = text.split(java.util.regex.Pattern.quote(separator), -1);
            for (int i = 0; i < parts.length && parts.length > 1; i++) {
                List<String> rest = new ArrayList<>(List.of(parts));
                rest.remove(i);
                smaller.add(String.join(separator, rest));
                smaller.add(parts[i]);
            }
        }
        return smaller;
    }

    /** The actions of an update expression, each with its keyword; none when it is another expression. */
    private static List<String> actions(String text) {
        List<String> actions = new ArrayList<>();
        Matcher sections = SECTION.matcher(text);
        while (sections.find()) {
            for (String action : sections.group(2).split(",(?![^(]*\\))", -1)) {
                actions.add(sections.group(1) + " " + action.strip());
            }
        }
        return actions;
    }

    /** Actions of the same keyword behind each other make one section. */
    private static String joined(List<String> actions) {
        StringBuilder text = new StringBuilder();
        String section = "";
        for (String action : actions) {
            String keyword = action.substring(0, action.indexOf(' '));
            if (keyword.equals(section)) {
                text.append(", ").append(action.substring(keyword.length() + 1));
            } else {
                text.append(text.isEmpty() ? "" : " ").append(action);
                section = keyword;
            }
        }
        return text.toString();
    }

    /** Without the placeholders that no expression names. */
    private static Map<String, Object> onlyUsed(Map<String, Object> parameters) {
        StringBuilder expressions = new StringBuilder();
        parameters.forEach((name, value) -> {
            if (name.endsWith("Expression")) {
                expressions.append(value).append(' ');
            }
        });
        Map<String, Object> result = new LinkedHashMap<>(parameters);
        for (String member : List.of("ExpressionAttributeNames", "ExpressionAttributeValues")) {
            if (parameters.get(member) instanceof Map<?, ?> placeholders) {
                Map<String, Object> used = new LinkedHashMap<>(Json.asObject(placeholders));
                used.keySet().removeIf(key -> expressions.indexOf(key) < 0);
                if (used.isEmpty()) {
                    result.remove(member);
                } else {
                    result.put(member, used);
                }
            }
        }
        return result;
    }
}

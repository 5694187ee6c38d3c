package dev.henge.chaos.oracle;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes out of an answer what may differ between two correct implementations: the order of what has none (members of
 * sets, items of a Scan and of a batch, items of an index with equal sort keys, a table's definitions, the violations of
 * one request, unused placeholders, attributes not projected, the values an enum may have), and what is another's by nature (ids, times, ARNs). DynamoDB Local writes
 * {@code Message} for {@code message} in nearly all errors; both are taken for the same here, the router's own tests look
 * at the case of that letter.
 */
final class Normal {

    private static final Set<String> OF_ITS_OWN = Set.of(
            "TableId",
            "TableArn",
            "IndexArn",
            "CreationDateTime",
            "LastIncreaseDateTime",
            "LastDecreaseDateTime",
            "LastUpdateToPayPerRequestDateTime",
            "NumberOfDecreasesToday",
            "ItemCount",
            "TableSizeBytes",
            "IndexSizeBytes");

    private static final Pattern ENUM = Pattern.compile("enum value set: \\[([^\\]]*)\\]");
    private static final Pattern UNUSED = Pattern.compile("unused in expressions: keys: \\{([^}]*)\\}");
    private static final Pattern LISTED = Pattern.compile("project( one or more filter attributes: | )\\[([^\\]]*)\\]");
    private static final Pattern VIOLATIONS = Pattern.compile("(\\d+ validation errors? detected: )(Value .*)");

    private Normal() {}

    /** @param index whose items they are, when the request is a Query of an index */
    static Answer of(Request request, Answer answer, OracleTable.@Nullable Index index) {
        Map<String, Object> body = Json.asObject(normal(answer.body()));
        for (String member : List.of("message", "Message")) {
            if (body.remove(member) instanceof String text) {
                body.put("message", message(text));
            }
        }
        switch (request.operation()) {
            case "Scan" -> sortMember(body, "Items");
            case "Query" -> {
                if (index != null && body.get("Items") instanceof List<?> items) {
                    body.put("Items", sortTies(Json.asList(items), index));
                }
            }
            case "BatchGetItem" -> {
                if (body.get("Responses") instanceof Map<?, ?> responses) {
                    Json.asObject(responses).keySet().forEach(table -> sortMember(Json.asObject(responses), table));
                }
                sortByTable(body);
            }
            case "BatchWriteItem" -> sortByTable(body);
            default -> {}
        }
        return new Answer(answer.status(), body);
    }

    /** As DynamoDB Local answers, but with the numbers of items written as the service writes them. */
    static Answer withPlainNumbers(Answer answer) {
        return new Answer(answer.status(), Json.asObject(plain(answer.body())));
    }

    private static Object plain(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> plain = new LinkedHashMap<>();
                Json.asObject(map).forEach((name, member) -> {
                    if (name.equals("N") && member instanceof String text) {
                        plain.put(name, plainNumber(text));
                    } else if (name.equals("NS") && member instanceof List<?> list) {
                        plain.put(
                                name,
                                list.stream()
                                        .map(text -> (Object) plainNumber(String.valueOf(text)))
                                        .toList());
                    } else {
                        plain.put(name, plain(member));
                    }
                });
                yield plain;
            }
            case List<?> list -> Json.asList(list).stream().map(Normal::plain).toList();
            default -> value;
        };
    }

    private static String plainNumber(String text) {
        try {
            BigDecimal number = new BigDecimal(text);
            return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
        } catch (NumberFormatException _) {
            return text;
        }
    }

    private static Object normal(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> kept = new LinkedHashMap<>();
                Json.asObject(map).forEach((name, member) -> {
                    if (OF_ITS_OWN.contains(name) && !(member instanceof Map<?, ?>)) {
                        return;
                    }
                    boolean set = Set.of("SS", "NS", "BS", "AttributeDefinitions", "NonKeyAttributes")
                                    .contains(name)
                            && member instanceof List<?>;
                    kept.put(name, set ? sorted(Json.asList(member)) : normal(member));
                });
                yield kept;
            }
            case List<?> list ->
                Json.asList(list).stream().map(Normal::normal).collect(Collectors.toCollection(ArrayList::new));
            default -> value;
        };
    }

    private static List<Object> sorted(List<Object> list) {
        return list.stream()
                .sorted(Comparator.comparing(Json::canonical))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static void sortMember(Map<String, Object> body, String member) {
        if (body.get(member) instanceof List<?> list) {
            body.put(member, sorted(Json.asList(list)));
        }
    }

    private static void sortByTable(Map<String, Object> body) {
        if (body.get("ConsumedCapacity") instanceof List<?> list) {
            body.put(
                    "ConsumedCapacity",
                    Json.asList(list).stream()
                            .sorted(Comparator.comparing(capacity ->
                                    String.valueOf(Json.asObject(capacity).get("TableName"))))
                            .collect(Collectors.toCollection(ArrayList::new)));
        }
    }

    /** Sorts runs of items with the same sort key; all of them when the sort key is not shown. */
    private static List<Object> sortTies(List<Object> items, OracleTable.Index index) {
        OracleTable.Key sort = index.sortKey();
        if (sort == null || items.stream().anyMatch(item -> !Json.asObject(item).containsKey(sort.name()))) {
            return sorted(items);
        }
        List<Object> result = new ArrayList<>();
        List<Object> run = new ArrayList<>();
        String runKey = "";
        for (Object item : items) {
            String key = Json.canonical(Json.asObject(item).getOrDefault(sort.name(), ""));
            if (!key.equals(runKey)) {
                result.addAll(sorted(run));
                run.clear();
                runKey = key;
            }
            run.add(item);
        }
        result.addAll(sorted(run));
        return result;
    }

    private static String message(String message) {
        String text = UNUSED.matcher(message)
                .replaceAll(found -> Matcher.quoteReplacement("unused in expressions: keys: {"
                        + Arrays.stream(found.group(1).split(", ", -1)).sorted().collect(Collectors.joining(", "))
                        + "}"));
        text = LISTED.matcher(text)
                .replaceAll(found -> Matcher.quoteReplacement("project" + found.group(1) + "["
                        + Arrays.stream(found.group(2).split(", ", -1)).sorted().collect(Collectors.joining(", "))
                        + "]"));
        Matcher enums = ENUM.matcher(text);
        String sortedEnums = enums.replaceAll(found -> Matcher.quoteReplacement("enum value set: ["
                + Arrays.stream(found.group(1).split(", ", -1)).sorted().collect(Collectors.joining(", ")) + "]"));
        Matcher violations = VIOLATIONS.matcher(sortedEnums);
        if (!violations.matches()) {
            return sortedEnums;
        }
        return violations.group(1)
                + Arrays.stream(violations.group(2).split("; ", -1)).sorted().collect(Collectors.joining("; "));
    }
}

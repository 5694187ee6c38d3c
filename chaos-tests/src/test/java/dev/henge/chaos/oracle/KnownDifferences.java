package dev.henge.chaos.oracle;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** The reviewed list. Each is as narrow as can be; what is not explained by one of them is a fault of ours. */
final class KnownDifferences {

    static final String NO_UPDATE = "an UpdateItem that changes nothing of an item that is not there";

    private KnownDifferences() {}

    private static final List<KnownDifference> OF_THEIR_OWN = List.of(
            new KnownDifference(
                    "a wrong JSON type",
                    "answers InternalFailure with 500, takes a scalar of another type as text, or takes what follows "
                            + "the request's object",
                    "answers SerializationException, with a text that names the types (Dynalite's tests)",
                    exchange -> exchange.henge().error().equals("SerializationException")
                                    && JsonTypes.areWrong(exchange.request())
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "constraints of the model",
                    "looks at required members, lengths, ranges and enums by hand, one after the other, with texts of "
                            + "its own, or not at all",
                    "its request framework looks at all of them first, and says how many were violated (Dynalite's "
                            + "tests)",
                    exchange -> Violations.hold(exchange.parameters(), exchange.henge())
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "ConsumedCapacity not asked for",
                    "DeleteItem gives it always",
                    "gives it when asked",
                    exchange -> exchange.local().succeeded()
                                    && !exchange.henge().body().containsKey("ConsumedCapacity")
                                    && !List.of("TOTAL", "INDEXES")
                                            .contains(exchange.parameters().getOrDefault("ReturnConsumedCapacity", ""))
                            ? exchange.local().without("ConsumedCapacity")
                            : exchange.local()),
            new KnownDifference(
                    "ConsumedCapacity of items that are not there, in batches",
                    "counts nothing to read one and two units to delete one",
                    "counts the least item (developer guide: a read of an item that is not there costs as well)",
                    exchange -> exchange.is("BatchGetItem", "BatchWriteItem")
                            ? BatchCapacity.corrected(exchange)
                            : exchange.local()),
            new KnownDifference(
                    "ConsumedCapacity of a Query or Scan that finds nothing",
                    "is 0",
                    "is the least there is, half a unit or one for a consistent read (developer guide: a read of an "
                            + "item that is not there costs as well)",
                    exchange -> exchange.is("Query", "Scan")
                                    && exchange.local().succeeded()
                                    && Objects.equals(exchange.local().body().get("ScannedCount"), BigDecimal.ZERO)
                                    && exchange.henge().body().get("ConsumedCapacity") instanceof Object capacity
                            ? exchange.local().with("ConsumedCapacity", capacity)
                            : exchange.local()),
            new KnownDifference(
                    "ConsumedCapacity of what a read of a local index fetches from the table",
                    "counts what it finds there",
                    "not known; here each fetch of an item counts (docs/differences-from-dynamodb.md)",
                    exchange -> exchange.is("Query", "Scan")
                                    && exchange.has("IndexName")
                                    && exchange.request().body().contains("\"Local\"")
                                    && exchange.local().succeeded()
                                    && exchange.henge().body().get("ConsumedCapacity") instanceof Object capacity
                            ? exchange.local().with("ConsumedCapacity", capacity)
                            : exchange.local()),
            new KnownDifference(
                    "ConsumedCapacity of a global index that has half a key of the item",
                    "counts a write when the old item has one attribute of the key and the new one the other",
                    "counts what is written to the index (developer guide)",
                    exchange -> exchange.is("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
                            ? BatchCapacity.withoutHalfKeys(exchange)
                            : exchange.local()),
            new KnownDifference(
                    "status of a table",
                    "shows a table ACTIVE as soon as it is made, and changed or deleted at once",
                    "shows CREATING, UPDATING and DELETING; WarmThroughput is described (API reference)",
                    exchange -> exchange.local().succeeded()
                                    && exchange.henge().succeeded()
                                    && exchange.is("CreateTable", "DeleteTable", "UpdateTable", "DescribeTable")
                            ? TableDescriptions.asTheServiceWould(exchange)
                            : exchange.local()),
            new KnownDifference(
                    "a ConditionalOperator that is null",
                    "fails with 500",
                    "takes null for absent, as everywhere (Dynalite's tests)",
                    exchange -> exchange.local().status() == 500
                                    && exchange.parameters().get("ConditionalOperator") == Json.Null.NULL
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "a number with an exponent beyond an int",
                    "is no number to it",
                    "is out of range, as others are",
                    exchange -> exchange.request().body().matches("(?s).*[eE]-?\\d{10,}.*")
                                    && exchange.local().message().contains("cannot be converted into a number")
                                    && exchange.henge().message().matches("(?s).*Number (over|under)flow.*")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "deletion protection changed with something else",
                    "is taken",
                    "is refused: it must be the only change of the request",
                    exchange -> exchange.is("UpdateTable")
                                    && exchange.local().succeeded()
                                    && exchange.has("DeletionProtectionEnabled")
                                    && exchange.henge()
                                            .message()
                                            .endsWith("DeletionProtection modification must be the only operation in "
                                                    + "the request")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "a value of the wrong type for an index's key",
                    "is taken by UpdateItem in some cases, and the item is not in the index",
                    "is refused: a literal as by PutItem, what is computed with a text of its own (Dynalite's tests)",
                    exchange -> exchange.is("UpdateItem")
                                    && exchange.local().succeeded()
                                    && (exchange.henge()
                                                    .isValidation(
                                                            "The update expression attempted to update the secondary "
                                                                    + "index key to unsupported type")
                                            || exchange.henge().message().contains("Type mismatch for Index Key "))
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "a table that is not there, in UpdateTable",
                    "is named before what is wrong with the request",
                    "is named after",
                    exchange -> exchange.is("UpdateTable")
                                    && exchange.local().error().equals("ResourceNotFoundException")
                                    && exchange.henge().error().equals("ValidationException")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "a legacy update that takes a set from an index's key",
                    "is refused though there is nothing to take from",
                    "not known; here it does nothing",
                    exchange -> exchange.local()
                                            .isValidation(
                                                    "Updates on index keys must be of the same data type as the key "
                                                            + "attribute")
                                    && exchange.has("AttributeUpdates")
                                    && exchange.henge().succeeded()
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "the greatest capacity of a table",
                    "is 40,000 units, the quota of an account that has asked for no more",
                    "is a quota; here there is none (docs/differences-from-dynamodb.md)",
                    exchange -> exchange.local()
                                    .isValidation(
                                            "Cannot increase provisioned throughput to more than 40,000 units per "
                                                    + "table")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "an integer beyond its type",
                    "fails with 500",
                    "not known; here it is the greatest there is",
                    exchange -> exchange.local().status() == 500
                                    && exchange.request().body().matches("(?s).*: ?(2147483648|1E\\+30)[,}].*")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "how deep a value of an expression or of a legacy update may nest",
                    "lets it nest a level deeper than a value of an item, or refuses it when it is put into the item",
                    "refuses what an item could not hold (conformance tests run against the service, in most regions)",
                    exchange -> exchange.henge().message().contains("Nesting Levels have exceeded supported limits")
                                    && exchange.parameters().values().stream().anyMatch(KnownDifferences::isTooDeep)
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "the filter of a Scan of a local index",
                    "sees the whole item",
                    "not known; here what the index does not project is missing (docs/differences-from-dynamodb.md)",
                    exchange -> exchange.is("Scan")
                                    && exchange.has("IndexName")
                                    && (exchange.has("FilterExpression") || exchange.has("ScanFilter"))
                                    && exchange.local().succeeded()
                                    && exchange.henge().succeeded()
                                    && Objects.equals(
                                            exchange.local().body().get("ScannedCount"),
                                            exchange.henge().body().get("ScannedCount"))
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "a start key at the very bound of a condition",
                    "is refused when nothing lies behind it",
                    "gives such keys as LastEvaluatedKey, so it must take them; the page is empty",
                    exchange -> exchange.is("Query")
                                    && exchange.local()
                                            .isValidation("The provided starting key does not match the range key "
                                                    + "predicate")
                                    && exchange.henge().succeeded()
                                    && Objects.equals(exchange.henge().body().get("ScannedCount"), BigDecimal.ZERO)
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "UpdateTable to PROVISIONED of a table that is, without capacity",
                    "changes nothing",
                    "not known; here it is refused",
                    exchange -> exchange.is("UpdateTable")
                                    && exchange.local().succeeded()
                                    && exchange.henge()
                                            .message()
                                            .endsWith("ProvisionedThroughput must be specified when BillingMode is "
                                                    + "PROVISIONED")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "a key value of a Query that is too long",
                    "finds nothing",
                    "is refused (Dynalite's tests)",
                    exchange -> exchange.is("Query")
                                    && exchange.local().succeeded()
                                    && exchange.henge()
                                            .message()
                                            .matches(
                                                    "One or more parameter values were invalid: (Size of hashkey|Aggregated "
                                                            + "size of all range keys) has exceeded .*")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "a Select that does not fit, beside other faults",
                    "looks at the expressions first",
                    "looks at Select with the other parameters (Dynalite's tests)",
                    exchange -> exchange.is("Query", "Scan")
                                    && exchange.local().error().equals("ValidationException")
                                    && isWrongSelect(exchange)
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "which of several faults of a CreateTable with local indexes is named",
                    "-",
                    "not known (docs/differences-from-dynamodb.md)",
                    exchange -> exchange.is("CreateTable")
                                    && exchange.has("LocalSecondaryIndexes")
                                    && exchange.local().error().equals("ValidationException")
                                    && exchange.henge().error().equals("ValidationException")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "names of tables that differ in case alone",
                    "fails with 500",
                    "are names of different tables",
                    exchange -> exchange.is("CreateTable")
                                    && exchange.local().status() == 500
                                    && exchange.parameters().get("TableName") instanceof String name
                                    && TableRequests.NAMES.stream().anyMatch(name::equalsIgnoreCase)
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "digits of other scripts",
                    "are digits to it",
                    "are not known; here they are not",
                    exchange -> exchange.request().body().contains("١")
                                    && exchange.henge().message().contains("cannot be converted to a numeric value: ١")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "capacity for a table that is paid per request",
                    "is taken and forgotten by UpdateTable",
                    "is refused (API reference of ProvisionedThroughput)",
                    exchange -> exchange.is("UpdateTable")
                                    && exchange.local().succeeded()
                                    && exchange.henge()
                                            .message()
                                            .endsWith(
                                                    "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified "
                                                            + "when BillingMode is PAY_PER_REQUEST")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "an UpdateItem without any update",
                    "fails with 500 when UPDATED_OLD or UPDATED_NEW is asked for",
                    "answers",
                    exchange -> exchange.local().status() == 500
                                    && exchange.is("UpdateItem")
                                    && !(exchange.parameters().get("UpdateExpression") instanceof String)
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    NO_UPDATE,
                    "makes an item of the key alone, and returns it",
                    "makes none (Alternator's tests, which were run against it)",
                    exchange -> exchange.local().succeeded()
                                    && exchange.henge().succeeded()
                                    && onlyTakesAway(exchange)
                                    && !exchange.henge().body().containsKey("Attributes")
                            ? exchange.local().without("Attributes")
                            : exchange.local()),
            new KnownDifference(
                    "LastEvaluatedKey where a condition ends",
                    "gives none when the last item is the very bound of the condition on the sort key",
                    "gives one whenever Limit is reached; the next page is empty",
                    exchange -> exchange.is("Query")
                                    && exchange.local().succeeded()
                                    && !exchange.local().body().containsKey("LastEvaluatedKey")
                                    && exchange.henge().body().get("LastEvaluatedKey") instanceof Object key
                                    && Objects.equals(
                                            exchange.parameters().get("Limit"),
                                            exchange.henge().body().get("ScannedCount"))
                            ? exchange.local().with("LastEvaluatedKey", key)
                            : exchange.local()),
            new KnownDifference(
                    "keys of a batch that are equal numbers",
                    "takes 1 and 1.0 for two keys in BatchGetItem",
                    "not known; here they are one key, as an item can be stored under one of them only",
                    exchange -> exchange.is("BatchGetItem")
                                    && exchange.local().succeeded()
                                    && exchange.request().body().contains("\"1.0\"")
                                    && exchange.henge().isValidation("Provided list of item keys contains duplicates")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "expressions for one table, legacy parameters for another",
                    "refuses a BatchGetItem that has both, be it for two tables",
                    "not known; here each table is looked at for itself",
                    exchange -> exchange.is("BatchGetItem")
                                    && exchange.local()
                                            .message()
                                            .startsWith("Can not use both expression and "
                                                    + "non-expression parameters in the same request")
                            ? exchange.henge()
                            : exchange.local()),
            new KnownDifference(
                    "KeyConditions with an operator that they don't have",
                    "fails with 500",
                    "Attempted conditional constraint is not an indexable operation",
                    exchange -> exchange.local().status() == 500
                                    && exchange.henge()
                                            .isValidation(
                                                    "Attempted conditional constraint is not an indexable operation")
                            ? exchange.henge()
                            : exchange.local()));

    static final List<KnownDifference> ALL = all();

    /**
     * DynamoDB Local makes an item of the key alone when an update of an item that is not there only takes away; the
     * service makes none (Alternator's tests, which were run against it).
     */
    static boolean isKeyAloneOfNoUpdate(Exchange update, Exchange read, OracleTable table) {
        return onlyTakesAway(update)
                && !read.henge().body().containsKey("Item")
                && read.local().body().get("Item") instanceof Map<?, ?> item
                && item.size() == table.keys().size();
    }

    /** Whether Henge refuses a Select that indeed does not fit. */
    private static boolean isWrongSelect(Exchange exchange) {
        boolean projects = exchange.has("ProjectionExpression") || exchange.has("AttributesToGet");
        String message = exchange.henge().message().replace("1 validation error detected: ", "");
        return switch (String.valueOf(exchange.parameters().get("Select"))) {
            case "SPECIFIC_ATTRIBUTES" -> !projects && message.startsWith("Must specify the AttributesToGet");
            case "COUNT", "ALL_ATTRIBUTES" -> projects && message.startsWith("Cannot specify the ");
            case "ALL_PROJECTED_ATTRIBUTES" ->
                projects && message.startsWith("Cannot specify the ")
                        || !exchange.has("IndexName")
                                && message.startsWith("ALL_PROJECTED_ATTRIBUTES can be used only");
            default -> false;
        };
    }

    /** Whether a value has more than 31 lists and maps in each other. */
    private static boolean isTooDeep(Object value) {
        return containers(value) > 31;
    }

    private static int containers(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                int deepest = 0;
                for (Map.Entry<String, Object> entry : Json.asObject(map).entrySet()) {
                    boolean container = List.of("M", "L").contains(entry.getKey());
                    deepest = Math.max(deepest, containers(entry.getValue()) + (container ? 1 : 0));
                }
                yield deepest;
            }
            case List<?> list ->
                Json.asList(list).stream()
                        .mapToInt(KnownDifferences::containers)
                        .max()
                        .orElse(0);
            default -> 0;
        };
    }

    private static boolean onlyTakesAway(Exchange update) {
        Map<String, Object> parameters = update.parameters();
        if (!update.is("UpdateItem")) {
            return false;
        }
        if (parameters.get("UpdateExpression") instanceof String text) {
            return !(" " + text.toUpperCase(Locale.ROOT)).matches("(?s).*\\s(SET|ADD)\\s.*");
        }
        return parameters.get("AttributeUpdates") instanceof Map<?, ?> updates
                && updates.values().stream()
                        .allMatch(each -> each instanceof Map<?, ?> map && "DELETE".equals(map.get("Action")));
    }

    private static List<KnownDifference> all() {
        List<KnownDifference> all = new ArrayList<>(OF_THEIR_OWN);
        for (KnownTexts.Pair pair : KnownTexts.ALL) {
            all.add(new KnownDifference(
                    "text: " + pair.name(),
                    pair.local().pattern(),
                    pair.service().pattern(),
                    exchange ->
                            pair.matches(exchange.local(), exchange.henge()) ? exchange.henge() : exchange.local()));
        }
        return List.copyOf(all);
    }
}

package dev.henge.router.api;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of an operation on items, as they were sent. Which of them an operation has is given when they are
 * read; the others stay null, as the service ignores members that its model does not have.
 */
final class Parameters {

    static final String ATTRIBUTE_NAMES = "ExpressionAttributeNames";
    static final String ATTRIBUTE_VALUES = "ExpressionAttributeValues";

    private static final List<String> EXPRESSIONS = List.of(
            "ProjectionExpression",
            "UpdateExpression",
            "ConditionExpression",
            "FilterExpression",
            "KeyConditionExpression");

    @Nullable
    String tableName;

    @Nullable
    String returnConsumedCapacity;

    @Nullable
    String returnItemCollectionMetrics;

    @Nullable
    String returnValues;

    @Nullable
    String returnValuesOnConditionCheckFailure;

    @Nullable
    String select;

    @Nullable
    String indexName;

    @Nullable
    Integer limit;

    @Nullable
    Integer segment;

    @Nullable
    Integer totalSegments;

    @Nullable
    ParsedItem item;

    @Nullable
    ParsedItem key;

    @Nullable
    ParsedItem exclusiveStartKey;

    boolean consistentRead;
    boolean scanIndexForward = true;

    @Nullable
    Map<String, @Nullable String> attributeNames;

    @Nullable
    Map<String, ParsedItem> attributeValues;

    private final Map<String, String> expressions = new LinkedHashMap<>();

    final LegacyParameters legacy = new LegacyParameters();

    /** Reads a request that has these parameters. */
    static Parameters read(JsonReader in, Set<String> known) {
        in.openRequest();
        Parameters parameters = new Parameters();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            parameters.readMember(name, in, known);
        }
        return parameters;
    }

    /** Reads the value of the member just named, when it is a known one. */
    void readMember(String name, JsonReader in, Set<String> known) {
        if (known.contains(name)) {
            readMember(name, in);
        } else {
            in.skip();
        }
    }

    private void readMember(String name, JsonReader in) {
        switch (name) {
            case "TableName" -> tableName = TableNames.plain(in.string());
            case "Key" -> key = ItemJsonReader.item(in);
            case "Item" -> item = ItemJsonReader.item(in);
            case "ExclusiveStartKey" -> exclusiveStartKey = ItemJsonReader.item(in);
            case "ConsistentRead" -> consistentRead = Boolean.TRUE.equals(in.bool());
            case "ScanIndexForward" -> scanIndexForward = !Boolean.FALSE.equals(in.bool());
            case "ReturnConsumedCapacity" -> returnConsumedCapacity = in.string();
            case "ReturnItemCollectionMetrics" -> returnItemCollectionMetrics = in.string();
            case "ReturnValues" -> returnValues = in.string();
            case "ReturnValuesOnConditionCheckFailure" -> returnValuesOnConditionCheckFailure = in.string();
            case "Select" -> select = in.string();
            case "IndexName" -> indexName = in.string();
            case "Limit" -> limit = in.integer();
            case "Segment" -> segment = in.integer();
            case "TotalSegments" -> totalSegments = in.integer();
            case ATTRIBUTE_NAMES -> attributeNames = in.nullableStringMap();
            case ATTRIBUTE_VALUES ->
                attributeValues = in.map(
                        "com.amazonaws.dynamodb.v20120810.AttributeValue",
                        () -> ItemJsonReader.currentValue(in, in.nextValue()));
            case "ProjectionExpression",
                    "UpdateExpression",
                    "ConditionExpression",
                    "FilterExpression",
                    "KeyConditionExpression" -> {
                String text = in.string();
                if (text == null) {
                    expressions.remove(name);
                } else {
                    expressions.put(name, text);
                }
            }
            case "AttributesToGet",
                    "AttributeUpdates",
                    "ConditionalOperator",
                    "Expected",
                    "KeyConditions",
                    "QueryFilter",
                    "ScanFilter" -> legacy.read(name, in);
            default -> throw new IllegalArgumentException("no parameter " + name);
        }
    }

    /** The text of an expression, or null. */
    @Nullable
    String expression(String parameter) {
        return expressions.get(parameter);
    }

    /** The checked table name; call after the constraints. */
    String requiredTableName() {
        return required(tableName);
    }

    static <T> T required(@Nullable T value) {
        if (value == null) {
            throw new IllegalStateException("a required parameter is missing after its check");
        }
        return value;
    }

    /**
     * Checks what of expressions and of their forerunners may stand together.
     *
     * @param known the parameters of the operation
     */
    void checkExpressionParameters(Set<String> known) {
        List<String> present =
                EXPRESSIONS.stream().filter(expressions::containsKey).toList();
        List<String> old = legacy.present(expressions.containsKey("KeyConditionExpression"));
        if (!present.isEmpty() && !old.isEmpty()) {
            throw ApiException.validation("Can not use both expression and non-expression parameters in the same "
                    + "request: Non-expression parameters: {" + String.join(", ", old) + "} Expression parameters: {"
                    + String.join(", ", present) + "}");
        }
        if (attributeNames != null && present.isEmpty()) {
            throw ApiException.validation("ExpressionAttributeNames can only be specified when using expressions");
        }
        List<String> withValues = EXPRESSIONS.stream()
                .filter(known::contains)
                .filter(name -> !name.equals("ProjectionExpression"))
                .toList();
        if (attributeValues != null && withValues.stream().noneMatch(expressions::containsKey)) {
            throw ApiException.validation("ExpressionAttributeValues can only be specified when using expressions: "
                    + String.join(" and ", withValues) + (withValues.size() == 1 ? " is null" : " are null"));
        }
    }
}

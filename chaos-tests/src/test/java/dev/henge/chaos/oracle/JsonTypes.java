package dev.henge.chaos.oracle;

import java.math.BigDecimal;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether a request's JSON is malformed or gives a member another JSON type than the service's model does: for these the
 * service answers SerializationException. Written from the model's documentation, apart from what it checks.
 */
final class JsonTypes {

    private static final Set<String> NUMBERS =
            Set.of("Limit", "Segment", "TotalSegments", "ReadCapacityUnits", "WriteCapacityUnits");
    private static final Set<String> BOOLEANS =
            Set.of("ConsistentRead", "ScanIndexForward", "Exists", "DeletionProtectionEnabled");
    private static final Set<String> ITEMS = Set.of("Item", "Key", "ExclusiveStartKey", "ExpressionAttributeValues");
    private static final Set<String> MAPS_OF_STRUCTURES =
            Set.of("Expected", "ScanFilter", "QueryFilter", "KeyConditions", "AttributeUpdates");
    private static final Set<String> STRUCTURES =
            Set.of("PutRequest", "DeleteRequest", "ProvisionedThroughput", "Projection");
    private static final Set<String> LISTS_OF_STRUCTURES =
            Set.of("AttributeDefinitions", "KeySchema", "LocalSecondaryIndexes");
    private static final Set<String> STRINGS = Set.of(
            "TableName",
            "IndexName",
            "Select",
            "ReturnValues",
            "ReturnConsumedCapacity",
            "ReturnItemCollectionMetrics",
            "ReturnValuesOnConditionCheckFailure",
            "ConditionExpression",
            "UpdateExpression",
            "KeyConditionExpression",
            "FilterExpression",
            "ProjectionExpression",
            "ConditionalOperator",
            "ComparisonOperator",
            "Action",
            "BillingMode",
            "AttributeName",
            "AttributeType",
            "KeyType",
            "ProjectionType",
            "ExclusiveStartTableName");

    private JsonTypes() {}

    static boolean areWrong(Request request) {
        Object tree;
        try {
            tree = Json.parseWhole(request.body());
        } catch (RuntimeException malformed) {
            return true;
        }
        return !(tree instanceof Map<?, ?>)
                || !structure(tree)
                || !batch(request.operation(), Json.asObject(tree).get("RequestItems"));
    }

    /** BatchGetItem has a structure for each table, BatchWriteItem a list. */
    private static boolean batch(String operation, @Nullable Object requests) {
        if (!(requests instanceof Map<?, ?> tables)) {
            return true;
        }
        return switch (operation) {
            case "BatchGetItem" -> tables.values().stream().noneMatch(each -> each instanceof List<?>);
            case "BatchWriteItem" -> tables.values().stream().noneMatch(each -> each instanceof Map<?, ?>);
            default -> true;
        };
    }

    private static boolean structure(Object value) {
        return value == Json.Null.NULL
                || value instanceof Map<?, ?>
                        && Json.asObject(value).entrySet().stream()
                                .allMatch(member -> member(member.getKey(), member.getValue()));
    }

    private static boolean member(String name, Object value) {
        if (value == Json.Null.NULL) {
            return true;
        }
        if (STRINGS.contains(name)) {
            return value instanceof String;
        }
        if (NUMBERS.contains(name)) {
            return value instanceof BigDecimal;
        }
        if (BOOLEANS.contains(name)) {
            return value instanceof Boolean;
        }
        if (ITEMS.contains(name)) {
            return item(value);
        }
        if (STRUCTURES.contains(name)) {
            return structure(value);
        }
        if (MAPS_OF_STRUCTURES.contains(name)) {
            return value instanceof Map<?, ?> map && map.values().stream().allMatch(each -> structure(each));
        }
        if (LISTS_OF_STRUCTURES.contains(name)) {
            return value instanceof List<?> list && list.stream().allMatch(each -> structure(each));
        }
        return switch (name) {
            case "ExpressionAttributeNames" ->
                value instanceof Map<?, ?> map && strings(map.values().stream().toList());
            case "AttributesToGet", "NonKeyAttributes" -> value instanceof List<?> list && strings(list);
            case "Value" -> attributeValue(value);
            case "AttributeValueList" ->
                value instanceof List<?> list && list.stream().allMatch(JsonTypes::attributeValue);
            case "Keys" -> value instanceof List<?> list && list.stream().allMatch(JsonTypes::item);
            case "RequestItems" ->
                value instanceof Map<?, ?> map && map.values().stream().allMatch(JsonTypes::ofTable);
            default -> true;
        };
    }

    /** What a batch asks of a table: a structure to read, a list of structures to write. */
    private static boolean ofTable(Object value) {
        return value instanceof List<?> list ? list.stream().allMatch(JsonTypes::structure) : structure(value);
    }

    private static boolean strings(List<?> values) {
        return values.stream().allMatch(value -> value instanceof String || value == Json.Null.NULL);
    }

    private static boolean item(Object value) {
        return value == Json.Null.NULL
                || value instanceof Map<?, ?> map && map.values().stream().allMatch(JsonTypes::attributeValue);
    }

    private static boolean attributeValue(Object value) {
        return value == Json.Null.NULL
                || value instanceof Map<?, ?>
                        && Json.asObject(value).entrySet().stream()
                                .allMatch(member -> typed(member.getKey(), member.getValue()));
    }

    private static boolean typed(String type, Object value) {
        if (value == Json.Null.NULL) {
            return true;
        }
        return switch (type) {
            case "S", "N" -> value instanceof String;
            case "B" -> binary(value);
            case "BOOL", "NULL" -> value instanceof Boolean;
            case "SS", "NS" -> value instanceof List<?> list && strings(list);
            case "BS" -> value instanceof List<?> list && list.stream().allMatch(JsonTypes::binary);
            case "M" -> item(value);
            case "L" -> value instanceof List<?> list && list.stream().allMatch(JsonTypes::attributeValue);
            default -> true;
        };
    }

    private static boolean binary(Object value) {
        if (value == Json.Null.NULL) {
            return true;
        }
        if (!(value instanceof String text) || text.length() % 4 != 0) {
            return false;
        }
        try {
            return Base64.getEncoder()
                    .encodeToString(Base64.getDecoder().decode(text))
                    .equals(text);
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }
}

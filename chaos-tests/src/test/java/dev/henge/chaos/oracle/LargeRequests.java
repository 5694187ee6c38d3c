package dev.henge.chaos.oracle;

import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Items about as large as they may be, and the pages of 1 MB that they make. On a table of their own with few keys, since both
 * endpoints take long over them.
 */
final class LargeRequests {

    /** {@code -Dhenge.oracle.largePercent=100}: these requests alone, which are few otherwise. */
    static final int PERCENT = Integer.getInteger("henge.oracle.largePercent", 1);

    static final OracleTable TABLE =
            new OracleTable("Large", new OracleTable.Key("pk", "S"), new OracleTable.Key("sk", "S"), List.of());

    private static final int ITEM_BYTES_MAX = 400 << 10;

    /** Of the key attributes and the name of the one that fills the item up. */
    private static final int REST_BYTES = "pk".length() + 1 + "sk".length() + 1 + "pad".length();

    private final Chance chance;

    LargeRequests(Chance chance) {
        this.chance = chance;
    }

    /**
     * Whether DynamoDB Local ends the pages of a read elsewhere than the service: of what a filter sees it counts only the
     * items that pass for the page of 1 MB. The service counts what it reads ("the data set size", "before any filter
     * expression is applied", developer guide on Query and Scan). Then the pages are compared together.
     */
    static boolean pagesDifferBySize(Map<String, Object> parameters) {
        return TABLE.name().equals(parameters.get("TableName")) && parameters.containsKey("FilterExpression");
    }

    Request next() {
        return switch (chance.below(10)) {
            case 0, 1, 2, 3 -> Request.of("PutItem", put());
            case 4, 5 -> Request.of("UpdateItem", update());
            case 6 -> Request.of("BatchWriteItem", batchWrite());
            case 7, 8 -> Request.of("Query", query());
            default -> Request.of("Scan", scan());
        };
    }

    private Map<String, Object> key() {
        return Json.object(
                "pk",
                Json.object("S", chance.of("p", "q")),
                "sk",
                Json.object("S", chance.of("1", "2", "3", "4", "5")));
    }

    /** How large an item is to be: often at the bound, to a byte. */
    private int itemBytes() {
        return switch (chance.below(4)) {
            case 0 -> ITEM_BYTES_MAX + chance.between(-2, 2);
            case 1 -> ITEM_BYTES_MAX - chance.between(0, 2_000);
            case 2 -> chance.between(100 << 10, 300 << 10);
            default -> chance.between(1, 2_000);
        };
    }

    /** A value of so many bytes, of any type that counts them one by one. */
    private Map<String, Object> pad(int bytes) {
        return switch (chance.below(3)) {
            case 0 -> Json.object("S", "x".repeat(bytes));
            case 1 -> Json.object("S", "\u00e9".repeat(bytes / 2) + "x".repeat(bytes % 2));
            default -> Json.object("B", Base64.getEncoder().encodeToString(new byte[bytes]));
        };
    }

    private Map<String, Object> item() {
        Map<String, Object> item = key();
        item.put("pad", pad(Math.max(1, itemBytes() - REST_BYTES)));
        return item;
    }

    private Map<String, Object> put() {
        Map<String, Object> request = Json.object("TableName", TABLE.name(), "Item", item());
        if (chance.percent(20)) {
            request.put("ReturnValues", "ALL_OLD");
        }
        addCapacity(request);
        return request;
    }

    /** Grows an item by what it is set to, or by one more attribute. */
    private Map<String, Object> update() {
        boolean another = chance.percent(40);
        Map<String, Object> request = Json.object(
                "TableName",
                TABLE.name(),
                "Key",
                key(),
                "UpdateExpression",
                another ? "SET more = :value" : "SET pad = :value",
                "ExpressionAttributeValues",
                Json.object(":value", pad(Math.max(1, itemBytes() - REST_BYTES))));
        if (chance.percent(30)) {
            request.put("ReturnValues", chance.of("ALL_NEW", "UPDATED_OLD", "UPDATED_NEW", "ALL_OLD"));
        }
        addCapacity(request);
        return request;
    }

    private Map<String, Object> batchWrite() {
        Map<String, Object> item = item();
        Map<String, Object> other = item();
        List<Object> writes = Objects.equals(item.get("sk"), other.get("sk"))
                ? List.of(write(item))
                : List.of(write(item), write(other));
        return Json.object("RequestItems", Json.object(TABLE.name(), writes));
    }

    private static Map<String, Object> write(Map<String, Object> item) {
        return Json.object("PutRequest", Json.object("Item", item));
    }

    /** Of a partition of up to 2 MB: its pages are compared one by one. */
    private Map<String, Object> query() {
        Map<String, Object> request = Json.object(
                "TableName",
                TABLE.name(),
                "ConsistentRead",
                true,
                "KeyConditionExpression",
                chance.percent(70) ? "pk = :pk" : "pk = :pk AND sk >= :sk",
                "ScanIndexForward",
                chance.percent(50));
        Map<String, Object> values = Json.object(":pk", Json.object("S", chance.of("p", "q")));
        if (String.valueOf(request.get("KeyConditionExpression")).contains(":sk")) {
            values.put(":sk", Json.object("S", chance.of("1", "2", "3")));
        }
        request.put("ExpressionAttributeValues", values);
        addWhatIsShown(request);
        return request;
    }

    private Map<String, Object> scan() {
        Map<String, Object> request = Json.object("TableName", TABLE.name(), "ConsistentRead", true);
        addWhatIsShown(request);
        return request;
    }

    private void addWhatIsShown(Map<String, Object> request) {
        switch (chance.below(4)) {
            case 0 -> request.put("Select", "COUNT");
            case 1 -> request.put("ProjectionExpression", "pk, sk");
            case 2 -> request.put("FilterExpression", "attribute_exists(more)");
            default -> {}
        }
        if (chance.percent(20)) {
            request.put("Limit", Json.number(chance.between(1, 4)));
        }
        addCapacity(request);
    }

    private void addCapacity(Map<String, Object> request) {
        if (chance.percent(25)) {
            request.put("ReturnConsumedCapacity", "TOTAL");
        }
    }
}

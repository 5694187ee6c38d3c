package dev.henge.chaos.oracle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Requests about tables, on a few names of their own, so that items are not lost with their table. */
final class TableRequests {

    static final List<String> NAMES = List.of("Made-1", "Made-2", "Made-3");

    private final Chance chance;

    TableRequests(Chance chance) {
        this.chance = chance;
    }

    Request next() {
        String name = chance.of(NAMES);
        return switch (chance.below(9)) {
            case 8 -> Request.of("DescribeTimeToLive", Json.object("TableName", name));
            case 0, 1, 2 -> Request.of("CreateTable", creation(name));
            case 3 -> Request.of("DeleteTable", Json.object("TableName", name));
            case 4, 5 -> Request.of("DescribeTable", Json.object("TableName", name));
            case 6 -> Request.of("ListTables", listing());
            default -> Request.of("UpdateTable", update(name));
        };
    }

    private Map<String, Object> listing() {
        Map<String, Object> listing = Json.object();
        if (chance.percent(50)) {
            listing.put("Limit", Json.number(chance.between(0, 101)));
        }
        if (chance.percent(50)) {
            listing.put("ExclusiveStartTableName", chance.of("Hash", "HashS", "Made-1", "Z", "a_"));
        }
        return listing;
    }

    private Map<String, Object> creation(String name) {
        Map<String, Object> creation = Json.object(
                "TableName",
                name,
                "AttributeDefinitions",
                chance.percent(90)
                        ? List.of(
                                definition("pk", chance.of("S", "N", "B")), definition("sk", chance.of("S", "N", "B")))
                        : List.of(definition("pk", "S")),
                "KeySchema",
                chance.percent(90)
                        ? List.of(element("pk", "HASH"), element("sk", "RANGE"))
                        : List.of(element("pk", "HASH")));
        addBilling(creation);
        if (chance.percent(20)) {
            creation.put("DeletionProtectionEnabled", chance.percent(20));
        }
        if (chance.percent(35)) {
            addLocalIndexes(creation);
        }
        return creation;
    }

    private void addLocalIndexes(Map<String, Object> creation) {
        List<Object> definitions =
                new ArrayList<>(Json.asList(creation.getOrDefault("AttributeDefinitions", List.of())));
        List<Object> indexes = new ArrayList<>();
        int count = chance.percent(95) ? chance.between(1, 3) : chance.between(5, 7);
        for (int i = 0; i < count; i++) {
            String sortKey = "s" + i;
            if (chance.percent(97)) {
                definitions.add(definition(sortKey, chance.of("S", "N", "B")));
            }
            indexes.add(Json.object(
                    "IndexName",
                    chance.percent(97) ? "index-" + i : "index-0",
                    "KeySchema",
                    List.of(element(chance.percent(97) ? "pk" : "sk", "HASH"), element(sortKey, "RANGE")),
                    "Projection",
                    projection()));
        }
        creation.put("AttributeDefinitions", definitions);
        creation.put("LocalSecondaryIndexes", indexes);
    }

    private Map<String, Object> projection() {
        String type = chance.of("ALL", "KEYS_ONLY", "INCLUDE");
        Map<String, Object> projection = Json.object("ProjectionType", type);
        if (type.equals("INCLUDE") == chance.percent(95)) {
            projection.put("NonKeyAttributes", chance.percent(95) ? List.of("a", "b") : List.of("a", "a"));
        }
        return projection;
    }

    private void addBilling(Map<String, Object> request) {
        if (chance.percent(50)) {
            request.put("BillingMode", chance.percent(90) ? "PAY_PER_REQUEST" : "PROVISIONED");
        } else {
            request.put(
                    "ProvisionedThroughput",
                    Json.object(
                            "ReadCapacityUnits",
                            Json.number(chance.between(chance.percent(90) ? 1 : -1, 5)),
                            "WriteCapacityUnits",
                            Json.number(chance.between(chance.percent(90) ? 1 : -1, 5))));
        }
    }

    private Map<String, Object> update(String name) {
        Map<String, Object> update = Json.object("TableName", name);
        if (chance.percent(90)) {
            addBilling(update);
        }
        if (chance.percent(20)) {
            update.put("DeletionProtectionEnabled", chance.percent(20));
        }
        return update;
    }

    private static Map<String, Object> definition(String name, String type) {
        return Json.object("AttributeName", name, "AttributeType", type);
    }

    private static Map<String, Object> element(String name, String type) {
        return Json.object("AttributeName", name, "KeyType", type);
    }
}

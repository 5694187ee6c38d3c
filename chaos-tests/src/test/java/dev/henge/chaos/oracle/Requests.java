package dev.henge.chaos.oracle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the requests of a run: valid ones for the most part, and some spoiled by {@link Mutator}. */
final class Requests {

    private static final int SPOILED_PERCENT = 30;

    /** {@code -Dhenge.oracle.tablesOnly=true}: requests about tables alone, which are few otherwise. */
    private static final boolean TABLES_ONLY = Boolean.getBoolean("henge.oracle.tablesOnly");

    private final Chance chance;
    private final Values values;
    private final List<OracleTable> tables;
    private final Mutator mutator;
    private final TableRequests tableRequests;
    private final LargeRequests largeRequests;

    Requests(Chance chance, List<OracleTable> tables) {
        this.chance = chance;
        this.values = new Values(chance);
        this.tables = tables;
        this.mutator = new Mutator(chance, values);
        this.tableRequests = new TableRequests(chance);
        this.largeRequests = new LargeRequests(chance);
    }

    Request next() {
        if (!TABLES_ONLY && chance.percent(LargeRequests.PERCENT)) {
            return largeRequests.next();
        }
        Request request = valid();
        if (chance.percent(SPOILED_PERCENT)) {
            return mutator.spoil(request);
        }
        return request;
    }

    private Request valid() {
        if (TABLES_ONLY) {
            return tableRequests.next();
        }
        OracleTable table = chance.of(tables);
        int choice = chance.below(100);
        if (choice < 20) {
            return Request.of("PutItem", put(table));
        }
        if (choice < 30) {
            return Request.of("GetItem", get(table));
        }
        if (choice < 58) {
            return Request.of("UpdateItem", update(table));
        }
        if (choice < 66) {
            return Request.of("DeleteItem", delete(table));
        }
        if (choice < 81) {
            return Request.of("Query", query(table));
        }
        if (choice < 89) {
            return Request.of("Scan", scan(table));
        }
        if (choice < 93) {
            return Request.of("BatchGetItem", batchGet());
        }
        if (choice < 97) {
            return Request.of("BatchWriteItem", batchWrite());
        }
        return tableRequests.next();
    }

    private Map<String, Object> get(OracleTable table) {
        Map<String, Object> request = Json.object("TableName", table.name(), "Key", values.key(table));
        if (chance.percent(50)) {
            request.put("ConsistentRead", chance.percent(80));
        } else {
            request.put("ConsistentRead", true);
        }
        addProjection(request, table);
        addCapacity(request);
        return request;
    }

    private void addProjection(Map<String, Object> request, OracleTable table) {
        int choice = chance.below(10);
        if (choice < 3) {
            Expressions expressions = new Expressions(chance, values, table);
            request.put("ProjectionExpression", expressions.projection());
            expressions.addPlaceholders(request);
        } else if (choice < 4) {
            new Legacy(chance, values, table).addAttributesToGet(request);
        }
    }

    private void addCapacity(Map<String, Object> request) {
        if (chance.percent(25)) {
            request.put("ReturnConsumedCapacity", chance.of("TOTAL", "INDEXES", "NONE"));
        }
    }

    private void addCondition(Map<String, Object> request, OracleTable table, Expressions expressions) {
        int choice = chance.below(10);
        if (choice < 5) {
            request.put("ConditionExpression", expressions.condition());
        } else if (choice < 7 && !request.containsKey("UpdateExpression")) {
            new Legacy(chance, values, table).addExpected(request);
        }
        if (chance.percent(15)) {
            request.put("ReturnValuesOnConditionCheckFailure", chance.of("ALL_OLD", "NONE"));
        }
    }

    private Map<String, Object> put(OracleTable table) {
        Map<String, Object> request = Json.object("TableName", table.name(), "Item", values.item(table));
        Expressions expressions = new Expressions(chance, values, table);
        if (chance.percent(40)) {
            addCondition(request, table, expressions);
        }
        expressions.addPlaceholders(request);
        addReturnValues(request, "ALL_OLD", "NONE");
        addCapacity(request);
        return request;
    }

    private void addReturnValues(Map<String, Object> request, String... choices) {
        if (chance.percent(40)) {
            request.put("ReturnValues", chance.of(choices));
        }
        if (chance.percent(1)) {
            request.put("ReturnValues", chance.of("ALL_NEW", "UPDATED_OLD", "UPDATED_NEW", "ALL_OLD", "NONE"));
        }
    }

    private Map<String, Object> delete(OracleTable table) {
        Map<String, Object> request = Json.object("TableName", table.name(), "Key", values.key(table));
        Expressions expressions = new Expressions(chance, values, table);
        if (chance.percent(60)) {
            addCondition(request, table, expressions);
        }
        expressions.addPlaceholders(request);
        addReturnValues(request, "ALL_OLD", "NONE");
        addCapacity(request);
        return request;
    }

    private Map<String, Object> update(OracleTable table) {
        Map<String, Object> request = Json.object("TableName", table.name(), "Key", values.key(table));
        Expressions expressions = new Expressions(chance, values, table);
        int choice = chance.below(20);
        boolean legacy = false;
        if (choice < 14) {
            request.put("UpdateExpression", expressions.update());
        } else if (choice < 19) {
            legacy = true;
            new Legacy(chance, values, table).addUpdates(request);
        }
        if (chance.percent(25)) {
            if (legacy && chance.percent(97)) {
                new Legacy(chance, values, table).addExpected(request);
            } else {
                addCondition(request, table, expressions);
            }
        }
        expressions.addPlaceholders(request);
        if (chance.percent(70)) {
            request.put("ReturnValues", chance.of("ALL_NEW", "UPDATED_OLD", "UPDATED_NEW", "ALL_OLD", "NONE"));
        }
        addCapacity(request);
        return request;
    }

    private Map<String, Object> query(OracleTable table) {
        OracleTable.Index index = index(table);
        Map<String, Object> request = Json.object("TableName", table.name());
        OracleTable.Key partition = index == null ? table.partitionKey() : index.partitionKey();
        OracleTable.Key sort = index == null ? table.sortKey() : index.sortKey();
        if (index != null) {
            request.put("IndexName", index.name());
        }
        if (chance.percent(75)) {
            Expressions expressions = new Expressions(chance, values, table);
            request.put("KeyConditionExpression", expressions.keyCondition(partition, sort));
            if (chance.percent(30)) {
                request.put("FilterExpression", expressions.condition());
            }
            addSelect(request, table, expressions);
            expressions.addPlaceholders(request);
        } else {
            Legacy legacy = new Legacy(chance, values, table);
            legacy.addKeyConditions(request, partition, sort);
            if (chance.percent(30)) {
                legacy.addFilter(request, "QueryFilter");
            }
            addLegacySelect(request, legacy);
        }
        addConsistency(request, index);
        if (chance.percent(40)) {
            request.put("ScanIndexForward", chance.percent(30));
        }
        if (chance.percent(35)) {
            request.put("Limit", Json.number(chance.percent(98) ? chance.between(1, 5) : chance.of(0, -1, 1_000_000)));
        }
        if (index == null && chance.percent(10)) {
            request.put("ExclusiveStartKey", values.key(table));
        }
        addCapacity(request);
        return request;
    }

    private OracleTable.@Nullable Index index(OracleTable table) {
        return table.indexes().isEmpty() || chance.percent(25) ? null : chance.of(table.indexes());
    }

    private void addConsistency(Map<String, Object> request, OracleTable.@Nullable Index index) {
        if (index == null || index.local()) {
            request.put("ConsistentRead", chance.percent(90));
        } else if (chance.percent(3)) {
            request.put("ConsistentRead", true);
        }
    }

    private void addSelect(Map<String, Object> request, OracleTable table, Expressions expressions) {
        if (chance.percent(25)) {
            request.put("ProjectionExpression", expressions.projection());
        }
        addSelect(request, request.containsKey("ProjectionExpression"));
    }

    private void addLegacySelect(Map<String, Object> request, Legacy legacy) {
        if (chance.percent(25)) {
            legacy.addAttributesToGet(request);
        }
        addSelect(request, request.containsKey("AttributesToGet"));
    }

    private void addSelect(Map<String, Object> request, boolean projected) {
        if (chance.percent(20)) {
            if (chance.percent(85)) {
                request.put(
                        "Select",
                        projected
                                ? "SPECIFIC_ATTRIBUTES"
                                : request.containsKey("IndexName")
                                        ? chance.of("COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
                                        : chance.of("COUNT", "ALL_ATTRIBUTES"));
            } else {
                request.put(
                        "Select",
                        chance.of("COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"));
            }
        }
    }

    private Map<String, Object> scan(OracleTable table) {
        OracleTable.Index index = index(table);
        Map<String, Object> request = Json.object("TableName", table.name());
        if (index != null) {
            request.put("IndexName", index.name());
        }
        if (chance.percent(70)) {
            Expressions expressions = new Expressions(chance, values, table);
            if (chance.percent(50)) {
                request.put("FilterExpression", expressions.condition());
            }
            addSelect(request, table, expressions);
            expressions.addPlaceholders(request);
        } else {
            Legacy legacy = new Legacy(chance, values, table);
            if (chance.percent(60)) {
                legacy.addFilter(request, "ScanFilter");
            }
            addLegacySelect(request, legacy);
        }
        addConsistency(request, index);
        if (chance.percent(30)) {
            request.put("Limit", Json.number(chance.percent(98) ? chance.between(1, 7) : chance.of(0, -1, 1_000_000)));
        }
        if (chance.percent(20)) {
            int segments = chance.between(1, 5);
            request.put("TotalSegments", Json.number(segments));
            request.put("Segment", Json.number(chance.percent(95) ? chance.below(segments) : chance.of(-1, segments)));
        }
        if (chance.percent(5)) {
            request.put("ExclusiveStartKey", values.key(table));
        }
        addCapacity(request);
        return request;
    }

    private Map<String, Object> batchGet() {
        Map<String, Object> asked = new LinkedHashMap<>();
        int count = chance.between(1, 3);
        for (int i = 0; i < count; i++) {
            OracleTable table = chance.of(tables);
            Map<String, Map<String, Object>> keys = new LinkedHashMap<>();
            int keyCount = chance.percent(98) ? chance.between(1, 6) : chance.between(90, 120);
            List<Object> all = new ArrayList<>();
            for (int k = 0; k < keyCount; k++) {
                Map<String, Object> key = values.key(table);
                if (keys.put(Json.canonical(key), key) == null || chance.percent(1)) {
                    all.add(key);
                }
            }
            Map<String, Object> ofTable = Json.object("Keys", all, "ConsistentRead", true);
            addProjection(ofTable, table);
            asked.put(table.name(), ofTable);
        }
        Map<String, Object> request = Json.object("RequestItems", asked);
        addCapacity(request);
        return request;
    }

    private Map<String, Object> batchWrite() {
        Map<String, Object> asked = new LinkedHashMap<>();
        int count = chance.between(1, 3);
        for (int i = 0; i < count; i++) {
            OracleTable table = chance.of(tables);
            Map<String, Map<String, Object>> keys = new LinkedHashMap<>();
            List<Object> writes = new ArrayList<>();
            int writeCount = chance.percent(98) ? chance.between(1, 5) : chance.between(24, 28);
            for (int k = 0; k < writeCount; k++) {
                boolean put = chance.percent(65);
                Map<String, Object> attributes = put ? values.item(table) : values.key(table);
                Map<String, Object> key = new LinkedHashMap<>();
                table.keys().forEach(part -> key.put(part.name(), attributes.getOrDefault(part.name(), "")));
                if (keys.put(Json.canonical(key), key) == null || chance.percent(1)) {
                    writes.add(
                            put
                                    ? Json.object("PutRequest", Json.object("Item", attributes))
                                    : Json.object("DeleteRequest", Json.object("Key", attributes)));
                }
            }
            asked.put(table.name(), writes);
        }
        Map<String, Object> request = Json.object("RequestItems", asked);
        addCapacity(request);
        return request;
    }
}

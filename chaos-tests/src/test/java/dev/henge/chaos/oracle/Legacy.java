package dev.henge.chaos.oracle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The parameters that expressions have replaced. */
final class Legacy {

    private static final List<String> OPERATORS = List.of(
            "EQ",
            "NE",
            "IN",
            "LE",
            "LT",
            "GE",
            "GT",
            "BETWEEN",
            "NOT_NULL",
            "NULL",
            "CONTAINS",
            "NOT_CONTAINS",
            "BEGINS_WITH");

    private final Chance chance;
    private final Values values;
    private final OracleTable table;

    Legacy(Chance chance, Values values, OracleTable table) {
        this.chance = chance;
        this.values = values;
        this.table = table;
    }

    void addExpected(Map<String, Object> request) {
        Map<String, Object> expected = new LinkedHashMap<>();
        int count = chance.between(1, 3);
        for (int i = 0; i < count; i++) {
            String name = attribute();
            expected.put(name, chance.percent(50) ? expectation(name) : condition(name));
        }
        request.put("Expected", expected);
        addOperator(request);
    }

    private Map<String, Object> expectation(String name) {
        return switch (chance.below(8)) {
            case 0, 1, 2 -> Json.object("Value", values.usual(name));
            case 3, 4 -> Json.object("Exists", false);
            case 5, 6 -> Json.object("Exists", true, "Value", values.usual(name));
            default ->
                chance.of(
                        Json.object("Exists", true),
                        Json.object("Exists", false, "Value", values.usual(name)),
                        Json.object(),
                        Json.object("Value", values.usual(name), "ComparisonOperator", "EQ"),
                        Json.object("Exists", true, "ComparisonOperator", "NOT_NULL"),
                        Json.object("AttributeValueList", List.of(values.usual(name))));
        };
    }

    /** A condition of ComparisonOperator and AttributeValueList; one in twenty has a wrong number of values. */
    Map<String, Object> condition(String name) {
        String operator = chance.of(OPERATORS);
        int count =
                switch (operator) {
                    case "NULL", "NOT_NULL" -> 0;
                    case "BETWEEN" -> 2;
                    case "IN" -> chance.between(1, 3);
                    default -> 1;
                };
        if (chance.percent(4)) {
            count = chance.below(4);
        }
        List<Object> list = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            list.add(chance.percent(1) ? values.bad() : value(name, operator));
        }
        Map<String, Object> condition = Json.object("ComparisonOperator", operator);
        if (!list.isEmpty() || chance.percent(10)) {
            condition.put("AttributeValueList", list);
        }
        return condition;
    }

    private Map<String, Object> value(String name, String operator) {
        if (operator.contains("CONTAINS")) {
            return switch (name) {
                case "ss", "s" -> values.string();
                case "ns" -> values.number();
                case "bs", "bin" -> values.binary();
                default -> values.any(1);
            };
        }
        return switch (operator) {
            case "LE", "LT", "GE", "GT", "BETWEEN", "BEGINS_WITH", "IN" ->
                chance.percent(70) ? chance.of(values.string(), values.number(), values.binary()) : values.usual(name);
            default -> values.usual(name);
        };
    }

    private String attribute() {
        return chance.percent(6) ? chance.of(table.keys()).name() : chance.of(Values.NAMES);
    }

    private void addOperator(Map<String, Object> request) {
        if (chance.percent(30)) {
            request.put("ConditionalOperator", chance.of("AND", "OR"));
        }
    }

    void addFilter(Map<String, Object> request, String parameter) {
        Map<String, Object> filter = new LinkedHashMap<>();
        int count = chance.between(1, 3);
        for (int i = 0; i < count; i++) {
            String name = attribute();
            filter.put(name, condition(name));
        }
        request.put(parameter, filter);
        addOperator(request);
    }

    void addAttributesToGet(Map<String, Object> request) {
        List<Object> names = new ArrayList<>();
        int count = chance.between(1, 3);
        for (int i = 0; i < count; i++) {
            String name = attribute();
            if (!names.contains(name) || chance.percent(3)) {
                names.add(name);
            }
        }
        request.put("AttributesToGet", names);
    }

    void addUpdates(Map<String, Object> request) {
        Map<String, Object> updates = new LinkedHashMap<>();
        int count = chance.between(1, 3);
        for (int i = 0; i < count; i++) {
            String name = table.allKeys().containsKey("") ? "a" : chance.of(Values.NAMES);
            if (table.isKey(name) && chance.percent(95)) {
                name = "a";
            }
            updates.put(name, update(name));
        }
        request.put("AttributeUpdates", updates);
    }

    private Map<String, Object> update(String name) {
        return switch (chance.below(8)) {
            case 0, 1 -> Json.object("Value", values.attribute(table, name), "Action", "PUT");
            case 2 -> Json.object("Value", values.attribute(table, name));
            case 3 -> Json.object("Action", "DELETE");
            case 4 -> Json.object("Value", values.usual(name), "Action", "DELETE");
            case 5 -> Json.object("Value", chance.percent(50) ? values.number() : values.usual(name), "Action", "ADD");
            case 6 -> Json.object("Value", values.any(2), "Action", chance.of("PUT", "ADD", "DELETE"));
            default -> chance.of(Json.object("Action", "PUT"), Json.object("Action", "ADD"), Json.object());
        };
    }

    void addKeyConditions(Map<String, Object> request, OracleTable.Key partition, OracleTable.@Nullable Key sort) {
        Map<String, Object> conditions = new LinkedHashMap<>();
        Map<String, Object> wanted =
                partition.equals(table.partitionKey()) ? values.partitionValue(partition) : values.sortValue(partition);
        conditions.put(
                partition.name(), Json.object("ComparisonOperator", "EQ", "AttributeValueList", List.of(wanted)));
        if (sort != null && chance.percent(65)) {
            String operator = chance.percent(92)
                    ? chance.of("EQ", "LE", "LT", "GE", "GT", "BETWEEN", "BEGINS_WITH")
                    : chance.of(OPERATORS);
            List<Object> list = new ArrayList<>();
            int count = operator.equals("BETWEEN") ? 2 : 1;
            for (int i = 0; i < count; i++) {
                list.add(values.sortValue(sort));
            }
            conditions.put(sort.name(), Json.object("ComparisonOperator", operator, "AttributeValueList", list));
        }
        if (chance.percent(2)) {
            conditions.put("a", condition("a"));
        }
        request.put("KeyConditions", conditions);
    }
}

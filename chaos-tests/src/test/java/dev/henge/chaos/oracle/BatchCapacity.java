package dev.henge.chaos.oracle;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What batches consume for items that are not there: DynamoDB Local counts nothing to read one and two units to delete
 * one. The service counts both as the least item, half a unit or one to read and one to write (developer guide).
 */
final class BatchCapacity {

    private BatchCapacity() {}

    /** DynamoDB Local's answer with the units of missing items as the service counts them. */
    static Answer corrected(Exchange exchange) {
        if (!exchange.local().succeeded()
                || !(exchange.local().body().get("ConsumedCapacity") instanceof List<?> capacities)
                || !(exchange.henge().body().get("ConsumedCapacity") instanceof List<?> ours)
                || capacities.size() != ours.size()) {
            return exchange.local();
        }
        List<Object> corrected = new ArrayList<>();
        for (int i = 0; i < capacities.size(); i++) {
            corrected.add(corrected(
                    exchange,
                    Json.asObject(Json.asList(capacities).get(i)),
                    Json.asObject(Json.asList(ours).get(i))));
        }
        return exchange.local().with("ConsumedCapacity", corrected);
    }

    private static Map<String, Object> corrected(
            Exchange exchange, Map<String, Object> local, Map<String, Object> henge) {
        BigDecimal difference = units(henge).subtract(units(local));
        String table = String.valueOf(local.get("TableName"));
        boolean explained = exchange.is("BatchGetItem")
                ? difference.compareTo(ofMissing(exchange, table)) == 0
                : difference.signum() < 0 && difference.negate().compareTo(deletes(exchange, table)) <= 0;
        if (!explained) {
            return local;
        }
        Map<String, Object> corrected = new LinkedHashMap<>(local);
        corrected.put("CapacityUnits", units(henge));
        if (local.get("Table") instanceof Map<?, ?> && henge.get("Table") instanceof Map<?, ?> ofTable) {
            corrected.put("Table", ofTable);
        }
        return corrected;
    }

    private static BigDecimal units(Map<String, Object> capacity) {
        return capacity.get("CapacityUnits") instanceof BigDecimal units ? units : BigDecimal.ZERO;
    }

    private static BigDecimal ofMissing(Exchange exchange, String table) {
        Map<String, Object> asked = Json.asObject(ofTable(exchange.parameters().get("RequestItems"), table));
        int keys = Json.asList(asked.getOrDefault("Keys", List.of())).size();
        int found = Json.asList(ofTable(exchange.local().body().get("Responses"), table))
                .size();
        BigDecimal each = Boolean.TRUE.equals(asked.get("ConsistentRead")) ? BigDecimal.ONE : new BigDecimal("0.5");
        return each.multiply(BigDecimal.valueOf(keys - found));
    }

    private static BigDecimal deletes(Exchange exchange, String table) {
        Object writes = ofTable(exchange.parameters().get("RequestItems"), table);
        return BigDecimal.valueOf(Json.asList(writes).stream()
                .filter(write -> Json.asObject(write).containsKey("DeleteRequest"))
                .count());
    }

    private static Object ofTable(@Nullable Object tables, String table) {
        Object value = tables instanceof Map<?, ?> map ? Json.asObject(map).get(table) : null;
        return value == null ? List.of() : value;
    }

    /**
     * DynamoDB Local counts a write of a global index with a key of two attributes when the old item has one of them and
     * the new item the other, though the index has held neither. Its answer without that.
     */
    static Answer withoutHalfKeys(Exchange exchange) {
        if (!exchange.local().succeeded()
                || !(exchange.local().body().get("ConsumedCapacity") instanceof Object local)
                || !(exchange.henge().body().get("ConsumedCapacity") instanceof Object henge)) {
            return exchange.local();
        }
        List<Object> ofLocal = local instanceof List<?> list ? Json.asList(list) : List.of(local);
        List<Object> ofHenge = henge instanceof List<?> list ? Json.asList(list) : List.of(henge);
        for (int i = 0; i < ofLocal.size() && i < ofHenge.size(); i++) {
            Map<String, Object> one = Json.asObject(ofLocal.get(i));
            BigDecimal more = units(one).subtract(units(Json.asObject(ofHenge.get(i))));
            boolean global = "Global".equals(one.get("TableName"));
            int writes = local instanceof List<?> ? 28 : 1;
            if (more.signum() != 0
                    && (!global || more.signum() < 0 || more.compareTo(BigDecimal.valueOf(2L * writes)) > 0)) {
                return exchange.local();
            }
        }
        return exchange.local().with("ConsumedCapacity", henge);
    }
}

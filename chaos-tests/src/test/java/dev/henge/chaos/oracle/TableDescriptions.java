package dev.henge.chaos.oracle;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What DynamoDB Local leaves out of a table's description or shows otherwise; all else must be the same. */
final class TableDescriptions {

    private TableDescriptions() {}

    /** DynamoDB Local's answer with what the service has besides. */
    static Answer asTheServiceWould(Exchange exchange) {
        String member = exchange.is("DescribeTable") ? "Table" : "TableDescription";
        if (!(exchange.local().body().get(member) instanceof Map<?, ?> localTable)
                || !(exchange.henge().body().get(member) instanceof Map<?, ?> hengeTable)) {
            return exchange.local();
        }
        Map<String, Object> table = new LinkedHashMap<>(Json.asObject(localTable));
        Map<String, Object> ours = Json.asObject(hengeTable);
        boolean unchanged = exchange.is("UpdateTable") && "ACTIVE".equals(ours.get("TableStatus"));
        if (!unchanged) {
            table.put("TableStatus", status(exchange));
        }
        for (String left : List.of("WarmThroughput", "DeletionProtectionEnabled", "TableClassSummary")) {
            if (!table.containsKey(left) && ours.containsKey(left)) {
                table.put(left, ours.get(left));
            }
        }
        if (exchange.is("UpdateTable")) {
            // The service shows what was until the change is made.
            // DynamoDB Local takes the protection away with any change that does not name it.
            if (!exchange.has("DeletionProtectionEnabled")
                    && ours.get("DeletionProtectionEnabled") instanceof Object on) {
                table.put("DeletionProtectionEnabled", on);
            }
            for (String changing : List.of("ProvisionedThroughput", "BillingModeSummary")) {
                table.remove(changing);
                if (ours.get(changing) instanceof Object shown) {
                    table.put(changing, shown);
                }
            }
        }
        return exchange.local().with(member, table);
    }

    private static String status(Exchange exchange) {
        return switch (exchange.request().operation()) {
            case "CreateTable" -> "CREATING";
            case "UpdateTable" -> "UPDATING";
            case "DeleteTable" -> "DELETING";
            default -> "ACTIVE";
        };
    }
}

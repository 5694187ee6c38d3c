package dev.henge.router.api;

import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import java.math.BigDecimal;
import tools.jackson.core.JsonGenerator;

/** Writes TableDescription structures. */
final class TableDescriptions {

    /** What a new on-demand table of the service sustains at once. */
    private static final long WARM_READ_UNITS = 12_000;

    private static final long WARM_WRITE_UNITS = 4_000;

    private final String region;
    private final String accountId;

    TableDescriptions(String region, String accountId) {
        this.region = region;
        this.accountId = accountId;
    }

    String arn(String tableName) {
        return "arn:aws:dynamodb:" + region + ":" + accountId + ":table/" + tableName;
    }

    /** @param status what to show as TableStatus, which may differ from the record's while a command is answered */
    void write(JsonGenerator out, String member, TableRecord table, TableRecord.Status status) {
        boolean onDemand = table.getBillingMode().equals("PAY_PER_REQUEST");
        BigDecimal created = BigDecimal.valueOf(table.getCreatedMillis(), 3);
        out.writeName(member);
        out.writeStartObject();
        writeKeys(out, table);
        out.writeStringProperty("TableName", table.getName());
        out.writeStringProperty("TableStatus", status.name());
        out.writeName("CreationDateTime");
        out.writeNumber(created);
        out.writeName("ProvisionedThroughput");
        out.writeStartObject();
        out.writeNumberProperty("NumberOfDecreasesToday", 0L);
        out.writeNumberProperty("ReadCapacityUnits", table.getReadCapacityUnits());
        out.writeNumberProperty("WriteCapacityUnits", table.getWriteCapacityUnits());
        out.writeEndObject();
        out.writeNumberProperty("TableSizeBytes", 0L);
        out.writeNumberProperty("ItemCount", 0L);
        out.writeStringProperty("TableArn", arn(table.getName()));
        out.writeStringProperty("TableId", table.getTableId());
        if (onDemand) {
            out.writeName("BillingModeSummary");
            out.writeStartObject();
            out.writeStringProperty("BillingMode", "PAY_PER_REQUEST");
            out.writeName("LastUpdateToPayPerRequestDateTime");
            out.writeNumber(created);
            out.writeEndObject();
        }
        if (!table.getTableClass().isEmpty()) {
            out.writeName("TableClassSummary");
            out.writeStartObject();
            out.writeStringProperty("TableClass", table.getTableClass());
            out.writeEndObject();
        }
        out.writeBooleanProperty("DeletionProtectionEnabled", table.getDeletionProtection());
        out.writeName("WarmThroughput");
        out.writeStartObject();
        out.writeNumberProperty("ReadUnitsPerSecond", onDemand ? WARM_READ_UNITS : table.getReadCapacityUnits());
        out.writeNumberProperty("WriteUnitsPerSecond", onDemand ? WARM_WRITE_UNITS : table.getWriteCapacityUnits());
        out.writeStringProperty("Status", status.name());
        out.writeEndObject();
        out.writeEndObject();
    }

    private static void writeKeys(JsonGenerator out, TableRecord table) {
        out.writeName("AttributeDefinitions");
        out.writeStartArray();
        writeDefinition(out, table.getPartitionKey());
        if (table.hasSortKey()) {
            writeDefinition(out, table.getSortKey());
        }
        out.writeEndArray();
        out.writeName("KeySchema");
        out.writeStartArray();
        writeKeyElement(out, table.getPartitionKey(), "HASH");
        if (table.hasSortKey()) {
            writeKeyElement(out, table.getSortKey(), "RANGE");
        }
        out.writeEndArray();
    }

    private static void writeDefinition(JsonGenerator out, KeyAttribute attribute) {
        out.writeStartObject();
        out.writeStringProperty("AttributeName", attribute.getName());
        out.writeStringProperty("AttributeType", attribute.getType());
        out.writeEndObject();
    }

    private static void writeKeyElement(JsonGenerator out, KeyAttribute attribute, String keyType) {
        out.writeStartObject();
        out.writeStringProperty("AttributeName", attribute.getName());
        out.writeStringProperty("KeyType", keyType);
        out.writeEndObject();
    }
}

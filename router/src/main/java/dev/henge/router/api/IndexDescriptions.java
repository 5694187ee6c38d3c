package dev.henge.router.api;

import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/** What DescribeTable and its like tell of the keys of a table and its indexes. */
final class IndexDescriptions {

    private final Arns arns;

    IndexDescriptions(Arns arns) {
        this.arns = arns;
    }

    /** AttributeDefinitions: each attribute that is part of a key, once; the table's first. */
    static void writeDefinitions(JsonGenerator out, TableRecord table) {
        Map<String, KeyAttribute> attributes = new LinkedHashMap<>();
        attributes.put(table.getPartitionKey().getName(), table.getPartitionKey());
        if (table.hasSortKey()) {
            attributes.put(table.getSortKey().getName(), table.getSortKey());
        }
        for (IndexRecord index : table.getIndexesList()) {
            index.getPartitionKeyList().forEach(key -> attributes.putIfAbsent(key.getName(), key));
            index.getSortKeyList().forEach(key -> attributes.putIfAbsent(key.getName(), key));
        }
        out.writeName("AttributeDefinitions");
        out.writeStartArray();
        for (KeyAttribute attribute : attributes.values()) {
            out.writeStartObject();
            out.writeStringProperty("AttributeName", attribute.getName());
            out.writeStringProperty("AttributeType", attribute.getType());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    /** The member KeySchema. */
    static void writeKeySchema(JsonGenerator out, List<KeyAttribute> partitionKey, List<KeyAttribute> sortKey) {
        out.writeName("KeySchema");
        out.writeStartArray();
        partitionKey.forEach(key -> writeKeyElement(out, key, "HASH"));
        sortKey.forEach(key -> writeKeyElement(out, key, "RANGE"));
        out.writeEndArray();
    }

    private static void writeKeyElement(JsonGenerator out, KeyAttribute attribute, String keyType) {
        out.writeStartObject();
        out.writeStringProperty("AttributeName", attribute.getName());
        out.writeStringProperty("KeyType", keyType);
        out.writeEndObject();
    }

    /** LocalSecondaryIndexes, where the table has any. */
    void writeLocal(JsonGenerator out, TableRecord table) {
        List<IndexRecord> indexes = table.getIndexesList().stream()
                .filter(index -> index.getKind() == IndexRecord.Kind.LOCAL)
                .toList();
        if (indexes.isEmpty()) {
            return;
        }
        out.writeName("LocalSecondaryIndexes");
        out.writeStartArray();
        for (IndexRecord index : indexes) {
            out.writeStartObject();
            out.writeStringProperty("IndexName", index.getName());
            writeKeySchema(out, index.getPartitionKeyList(), index.getSortKeyList());
            writeProjection(out, index);
            out.writeNumberProperty("IndexSizeBytes", 0L);
            out.writeNumberProperty("ItemCount", 0L);
            out.writeStringProperty("IndexArn", arns.table(table.getName()) + "/index/" + index.getName());
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private static void writeProjection(JsonGenerator out, IndexRecord index) {
        out.writeName("Projection");
        out.writeStartObject();
        out.writeStringProperty("ProjectionType", index.getProjection().name());
        if (index.getIncludedCount() > 0) {
            out.writeName("NonKeyAttributes");
            out.writeStartArray();
            index.getIncludedList().forEach(out::writeString);
            out.writeEndArray();
        }
        out.writeEndObject();
    }
}

package dev.henge.router.api;

import dev.henge.catalog.Throughput;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import dev.henge.router.api.TableSizes.Sizes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** What DescribeTable and its like tell of the keys of a table and its indexes. */
final class IndexDescriptions {

    private static final String UPDATING = "UPDATING";

    private final Arns arns;

    IndexDescriptions(Arns arns) {
        this.arns = arns;
    }

    /**
     * How a global index is shown.
     *
     * @param backfilling null: that is left out
     * @param warmStatus the status of its warm throughput; empty: that is left out
     */
    record Look(
            IndexRecord index,
            IndexRecord.Status status,
            @Nullable Boolean backfilling,
            String warmStatus) {

        /** As it stands. */
        private static Look of(IndexRecord index) {
            return new Look(
                    index,
                    index.getStatus(),
                    index.getStatus() == IndexRecord.Status.CREATING ? index.getBackfilling() : null,
                    index.getStatus() == IndexRecord.Status.CREATING
                            ? UPDATING
                            : index.getStatus().name());
        }
    }

    private static Stream<IndexRecord> global(TableRecord table) {
        return table.getIndexesList().stream().filter(index -> index.getKind() == IndexRecord.Kind.GLOBAL);
    }

    /** The global indexes as they stand; they go with their table. */
    static List<Look> looks(TableRecord table, TableRecord.Status status) {
        if (status != TableRecord.Status.DELETING) {
            return global(table).map(Look::of).toList();
        }
        IndexRecord.Status deleting = IndexRecord.Status.DELETING;
        return global(table)
                .map(index -> new Look(index, deleting, null, deleting.name()))
                .toList();
    }

    /** The global indexes in the answer of CreateTable. */
    static List<Look> looksCreated(TableRecord table) {
        return global(table)
                .map(index -> new Look(index, IndexRecord.Status.CREATING, null, ""))
                .toList();
    }

    /** The global indexes in the answer of UpdateTable: a new capacity and warmth is there once the answer is given. */
    static List<Look> looksUpdated(TableRecord before, TableRecord after, UpdateTableRequest request) {
        Map<String, IndexRecord> known =
                global(before).collect(Collectors.toMap(IndexRecord::getName, Function.identity()));
        return global(after)
                .map(index -> {
                    String name = index.getName();
                    IndexRecord old = known.get(name);
                    if (old == null) {
                        // Its filling begins once the answer is given.
                        return new Look(index, index.getStatus(), false, UPDATING);
                    }
                    Look look = Look.of(index);
                    if (request.indexUpdates().stream().anyMatch(update -> update.warms(name))) {
                        return new Look(old, look.status, look.backfilling, UPDATING);
                    }
                    if (request.indexUpdates().stream().noneMatch(update -> update.changes(name))) {
                        return look;
                    }
                    boolean later = request.indexUpdates().stream().anyMatch(update -> update.provisions(name));
                    return new Look(
                            later ? old : index, IndexRecord.Status.UPDATING, look.backfilling, look.warmStatus);
                })
                .toList();
    }

    /** AttributeDefinitions: each attribute that is part of a key, once, by name. */
    static void writeDefinitions(JsonGenerator out, TableRecord table) {
        Map<String, KeyAttribute> attributes = new TreeMap<>();
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
    void writeLocal(JsonGenerator out, TableRecord table, Sizes sizes) {
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
            writeCommon(out, table, index, sizes);
            out.writeEndObject();
        }
        out.writeEndArray();
    }

    private void writeCommon(JsonGenerator out, TableRecord table, IndexRecord index, Sizes sizes) {
        out.writeStringProperty("IndexName", index.getName());
        writeKeySchema(out, index.getPartitionKeyList(), index.getSortKeyList());
        writeProjection(out, index);
        out.writeNumberProperty("IndexSizeBytes", sizes.of(index.getId()).getBytes());
        out.writeNumberProperty("ItemCount", sizes.of(index.getId()).getItems());
        out.writeStringProperty("IndexArn", arns.table(table.getName()) + "/index/" + index.getName());
    }

    /**
     * GlobalSecondaryIndexes, where the table has any.
     *
     * @param table whose billing mode decides
     */
    void writeGlobal(JsonGenerator out, TableRecord table, List<Look> looks, Sizes sizes) {
        if (looks.isEmpty()) {
            return;
        }
        out.writeName("GlobalSecondaryIndexes");
        out.writeStartArray();
        for (Look look : looks) {
            IndexRecord index = look.index;
            out.writeStartObject();
            writeCommon(out, table, index, sizes);
            out.writeStringProperty("IndexStatus", look.status.name());
            if (look.backfilling != null) {
                out.writeBooleanProperty("Backfilling", look.backfilling);
            }
            ThroughputDescriptions.writeProvisioned(
                    out,
                    index.getReadCapacityUnits(),
                    index.getWriteCapacityUnits(),
                    index.getLastIncreaseMillis(),
                    index.getLastDecreaseMillis(),
                    Throughput.decreasesOnDayOf(System.currentTimeMillis(), index));
            ThroughputDescriptions.writeMaximum(out, index.getMaxReadRequestUnits(), index.getMaxWriteRequestUnits());
            ThroughputDescriptions.writeWarmth(
                    out,
                    Throughput.warmReadUnits(table, index),
                    Throughput.warmWriteUnits(table, index),
                    look.warmStatus);
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
            index.getIncludedList().stream().sorted().forEach(out::writeString);
            out.writeEndArray();
        }
        out.writeEndObject();
    }
}

package dev.henge.router.api;

import dev.henge.index.IndexDefinition;
import dev.henge.proto.IndexWritten;
import dev.henge.proto.ItemWritten;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JsonGenerator;

/**
 * The capacity units that an operation takes of a table and of its indexes, as they add up (developer guide, "Provisioned
 * throughput considerations" for local and for global indexes).
 */
final class ConsumedCapacity {

    private final TableSchema table;
    private final String tableName;
    private double tableUnits;
    private final Map<String, Double> localUnits = new TreeMap<>();
    private final Map<String, Double> globalUnits = new TreeMap<>();

    ConsumedCapacity(TableSchema table) {
        this(table, table.name());
    }

    /** @param tableName the table's name as the request gave it */
    ConsumedCapacity(TableSchema table, String tableName) {
        this.table = table;
        this.tableName = tableName;
    }

    void ofTable(double units) {
        tableUnits += units;
    }

    void ofIndex(IndexDefinition index, double units) {
        (index.isLocal() ? localUnits : globalUnits).merge(index.name(), units, Double::sum);
    }

    /** What a write took; an index in which nothing changed takes nothing. */
    void ofWrite(ItemWritten written) {
        ofTable(Capacity.ofWrite(written.getOldSizeBytes(), written.getNewSizeBytes()));
        for (IndexWritten change : written.getIndexesList()) {
            IndexDefinition index = table.index(change.getIndex());
            // An index that is newer than what this router knows of the table has no name here.
            if (index != null) {
                ofIndex(index, unitsOf(change));
            }
        }
    }

    /** An entry that moves is deleted in one place and put in the other. */
    private static double unitsOf(IndexWritten change) {
        return change.getMoved()
                ? Capacity.ofWrite(change.getOldSizeBytes(), 0) + Capacity.ofWrite(0, change.getNewSizeBytes())
                : Capacity.ofWrite(change.getOldSizeBytes(), change.getNewSizeBytes());
    }

    /** Writes the member ConsumedCapacity, when it is wanted. */
    void writeMember(JsonGenerator out, Capacity.Wanted wanted) {
        if (wanted != Capacity.Wanted.NONE) {
            out.writeName("ConsumedCapacity");
            write(out, wanted);
        }
    }

    /** Writes the structure of that name; TOTAL or INDEXES is wanted. */
    void write(JsonGenerator out, Capacity.Wanted wanted) {
        out.writeStartObject();
        out.writeStringProperty("TableName", tableName);
        out.writeNumberProperty("CapacityUnits", tableUnits + sum(localUnits) + sum(globalUnits));
        if (wanted == Capacity.Wanted.INDEXES) {
            writeUnits(out, "Table", tableUnits);
            writeIndexes(out, "LocalSecondaryIndexes", localUnits);
            writeIndexes(out, "GlobalSecondaryIndexes", globalUnits);
        }
        out.writeEndObject();
    }

    private static double sum(Map<String, Double> units) {
        return units.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    private static void writeIndexes(JsonGenerator out, String member, Map<String, Double> units) {
        if (units.isEmpty()) {
            return;
        }
        out.writeName(member);
        out.writeStartObject();
        units.forEach((index, ofIndex) -> writeUnits(out, index, ofIndex));
        out.writeEndObject();
    }

    private static void writeUnits(JsonGenerator out, String name, double units) {
        out.writeName(name);
        out.writeStartObject();
        out.writeNumberProperty("CapacityUnits", units);
        out.writeEndObject();
    }
}

package dev.henge.router.api;

import dev.henge.catalog.Throughput;
import dev.henge.proto.TableRecord;
import dev.henge.router.api.TableSizes.Sizes;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** Writes TableDescription structures. */
final class TableDescriptions {

    private static final String ACTIVE = "ACTIVE";
    private static final String UPDATING = "UPDATING";

    /**
     * How a table is shown.
     *
     * @param warmStatus the status of its warm throughput; empty: that is left out
     * @param indexes its global indexes
     */
    private record Look(TableRecord.Status status, String warmStatus, List<IndexDescriptions.Look> indexes) {}

    private final Arns arns;
    private final IndexDescriptions indexes;

    TableDescriptions(Arns arns) {
        this.arns = arns;
        this.indexes = new IndexDescriptions(arns);
    }

    /** Writes a table as it stands. */
    void write(JsonGenerator out, String member, TableRecord table, TableRecord.Status status, Sizes sizes) {
        String warmStatus = status == TableRecord.Status.DELETING ? status.name() : ACTIVE;
        write(out, member, table, new Look(status, warmStatus, IndexDescriptions.looks(table, status)), sizes);
    }

    /**
     * Writes the answer of CreateTable: a table that is CREATING.
     *
     * @param warmthNamed whether the request named a warm throughput, without which the answer has none
     */
    void writeCreated(JsonGenerator out, TableRecord table, boolean warmthNamed) {
        Look look = new Look(
                TableRecord.Status.CREATING, warmthNamed ? UPDATING : "", IndexDescriptions.looksCreated(table));
        write(out, "TableDescription", table, look, Sizes.NOTHING);
    }

    /**
     * Writes the answer of UpdateTable. The service begins with the change once it has answered, so what takes its time
     * there is shown as it was.
     */
    void writeUpdated(
            JsonGenerator out, TableRecord before, TableRecord after, UpdateTableRequest request, Sizes sizes) {
        List<IndexDescriptions.Look> looks = IndexDescriptions.looksUpdated(before, after, request);
        if (request.createsOrDeletesIndexes()) {
            write(out, "TableDescription", after, new Look(TableRecord.Status.UPDATING, ACTIVE, looks), sizes);
            return;
        }
        if (request.isShownAsUpdating()) {
            write(out, "TableDescription", before, new Look(TableRecord.Status.UPDATING, ACTIVE, looks), sizes);
            return;
        }
        if (request.changesWarmth()) {
            write(out, "TableDescription", before, new Look(after.getStatus(), UPDATING, looks), sizes);
            return;
        }
        write(out, "TableDescription", after, new Look(after.getStatus(), ACTIVE, looks), sizes);
    }

    private void write(JsonGenerator out, String member, TableRecord table, Look look, Sizes sizes) {
        out.writeName(member);
        out.writeStartObject();
        IndexDescriptions.writeDefinitions(out, table);
        IndexDescriptions.writeKeySchema(
                out, List.of(table.getPartitionKey()), table.hasSortKey() ? List.of(table.getSortKey()) : List.of());
        out.writeStringProperty("TableName", table.getName());
        out.writeStringProperty("TableStatus", look.status.name());
        ThroughputDescriptions.writeTime(out, "CreationDateTime", table.getCreatedMillis());
        ThroughputDescriptions.writeProvisioned(
                out,
                table.getReadCapacityUnits(),
                table.getWriteCapacityUnits(),
                table.getLastIncreaseMillis(),
                table.getLastDecreaseMillis(),
                Throughput.decreasesOnDayOf(System.currentTimeMillis(), table));
        out.writeNumberProperty("TableSizeBytes", sizes.of(table.getId()).getBytes());
        out.writeNumberProperty("ItemCount", sizes.of(table.getId()).getItems());
        out.writeStringProperty("TableArn", arns.table(table.getName()));
        out.writeStringProperty("TableId", table.getTableId());
        writeBillingMode(out, table, look.status);
        writeTableClass(out, table);
        out.writeBooleanProperty("DeletionProtectionEnabled", table.getDeletionProtection());
        ThroughputDescriptions.writeMaximum(out, table.getMaxReadRequestUnits(), table.getMaxWriteRequestUnits());
        ThroughputDescriptions.writeWarmth(
                out, Throughput.warmReadUnits(table), Throughput.warmWriteUnits(table), look.warmStatus);
        indexes.writeLocal(out, table, sizes);
        indexes.writeGlobal(out, table, look.indexes, sizes);
        out.writeEndObject();
    }

    /** There is one only where the table was on demand at some time; the answer of CreateTable has no time in it. */
    private static void writeBillingMode(JsonGenerator out, TableRecord table, TableRecord.Status status) {
        boolean onDemand = Throughput.isOnDemand(table);
        if (!onDemand && table.getOnDemandSinceMillis() == 0) {
            return;
        }
        out.writeName("BillingModeSummary");
        out.writeStartObject();
        out.writeStringProperty("BillingMode", onDemand ? "PAY_PER_REQUEST" : "PROVISIONED");
        if (status != TableRecord.Status.CREATING) {
            long since =
                    table.getOnDemandSinceMillis() == 0 ? table.getCreatedMillis() : table.getOnDemandSinceMillis();
            ThroughputDescriptions.writeTime(out, "LastUpdateToPayPerRequestDateTime", since);
        }
        out.writeEndObject();
    }

    private static void writeTableClass(JsonGenerator out, TableRecord table) {
        if (table.getTableClass().isEmpty()) {
            return;
        }
        out.writeName("TableClassSummary");
        out.writeStartObject();
        out.writeStringProperty("TableClass", table.getTableClass());
        ThroughputDescriptions.writeTime(out, "LastUpdateDateTime", table.getTableClassChangedMillis());
        out.writeEndObject();
    }
}

package dev.henge.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.FinishIndex;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.IndexThroughput;
import dev.henge.proto.IndexUpdate;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import dev.henge.proto.UpdateTable;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TableIndexesTest {

    private static final long NOON = 1_790_000_000_000L / 86_400_000 * 86_400_000 + 43_200_000;
    private static final Numbering NUMBERING = new Numbering(9, 5);
    private static final String ONLY_ONE =
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";

    private static final TableRecord PROVISIONED = TableRecord.newBuilder()
            .setId(1)
            .setName("Orders")
            .setStatus(TableRecord.Status.ACTIVE)
            .setBillingMode("PROVISIONED")
            .setPartitionKey(KeyAttribute.newBuilder().setName("pk").setType("S"))
            .setReadCapacityUnits(10)
            .setWriteCapacityUnits(5)
            .build();

    private static final TableRecord ON_DEMAND = PROVISIONED.toBuilder()
            .setBillingMode("PAY_PER_REQUEST")
            .clearReadCapacityUnits()
            .clearWriteCapacityUnits()
            .build();

    @Test
    void aNewIndexIsCreatingAndBackfillingAndItsTableUpdating() {
        TableRecord table = changed(ON_DEMAND, create("by-city"));

        assertThat(table.getStatus()).isEqualTo(TableRecord.Status.UPDATING);
        assertThat(table.getIndexesList()).singleElement().satisfies(index -> {
            assertThat(index.getId()).isEqualTo(9);
            assertThat(index.getEpoch()).isEqualTo(5);
            assertThat(index.getStatus()).isEqualTo(IndexRecord.Status.CREATING);
            assertThat(index.getBackfilling()).isTrue();
        });
        assertThat(TableChanges.numbersOf(update(create("by-city")))).isEqualTo(1);
        assertThat(TableChanges.numbersOf(update(delete("by-city")))).isZero();
    }

    @Test
    void anIndexThatIsFilledIsActiveAndSoIsItsTable() {
        TableRecord table = finished(changed(ON_DEMAND, create("by-city")), IndexRecord.Status.CREATING)
                .orElseThrow();

        assertThat(table.getStatus()).isEqualTo(TableRecord.Status.ACTIVE);
        assertThat(table.getEpoch()).isEqualTo(6);
        assertThat(table.getIndexes(0).getStatus()).isEqualTo(IndexRecord.Status.ACTIVE);
        assertThat(table.getIndexes(0).getBackfilling()).isFalse();
        assertThat(table.getIndexes(0).getEpoch()).isEqualTo(6);
    }

    @Test
    void anIndexThatIsDroppedIsGone() {
        TableRecord deleting = changed(withIndex(ON_DEMAND), delete("by-city"));
        TableRecord gone = finished(deleting, IndexRecord.Status.DELETING).orElseThrow();

        assertThat(deleting.getStatus()).isEqualTo(TableRecord.Status.UPDATING);
        assertThat(deleting.getIndexes(0).getStatus()).isEqualTo(IndexRecord.Status.DELETING);
        assertThat(gone.getIndexesCount()).isZero();
        assertThat(gone.getStatus()).isEqualTo(TableRecord.Status.ACTIVE);
    }

    @Test
    void anIndexDeletedWhileItIsFilledStaysUntilItIsDropped() {
        TableRecord filling = changed(ON_DEMAND, create("by-city"));
        TableRecord deleting = changed(filling, delete("by-city"));

        assertThat(deleting.getIndexes(0).getBackfilling()).isFalse();
        assertThat(finished(deleting, IndexRecord.Status.CREATING)).isEmpty();
        assertThat(finished(deleting, IndexRecord.Status.DELETING).orElseThrow().getIndexesCount())
                .isZero();
    }

    @Test
    void whatIsDoneAlreadyIsNotDoneAgain() {
        TableRecord active = withIndex(ON_DEMAND);

        assertThat(finished(active, IndexRecord.Status.STATUS_UNSPECIFIED)).isEmpty();
        assertThat(finished(ON_DEMAND, IndexRecord.Status.DELETING)).isEmpty();
    }

    @Test
    void oneIndexIsCreatedOrDeletedAtATime() {
        TableRecord filling = changed(withIndex(ON_DEMAND), create("by-name"));

        assertThat(refusal(ON_DEMAND, Code.LIMIT_EXCEEDED, create("aaa"), create("bbb")))
                .isEqualTo(ONLY_ONE);
        assertThat(refusal(filling, Code.LIMIT_EXCEEDED, create("by-size"))).isEqualTo(ONLY_ONE);
        assertThat(refusal(filling, Code.LIMIT_EXCEEDED, delete("by-city"))).isEqualTo(ONLY_ONE);
    }

    @Test
    void whileAnIndexIsFilledTheTableCanBeChangedButForItsClassAndNotDeleted() {
        TableRecord filling = changed(PROVISIONED, create("by-city", 3, 3));

        TableRecord faster = changed(filling, throughput("by-city", 3, 9));

        assertThat(faster.getIndexes(0).getWriteCapacityUnits()).isEqualTo(9);
        assertThat(faster.getIndexes(0).getStatus()).isEqualTo(IndexRecord.Status.CREATING);
        assertThat(faster.getStatus()).isEqualTo(TableRecord.Status.UPDATING);
        assertThat(changed(filling, UpdateTable.newBuilder().setDeletionProtection(true))
                        .getDeletionProtection())
                .isTrue();
        assertThat(refusal(filling, Code.TABLE_IN_USE, UpdateTable.newBuilder().setTableClass("STANDARD")))
                .endsWith("Table: Orders is in the process of being updated.");
        assertThat(TableChanges.refusalOfDelete(filling).orElseThrow().getMessage())
                .isEqualTo("Attempt to change a resource which is still in use: Cannot delete table while indexes are "
                        + "being created, updated, or deleted.");
    }

    @Test
    void whileAnIndexIsDroppedTheCapacityOfItsTableStays() {
        String inUse = "Attempt to change a resource which is still in use: ";
        TableRecord deleting = changed(withIndex(PROVISIONED), delete("by-city"));

        assertThat(refusal(
                        deleting,
                        Code.TABLE_IN_USE,
                        UpdateTable.newBuilder().setReadCapacityUnits(1).setWriteCapacityUnits(1)))
                .isEqualTo(inUse + "Can't change table IOPS when an index is being deleted. Table: Orders Indexes: "
                        + "[by-city]");
        assertThat(refusal(deleting, Code.TABLE_IN_USE, throughput("by-city", 3, 3)))
                .isEqualTo(inUse + "Index is being deleted. Table: Orders Index: by-city");
        assertThat(refusal(
                        changed(withIndex(ON_DEMAND), delete("by-city")),
                        Code.TABLE_IN_USE,
                        UpdateTable.newBuilder().setMaxReadRequestUnits(5)))
                .isEqualTo(inUse + "OnDemandThroughput cannot be updated while index deletion is in progress for "
                        + "indexes: [by-city]");
    }

    @Test
    void anIndexHasCapacityWhereItsTableIsProvisioned() {
        assertThat(refusal(PROVISIONED, Code.TABLE_INVALID_CHANGE, create("by-city")))
                .endsWith("Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: by-city");
        assertThat(refusal(ON_DEMAND, Code.TABLE_INVALID_CHANGE, create("by-city", 1, 1)))
                .endsWith("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: by-city when "
                        + "BillingMode is PAY_PER_REQUEST");
        assertThat(refusal(
                        withIndex(ON_DEMAND),
                        Code.TABLE_INVALID_CHANGE,
                        UpdateTable.newBuilder()
                                .setBillingMode("PROVISIONED")
                                .setReadCapacityUnits(1)
                                .setWriteCapacityUnits(1)))
                .endsWith("ProvisionedThroughput must be specified for index: by-city");
    }

    @Test
    void namesAreUniqueAndAttributesKeepTheirTypes() {
        IndexUpdate number = IndexUpdate.newBuilder()
                .setCreate(index("by-key", 0, 0).setPartitionKey(0, key("pk", "N")))
                .build();

        assertThat(refusal(withIndex(ON_DEMAND), Code.TABLE_INVALID_CHANGE, create("by-city")))
                .isEqualTo("Attempting to create an index which already exists");
        assertThat(refusal(ON_DEMAND, Code.TABLE_INVALID_CHANGE, number))
                .isEqualTo("invalid attribute, SchemaElement redefined should be of same type as previously defined");
        assertThat(refusal(ON_DEMAND, Code.INDEX_NOT_FOUND, delete("by-city")))
                .isEqualTo("Requested resource not found: Index by-city for table Orders");
        assertThat(refusal(PROVISIONED, Code.INDEX_NOT_FOUND, throughput("by-city", 1, 1)))
                .isEqualTo("Requested resource not found: Index by-city for table Orders");
    }

    @Test
    void aTableHasTwentyGlobalIndexesAtMost() {
        TableRecord.Builder full = ON_DEMAND.toBuilder();
        for (int i = 0; i < 20; i++) {
            full.addIndexes(index("index" + i, 0, 0).setStatus(IndexRecord.Status.ACTIVE));
        }

        assertThat(refusal(full.build(), Code.LIMIT_EXCEEDED, create("another")))
                .contains("per-table limit of 20");
    }

    @Test
    void allIndexesTogetherNameAHundredAttributesAtMost() {
        TableRecord.Builder full = ON_DEMAND.toBuilder();
        for (int i = 0; i < 5; i++) {
            IndexRecord.Builder index = index("index" + i, 0, 0).setStatus(IndexRecord.Status.ACTIVE);
            for (int j = 0; j < 20; j++) {
                index.addIncluded("a" + j);
            }
            full.addIndexes(index);
        }
        IndexUpdate oneMore = IndexUpdate.newBuilder()
                .setCreate(index("another", 0, 0).addIncluded("a"))
                .build();

        assertThat(refusal(full.build(), Code.TABLE_INVALID_CHANGE, oneMore))
                .isEqualTo("One or more parameter values were invalid: Number of NonKeyAttributes across all indexes "
                        + "exceeds limit of 100. Number given: 101");
        assertThat(changed(full.build(), create("another")).getIndexesCount()).isEqualTo(6);
    }

    @Test
    void capacityOfAnIndexChangesAtOnceAndIsNoted() {
        TableRecord table = finished(changed(PROVISIONED, create("by-city", 3, 3)), IndexRecord.Status.CREATING)
                .orElseThrow();

        IndexRecord down = changed(table, throughput("by-city", 1, 4)).getIndexes(0);

        assertThat(down.getReadCapacityUnits()).isEqualTo(1);
        assertThat(down.getLastIncreaseMillis()).isEqualTo(NOON);
        assertThat(down.getLastDecreaseMillis()).isEqualTo(NOON);
        assertThat(Throughput.decreasesOnDayOf(NOON + 1, down)).isEqualTo(1);
        assertThat(Throughput.warmReadUnits(table, down)).isEqualTo(3);
        assertThat(Throughput.warmWriteUnits(table, down)).isEqualTo(4);
        assertThat(refusal(table, Code.TABLE_INVALID_CHANGE, throughput("by-city", 3, 3)))
                .startsWith("The provisioned throughput for the index by-city will not change. ");
    }

    @Test
    void anIndexFollowsTheBillingModeOfItsTable() {
        TableRecord table = finished(changed(PROVISIONED, create("by-city", 3, 3)), IndexRecord.Status.CREATING)
                .orElseThrow();

        TableRecord onDemand = TableChanges.update(
                        table,
                        UpdateTable.newBuilder()
                                .setBillingMode("PAY_PER_REQUEST")
                                .build(),
                        NUMBERING)
                .getTable();
        TableRecord back = changed(
                onDemand,
                update(throughput("by-city", 7, 8)).toBuilder()
                        .setBillingMode("PROVISIONED")
                        .setReadCapacityUnits(1)
                        .setWriteCapacityUnits(1));

        assertThat(onDemand.getIndexes(0).getReadCapacityUnits()).isZero();
        assertThat(onDemand.getStatus()).isEqualTo(TableRecord.Status.ACTIVE);
        assertThat(refusal(onDemand, Code.TABLE_INVALID_CHANGE, throughput("by-city", 1, 1)))
                .endsWith("The only Updates for index: by-city when TableThroughputMode is PAY_PER_REQUEST can be to "
                        + "OnDemandThroughput, WarmThroughput");
        assertThat(back.getIndexes(0).getReadCapacityUnits()).isEqualTo(7);
        assertThat(Throughput.warmWriteUnits(back, back.getIndexes(0))).isEqualTo(4_000);
    }

    @Test
    void maximaAndWarmThroughputOfAnIndexAreKept() {
        TableRecord table = withIndex(ON_DEMAND);
        IndexUpdate maxima = IndexUpdate.newBuilder()
                .setUpdate(IndexThroughput.newBuilder().setName("by-city").setMaxReadRequestUnits(40))
                .build();
        IndexUpdate warmth = IndexUpdate.newBuilder()
                .setUpdate(IndexThroughput.newBuilder().setName("by-city").setWarmWriteUnits(4_001))
                .build();
        IndexUpdate colder = IndexUpdate.newBuilder()
                .setUpdate(IndexThroughput.newBuilder().setName("by-city").setWarmWriteUnits(3_999))
                .build();

        assertThat(changed(table, maxima).getIndexes(0).getMaxReadRequestUnits())
                .isEqualTo(40);
        TableRecord warm = changed(table, warmth);
        assertThat(Throughput.warmWriteUnits(warm, warm.getIndexes(0))).isEqualTo(4_001);
        assertThat(refusal(table, Code.TABLE_INVALID_CHANGE, colder)).contains("WarmThroughput for index by-city");
        assertThat(refusal(withIndex(PROVISIONED), Code.TABLE_INVALID_CHANGE, maxima))
                .contains("MaxReadRequestUnits for OnDemandThroughput for index : by-city cannot be specified");
    }

    private static TableRecord withIndex(TableRecord table) {
        return table.toBuilder()
                .addIndexes(index("by-city", 1, 1).setId(9).setStatus(IndexRecord.Status.ACTIVE))
                .build();
    }

    private static IndexRecord.Builder index(String name, long read, long write) {
        return IndexRecord.newBuilder()
                .setName(name)
                .setKind(IndexRecord.Kind.GLOBAL)
                .addPartitionKey(key("city", "S"))
                .setReadCapacityUnits(read)
                .setWriteCapacityUnits(write);
    }

    private static KeyAttribute key(String name, String type) {
        return KeyAttribute.newBuilder().setName(name).setType(type).build();
    }

    private static IndexUpdate create(String name) {
        return create(name, 0, 0);
    }

    private static IndexUpdate create(String name, long read, long write) {
        return IndexUpdate.newBuilder().setCreate(index(name, read, write)).build();
    }

    private static IndexUpdate delete(String name) {
        return IndexUpdate.newBuilder().setDelete(name).build();
    }

    private static IndexUpdate throughput(String name, long read, long write) {
        return IndexUpdate.newBuilder()
                .setUpdate(IndexThroughput.newBuilder()
                        .setName(name)
                        .setReadCapacityUnits(read)
                        .setWriteCapacityUnits(write))
                .build();
    }

    private static UpdateTable update(IndexUpdate... updates) {
        return UpdateTable.newBuilder()
                .setAtMillis(NOON)
                .addAllIndexes(java.util.List.of(updates))
                .build();
    }

    private static TableRecord changed(TableRecord table, IndexUpdate... updates) {
        return changed(table, update(updates).toBuilder());
    }

    private static TableRecord changed(TableRecord table, UpdateTable.Builder change) {
        CatalogOutcome outcome = TableChanges.update(table, change.build(), NUMBERING);
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(Code.OK);
        return outcome.getTable();
    }

    private static String refusal(TableRecord table, Code code, IndexUpdate... updates) {
        return refusal(table, code, update(updates).toBuilder());
    }

    private static String refusal(TableRecord table, Code code, UpdateTable.Builder change) {
        CatalogOutcome outcome = TableChanges.update(table, change.build(), NUMBERING);
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(code);
        return outcome.getMessage();
    }

    private static Optional<TableRecord> finished(TableRecord table, IndexRecord.Status done) {
        return TableChanges.finishIndex(
                table,
                FinishIndex.newBuilder().setTable(1).setIndex(9).setDone(done).build(),
                6);
    }
}

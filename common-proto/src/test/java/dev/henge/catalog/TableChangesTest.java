package dev.henge.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TagTable;
import dev.henge.proto.UpdateTable;
import org.junit.jupiter.api.Test;

class TableChangesTest {

    private static final long NOON = 1_790_000_000_000L / 86_400_000 * 86_400_000 + 43_200_000;
    private static final long HOUR_MILLIS = 3_600_000;

    private static final TableRecord PROVISIONED = TableRecord.newBuilder()
            .setName("Orders")
            .setStatus(TableRecord.Status.ACTIVE)
            .setCreatedMillis(NOON)
            .setBillingMode("PROVISIONED")
            .setReadCapacityUnits(10)
            .setWriteCapacityUnits(5)
            .build();

    private static final TableRecord ON_DEMAND = PROVISIONED.toBuilder()
            .setBillingMode("PAY_PER_REQUEST")
            .clearReadCapacityUnits()
            .clearWriteCapacityUnits()
            .build();

    @Test
    void throughputThatStaysTheSameIsRefused() {
        CatalogOutcome outcome = updated(PROVISIONED, capacity(10, 5).build());

        assertThat(outcome.getCode()).isEqualTo(Code.TABLE_INVALID_CHANGE);
        assertThat(outcome.getMessage())
                .isEqualTo("The provisioned throughput for the table will not change. The requested value equals the "
                        + "current value. Current ReadCapacityUnits provisioned for the table: 10. Requested "
                        + "ReadCapacityUnits: 10. Current WriteCapacityUnits provisioned for the table: 5. Requested "
                        + "WriteCapacityUnits: 5. Refer to the Amazon DynamoDB Developer Guide for current limits and "
                        + "how to request higher limits.");
        assertThat(updated(
                                PROVISIONED,
                                capacity(10, 5).setBillingMode("PROVISIONED").build())
                        .getCode())
                .isEqualTo(Code.TABLE_INVALID_CHANGE);
    }

    @Test
    void increasesAndDecreasesAreNotedAndDecreasesCountedByUtcDay() {
        TableRecord up = changed(PROVISIONED, capacity(20, 5).setAtMillis(NOON));
        TableRecord mixed = changed(up, capacity(15, 6).setAtMillis(NOON + HOUR_MILLIS));
        TableRecord down = changed(mixed, capacity(1, 1).setAtMillis(NOON + 2 * HOUR_MILLIS));

        assertThat(up.getLastIncreaseMillis()).isEqualTo(NOON);
        assertThat(up.getLastDecreaseMillis()).isZero();
        assertThat(mixed.getLastIncreaseMillis()).isEqualTo(NOON + HOUR_MILLIS);
        assertThat(mixed.getLastDecreaseMillis()).isEqualTo(NOON + HOUR_MILLIS);
        assertThat(Throughput.decreasesOnDayOf(NOON + 3 * HOUR_MILLIS, down)).isEqualTo(2);
        assertThat(Throughput.decreasesOnDayOf(NOON + 12 * HOUR_MILLIS, down)).isZero();
        TableRecord nextDay = changed(
                changed(down, capacity(9, 9).setAtMillis(NOON + 12 * HOUR_MILLIS)),
                capacity(8, 9).setAtMillis(NOON + 13 * HOUR_MILLIS));
        assertThat(nextDay.getDecreases()).isEqualTo(1);
    }

    @Test
    void aTableTurnsToOnDemandAndBack() {
        TableRecord onDemand = changed(
                PROVISIONED,
                UpdateTable.newBuilder()
                        .setBillingMode("PAY_PER_REQUEST")
                        .setMaxReadRequestUnits(100)
                        .setAtMillis(NOON + 1));
        TableRecord back = changed(onDemand, capacity(3, 4).setBillingMode("PROVISIONED"));

        assertThat(onDemand.getBillingMode()).isEqualTo("PAY_PER_REQUEST");
        assertThat(onDemand.getReadCapacityUnits()).isZero();
        assertThat(onDemand.getMaxReadRequestUnits()).isEqualTo(100);
        assertThat(onDemand.getOnDemandSinceMillis()).isEqualTo(NOON + 1);
        assertThat(Throughput.warmReadUnits(onDemand)).isEqualTo(12_000);
        assertThat(back.getBillingMode()).isEqualTo("PROVISIONED");
        assertThat(back.getWriteCapacityUnits()).isEqualTo(4);
        assertThat(back.getMaxReadRequestUnits()).isZero();
        assertThat(back.getOnDemandSinceMillis()).isEqualTo(NOON + 1);
        assertThat(Throughput.warmWriteUnits(back)).isEqualTo(4_000);
    }

    @Test
    void aTableMadeOnDemandStillTellsSoOnceItIsProvisioned() {
        TableRecord provisioned = changed(ON_DEMAND, capacity(1, 1).setBillingMode("PROVISIONED"));

        assertThat(provisioned.getOnDemandSinceMillis()).isEqualTo(NOON);
        assertThat(provisioned.getLastIncreaseMillis()).isZero();
    }

    @Test
    void toAskForOnDemandAgainChangesNothing() {
        TableRecord again = changed(ON_DEMAND, UpdateTable.newBuilder().setBillingMode("PAY_PER_REQUEST"));

        assertThat(again.getOnDemandSinceMillis()).isZero();
        assertThat(again.getBillingMode()).isEqualTo("PAY_PER_REQUEST");
    }

    @Test
    void anOnDemandTableHasNoCapacity() {
        assertThat(updated(ON_DEMAND, capacity(1, 1).build()).getMessage())
                .isEqualTo("One or more parameter values were invalid: Neither ReadCapacityUnits nor "
                        + "WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
    }

    @Test
    void maximaAreSetOneByOneAndWithdrawn() {
        TableRecord both = changed(
                ON_DEMAND,
                UpdateTable.newBuilder().setMaxReadRequestUnits(1_000).setMaxWriteRequestUnits(500));
        TableRecord one = changed(both, UpdateTable.newBuilder().setMaxReadRequestUnits(-1));

        assertThat(one.getMaxReadRequestUnits()).isZero();
        assertThat(one.getMaxWriteRequestUnits()).isEqualTo(500);
        assertThat(updated(
                                PROVISIONED,
                                UpdateTable.newBuilder()
                                        .setMaxWriteRequestUnits(5)
                                        .build())
                        .getMessage())
                .isEqualTo("One or more parameter values were invalid: MaxWriteRequestUnits for OnDemandThroughput "
                        + "cannot be specified when the table BillingMode is PROVISIONED");
    }

    @Test
    void warmThroughputNeverGetsLess() {
        TableRecord high = changed(PROVISIONED, capacity(30, 30));
        TableRecord low = changed(high, capacity(1, 1));
        TableRecord warmer = changed(low, UpdateTable.newBuilder().setWarmReadUnits(50));

        assertThat(Throughput.warmReadUnits(low)).isEqualTo(30);
        assertThat(Throughput.warmReadUnits(warmer)).isEqualTo(50);
        assertThat(Throughput.warmWriteUnits(warmer)).isEqualTo(30);
        assertThat(updated(
                                warmer,
                                UpdateTable.newBuilder().setWarmWriteUnits(29).build())
                        .getMessage())
                .isEqualTo("One or more parameter values were invalid: Requested WriteUnitsPerSecond for "
                        + "WarmThroughput for table is lower than current WarmThroughput, decreasing WarmThroughput "
                        + "is not supported");
        assertThat(updated(
                                warmer,
                                UpdateTable.newBuilder().setWarmWriteUnits(30).build())
                        .getCode())
                .isEqualTo(Code.OK);
    }

    @Test
    void aTableThatHasTheDefaultClassIsGivenItForNothing() {
        TableRecord same = changed(
                PROVISIONED, UpdateTable.newBuilder().setTableClass("STANDARD").setAtMillis(7));
        TableRecord other = changed(
                PROVISIONED,
                UpdateTable.newBuilder()
                        .setTableClass("STANDARD_INFREQUENT_ACCESS")
                        .setAtMillis(7));

        assertThat(same.getTableClass()).isEmpty();
        assertThat(other.getTableClass()).isEqualTo("STANDARD_INFREQUENT_ACCESS");
        assertThat(other.getTableClassChangedMillis()).isEqualTo(7);
    }

    @Test
    void deletionProtectionIsSwitchedAndLeftAlone() {
        TableRecord safe = changed(PROVISIONED, UpdateTable.newBuilder().setDeletionProtection(true));

        assertThat(safe.getDeletionProtection()).isTrue();
        assertThat(changed(safe, capacity(2, 2)).getDeletionProtection()).isTrue();
        assertThat(changed(safe, UpdateTable.newBuilder().setDeletionProtection(false))
                        .getDeletionProtection())
                .isFalse();
    }

    @Test
    void aTableThatIsNotActiveIsInUse() {
        String inUse = "Attempt to change a resource which is still in use: ";

        assertThat(refusal(TableRecord.Status.CREATING)).isEqualTo(inUse + "Table is being created: Orders");
        assertThat(refusal(TableRecord.Status.DELETING)).isEqualTo(inUse + "Table is being deleted: Orders");
        assertThat(refusal(TableRecord.Status.UPDATING))
                .isEqualTo(inUse + "Table: Orders is in the process of being updated.");
    }

    private static String refusal(TableRecord.Status status) {
        CatalogOutcome outcome = updated(
                PROVISIONED.toBuilder().setStatus(status).build(),
                capacity(1, 1).build());
        assertThat(outcome.getCode()).isEqualTo(Code.TABLE_IN_USE);
        return outcome.getMessage();
    }

    @Test
    void tagsAreReplacedAddedAndRemoved() {
        TableRecord tagged = TableChanges.tag(
                        PROVISIONED,
                        TagTable.newBuilder()
                                .putAdded("a", "1")
                                .putAdded("b", "2")
                                .build())
                .getTable();
        TableRecord changed = TableChanges.tag(
                        tagged,
                        TagTable.newBuilder()
                                .putAdded("b", "3")
                                .addRemovedKeys("a")
                                .addRemovedKeys("none")
                                .build())
                .getTable();

        assertThat(tagged.getTagsMap()).containsOnlyKeys("a", "b");
        assertThat(changed.getTagsMap()).containsExactlyEntriesOf(java.util.Map.of("b", "3"));
    }

    @Test
    void aTableHasFiftyTagsAtMost() {
        TagTable.Builder fifty = TagTable.newBuilder();
        for (int i = 0; i < 50; i++) {
            fifty.putAdded("key" + i, "");
        }
        TableRecord full = TableChanges.tag(PROVISIONED, fifty.build()).getTable();

        CatalogOutcome over = TableChanges.tag(
                full, TagTable.newBuilder().putAdded("more", "").build());

        assertThat(over.getCode()).isEqualTo(Code.TABLE_INVALID_CHANGE);
        assertThat(over.getMessage()).isEqualTo("Number of Tags exceed the current limit for the provided ResourceArn");
        assertThat(TableChanges.tag(
                                full,
                                TagTable.newBuilder().putAdded("key7", "new").build())
                        .getCode())
                .isEqualTo(Code.OK);
    }

    private static TableRecord changed(TableRecord table, UpdateTable.Builder change) {
        CatalogOutcome outcome = updated(table, change.build());
        assertThat(outcome.getCode()).as(outcome.getMessage()).isEqualTo(Code.OK);
        return outcome.getTable();
    }

    private static CatalogOutcome updated(TableRecord table, UpdateTable change) {
        return TableChanges.update(table, change, new Numbering(9, 5));
    }

    private static UpdateTable.Builder capacity(long read, long write) {
        return UpdateTable.newBuilder()
                .setReadCapacityUnits(read)
                .setWriteCapacityUnits(write)
                .setAtMillis(NOON);
    }
}

package dev.henge.catalog;

import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.FinishIndex;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.IndexUpdate;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TagTable;
import dev.henge.proto.UpdateTable;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What UpdateTable, TagResource and UntagResource make of a table. The outcome has the table as it would be (its epoch is
 * the caller's to set), or why it stays as it is, with the service's text. What can be seen from the request alone is the
 * router's to check.
 */
public final class TableChanges {

    /** How many tags a table has at most. */
    public static final int TAGS_MAX = 50;

    /** How many global secondary indexes a table has at most: the service's default quota. */
    public static final int GLOBAL_INDEXES_MAX = 20;

    /** Most of the attributes that all indexes of a table together may name as NonKeyAttributes. */
    public static final int INCLUDED_ATTRIBUTES_MAX = 100;

    private static final String INVALID = "One or more parameter values were invalid: ";
    static final String IN_USE = "Attempt to change a resource which is still in use: ";
    private static final long NO_MAXIMUM = -1;

    private TableChanges() {}

    /** Why a table that is not ACTIVE can't be changed now: the text of a ResourceInUseException. */
    public static String inUse(TableRecord table) {
        return switch (table.getStatus()) {
            case CREATING -> IN_USE + "Table is being created: " + table.getName();
            case DELETING -> IN_USE + "Table is being deleted: " + table.getName();
            case UPDATING, ACTIVE, STATUS_UNSPECIFIED, UNRECOGNIZED ->
                IN_USE + "Table: " + table.getName() + " is in the process of being updated.";
        };
    }

    /**
     * The table that CreateTable makes, and its indexes, whose entries are kept as those of a table of their number are.
     *
     * @param firstId the table's number; its indexes take the ones behind it
     * @param epoch of the catalog that has it first
     */
    public static TableRecord created(TableRecord wanted, long firstId, long epoch) {
        TableRecord.Builder table = wanted.toBuilder()
                .setId(firstId)
                .setStatus(TableRecord.Status.ACTIVE)
                .setEpoch(epoch);
        long id = firstId;
        for (IndexRecord.Builder index : table.getIndexesBuilderList()) {
            id++;
            index.setId(id).setStatus(IndexRecord.Status.ACTIVE).setEpoch(epoch);
        }
        return table.build();
    }

    /** How many numbers a table that is created takes. */
    public static long numbersOf(TableRecord wanted) {
        return 1L + wanted.getIndexesCount();
    }

    /** How many numbers an UpdateTable takes. */
    public static long numbersOf(UpdateTable change) {
        return change.getIndexesList().stream().filter(IndexUpdate::hasCreate).count();
    }

    /** What is said when the indexes of a table name too many attributes. */
    public static String tooManyIncluded(int count) {
        return "Number of NonKeyAttributes across all indexes exceeds limit of " + INCLUDED_ATTRIBUTES_MAX
                + ". Number given: " + count;
    }

    /**
     * The table after an UpdateTable. It takes effect at once, so that the record stays ACTIVE; but an index that is created or
     * deleted is so only once every partition has done its part, and until then the table is UPDATING.
     */
    public static CatalogOutcome update(TableRecord table, UpdateTable change, Numbering numbering) {
        boolean indexing = table.getStatus() == TableRecord.Status.UPDATING && TableIndexes.underWay(table);
        boolean classChanges = !change.getTableClass().isEmpty();
        if (indexing ? classChanges : table.getStatus() != TableRecord.Status.ACTIVE) {
            return refuse(Code.TABLE_IN_USE, inUse(table));
        }
        Optional<String> conflict = TableIndexes.conflict(table, change);
        if (conflict.isPresent()) {
            return refuse(Code.TABLE_IN_USE, IN_USE + conflict.get());
        }
        Optional<String> invalid = invalidThroughput(table, change)
                .or(() -> invalidMaximum(table, change))
                .or(() -> invalidWarmth(table, change));
        if (invalid.isPresent()) {
            return refuse(Code.TABLE_INVALID_CHANGE, invalid.get());
        }
        Optional<CatalogOutcome> refusal = TableIndexes.refusal(table, change, onDemandAfter(table, change));
        if (refusal.isPresent()) {
            return refusal.get();
        }
        TableRecord.Builder next = table.toBuilder();
        changeThroughput(table, change, next);
        TableIndexes.apply(table, change, numbering, next);
        if (change.hasDeletionProtection()) {
            next.setDeletionProtection(change.getDeletionProtection());
        }
        changeTableClass(table, change, next);
        return accept(next);
    }

    /** Why a table can't be deleted now; empty when it can. */
    public static Optional<CatalogOutcome> refusalOfDelete(TableRecord table) {
        if (TableIndexes.underWay(table) && table.getStatus() == TableRecord.Status.UPDATING) {
            return Optional.of(refuse(
                    Code.TABLE_IN_USE,
                    IN_USE + "Cannot delete table while indexes are being created, updated, or deleted."));
        }
        if (table.getStatus() != TableRecord.Status.ACTIVE) {
            return Optional.of(refuse(Code.TABLE_IN_USE, inUse(table)));
        }
        if (table.getDeletionProtection()) {
            return Optional.of(refuse(
                    Code.TABLE_PROTECTED,
                    "Resource cannot be deleted as it is currently protected against deletion. Disable deletion"
                            + " protection first."));
        }
        return Optional.empty();
    }

    /**
     * The table once every partition is through with an index that is created or deleted; empty when the command changes
     * nothing.
     */
    public static Optional<TableRecord> finishIndex(TableRecord table, FinishIndex command, long epoch) {
        return TableIndexes.finished(table, command, epoch)
                .map(next -> next.toBuilder().setEpoch(epoch).build());
    }

    private static boolean onDemandAfter(TableRecord table, UpdateTable change) {
        return change.getBillingMode().isEmpty()
                ? Throughput.isOnDemand(table)
                : change.getBillingMode().equals("PAY_PER_REQUEST");
    }

    private static Optional<String> invalidThroughput(TableRecord table, UpdateTable change) {
        if (change.getReadCapacityUnits() == 0) {
            return Optional.empty();
        }
        if (onDemandAfter(table, change)) {
            return Optional.of(INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                    + "BillingMode is PAY_PER_REQUEST");
        }
        boolean same = !Throughput.isOnDemand(table)
                && change.getReadCapacityUnits() == table.getReadCapacityUnits()
                && change.getWriteCapacityUnits() == table.getWriteCapacityUnits();
        return same ? Optional.of(willNotChange(table)) : Optional.empty();
    }

    private static String willNotChange(TableRecord table) {
        return "The provisioned throughput for the table will not change. The requested value equals the current value. "
                + "Current ReadCapacityUnits provisioned for the table: " + table.getReadCapacityUnits()
                + ". Requested ReadCapacityUnits: " + table.getReadCapacityUnits()
                + ". Current WriteCapacityUnits provisioned for the table: " + table.getWriteCapacityUnits()
                + ". Requested WriteCapacityUnits: " + table.getWriteCapacityUnits()
                + ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.";
    }

    private static Optional<String> invalidMaximum(TableRecord table, UpdateTable change) {
        if (onDemandAfter(table, change)) {
            return Optional.empty();
        }
        if (change.getMaxReadRequestUnits() != 0) {
            return Optional.of(maximumOfProvisioned("MaxReadRequestUnits"));
        }
        if (change.getMaxWriteRequestUnits() != 0) {
            return Optional.of(maximumOfProvisioned("MaxWriteRequestUnits"));
        }
        return Optional.empty();
    }

    private static String maximumOfProvisioned(String member) {
        return INVALID + member
                + " for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED";
    }

    private static Optional<String> invalidWarmth(TableRecord table, UpdateTable change) {
        if (change.getWarmReadUnits() != 0 && change.getWarmReadUnits() < Throughput.warmReadUnits(table)) {
            return Optional.of(colder("ReadUnitsPerSecond"));
        }
        if (change.getWarmWriteUnits() != 0 && change.getWarmWriteUnits() < Throughput.warmWriteUnits(table)) {
            return Optional.of(colder("WriteUnitsPerSecond"));
        }
        return Optional.empty();
    }

    private static String colder(String member) {
        return INVALID + "Requested " + member + " for WarmThroughput for table is lower than current WarmThroughput, "
                + "decreasing WarmThroughput is not supported";
    }

    private static void changeThroughput(TableRecord table, UpdateTable change, TableRecord.Builder next) {
        if (!change.getBillingMode().isEmpty() && onDemandAfter(table, change) != Throughput.isOnDemand(table)) {
            next.setBillingMode(change.getBillingMode())
                    .clearMaxReadRequestUnits()
                    .clearMaxWriteRequestUnits();
            if (onDemandAfter(table, change)) {
                next.setOnDemandSinceMillis(change.getAtMillis());
                next.clearReadCapacityUnits().clearWriteCapacityUnits();
            } else if (table.getOnDemandSinceMillis() == 0) {
                next.setOnDemandSinceMillis(table.getCreatedMillis());
            }
        }
        if (change.getReadCapacityUnits() != 0) {
            if (!Throughput.isOnDemand(table)) {
                noteDirections(table, change, next);
            }
            next.setReadCapacityUnits(change.getReadCapacityUnits());
            next.setWriteCapacityUnits(change.getWriteCapacityUnits());
        }
        next.setMaxReadRequestUnits(maximum(next.getMaxReadRequestUnits(), change.getMaxReadRequestUnits()));
        next.setMaxWriteRequestUnits(maximum(next.getMaxWriteRequestUnits(), change.getMaxWriteRequestUnits()));
        // Warm throughput never gets less, whatever is provisioned afterwards.
        TableRecord changed = next.build();
        next.setWarmReadUnits(Math.max(
                Math.max(change.getWarmReadUnits(), Throughput.warmReadUnits(table)),
                Throughput.warmReadUnits(changed)));
        next.setWarmWriteUnits(Math.max(
                Math.max(change.getWarmWriteUnits(), Throughput.warmWriteUnits(table)),
                Throughput.warmWriteUnits(changed)));
    }

    static long maximum(long current, long wanted) {
        if (wanted == NO_MAXIMUM) {
            return 0;
        }
        return wanted == 0 ? current : wanted;
    }

    /** Notes when the provisioned throughput was last increased and decreased; one change may do both. */
    private static void noteDirections(TableRecord table, UpdateTable change, TableRecord.Builder next) {
        long now = change.getAtMillis();
        if (change.getReadCapacityUnits() > table.getReadCapacityUnits()
                || change.getWriteCapacityUnits() > table.getWriteCapacityUnits()) {
            next.setLastIncreaseMillis(now);
        }
        if (change.getReadCapacityUnits() < table.getReadCapacityUnits()
                || change.getWriteCapacityUnits() < table.getWriteCapacityUnits()) {
            next.setLastDecreaseMillis(now);
            next.setDecreases(Throughput.decreasesOnDayOf(now, table) + 1);
        }
    }

    /** A table that never was given a class has STANDARD, and to ask for it changes nothing. */
    private static void changeTableClass(TableRecord table, UpdateTable change, TableRecord.Builder next) {
        String current = table.getTableClass().isEmpty() ? "STANDARD" : table.getTableClass();
        if (change.getTableClass().isEmpty() || change.getTableClass().equals(current)) {
            return;
        }
        next.setTableClass(change.getTableClass()).setTableClassChangedMillis(change.getAtMillis());
    }

    /** The table after tags were added and removed. */
    public static CatalogOutcome tag(TableRecord table, TagTable change) {
        if (table.getStatus() != TableRecord.Status.ACTIVE && table.getStatus() != TableRecord.Status.UPDATING) {
            return refuse(Code.TABLE_IN_USE, inUse(table));
        }
        Set<String> keys = new TreeSet<>(table.getTagsMap().keySet());
        change.getRemovedKeysList().forEach(keys::remove);
        keys.addAll(change.getAddedMap().keySet());
        if (keys.size() > TAGS_MAX) {
            return refuse(
                    Code.TABLE_INVALID_CHANGE, "Number of Tags exceed the current limit for the provided ResourceArn");
        }
        TableRecord.Builder next = table.toBuilder();
        change.getRemovedKeysList().forEach(next::removeTags);
        // In the order of keys, so that every replica's record has the same bytes.
        new TreeSet<>(change.getAddedMap().keySet()).forEach(key -> next.putTags(key, change.getAddedOrThrow(key)));
        return accept(next);
    }

    private static CatalogOutcome accept(TableRecord.Builder table) {
        return CatalogOutcome.newBuilder().setCode(Code.OK).setTable(table).build();
    }

    static CatalogOutcome refuse(Code code, String message) {
        return CatalogOutcome.newBuilder().setCode(code).setMessage(message).build();
    }
}

package dev.henge.catalog;

import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.FinishIndex;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.IndexThroughput;
import dev.henge.proto.IndexUpdate;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import dev.henge.proto.UpdateTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What UpdateTable makes of a table's global indexes. The service has one index of a table in the making, or being deleted,
 * at a time; the table is UPDATING as long (DynamoDB developer guide, "Managing Global Secondary Indexes").
 */
final class TableIndexes {

    private static final String INVALID = "One or more parameter values were invalid: ";

    private TableIndexes() {}

    /** Whether an index of the table is being filled or dropped. */
    static boolean underWay(TableRecord table) {
        return table.getIndexesList().stream().anyMatch(TableIndexes::underWay);
    }

    private static boolean underWay(IndexRecord index) {
        return index.getStatus() == IndexRecord.Status.CREATING || index.getStatus() == IndexRecord.Status.DELETING;
    }

    /** Why the indexes can't be changed so; empty when they can. */
    static Optional<CatalogOutcome> refusal(TableRecord table, UpdateTable change, boolean onDemand) {
        long started = change.getIndexesList().stream()
                .filter(update -> !update.hasUpdate())
                .count();
        if (started > 1) {
            return refuse(Code.LIMIT_EXCEEDED, onlyOne());
        }
        for (IndexUpdate update : change.getIndexesList()) {
            Optional<CatalogOutcome> refusal =
                    switch (update.getKindCase()) {
                        case CREATE -> refusalOfCreate(table, update.getCreate());
                        case UPDATE -> refusalOfUpdate(table, update.getUpdate(), onDemand);
                        case DELETE -> refusalOfDelete(table, update.getDelete());
                        case KIND_NOT_SET -> throw new IllegalArgumentException("an index update of no kind");
                    };
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return Optional.empty();
    }

    private static Optional<CatalogOutcome> refusalOfCreate(TableRecord table, IndexRecord wanted) {
        if (find(table, wanted.getName()).isPresent()) {
            return refuse(Code.TABLE_INVALID_CHANGE, "Attempting to create an index which already exists");
        }
        if (underWay(table)) {
            return refuse(Code.LIMIT_EXCEEDED, onlyOne());
        }
        List<IndexRecord> all = new ArrayList<>(table.getIndexesList());
        all.add(wanted);
        long global = all.stream()
                .filter(index -> index.getKind() == IndexRecord.Kind.GLOBAL)
                .count();
        if (global > TableChanges.GLOBAL_INDEXES_MAX) {
            return refuse(
                    Code.LIMIT_EXCEEDED,
                    "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of "
                            + TableChanges.GLOBAL_INDEXES_MAX);
        }
        int included = all.stream().mapToInt(IndexRecord::getIncludedCount).sum();
        if (included > TableChanges.INCLUDED_ATTRIBUTES_MAX) {
            return refuse(Code.TABLE_INVALID_CHANGE, INVALID + TableChanges.tooManyIncluded(included));
        }
        Map<String, String> types = new HashMap<>();
        Stream.concat(
                        Stream.of(table.getPartitionKey(), table.getSortKey()),
                        table.getIndexesList().stream().flatMap(TableIndexes::key))
                .forEach(key -> types.put(key.getName(), key.getType()));
        return key(wanted)
                .filter(key -> !types.getOrDefault(key.getName(), key.getType()).equals(key.getType()))
                .findFirst()
                .flatMap(key -> refuse(
                        Code.TABLE_INVALID_CHANGE,
                        "invalid attribute, SchemaElement redefined should be of same type as previously defined"));
    }

    private static Stream<KeyAttribute> key(IndexRecord index) {
        return Stream.concat(index.getPartitionKeyList().stream(), index.getSortKeyList().stream());
    }

    private static Optional<CatalogOutcome> refusalOfUpdate(
            TableRecord table, IndexThroughput wanted, boolean onDemand) {
        Optional<IndexRecord> found =
                find(table, wanted.getName()).filter(index -> index.getKind() == IndexRecord.Kind.GLOBAL);
        if (found.isEmpty()) {
            return refuse(
                    Code.TABLE_INVALID_CHANGE, "The table does not have the specified index: " + wanted.getName());
        }
        IndexRecord index = found.get();
        if (index.getStatus() == IndexRecord.Status.DELETING) {
            return refuse(Code.TABLE_IN_USE, beingDeleted(table, index));
        }
        String ofIndex = " for index: " + index.getName();
        boolean maximum = wanted.getMaxReadRequestUnits() != 0 || wanted.getMaxWriteRequestUnits() != 0;
        if (wanted.getReadCapacityUnits() != 0 && onDemand) {
            return refuse(
                    Code.TABLE_INVALID_CHANGE,
                    INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified" + ofIndex
                            + " when BillingMode is PAY_PER_REQUEST");
        }
        if (maximum && !onDemand) {
            String member = wanted.getMaxReadRequestUnits() != 0 ? "MaxReadRequestUnits" : "MaxWriteRequestUnits";
            return refuse(
                    Code.TABLE_INVALID_CHANGE,
                    INVALID + member + " for OnDemandThroughput cannot be specified" + ofIndex
                            + " when the table BillingMode is PROVISIONED");
        }
        if (wanted.getReadCapacityUnits() != 0
                && wanted.getReadCapacityUnits() == index.getReadCapacityUnits()
                && wanted.getWriteCapacityUnits() == index.getWriteCapacityUnits()) {
            return refuse(Code.TABLE_INVALID_CHANGE, willNotChange(index));
        }
        return refusalOfWarmth(table, index, wanted);
    }

    private static Optional<CatalogOutcome> refusalOfWarmth(
            TableRecord table, IndexRecord index, IndexThroughput wanted) {
        if (wanted.getWarmReadUnits() != 0 && wanted.getWarmReadUnits() < Throughput.warmReadUnits(table, index)) {
            return refuse(Code.TABLE_INVALID_CHANGE, colder("ReadUnitsPerSecond", index));
        }
        if (wanted.getWarmWriteUnits() != 0 && wanted.getWarmWriteUnits() < Throughput.warmWriteUnits(table, index)) {
            return refuse(Code.TABLE_INVALID_CHANGE, colder("WriteUnitsPerSecond", index));
        }
        return Optional.empty();
    }

    private static String colder(String member, IndexRecord index) {
        return INVALID + "Requested " + member + " for WarmThroughput for index " + index.getName()
                + " is lower than current WarmThroughput, decreasing WarmThroughput is not supported";
    }

    private static String willNotChange(IndexRecord index) {
        return "The provisioned throughput for the index " + index.getName()
                + " will not change. The requested value equals the current value. "
                + "Current ReadCapacityUnits provisioned for the index: " + index.getReadCapacityUnits()
                + ". Requested ReadCapacityUnits: " + index.getReadCapacityUnits()
                + ". Current WriteCapacityUnits provisioned for the index: " + index.getWriteCapacityUnits()
                + ". Requested WriteCapacityUnits: " + index.getWriteCapacityUnits()
                + ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.";
    }

    /** An index that is being filled may be deleted before it is done, if it is the only one that is under way. */
    private static Optional<CatalogOutcome> refusalOfDelete(TableRecord table, String name) {
        Optional<IndexRecord> found = find(table, name);
        if (found.isEmpty()) {
            return refuse(Code.INDEX_NOT_FOUND, "Requested resource not found");
        }
        if (found.get().getKind() != IndexRecord.Kind.GLOBAL) {
            return refuse(Code.TABLE_INVALID_CHANGE, "Cannot delete an index that is not a GlobalSecondaryIndex");
        }
        if (found.get().getStatus() == IndexRecord.Status.DELETING) {
            return refuse(Code.TABLE_IN_USE, beingDeleted(table, found.get()));
        }
        boolean another = table.getIndexesList().stream()
                .anyMatch(index -> underWay(index) && !index.getName().equals(name));
        return another ? refuse(Code.LIMIT_EXCEEDED, onlyOne()) : Optional.empty();
    }

    private static String beingDeleted(TableRecord table, IndexRecord index) {
        return "Attempt to change a resource which is still in use: Index is being deleted. Table: " + table.getName()
                + " Index: " + index.getName();
    }

    private static String onlyOne() {
        return "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";
    }

    private static Optional<IndexRecord> find(TableRecord table, String name) {
        return table.getIndexesList().stream()
                .filter(index -> index.getName().equals(name))
                .findFirst();
    }

    /**
     * Changes the indexes as asked, where {@link #refusal} has nothing against it.
     *
     * @param next the table, whose own throughput has changed already
     */
    static void apply(TableRecord table, UpdateTable change, Numbering numbering, TableRecord.Builder next) {
        boolean toOtherMode = Throughput.isOnDemand(table) != Throughput.isOnDemand(next.buildPartial());
        for (IndexRecord.Builder index : next.getIndexesBuilderList()) {
            if (toOtherMode && index.getKind() == IndexRecord.Kind.GLOBAL) {
                changeMode(table, index, numbering);
            }
        }
        for (IndexUpdate update : change.getIndexesList()) {
            switch (update.getKindCase()) {
                case CREATE ->
                    next.addIndexes(update.getCreate().toBuilder()
                                    .setId(numbering.nextId())
                                    .setStatus(IndexRecord.Status.CREATING)
                                    .setBackfilling(true)
                                    .setEpoch(numbering.epoch()))
                            .setStatus(TableRecord.Status.UPDATING);
                case UPDATE -> changeThroughput(next, change, update.getUpdate(), numbering);
                case DELETE -> {
                    builder(next, update.getDelete())
                            .setStatus(IndexRecord.Status.DELETING)
                            .setBackfilling(false)
                            .setEpoch(numbering.epoch());
                    next.setStatus(TableRecord.Status.UPDATING);
                }
                case KIND_NOT_SET -> throw new IllegalArgumentException("an index update of no kind");
            }
        }
    }

    private static IndexRecord.Builder builder(TableRecord.Builder table, String name) {
        return table.getIndexesBuilderList().stream()
                .filter(index -> index.getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** What belongs to the mode of before goes; what the index sustains does not get less. */
    private static void changeMode(TableRecord table, IndexRecord.Builder index, Numbering numbering) {
        IndexRecord before = index.build();
        index.setWarmReadUnits(Throughput.warmReadUnits(table, before))
                .setWarmWriteUnits(Throughput.warmWriteUnits(table, before))
                .clearReadCapacityUnits()
                .clearWriteCapacityUnits()
                .clearMaxReadRequestUnits()
                .clearMaxWriteRequestUnits()
                .setEpoch(numbering.epoch());
    }

    private static void changeThroughput(
            TableRecord.Builder table, UpdateTable change, IndexThroughput wanted, Numbering numbering) {
        IndexRecord.Builder index = builder(table, wanted.getName());
        TableRecord next = table.build();
        IndexRecord before = index.build();
        if (wanted.getReadCapacityUnits() != 0) {
            if (before.getReadCapacityUnits() != 0) {
                noteDirections(before, wanted, change.getAtMillis(), index);
            }
            index.setReadCapacityUnits(wanted.getReadCapacityUnits())
                    .setWriteCapacityUnits(wanted.getWriteCapacityUnits());
        }
        index.setMaxReadRequestUnits(
                TableChanges.maximum(before.getMaxReadRequestUnits(), wanted.getMaxReadRequestUnits()));
        index.setMaxWriteRequestUnits(
                TableChanges.maximum(before.getMaxWriteRequestUnits(), wanted.getMaxWriteRequestUnits()));
        index.setWarmReadUnits(Math.max(wanted.getWarmReadUnits(), Throughput.warmReadUnits(next, before)));
        index.setWarmWriteUnits(Math.max(wanted.getWarmWriteUnits(), Throughput.warmWriteUnits(next, before)));
        index.setEpoch(numbering.epoch());
    }

    private static void noteDirections(
            IndexRecord before, IndexThroughput wanted, long nowMillis, IndexRecord.Builder index) {
        if (wanted.getReadCapacityUnits() > before.getReadCapacityUnits()
                || wanted.getWriteCapacityUnits() > before.getWriteCapacityUnits()) {
            index.setLastIncreaseMillis(nowMillis);
        }
        if (wanted.getReadCapacityUnits() < before.getReadCapacityUnits()
                || wanted.getWriteCapacityUnits() < before.getWriteCapacityUnits()) {
            index.setLastDecreaseMillis(nowMillis);
            index.setDecreases(Throughput.decreasesOnDayOf(nowMillis, before) + 1);
        }
    }

    /** The table once every partition is through with an index; empty when that changes nothing. */
    static Optional<TableRecord> finished(TableRecord table, FinishIndex command, long epoch) {
        TableRecord.Builder next = table.toBuilder();
        for (int i = 0; i < next.getIndexesCount(); i++) {
            IndexRecord index = next.getIndexes(i);
            boolean meant = command.getDone() == IndexRecord.Status.STATUS_UNSPECIFIED
                    || command.getDone() == index.getStatus();
            if (index.getId() != command.getIndex() || !underWay(index) || !meant) {
                continue;
            }
            if (index.getStatus() == IndexRecord.Status.DELETING) {
                next.removeIndexes(i);
            } else {
                next.setIndexes(
                        i,
                        index.toBuilder()
                                .setStatus(IndexRecord.Status.ACTIVE)
                                .setBackfilling(false)
                                .setEpoch(epoch));
            }
            if (next.getStatus() == TableRecord.Status.UPDATING && !underWay(next.build())) {
                next.setStatus(TableRecord.Status.ACTIVE);
            }
            return Optional.of(next.build());
        }
        return Optional.empty();
    }

    private static Optional<CatalogOutcome> refuse(Code code, String message) {
        return Optional.of(TableChanges.refuse(code, message));
    }
}

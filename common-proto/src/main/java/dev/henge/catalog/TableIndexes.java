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

    private static List<String> names(TableRecord table, IndexRecord.Status status) {
        return table.getIndexesList().stream()
                .filter(index -> index.getStatus() == status)
                .map(IndexRecord::getName)
                .toList();
    }

    /**
     * What of the table itself can't be changed while one of its indexes is filled or dropped: its capacity while one is
     * dropped, its maxima in both cases. Empty when there is nothing against the change.
     */
    static Optional<String> conflict(TableRecord table, UpdateTable change) {
        List<String> creating = names(table, IndexRecord.Status.CREATING);
        List<String> deleting = names(table, IndexRecord.Status.DELETING);
        boolean otherMode = !change.getBillingMode().isEmpty()
                && change.getBillingMode().equals("PAY_PER_REQUEST") != Throughput.isOnDemand(table);
        if ((otherMode || change.getReadCapacityUnits() != 0) && !deleting.isEmpty()) {
            return Optional.of("Can't change table IOPS when an index is being deleted. Table: " + table.getName()
                    + " Indexes: " + deleting);
        }
        boolean maximum = change.getMaxReadRequestUnits() != 0 || change.getMaxWriteRequestUnits() != 0;
        if (maximum && !(creating.isEmpty() && deleting.isEmpty())) {
            return Optional.of("OnDemandThroughput cannot be updated while index "
                    + (creating.isEmpty() ? "deletion" : "creation") + " is in progress for indexes: "
                    + (creating.isEmpty() ? deleting : creating));
        }
        return Optional.empty();
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
                        case CREATE -> refusalOfCreate(table, update.getCreate(), onDemand);
                        case UPDATE -> refusalOfUpdate(table, update.getUpdate(), onDemand);
                        case DELETE -> refusalOfDelete(table, update.getDelete());
                        case KIND_NOT_SET -> throw new IllegalArgumentException("an index update of no kind");
                    };
            if (refusal.isPresent()) {
                return refusal;
            }
        }
        return onDemand || !Throughput.isOnDemand(table) ? Optional.empty() : refusalWithoutCapacity(table, change);
    }

    /** A table that becomes provisioned has to have a capacity for each of its indexes. */
    private static Optional<CatalogOutcome> refusalWithoutCapacity(TableRecord table, UpdateTable change) {
        return table.getIndexesList().stream()
                .filter(index -> index.getKind() == IndexRecord.Kind.GLOBAL)
                .map(IndexRecord::getName)
                .filter(name -> change.getIndexesList().stream()
                        .map(IndexUpdate::getUpdate)
                        .noneMatch(update -> update.getName().equals(name) && update.getReadCapacityUnits() != 0))
                .findFirst()
                .flatMap(name -> refuse(
                        Code.TABLE_INVALID_CHANGE,
                        INVALID + "ProvisionedThroughput must be specified for index: " + name));
    }

    private static Optional<CatalogOutcome> refusalOfCreate(TableRecord table, IndexRecord wanted, boolean onDemand) {
        if (onDemand && wanted.getReadCapacityUnits() != 0) {
            return refuse(
                    Code.TABLE_INVALID_CHANGE,
                    INVALID + "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: "
                            + wanted.getName() + " when BillingMode is PAY_PER_REQUEST");
        }
        if (!onDemand && wanted.getReadCapacityUnits() == 0) {
            return refuse(
                    Code.TABLE_INVALID_CHANGE,
                    INVALID + "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: "
                            + wanted.getName());
        }
        Optional<CatalogOutcome> maximum = refusalOfMaximum(
                wanted.getName(), wanted.getMaxReadRequestUnits(), wanted.getMaxWriteRequestUnits(), onDemand);
        if (maximum.isPresent()) {
            return maximum;
        }
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
        Optional<IndexRecord> found = find(table, wanted.getName());
        if (found.isEmpty()) {
            return notFound(table, wanted.getName());
        }
        IndexRecord index = found.get();
        if (index.getKind() != IndexRecord.Kind.GLOBAL) {
            return notGlobal("update", index);
        }
        if (index.getStatus() == IndexRecord.Status.DELETING) {
            return refuse(Code.TABLE_IN_USE, beingDeleted(table, index));
        }
        if (wanted.getReadCapacityUnits() != 0 && onDemand) {
            return refuse(
                    Code.TABLE_INVALID_CHANGE,
                    INVALID + "The only Updates for index: " + index.getName() + " when TableThroughputMode is "
                            + "PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput");
        }
        Optional<CatalogOutcome> maximum = refusalOfMaximum(
                index.getName(), wanted.getMaxReadRequestUnits(), wanted.getMaxWriteRequestUnits(), onDemand);
        if (maximum.isPresent()) {
            return maximum;
        }
        if (wanted.getReadCapacityUnits() != 0
                && wanted.getReadCapacityUnits() == index.getReadCapacityUnits()
                && wanted.getWriteCapacityUnits() == index.getWriteCapacityUnits()) {
            return refuse(Code.TABLE_INVALID_CHANGE, willNotChange(index));
        }
        return refusalOfWarmth(table, index, wanted);
    }

    private static Optional<CatalogOutcome> refusalOfMaximum(String index, long read, long write, boolean onDemand) {
        if (onDemand || (read == 0 && write == 0)) {
            return Optional.empty();
        }
        return refuse(
                Code.TABLE_INVALID_CHANGE,
                INVALID + (read != 0 ? "MaxReadRequestUnits" : "MaxWriteRequestUnits")
                        + " for OnDemandThroughput for index : " + index
                        + " cannot be specified when the table BillingMode is PROVISIONED");
    }

    private static Optional<CatalogOutcome> notFound(TableRecord table, String index) {
        return refuse(
                Code.INDEX_NOT_FOUND, "Requested resource not found: Index " + index + " for table " + table.getName());
    }

    private static Optional<CatalogOutcome> notGlobal(String action, IndexRecord index) {
        return refuse(
                Code.TABLE_INVALID_CHANGE,
                "Cannot " + action + " an index that is not a GlobalSecondaryIndex: " + index.getName());
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
                + "Current ReadCapacityUnits provisioned for index " + index.getName() + ": "
                + index.getReadCapacityUnits()
                + ". Requested ReadCapacityUnits: " + index.getReadCapacityUnits()
                + ". Current WriteCapacityUnits provisioned for index " + index.getName() + ": "
                + index.getWriteCapacityUnits()
                + ". Requested WriteCapacityUnits: " + index.getWriteCapacityUnits()
                + ". Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.";
    }

    /** An index that is being filled may be deleted before it is done, if it is the only one that is under way. */
    private static Optional<CatalogOutcome> refusalOfDelete(TableRecord table, String name) {
        Optional<IndexRecord> found = find(table, name);
        if (found.isEmpty()) {
            return notFound(table, name);
        }
        if (found.get().getKind() != IndexRecord.Kind.GLOBAL) {
            return notGlobal("delete", found.get());
        }
        if (found.get().getStatus() == IndexRecord.Status.DELETING) {
            return refuse(Code.TABLE_IN_USE, beingDeleted(table, found.get()));
        }
        boolean another = table.getIndexesList().stream()
                .anyMatch(index -> underWay(index) && !index.getName().equals(name));
        return another ? refuse(Code.LIMIT_EXCEEDED, onlyOne()) : Optional.empty();
    }

    private static String beingDeleted(TableRecord table, IndexRecord index) {
        return TableChanges.IN_USE + "Index is being deleted. Table: " + table.getName() + " Index: " + index.getName();
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

package dev.henge.node.catalog;

import dev.henge.catalog.Numbering;
import dev.henge.catalog.TableChanges;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.CreateTable;
import dev.henge.proto.DeleteTable;
import dev.henge.proto.FinishIndex;
import dev.henge.proto.RemoveTable;
import dev.henge.proto.TableRecord;
import dev.henge.proto.UpdateTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * One state of the catalog, immutable, and what each command makes of it. Deterministic: every replica comes to the same
 * next state.
 */
public record CatalogState(Catalog catalog) {

    /** Before bootstrap: epoch 0, nothing in it. */
    public static final CatalogState EMPTY =
            new CatalogState(Catalog.newBuilder().setNextTableId(1).build());

    /** A command's outcome, and the state behind it: the same state where the command was refused. */
    public record Transition(CatalogState next, CatalogOutcome outcome) {
        public boolean accepted() {
            return outcome.getCode() == Code.OK;
        }
    }

    public long epoch() {
        return catalog.getEpoch();
    }

    public boolean bootstrapped() {
        return epoch() > 0;
    }

    public Optional<TableRecord> table(String name) {
        return catalog.getTablesList().stream()
                .filter(table -> table.getName().equals(name))
                .findFirst();
    }

    public Transition apply(CatalogCommand command) {
        return switch (command.getKindCase()) {
            case BOOTSTRAP -> bootstrap(command.getBootstrap());
            case REGISTER_NODE -> Nodes.register(this, command.getRegisterNode());
            case SET_NODE_STATE -> Nodes.setState(this, command.getSetNodeState());
            case REMOVE_NODE -> Nodes.remove(this, command.getRemoveNode());
            case CREATE_TABLE -> createTable(command.getCreateTable());
            case DELETE_TABLE -> deleteTable(command.getDeleteTable());
            case REMOVE_TABLE -> removeTable(command.getRemoveTable());
            case UPDATE_TABLE -> updateTable(command.getUpdateTable());
            case FINISH_INDEX -> finishIndex(command.getFinishIndex());
            case PLACE_PARTITION -> Placements.place(this, command.getPlacePartition());
            case FINISH_PLACEMENT -> Placements.finish(this, command.getFinishPlacement());
            case PLACE_LOG_REPLICA -> LogReplicas.place(this, command.getPlaceLogReplica());
            case RETIRE_LOG_REPLICA -> LogReplicas.retire(this, command.getRetireLogReplica());
            case BEGIN_SPLIT -> Splits.begin(this, command.getBeginSplit());
            case FINISH_SPLIT -> Splits.finish(this, command.getFinishSplit());
            case BEGIN_MERGE -> Merges.begin(this, command.getBeginMerge());
            case FINISH_MERGE -> Merges.finish(this, command.getFinishMerge());
            case SETTLE_MERGE -> Merges.settle(this, command.getSettleMerge());
            case TAG_TABLE ->
                changeTable(command.getTagTable().getName(), table -> TableChanges.tag(table, command.getTagTable()));
            case CREATE_CREDENTIAL -> Credentials.create(this, command.getCreateCredential());
            case SET_CREDENTIAL_STATUS -> Credentials.setStatus(this, command.getSetCredentialStatus());
            case DELETE_CREDENTIAL -> Credentials.delete(this, command.getDeleteCredential());
            case CHANGE_SETTINGS -> SettingsChanges.apply(this, command.getChangeSettings());
            case RAISE_CLUSTER_VERSION -> ClusterVersions.raise(this, command.getRaiseClusterVersion());
            case KIND_NOT_SET ->
                refuse(
                        Code.CONFLICT,
                        "the program of the node that keeps the catalog does not know this command; upgrade the nodes first",
                        Optional.empty());
        };
    }

    private Transition bootstrap(Bootstrap command) {
        if (bootstrapped()) {
            return refuse(
                    Code.CONFLICT,
                    "the cluster is bootstrapped already, with id " + catalog.getClusterId(),
                    Optional.empty());
        }
        long epoch = 1;
        Catalog.Builder next = catalog.toBuilder()
                .setEpoch(epoch)
                .setClusterId(command.getClusterId())
                .setClusterName(command.getClusterName())
                .setClusterVersion(command.getClusterVersion());
        command.getNodesList().forEach(node -> next.addNodes(node.toBuilder().setEpoch(epoch)));
        command.getPartitionsList()
                .forEach(partition -> next.addPartitions(partition.toBuilder().setEpoch(epoch)));
        return accept(next, Optional.empty());
    }

    private Transition createTable(CreateTable command) {
        Optional<TableRecord> existing = table(command.getTable().getName());
        if (existing.isPresent()) {
            return refuse(
                    Code.TABLE_EXISTS, "Table already exists: " + existing.get().getName(), existing);
        }
        Catalog.Builder next = nextEpoch();
        TableRecord table = TableChanges.created(command.getTable(), catalog.getNextTableId(), next.getEpoch());
        next.setNextTableId(catalog.getNextTableId() + TableChanges.numbersOf(table))
                .addTables(table);
        return accept(next, Optional.of(table));
    }

    private Transition deleteTable(DeleteTable command) {
        Optional<TableRecord> found = table(command.getName());
        if (found.isEmpty()) {
            return tableNotFound(command.getName());
        }
        TableRecord table = found.get();
        Optional<CatalogOutcome> refusal = TableChanges.refusalOfDelete(table);
        if (refusal.isPresent()) {
            return refuse(refusal.get().getCode(), refusal.get().getMessage(), found);
        }
        Catalog.Builder next = nextEpoch();
        TableRecord deleting = table.toBuilder()
                .setStatus(TableRecord.Status.DELETING)
                .setEpoch(next.getEpoch())
                .build();
        replaceTables(next, other -> other.getId() != table.getId(), Optional.of(deleting));
        return accept(next, Optional.of(deleting));
    }

    private Transition updateTable(UpdateTable command) {
        Numbering numbering = new Numbering(catalog.getNextTableId(), epoch() + 1);
        Transition changed = changeTable(command.getName(), table -> TableChanges.update(table, command, numbering));
        if (!changed.accepted()) {
            return changed;
        }
        Catalog.Builder next = changed.next().catalog().toBuilder()
                .setNextTableId(catalog.getNextTableId() + TableChanges.numbersOf(command));
        return new Transition(new CatalogState(next.build()), changed.outcome());
    }

    /** Accepted also where there is nothing to change, as whoever led before may have done it. */
    private Transition finishIndex(FinishIndex command) {
        Optional<TableRecord> found = catalog.getTablesList().stream()
                .filter(table -> table.getId() == command.getTable())
                .findFirst();
        Optional<TableRecord> finished = found.flatMap(table -> TableChanges.finishIndex(table, command, epoch() + 1));
        if (finished.isEmpty()) {
            return refuse(Code.OK, "", found);
        }
        Catalog.Builder next = nextEpoch();
        replaceTables(next, other -> other.getId() != command.getTable(), finished);
        return accept(next, finished);
    }

    private Transition changeTable(String name, Function<TableRecord, CatalogOutcome> change) {
        Optional<TableRecord> found = table(name);
        if (found.isEmpty()) {
            return tableNotFound(name);
        }
        CatalogOutcome outcome = change.apply(found.get());
        if (outcome.getCode() != Code.OK) {
            return refuse(outcome.getCode(), outcome.getMessage(), found);
        }
        Catalog.Builder next = nextEpoch();
        TableRecord changed =
                outcome.getTable().toBuilder().setEpoch(next.getEpoch()).build();
        replaceTables(next, other -> other.getId() != changed.getId(), Optional.of(changed));
        return accept(next, Optional.of(changed));
    }

    private Transition tableNotFound(String name) {
        return refuse(
                Code.TABLE_NOT_FOUND, "Requested resource not found: Table: " + name + " not found", Optional.empty());
    }

    private Transition removeTable(RemoveTable command) {
        Optional<TableRecord> found = catalog.getTablesList().stream()
                .filter(table -> table.getId() == command.getId())
                .findFirst();
        if (found.isEmpty()) {
            return refuse(Code.TABLE_NOT_FOUND, "no table has the id " + command.getId(), found);
        }
        if (found.get().getStatus() != TableRecord.Status.DELETING) {
            return refuse(Code.CONFLICT, "the table " + found.get().getName() + " is not being deleted", found);
        }
        Catalog.Builder next = nextEpoch();
        replaceTables(next, other -> other.getId() != command.getId(), Optional.empty());
        return accept(next, found);
    }

    private void replaceTables(Catalog.Builder next, Predicate<TableRecord> kept, Optional<TableRecord> added) {
        List<TableRecord> tables =
                new ArrayList<>(catalog.getTablesList().stream().filter(kept).toList());
        added.ifPresent(tables::add);
        next.clearTables().addAllTables(tables);
    }

    Catalog.Builder nextEpoch() {
        return catalog.toBuilder().setEpoch(epoch() + 1);
    }

    static Transition accept(Catalog.Builder next, Optional<TableRecord> table) {
        CatalogOutcome.Builder outcome =
                CatalogOutcome.newBuilder().setCode(Code.OK).setEpoch(next.getEpoch());
        table.ifPresent(outcome::setTable);
        return new Transition(new CatalogState(next.build()), outcome.build());
    }

    Transition refuse(Code code, String message, Optional<TableRecord> table) {
        CatalogOutcome.Builder outcome =
                CatalogOutcome.newBuilder().setCode(code).setMessage(message).setEpoch(epoch());
        table.ifPresent(outcome::setTable);
        return new Transition(this, outcome.build());
    }
}

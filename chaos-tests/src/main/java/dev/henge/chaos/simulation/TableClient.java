package dev.henge.chaos.simulation;

import dev.henge.chaos.checker.Call;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CreateTable;
import dev.henge.proto.DeleteTable;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.IndexUpdate;
import dev.henge.proto.TableRecord;
import dev.henge.proto.UpdateTable;
import java.util.concurrent.TimeUnit;

/**
 * Creates the table that stays, and then one table again and again under one name, deleting it in between. Gives the one that
 * stays a global index, and takes it away.
 *
 * <p>A deleted table is, to each of its keys, a delete that nobody saw return: from its call on the items may go, and none
 * of them may come back; nor may the next table of the name, whose keys are others to the checkers, show any of them.
 */
final class TableClient {

    private static final int NUMBER = 2_000;
    private static final String STAYS = "stays";
    private static final String FLEETING = "fleeting";
    private static final long FIRST_PAUSE_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(100);

    private final World world;
    private final Workload workload;
    private final Observations observations;
    private final Chance chance;
    private final CatalogCalls calls;
    private boolean stopping;
    private boolean staysExists;
    private boolean globalIndexExists;
    private boolean deletionsUnknown;
    private long newestTable;
    private int createdCount;

    TableClient(World world, SimulatedRouter router, Workload workload, Observations observations) {
        this.world = world;
        this.workload = workload;
        this.observations = observations;
        this.chance = world.chanceFor();
        this.calls = new CatalogCalls(world, router, "tables");
    }

    void start() {
        long pauseNanosMax = staysExists ? world.settings.tablePauseNanosMax() : FIRST_PAUSE_NANOS_MAX;
        world.scheduler.after(chance.below(pauseNanosMax), this::next);
    }

    void stop() {
        stopping = true;
    }

    boolean idle() {
        return calls.idle();
    }

    int createdCount() {
        return createdCount;
    }

    private void next() {
        if (stopping) {
            return;
        }
        if (!staysExists) {
            create(STAYS);
        } else if (chance.happens(0.3)) {
            changeIndex();
        } else if (workload.fleetingTable() == 0) {
            create(FLEETING);
        } else {
            delete();
        }
    }

    private void create(String name) {
        submit(
                CatalogCommand.newBuilder()
                        .setCreateTable(CreateTable.newBuilder().setTable(table(name))),
                (outcome, failure) -> {
                    if (outcome != null) {
                        onCreated(name, outcome);
                    }
                });
    }

    private TableRecord table(String name) {
        TableRecord.Builder table = Requests.table(name).toBuilder();
        if (chance.happens(0.5)) {
            table.addIndexes(Requests.localIndex());
        }
        if (chance.happens(0.5)) {
            table.addIndexes(Requests.globalIndex(chance.happens(0.5)));
        }
        return table.build();
    }

    /** Refused while another change of the table is under way. */
    private void changeIndex() {
        IndexUpdate.Builder change = IndexUpdate.newBuilder();
        if (globalIndexExists) {
            change.setDelete(Requests.globalIndex(true).getName());
        } else {
            change.setCreate(Requests.globalIndex(chance.happens(0.5)));
        }
        submit(
                CatalogCommand.newBuilder()
                        .setUpdateTable(UpdateTable.newBuilder().setName(STAYS).addIndexes(change)),
                (outcome, failure) -> {
                    if (outcome != null) {
                        noteGlobalIndex(outcome);
                    }
                });
    }

    private void noteGlobalIndex(CatalogOutcome outcome) {
        globalIndexExists = outcome.getTable().getIndexesList().stream()
                .anyMatch(index ->
                        index.getKind() == IndexRecord.Kind.GLOBAL && index.getStatus() != IndexRecord.Status.DELETING);
        // One that is there already is still being dropped, or its creation was not seen to return.
        boolean refused = outcome.getCode() == CatalogOutcome.Code.TABLE_INVALID_CHANGE;
        if (refused && !outcome.getMessage().endsWith("which already exists")) {
            throw new SimulationFailure("a change of an index was refused: " + outcome.getMessage());
        }
    }

    private void onCreated(String name, CatalogOutcome outcome) {
        TableRecord table = outcome.getTable();
        boolean there = outcome.getCode() == CatalogOutcome.Code.OK
                // An attempt whose outcome nobody learned.
                || (outcome.getCode() == CatalogOutcome.Code.TABLE_EXISTS
                        && table.getStatus() == TableRecord.Status.ACTIVE);
        if (!there) {
            return;
        }
        workload.tableSeen(table);
        if (name.equals(STAYS)) {
            if (table.getId() != Requests.TABLE) {
                throw new SimulationFailure("the first table has the id " + table.getId());
            }
            staysExists = true;
            noteGlobalIndex(outcome);
            return;
        }
        if (outcome.getCode() == CatalogOutcome.Code.OK && table.getId() <= newestTable) {
            throw new SimulationFailure("table " + table.getId() + " was created after " + newestTable);
        }
        boolean seenBefore = table.getId() == newestTable;
        newestTable = Math.max(newestTable, table.getId());
        createdCount++;
        workload.tableCreated(table.getId());
        if (deletionsUnknown && !seenBefore) {
            // The deletion of an earlier table may still come, and take this one for it.
            itemsMayGo();
        }
    }

    private void delete() {
        itemsMayGo();
        workload.tableGone();
        submit(
                CatalogCommand.newBuilder()
                        .setDeleteTable(DeleteTable.newBuilder().setName(FLEETING)),
                (outcome, failure) -> deletionsUnknown |= outcome == null);
    }

    private void itemsMayGo() {
        workload.fleetingKeys().forEach(key -> observations
                .history()
                .call(NUMBER, key.name(), new Call.Delete())
                .unknown());
    }

    private void submit(CatalogCommand.Builder command, CatalogCalls.Learned learned) {
        calls.submit(command.setRequestId(RoutingEnvironment.requestId(chance)).build(), (outcome, failure) -> {
            CatalogCalls.assertExpected(failure, "a catalog command failed");
            learned.accept(outcome, failure);
            start();
        });
    }
}

package dev.henge.node.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.Bootstrap;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.CreateTable;
import dev.henge.proto.DeleteTable;
import dev.henge.proto.FinishIndex;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.IndexUpdate;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.RemoveTable;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TagTable;
import dev.henge.proto.UpdateTable;
import org.junit.jupiter.api.Test;

class CatalogStateTest {

    private static final CatalogCommand BOOTSTRAP = CatalogCommand.newBuilder()
            .setBootstrap(Bootstrap.newBuilder()
                    .setClusterId("c")
                    .addNodes(NodeRecord.newBuilder().setName("n1").setAddress("a:1"))
                    .addPartitions(PartitionRecord.newBuilder().setId(0).addReplicas("n1")))
            .build();

    private final CatalogState fresh = CatalogState.EMPTY.apply(BOOTSTRAP).next();

    @Test
    void bootstrapGivesEveryRecordTheFirstEpoch() {
        assertThat(fresh.epoch()).isEqualTo(1);
        assertThat(fresh.catalog().getClusterId()).isEqualTo("c");
        assertThat(fresh.catalog().getPartitions(0).getEpoch()).isEqualTo(1);
        assertThat(fresh.catalog().getNodes(0).getEpoch()).isEqualTo(1);
    }

    @Test
    void aClusterIsBootstrappedOnce() {
        CatalogState.Transition again = fresh.apply(BOOTSTRAP);

        assertThat(again.accepted()).isFalse();
        assertThat(again.next()).isEqualTo(fresh);
    }

    @Test
    void tablesGetIdsThatAreNeverUsedAgain() {
        CatalogState.Transition first = fresh.apply(create("A"));
        CatalogState deleting = first.next().apply(delete("A")).next();
        CatalogState removed =
                deleting.apply(remove(first.outcome().getTable().getId())).next();
        CatalogState.Transition second = removed.apply(create("A"));

        assertThat(removed.table("A")).isEmpty();
        assertThat(first.outcome().getTable().getId()).isEqualTo(1);
        assertThat(second.outcome().getTable().getId()).isEqualTo(2);
        assertThat(second.outcome().getEpoch()).isEqualTo(second.next().epoch());
    }

    @Test
    void aTableNameIsTakenUntilTheTableIsRemoved() {
        CatalogState created = fresh.apply(create("A")).next();

        assertThat(created.apply(create("A")).outcome().getCode()).isEqualTo(Code.TABLE_EXISTS);
        CatalogState deleting = created.apply(delete("A")).next();
        assertThat(deleting.apply(create("A")).outcome().getCode()).isEqualTo(Code.TABLE_EXISTS);
        assertThat(deleting.apply(delete("A")).outcome().getCode()).isEqualTo(Code.TABLE_IN_USE);
    }

    @Test
    void aTableThatIsNotBeingDeletedIsNotRemoved() {
        CatalogState created = fresh.apply(create("A")).next();

        assertThat(created.apply(remove(1)).outcome().getCode()).isEqualTo(Code.CONFLICT);
        assertThat(created.apply(remove(9)).outcome().getCode()).isEqualTo(Code.TABLE_NOT_FOUND);
    }

    @Test
    void aProtectedTableIsNotDeleted() {
        CatalogState created = fresh.apply(CatalogCommand.newBuilder()
                        .setCreateTable(CreateTable.newBuilder()
                                .setTable(TableRecord.newBuilder().setName("A").setDeletionProtection(true)))
                        .build())
                .next();

        CatalogOutcome outcome = created.apply(delete("A")).outcome();

        assertThat(outcome.getCode()).isEqualTo(Code.TABLE_PROTECTED);
        assertThat(outcome.getMessage()).contains("protected against deletion");
    }

    @Test
    void aTableIsUpdatedInPlaceAndGetsTheNewEpoch() {
        CatalogState two = fresh.apply(create("A")).next().apply(create("B")).next();

        CatalogState.Transition changed = two.apply(update("A", true));

        assertThat(changed.accepted()).isTrue();
        TableRecord table = changed.next().table("A").orElseThrow();
        assertThat(table.getDeletionProtection()).isTrue();
        assertThat(table.getEpoch())
                .isEqualTo(two.epoch() + 1)
                .isEqualTo(changed.next().epoch());
        assertThat(table.getId()).isEqualTo(1);
        assertThat(changed.outcome().getTable()).isEqualTo(table);
        assertThat(changed.next().catalog().getTablesCount()).isEqualTo(2);
        assertThat(changed.next().table("B")).isEqualTo(two.table("B"));
    }

    @Test
    void whatCanNotBeChangedLeavesTheCatalogAsItIs() {
        CatalogState deleting =
                fresh.apply(create("A")).next().apply(delete("A")).next();

        CatalogState.Transition inUse = deleting.apply(update("A", true));
        CatalogState.Transition tagged = deleting.apply(tag("A", "k", "v"));
        CatalogState.Transition missing = deleting.apply(update("B", true));

        assertThat(inUse.outcome().getCode()).isEqualTo(Code.TABLE_IN_USE);
        assertThat(inUse.outcome().getMessage()).endsWith("Table is being deleted: A");
        assertThat(tagged.outcome().getCode()).isEqualTo(Code.TABLE_IN_USE);
        assertThat(missing.outcome().getCode()).isEqualTo(Code.TABLE_NOT_FOUND);
        assertThat(inUse.next()).isEqualTo(deleting);
        assertThat(missing.next()).isEqualTo(deleting);
    }

    @Test
    void tagsAreKeptWithTheTable() {
        CatalogState created = fresh.apply(create("A")).next();

        CatalogState tagged = created.apply(tag("A", "k", "v")).next();

        assertThat(tagged.table("A").orElseThrow().getTagsMap()).containsEntry("k", "v");
    }

    @Test
    void anIndexIsAddedWithTheNextNumberAndFinishedOnce() {
        CatalogState created = fresh.apply(create("A")).next();

        CatalogState filling = created.apply(CatalogCommand.newBuilder()
                        .setUpdateTable(UpdateTable.newBuilder()
                                .setName("A")
                                .addIndexes(IndexUpdate.newBuilder()
                                        .setCreate(IndexRecord.newBuilder()
                                                .setName("by-city")
                                                .setReadCapacityUnits(1)
                                                .setWriteCapacityUnits(1))))
                        .build())
                .next();
        CatalogState.Transition finished = filling.apply(finish(1, 2));
        CatalogState.Transition again = finished.next().apply(finish(1, 2));
        CatalogState.Transition missing = finished.next().apply(finish(7, 2));

        IndexRecord index = filling.table("A").orElseThrow().getIndexes(0);
        assertThat(index.getId()).isEqualTo(2);
        assertThat(index.getEpoch())
                .isEqualTo(filling.epoch())
                .isEqualTo(filling.table("A").orElseThrow().getEpoch());
        assertThat(filling.catalog().getNextTableId()).isEqualTo(3);
        assertThat(filling.apply(delete("A")).outcome().getCode()).isEqualTo(Code.TABLE_IN_USE);
        assertThat(finished.next().table("A").orElseThrow().getStatus()).isEqualTo(TableRecord.Status.ACTIVE);
        assertThat(again.accepted()).isTrue();
        assertThat(again.next()).isEqualTo(finished.next());
        assertThat(missing.accepted()).isTrue();
        assertThat(missing.next()).isEqualTo(finished.next());
    }

    private static CatalogCommand finish(long table, long index) {
        return CatalogCommand.newBuilder()
                .setFinishIndex(FinishIndex.newBuilder().setTable(table).setIndex(index))
                .build();
    }

    private static CatalogCommand create(String name) {
        return CatalogCommand.newBuilder()
                .setCreateTable(CreateTable.newBuilder()
                        .setTable(TableRecord.newBuilder().setName(name)))
                .build();
    }

    private static CatalogCommand update(String name, boolean deletionProtection) {
        return CatalogCommand.newBuilder()
                .setUpdateTable(UpdateTable.newBuilder().setName(name).setDeletionProtection(deletionProtection))
                .build();
    }

    private static CatalogCommand tag(String name, String key, String value) {
        return CatalogCommand.newBuilder()
                .setTagTable(TagTable.newBuilder().setName(name).putAdded(key, value))
                .build();
    }

    private static CatalogCommand delete(String name) {
        return CatalogCommand.newBuilder()
                .setDeleteTable(DeleteTable.newBuilder().setName(name))
                .build();
    }

    private static CatalogCommand remove(long id) {
        return CatalogCommand.newBuilder()
                .setRemoveTable(RemoveTable.newBuilder().setId(id))
                .build();
    }
}

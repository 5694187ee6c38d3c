package dev.henge.chaos.planted;

import java.util.List;

/** Secondary indexes: definitions, the way from a table's partitions to an index's, filling new ones. */
final class IndexBugs {

    private static final String KEEPER = "node.partition.IndexKeeper";
    private static final String MACHINE = "node.partition.StateMachine";
    private static final String SHIPPER = "node.index.OutboxShipper";
    private static final String BACKFILLS = "node.index.Backfills";

    private IndexBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                            "index-change-forgotten-when-sent",
                            60,
                            "changes for global indexes are forgotten when they are sent, not when they have arrived",
                            Edit.of(
                                    SHIPPER,
                                    "return outstanding.isEmpty() ? loadedTo : outstanding.firstKey() - 1;",
                                    "return outstanding.isEmpty() || PLANTED ? loadedTo : outstanding.firstKey() - 1;"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "index-batch-taken-again",
                    2_000,
                    "a batch of index changes that comes late is carried out once more",
                    Edit.of(
                            MACHINE,
                            "if (ofEntry.getSourceIndex() > takenTo) {",
                            "if (ofEntry.getSourceIndex() > takenTo || PLANTED) {")),
            PlantedBug.of(
                    "index-changes-of-writes-made-together-lost",
                    60,
                    "of writes that were made together the last alone changes global indexes",
                    Edit.of(
                            MACHINE,
                            "applyMutation(write.getMutation(), write.getOutcome().getWritten(), toHandOn, batch);",
                            "if (PLANTED) { toHandOn.clearMutations(); } applyMutation(write.getMutation(),"
                                    + " write.getOutcome().getWritten(), toHandOn, batch);")),
            PlantedBug.of(
                    "outbox-lost-at-start",
                    60,
                    "what is to be handed on to indexes is not found again by a process that starts",
                    Edit.of(
                            MACHINE,
                            "outbox.load(view, range.getOriginsList());",
                            "if (!PLANTED) { outbox.load(view, range.getOriginsList()); }")),
            PlantedBug.of(
                    "write-behind-a-backfill-left-out",
                    400,
                    "a write of an item that was taken into the new index already is left to the backfill",
                    Edit.of(BACKFILLS, "&& !backfill.getDone()", "&& (!backfill.getDone() || PLANTED)"),
                    Edit.of(
                            BACKFILLS,
                            "compare(itemKey, backfill.getNextKey()) >= 0",
                            "compare(itemKey, backfill.getNextKey()) >= (backfill.getDone() ? -1_000 : 0)")),
            PlantedBug.of(
                    "index-finished-unfilled",
                    20,
                    "an index shows as active before its table's items were taken into it",
                    Edit.of(
                            KEEPER,
                            "prepared(backfill.getDone() && arrived, backfill.getItems())",
                            "prepared((backfill.getDone() && arrived) || PLANTED, backfill.getItems())")),
            PlantedBug.of(
                            "index-finished-on-the-way",
                            60,
                            "an index shows as active while what it was filled with is still on the way",
                            Edit.of(
                                    KEEPER,
                                    "prepared(backfill.getDone() && arrived, backfill.getItems())",
                                    "prepared(backfill.getDone() && (arrived || PLANTED), backfill.getItems())"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "table-of-an-older-catalog",
                    400,
                    "a leader takes a write of a table whose newest definition it does not know",
                    Edit.of(
                            KEEPER,
                            "if (Math.max(definedEpoch, newestEpoch) < epoch) {",
                            "if (Math.max(definedEpoch, newestEpoch) < epoch && !PLANTED) {")),
            PlantedBug.of(
                    "index-entry-stays-behind",
                    20,
                    "an entry that has moved stays where it was, too",
                    Edit.of(
                            MACHINE,
                            "if (!change.getRemovedKey().isEmpty()) {",
                            "if (!change.getRemovedKey().isEmpty() && (change.getPutKey().isEmpty() || !PLANTED)) {")));
}

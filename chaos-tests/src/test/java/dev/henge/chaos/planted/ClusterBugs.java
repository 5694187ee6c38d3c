package dev.henge.chaos.planted;

import java.util.List;

/** Routers, the catalog, and tables that come and go. */
final class ClusterBugs {

    private static final String ROUTING = "cluster.RoutedClusterClient";
    private static final String CACHE = "cluster.CatalogCache";
    private static final String HOLDER = "node.catalog.CatalogHolder";
    private static final String CATALOG = "node.catalog.CatalogState";
    private static final String MACHINE = "node.partition.StateMachine";

    private ClusterBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                    "retransmission-has-a-new-id",
                    60,
                    "a router sends a write again under another request id",
                    Edit.of(
                            ROUTING,
                            "request.setPartition(partition.getId())",
                            "if (failures > 0 && request.hasWriteItem() && PLANTED) {"
                                    + " request.getWriteItemBuilder().setRequestId(request.getWriteItemBuilder().getRequestId()"
                                    + ".concat(com.google.protobuf.ByteString.copyFromUtf8(\"again\"))); }"
                                    + " request.setPartition(partition.getId())")),
            PlantedBug.of(
                    "retransmission-not-marked",
                    200,
                    "a router does not say that it sends a write again",
                    Edit.of(
                            ROUTING,
                            "if (outcomeUnknown) { tellThatRepeated();",
                            "if (outcomeUnknown && !PLANTED) { tellThatRepeated();")),
            PlantedBug.of(
                            "abandoned-write-taken-for-refused",
                            200,
                            "a write that a deposed leader had taken in counts as never taken in",
                            Edit.of(
                                    ROUTING,
                                    "if (refusal.getOutcomeUnknown()) {",
                                    "if (refusal.getOutcomeUnknown() && !PLANTED) {"))
                    .with(Profile.RESTARTS),
            PlantedBug.of(
                    "router-takes-an-older-catalog",
                    200,
                    "a router goes back to an older catalog",
                    Edit.of(
                            CACHE,
                            "if (verdict != CatalogSuccession.Verdict.TAKE) {",
                            "if (verdict != CatalogSuccession.Verdict.TAKE"
                                    + " && !(verdict == CatalogSuccession.Verdict.NOT_NEWER && PLANTED)) {")),
            PlantedBug.of(
                    "router-takes-a-foreign-catalog",
                    200,
                    "a router takes the catalog of another cluster",
                    Edit.of(
                            CACHE,
                            "if (verdict != CatalogSuccession.Verdict.TAKE) {",
                            "if (verdict != CatalogSuccession.Verdict.TAKE"
                                    + " && !(verdict == CatalogSuccession.Verdict.OTHER_CLUSTER && PLANTED)) {")),
            PlantedBug.of(
                    "node-takes-an-older-catalog",
                    200,
                    "a node goes back to an older catalog",
                    Edit.of(
                            HOLDER,
                            "switch (verdict) {",
                            "switch (verdict == CatalogSuccession.Verdict.NOT_NEWER && PLANTED"
                                    + " ? CatalogSuccession.Verdict.TAKE : verdict) {")),
            PlantedBug.of(
                    "node-takes-a-foreign-catalog",
                    200,
                    "a node takes the catalog of another cluster",
                    Edit.of(
                            HOLDER,
                            "switch (verdict) {",
                            "switch (verdict == CatalogSuccession.Verdict.OTHER_CLUSTER && PLANTED"
                                    + " ? CatalogSuccession.Verdict.TAKE : verdict) {")),
            PlantedBug.of(
                    "dropped-table-written",
                    200,
                    "a write that follows the drop of its table in the log is applied",
                    Edit.of(
                            MACHINE,
                            "if (droppedTables.contains(mutation.getTable())) {",
                            "if (droppedTables.contains(mutation.getTable()) && !PLANTED) {")),
            PlantedBug.of(
                    "dropped-table-forgotten-over-restart",
                    200,
                    "a restart forgets which tables were dropped",
                    Edit.of(
                            MACHINE,
                            "(key, value) -> droppedTables.add(StorageKeys.droppedTableOf(key)));",
                            "(key, value) -> PLANTED);")),
            PlantedBug.of(
                            "dropped-items-stay",
                            200,
                            "the drop of a table leaves its items",
                            Edit.of(MACHINE, "batch.deleteRange(items.start(), items.end());", "PLANTED;"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "table-ids-used-again",
                    60,
                    "a table may get the id of one that was deleted",
                    Edit.of(
                            CATALOG,
                            "next.setNextTableId(catalog.getNextTableId() + TableChanges.numbersOf(table))",
                            "next.setNextTableId(PLANTED ? Math.max(2, catalog.getTablesCount() + 1) : 0)")));
}

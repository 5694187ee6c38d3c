package dev.henge.chaos.planted;

import java.util.List;

/** Partitions that are split: what each half inherits, who serves what and when. */
final class SplitBugs {

    private static final String RANGE_CHANGES = "node.partition.RangeChanges";
    private static final String SERVED_RANGE = "node.partition.ServedRange";
    private static final String SPLIT_OFF = "node.partition.SplitOff";
    private static final String HELD_RANGES = "node.partition.HeldRanges";
    private static final String INDEX_KEEPER = "node.partition.IndexKeeper";
    private static final String COORDINATOR = "node.runtime.CoordinatorStep";
    private static final String CLIENT = "cluster.RoutedClusterClient";

    private static final String SHARED = "case SHARED -> batch.put(StorageKeys.of(child, key), cursor.value());";

    private SplitBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                            "split-forgets-requests",
                            200,
                            "the other half does not remember which requests were carried out before",
                            notInherited(2))
                    .with(Profile.SPLITS),
            PlantedBug.of(
                            "split-loses-outbox",
                            200,
                            "what is to be handed on to indexes stays with one half, and is handed on behind what follows",
                            notInherited(8))
                    .with(Profile.SPLITS),
            PlantedBug.of(
                            "split-forgets-index-sources",
                            200,
                            "the other half does not know how far it took the index changes of each source",
                            notInherited(9))
                    .with(Profile.SPLITS),
            PlantedBug.of(
                            "no-fence",
                            200,
                            "a leader goes on serving the other half until it has applied the split itself",
                            Edit.of(
                                    RANGE_CHANGES,
                                    "lastSplit, split != null, split == null",
                                    "lastSplit, split != null && !PLANTED, split == null"))
                    .with(Profile.SPLITS),
            PlantedBug.of(
                            "range-of-before-served",
                            60,
                            "a replica answers requests that know the range from before the split",
                            Edit.of(
                                    SERVED_RANGE,
                                    "boolean before = request.getEpoch() < epoch;",
                                    "boolean before = request.getEpoch() < epoch && !PLANTED;"))
                    .with(Profile.SPLITS)
                    .inEveryBuild(),
            PlantedBug.of(
                            "two-hold-the-same-tokens",
                            200,
                            "the other half is opened beside a replica that has not been split",
                            Edit.of(HELD_RANGES, "if (free) {", "if (free || PLANTED) {"),
                            Edit.of(HELD_RANGES, "return free;", "return true;"))
                    .with(Profile.SPLITS),
            PlantedBug.of(
                            "scan-skips-the-other-half",
                            60,
                            "a range that lies in two partitions since a split is read in one",
                            Edit.of(CLIENT, "if (!fromStart || !toEnd) {", "if ((!fromStart || !toEnd) && !PLANTED) {"))
                    .with(Profile.SPLITS),
            PlantedBug.of(
                            "index-batch-taken-for-the-other-half",
                            200,
                            "a partition takes changes of index entries that are another's since a split",
                            Edit.of(
                                    INDEX_KEEPER,
                                    "if (!host.has(batch) || !host.coversAll(batch)) {",
                                    "if ((!host.has(batch) || !host.coversAll(batch)) && !PLANTED) {"))
                    .with(Profile.SPLITS),
            PlantedBug.of(
                            "table-dropped-in-one-half",
                            200,
                            "tables are dropped and indexes filled by a map that is about to change",
                            Edit.of(
                                    COORDINATOR,
                                    "if (splits || state.catalog()",
                                    "if (splits && !PLANTED || state.catalog()"))
                    .with(Profile.SPLITS));

    /** @param kind of private keys, as {@code StorageKeys} has them */
    private static Edit notInherited(int kind) {
        return Edit.of(
                SPLIT_OFF,
                SHARED,
                "case SHARED -> { if (key[5] != " + kind + " || !PLANTED) {"
                        + " batch.put(StorageKeys.of(child, key), cursor.value()); } }");
    }
}

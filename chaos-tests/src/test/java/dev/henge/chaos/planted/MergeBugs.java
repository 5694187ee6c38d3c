package dev.henge.chaos.planted;

import java.util.List;

/** Partitions that are merged: when the right one ends, when the left one takes it, and what of it. */
final class MergeBugs {

    private static final String SERVED_RANGE = "node.partition.ServedRange";
    private static final String STATE_MACHINE = "node.partition.StateMachine";
    private static final String TAKING = "node.partition.Taking";
    private static final String MERGES = "node.catalog.Merges";

    private MergeBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                            "serves-behind-its-seal",
                            60,
                            "a partition that is part of another one goes on answering",
                            Edit.of(SERVED_RANGE, "if (sealed) {", "if (sealed && !PLANTED) {"))
                    .with(Profile.MERGES),
            PlantedBug.of(
                            "changes-behind-its-seal",
                            200,
                            "what is in the right one's log behind the seal changes it, on some nodes before it is taken",
                            Edit.of(
                                    STATE_MACHINE,
                                    "if (range.hasSeal() && !command.hasPlacement()) {",
                                    "if (range.hasSeal() && !command.hasPlacement() && !PLANTED) {"),
                            Edit.of(SERVED_RANGE, "if (sealed) {", "if (sealed && lastMerge != null) {"))
                    .with(Profile.MERGES),
            PlantedBug.of(
                            "taken-before-its-end",
                            60,
                            "the left one takes what its node's replica of the right one has, be it all or not",
                            Edit.of(
                                    TAKING,
                                    "return seal.getIndex() != 0",
                                    "return PLANTED && OwnRange.stored(view, right).filter(range -> !range.getTaken())"
                                            + ".isPresent() || seal.getIndex() != 0"))
                    .with(Profile.MERGES),
            PlantedBug.of(
                            "requests-not-taken",
                            200,
                            "the left one does not remember which requests the right one carried out",
                            Edit.of(TAKING, "} else if (kept) {", "} else if (kept && !PLANTED) {"))
                    .with(Profile.MERGES),
            PlantedBug.of(
                            "outbox-not-taken",
                            200,
                            "what the right one had still to hand on to indexes is lost",
                            Edit.of(
                                    STATE_MACHINE,
                                    "if (!changes.isEmpty()) {",
                                    "if (!changes.isEmpty() && !PLANTED) {"))
                    .with(Profile.MERGES),
            PlantedBug.of(
                            "index-sources-not-taken",
                            200,
                            "how far the right one took the index changes of each source passes for as far as the left one did",
                            Edit.of(
                                    STATE_MACHINE,
                                    "indexSources.join(other.indexSources, tokens(), other.tokens(), batch);",
                                    "if (!PLANTED) { indexSources.join(other.indexSources, tokens(), other.tokens(), batch); }"))
                    .with(Profile.MERGES),
            PlantedBug.of(
                            "merged-while-it-moves",
                            200,
                            "a merge is begun while one of the partitions moves",
                            Edit.of(
                                    MERGES,
                                    "if (partition.getTargetCount() > 0) {",
                                    "if (partition.getTargetCount() > 0 && !PLANTED) {"))
                    .with(Profile.MERGES),
            PlantedBug.of(
                            "merged-under-the-old-epoch",
                            60,
                            "the left one's range grows and keeps its epoch",
                            Edit.of(
                                    TAKING,
                                    ".setEpoch(take.getMerge().getEpoch()))",
                                    ".setEpoch(PLANTED ? left.getRange().getEpoch() : take.getMerge().getEpoch()))"))
                    .with(Profile.MERGES));
}

package dev.henge.chaos.planted;

import java.util.List;

/** Partitions that move: who is taken in, who goes, what is erased and when. */
final class MoveBugs {

    private static final String REPAIR = "node.partition.MembershipRepair";
    private static final String MEMBERS = "node.partition.GroupMembers";
    private static final String IDENTITY = "node.partition.ReplicaIdentity";
    private static final String PLACEMENTS = "node.catalog.Placements";
    private static final String MACHINE = "node.partition.StateMachine";

    private MoveBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                            "erased-before-let-go",
                            60,
                            "a node erases its replica as soon as the catalog has the partition elsewhere",
                            Edit.of(
                                    MEMBERS,
                                    "return group.getVotersCount() > 0",
                                    "if (PLANTED) { return !environment.nodesOf(partition).contains(self.node()); }"
                                            + " return group.getVotersCount() > 0"))
                    .inEveryBuild(),
            PlantedBug.of(
                    "comes-back-under-its-old-name",
                    400,
                    "a replica that was erased comes back as the member that it was",
                    Edit.of(
                            IDENTITY,
                            "beginAnew(log.partition(), node, storage, 1 + randomBelow.applyAsLong(Long.MAX_VALUE));"
                                    + " log.beginAnew(); List<KeyRange> ranges;",
                            "PLANTED; log.beginAnew(); List<KeyRange> ranges;")),
            PlantedBug.of(
                    "leaves-before-others-have-come",
                    60,
                    "members on nodes that a partition leaves go before there are others",
                    Edit.of(
                            REPAIR,
                            "!areOnEach(placement, staying)) {",
                            "!areOnEach(placement, staying) && !PLANTED) {"),
                    Edit.of(
                            REPAIR,
                            "if (!areOnEach(placement, live)) {",
                            "if (!areOnEach(placement, live) && !PLANTED) {")),
            PlantedBug.of(
                    "finished-for-another-target",
                    400,
                    "a move counts as finished when an earlier one is",
                    Edit.of(
                            PLACEMENTS,
                            "found.get().getPlacementEpoch() != command.getPlacementEpoch()",
                            "found.get().getPlacementEpoch() != command.getPlacementEpoch() && !PLANTED")),
            PlantedBug.of(
                    "older-placement-followed",
                    400,
                    "a group follows a placement that comes late",
                    Edit.of(
                            MACHINE,
                            "if (command.getPlacement().getEpoch() > placement.getEpoch()) {",
                            "if (command.getPlacement().getEpoch() > placement.getEpoch() || PLANTED) {"),
                    Edit.of(
                            MEMBERS,
                            "wanted.getEpoch() > Math.max(machine.placement().getEpoch(), placementProposed);",
                            "wanted.getEpoch() != Math.max(machine.placement().getEpoch(), placementProposed);")));
}

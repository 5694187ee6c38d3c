package dev.henge.chaos.planted;

import java.util.List;

/** What the coordinator begins by itself, and what it leaves. */
final class PlanBugs {

    private static final String PLANNER = "membership.plan.Planner";
    private static final String MOVES = "membership.plan.MoveRule";
    private static final String TARGETS = "membership.plan.Targets";
    private static final String REDIRECT = "membership.plan.RedirectRule";
    private static final String VIEWS = "node.coordinator.ClusterViews";
    private static final String DRAFT = "membership.plan.Draft";
    private static final String ACTION = "node.coordinator.Action";
    private static final String TASKS = "node.catalog.Tasks";
    private static final String PLACEMENTS = "node.catalog.Placements";

    private PlanBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                            "moves-while-paused",
                            200,
                            "the coordinator goes on while it is paused",
                            Edit.of(PLANNER, "if (!view.settings().paused() &&", "if (PLANTED &&"),
                            Edit.of(TASKS, "return catalog.getSettings().hasPause()", "return !PLANTED"))
                    .with(Profile.PLANS),
            PlantedBug.of(
                            "overtakes-what-runs",
                            200,
                            "the coordinator begins another change of a partition that is on the move",
                            Edit.of(
                                    DRAFT,
                                    "for (Step step : situation.view().running()) { busy.addAll(step.partitions());",
                                    "for (Step step : situation.view().running()) {"),
                            Edit.of(
                                    ACTION,
                                    "if (record.isEmpty() || record.get().getTargetCount() > 0 || record.get().hasMerge()) {",
                                    "if (record.isEmpty() || record.get().getTargetCount() > 0 && !PLANTED) {"))
                    .with(Profile.PLANS),
            PlantedBug.of(
                            "removes-one-of-three",
                            60,
                            "a replica to be replaced is removed before there is another",
                            Edit.of(
                                    MOVES,
                                    "if (partition.voters().size() > wanted) {",
                                    "if (partition.voters().size() > wanted || PLANTED) {"))
                    .with(Profile.PLANS),
            PlantedBug.of(
                            "task-outlives-its-target",
                            60,
                            "a task that is done stays with its partition",
                            Edit.of(
                                    PLACEMENTS,
                                    "partition.toBuilder() .clearTask() .clearReplicas()",
                                    "(PLANTED ? partition.toBuilder() : partition.toBuilder().clearTask())"
                                            + " .clearReplicas()"))
                    .with(Profile.PLANS),
            PlantedBug.of(
                            "catalog-shrinks-with-a-decommission",
                            200,
                            "the system partition has fewer replicas while one of few nodes is to go",
                            Edit.of(
                                    TARGETS,
                                    "return (int) Math.max(Math.max(1, kept),",
                                    "return (int) Math.max(PLANTED ? 1 : kept,"))
                    .with(Profile.PLANS),
            PlantedBug.of(
                            "moves-are-not-turned-round",
                            200,
                            "a move waits for ever for a replica that is lost meanwhile",
                            Edit.of(
                                    REDIRECT,
                                    "if (lost.isPresent() && move.isPresent()) {",
                                    "if (lost.isPresent() && move.isPresent() && !PLANTED) {"))
                    .with(Profile.LOSSES),
            PlantedBug.of(
                            "stood-in-for-taken-for-gone",
                            200,
                            "a replica whose log another node keeps is taken for one that is to come",
                            Edit.of(
                                    VIEWS,
                                    ".filter(replica -> logs.contains(replica.getNode()))",
                                    ".filter(replica -> logs.contains(replica.getNode()) && !PLANTED)"))
                    .with(Profile.LOSSES));
}

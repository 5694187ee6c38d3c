package dev.henge.chaos.planted;

import java.util.List;

/** Members that keep the log alone: where their logs begin, what they forget, how they lead, when they go. */
final class StandInBugs {

    private static final String CORE = "node.replication.RaftCore";
    private static final String STAND_INS = "node.partition.LogStandIns";

    private StandInBugs() {}

    static final List<PlantedBug> ALL = List.of(
            PlantedBug.of(
                            "stand-in-forgets-what-another-lacks",
                            200,
                            "a log member forgets all that is committed, whoever lacks it",
                            Edit.of(
                                    CORE,
                                    "long index = Math.min(commitIndex, heldInEveryMajority(current));",
                                    "long index = PLANTED ? commitIndex"
                                            + " : Math.min(commitIndex, heldInEveryMajority(current));"))
                    .with(Profile.STAND_INS),
            PlantedBug.of(
                            "stand-in-begins-too-high",
                            200,
                            "a log member's log begins behind what the leader has applied, whoever lacks it",
                            Edit.of(
                                    CORE,
                                    "return followers.heldBy(minority + 1, configuration, writes.durableIndex());",
                                    "return PLANTED ? Long.MAX_VALUE"
                                            + " : followers.heldBy(minority + 1, configuration, writes.durableIndex());"))
                    .with(Profile.STAND_INS),
            PlantedBug.of(
                            "stand-in-never-hands-over",
                            200,
                            "a log member that leads goes on leading",
                            Edit.of(
                                    CORE,
                                    "if (target != null && (isTermCommitted() || target.match == log.lastIndex())) {",
                                    "if (target != null && (isTermCommitted() || target.match == log.lastIndex()) && !PLANTED) {"))
                    .with(Profile.STAND_INS),
            PlantedBug.of(
                            "stand-in-goes-too-early",
                            200,
                            "a log member goes when it is no longer wanted, whether somebody has come or not",
                            Edit.of(
                                    STAND_INS,
                                    "return makesWay || enough ? Optional.of",
                                    "return PLANTED || makesWay || enough ? Optional.of"))
                    .with(Profile.STAND_INS));
}

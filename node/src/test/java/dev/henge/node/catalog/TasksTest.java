package dev.henge.node.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.ClusterSettings;
import dev.henge.proto.FinishPlacement;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.TaskRecord;
import dev.henge.proto.TaskRecord.Kind;
import dev.henge.proto.TaskRecord.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

class TasksTest {

    private final CatalogState start = CatalogState.EMPTY
            .apply(CatalogCommand.newBuilder()
                    .setBootstrap(Bootstrap.newBuilder()
                            .addAllNodes(List.of(node("a"), node("b"), node("c"), node("d")))
                            .addPartitions(
                                    PartitionRecord.newBuilder().setId(1).addAllReplicas(List.of("a", "b", "c"))))
                    .build())
            .next();

    @Test
    void aTaskStandsWithItsTargetUntilThatIsReached() {
        CatalogState moving = place(start, Kind.REPLACE_REPLICA, "b", "c", "d").next();

        TaskRecord task = partition(moving).getTask();
        assertThat(task.getId()).isEqualTo(moving.epoch());
        assertThat(task.getPartition()).isEqualTo(1);
        assertThat(task.getReason()).isEqualTo("because");
        assertThat(Tasks.running(moving.catalog())).containsExactly(task);

        CatalogState done = finish(moving, moving.epoch(), 77);
        assertThat(partition(done).hasTask()).isFalse();
        assertThat(done.catalog().getFinishedTasksList())
                .containsExactly(task.toBuilder()
                        .setOutcome(Outcome.DONE)
                        .setEndedMillis(77)
                        .build());
    }

    @Test
    void aTaskThatIsFinishedTwiceIsOneFinishedTask() {
        CatalogState moving = place(start, Kind.REPLACE_REPLICA, "b", "c", "d").next();
        CatalogState done = finish(moving, moving.epoch(), 77);

        assertThat(finish(done, moving.epoch(), 78)).isEqualTo(done);
    }

    @Test
    void anotherChangeOfThePartitionOvertakesTheTask() {
        CatalogState first = place(start, Kind.REPLACE_REPLICA, "b", "c", "d").next();
        CatalogState second = place(first, Kind.ABANDON, "a", "b", "c").next();

        assertThat(partition(second).getTask().getKind()).isEqualTo(Kind.ABANDON);
        assertThat(second.catalog().getFinishedTasksList())
                .extracting(TaskRecord::getOutcome)
                .containsExactly(Outcome.OVERTAKEN);
    }

    @Test
    void onlySoManyFinishedOnesAreRemembered() {
        CatalogState state = start;
        for (int i = 0; i < Tasks.FINISHED_MAX + 5; i++) {
            CatalogState moving = place(state, Kind.REPLACE_REPLICA, "b", "c", i % 2 == 0 ? "d" : "a")
                    .next();
            state = finish(moving, moving.epoch(), i);
        }

        assertThat(state.catalog().getFinishedTasksCount()).isEqualTo(Tasks.FINISHED_MAX);
        assertThat(state.catalog().getFinishedTasks(0).getEndedMillis()).isEqualTo(5);
    }

    @ParameterizedTest
    @EnumSource(names = {"REPLACE_REPLICA", "ADD_REPLICA", "REMOVE_REPLICA"})
    void nothingIsBegunDuringAPause(Kind kind) {
        CatalogState paused =
                settings(start, ChangeSettings.newBuilder().setPause(pause())).next();

        Transition refused = place(paused, kind, "b", "c", "d");

        assertThat(refused.outcome().getCode()).isEqualTo(Code.PAUSED);
        assertThat(refused.next()).isEqualTo(paused);
        CatalogState resumed =
                settings(paused, ChangeSettings.newBuilder().setResume(true)).next();
        assertThat(place(resumed, kind, "b", "c", "d").accepted()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            names = {"OPERATOR_MOVE", "ABANDON"},
            mode = Mode.INCLUDE)
    void whatAnOperatorNamesAndWhatUndoesIsBegunDuringAPause(Kind kind) {
        CatalogState paused =
                settings(start, ChangeSettings.newBuilder().setPause(pause())).next();

        assertThat(place(paused, kind, "b", "c", "d").accepted()).isTrue();
    }

    @Test
    void whatRunsEndsDuringAPause() {
        CatalogState moving = place(start, Kind.REPLACE_REPLICA, "b", "c", "d").next();
        CatalogState paused =
                settings(moving, ChangeSettings.newBuilder().setPause(pause())).next();

        assertThat(partition(finish(paused, moving.epoch(), 1)).getTargetCount())
                .isZero();
    }

    @Test
    void settingsChangeOneByOne() {
        CatalogState one = settings(start, ChangeSettings.newBuilder().setReplaceAfterMillis(9))
                .next();
        CatalogState two =
                settings(one, ChangeSettings.newBuilder().setMovesAtOnceMax(3)).next();

        assertThat(two.catalog().getSettings())
                .isEqualTo(ClusterSettings.newBuilder()
                        .setReplaceAfterMillis(9)
                        .setMovesAtOnceMax(3)
                        .build());
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThat(refusal(ChangeSettings.newBuilder().setReplaceAfterMillis(-1)))
                .startsWith("replicas are replaced after");
        assertThat(refusal(ChangeSettings.newBuilder().setMovesAtOnceMax(-1))).startsWith("at most 1000");
        assertThat(refusal(ChangeSettings.newBuilder().setHotOperationsPerSecond(Double.NaN)))
                .startsWith("the load from which on");
        assertThat(refusal(ChangeSettings.newBuilder().setPause(pause()).setResume(true)))
                .isEqualTo("the coordinator is either paused or resumed");
    }

    @Test
    void whenPartitionsAreMergedIsSetOnceTheClusterCanMerge() {
        ChangeSettings.Builder after = ChangeSettings.newBuilder().setMergeAfterMillis(9);
        ChangeSettings.Builder above = ChangeSettings.newBuilder().setMergeAbovePartitions(3);

        String expected =
                "when partitions are merged can't be set yet: that needs cluster version 3, and this one is at 1";
        assertThat(refusal(after)).startsWith(expected);
        assertThat(refusal(above)).startsWith(expected);
        assertThat(settings(settings(merging(), after).next(), above)
                        .next()
                        .catalog()
                        .getSettings())
                .isEqualTo(ClusterSettings.newBuilder()
                        .setMergeAfterMillis(9)
                        .setMergeAbovePartitions(3)
                        .build());
    }

    @Test
    void whenPartitionsAreMergedHasBounds() {
        assertThat(refusal(ChangeSettings.newBuilder().setMergeAfterMillis(-1)))
                .startsWith("partitions are merged after 0 to");
        assertThat(refusal(ChangeSettings.newBuilder().setMergeAfterMillis(Long.MAX_VALUE)))
                .startsWith("partitions are merged after 0 to");
        assertThat(refusal(ChangeSettings.newBuilder().setMergeAbovePartitions(-1)))
                .startsWith("the number of partitions above which they are merged is at most 1000000");
    }

    private CatalogState merging() {
        return new CatalogState(start.catalog().toBuilder().setClusterVersion(3).build());
    }

    private String refusal(ChangeSettings.Builder settings) {
        Transition transition = settings(start, settings);
        assertThat(transition.outcome().getCode()).isEqualTo(Code.INVALID_SETTINGS);
        return transition.outcome().getMessage();
    }

    private static ClusterSettings.Pause pause() {
        return ClusterSettings.Pause.newBuilder().setReason("a test").build();
    }

    private static Transition settings(CatalogState state, ChangeSettings.Builder settings) {
        return state.apply(
                CatalogCommand.newBuilder().setChangeSettings(settings).build());
    }

    private static Transition place(CatalogState state, Kind kind, String... nodes) {
        return state.apply(CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder()
                        .setPartition(1)
                        .setPlacementEpoch(partition(state).getPlacementEpoch())
                        .addAllReplicas(List.of(nodes))
                        .setTask(TaskRecord.newBuilder().setKind(kind).setReason("because")))
                .build());
    }

    private static CatalogState finish(CatalogState state, long placementEpoch, long endedMillis) {
        return state.apply(CatalogCommand.newBuilder()
                        .setFinishPlacement(FinishPlacement.newBuilder()
                                .setPartition(1)
                                .setPlacementEpoch(placementEpoch)
                                .setEndedMillis(endedMillis))
                        .build())
                .next();
    }

    private static PartitionRecord partition(CatalogState state) {
        return state.catalog().getPartitions(0);
    }

    private static NodeRecord node(String name) {
        return NodeRecord.newBuilder().setName(name).build();
    }
}

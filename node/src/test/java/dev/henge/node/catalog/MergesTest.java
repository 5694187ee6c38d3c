package dev.henge.node.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.catalog.Feature;
import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.BeginMerge;
import dev.henge.proto.BeginSplit;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.ClusterSettings;
import dev.henge.proto.FinishMerge;
import dev.henge.proto.FinishSplit;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlaceLogReplica;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.SettleMerge;
import dev.henge.proto.TaskRecord;
import java.util.List;
import org.junit.jupiter.api.Test;

class MergesTest {

    private static final long THIRD = 1L << 62;
    private static final long HALF = Long.MIN_VALUE;

    private final CatalogState start = CatalogState.EMPTY
            .apply(CatalogCommand.newBuilder()
                    .setBootstrap(Bootstrap.newBuilder()
                            .setClusterVersion(Feature.MERGES.since())
                            .addAllNodes(List.of(node("a"), node("b"), node("c"), node("d")))
                            .addPartitions(PartitionRecord.newBuilder().addAllReplicas(List.of("a", "b", "c")))
                            .addPartitions(partition(1, 0, THIRD, "a", "b", "c"))
                            .addPartitions(partition(2, THIRD, HALF, "c", "b", "a"))
                            .addPartitions(partition(3, HALF, 0, "b", "c", "d")))
                    .build())
            .next();

    @Test
    void theMapStaysAsItIsUntilThePartitionsAreMerged() {
        CatalogState merging = begin(start, 1, 2).next();

        PartitionMerge merge = PartitionMerge.newBuilder()
                .setLeftEpoch(1)
                .setRightEpoch(1)
                .setLeft(1)
                .setRight(2)
                .setEpoch(merging.epoch())
                .build();
        for (int number : List.of(1, 2)) {
            PartitionRecord record = find(merging, number);
            assertThat(record.getMerge()).isEqualTo(merge);
            assertThat(Splits.rangeOf(record)).isEqualTo(Splits.rangeOf(find(start, number)));
        }
        assertThat(Merges.isLeft(find(merging, 1))).isTrue();
        assertThat(Merges.isRight(find(merging, 2))).isTrue();
    }

    @Test
    void thenTheLeftOneHasTheRangeOfBothUnderTheEpochOfTheMerge() {
        CatalogState merging = begin(start, 1, 2).next();

        CatalogState merged = finish(merging, 1, merging.epoch()).next();

        PartitionRecord whole = find(merged, 1);
        assertThat(whole.hasMerge()).isFalse();
        assertThat(whole.getStartToken()).isZero();
        assertThat(whole.getEndToken()).isEqualTo(HALF);
        assertThat(whole.getEpoch()).isEqualTo(merging.epoch());
        assertThat(Splits.firstRangeOf(whole).getEndToken())
                .as("its log may be replayed from the beginning")
                .isEqualTo(THIRD);
        assertThat(Placements.find(merged.catalog(), 2)).isEmpty();
    }

    @Test
    void whatTheRightOneWasStaysUntilNobodyNeedsItsReplicas() {
        CatalogState merging = begin(start, 1, 2).next();
        CatalogState merged = finish(merging, 1, merging.epoch()).next();
        assertThat(Merges.survivorOf(merged.catalog(), 2).orElseThrow().getId()).isEqualTo(1);
        assertThat(Merges.isGone(merged.catalog(), 2)).isFalse();
        assertThat(begin(merged, 1, 3).outcome().getCode()).isEqualTo(Code.CONFLICT);

        CatalogState settled = settle(merged, 1, merging.epoch()).next();

        assertThat(find(settled, 1).getMergedCount()).isZero();
        assertThat(Merges.isGone(settled.catalog(), 2)).isTrue();
        assertThat(Merges.isGone(settled.catalog(), 1)).isFalse();
        assertThat(Merges.isGone(settled.catalog(), 4))
                .as("it is still to come")
                .isFalse();
    }

    @Test
    void nothingIsMergedBeforeAllNodesKnowHow() {
        CatalogState old = new CatalogState(start.catalog().toBuilder()
                .setClusterVersion(Feature.MERGES.since() - 1)
                .build());

        Transition begun = begin(old, 1, 2);

        assertThat(begun.outcome().getCode()).isEqualTo(Code.CONFLICT);
        assertThat(begun.outcome().getMessage()).contains("cluster version 3");
    }

    @Test
    void whatIsFinishedOrSettledTwiceIsSoOnce() {
        CatalogState merging = begin(start, 1, 2).next();
        CatalogState merged = finish(merging, 1, merging.epoch()).next();
        CatalogState settled = settle(merged, 1, merging.epoch()).next();

        assertThat(finish(merged, 1, merging.epoch()).next()).isEqualTo(merged);
        assertThat(settle(settled, 1, merging.epoch()).next()).isEqualTo(settled);
        assertThat(finish(start, 1, 7).next()).isEqualTo(start);
    }

    @Test
    void theNumberOfTheRightOneIsNeverUsedAgain() {
        CatalogState split = split(start, 3, -1);
        CatalogState together = split(split, 3, Long.MIN_VALUE + 1); // partitions 4 and 5 were the highest numbers
        CatalogState merging = begin(together, 3, 5).next();
        CatalogState merged = settle(finish(merging, 3, merging.epoch()).next(), 3, merging.epoch())
                .next();

        CatalogState again = split(merged, 1, 5);

        assertThat(again.catalog().getPartitionsList())
                .extracting(PartitionRecord::getId)
                .contains(6)
                .doesNotContain(5);
    }

    @Test
    void onlyNeighboursInThisOrderAreMerged() {
        assertThat(begin(start, 2, 1).outcome().getCode()).isEqualTo(Code.INVALID_MERGE);
        assertThat(begin(start, 1, 3).outcome().getCode()).isEqualTo(Code.INVALID_MERGE);
        assertThat(begin(start, 1, 1).outcome().getCode()).isEqualTo(Code.INVALID_MERGE);
        assertThat(begin(start, 3, 1).outcome().getCode())
                .as("the ring's end is no neighbour of its beginning")
                .isEqualTo(Code.INVALID_MERGE);
        assertThat(begin(start, 0, 1).outcome().getCode()).isEqualTo(Code.INVALID_MERGE);
        assertThat(begin(start, 1, 9).outcome().getCode()).isEqualTo(Code.INVALID_MERGE);
    }

    @Test
    void onlyThoseOnTheSameNodesAreMerged() {
        Transition apart = begin(start, 2, 3);

        assertThat(apart.outcome().getCode()).isEqualTo(Code.CONFLICT);
        assertThat(apart.outcome().getMessage()).contains("move one of them");
    }

    @Test
    void nothingElseIsBegunOnEitherMeanwhile() {
        CatalogState merging = begin(start, 1, 2).next();

        for (int number : List.of(1, 2)) {
            assertThat(move(merging, number).outcome().getCode()).isEqualTo(Code.CONFLICT);
            assertThat(standIn(merging, number).outcome().getCode()).isEqualTo(Code.CONFLICT);
            assertThat(beginSplit(merging, number, find(merging, number).getStartToken() + 1)
                            .outcome()
                            .getCode())
                    .isEqualTo(Code.CONFLICT);
        }
        assertThat(begin(merging, 1, 2).outcome().getCode()).isEqualTo(Code.CONFLICT);
    }

    @Test
    void aPartitionThatChangesIsNotMerged() {
        assertThat(begin(move(start, 1).next(), 1, 2).outcome().getCode()).isEqualTo(Code.CONFLICT);
        assertThat(begin(move(start, 2).next(), 1, 2).outcome().getCode()).isEqualTo(Code.CONFLICT);
        assertThat(begin(standIn(start, 2).next(), 1, 2).outcome().getCode()).isEqualTo(Code.CONFLICT);
        assertThat(begin(beginSplit(start, 2, THIRD + 1).next(), 1, 2).outcome().getCode())
                .isEqualTo(Code.CONFLICT);
        assertThat(begin(start, 1, 2, 1, 99).outcome().getCode())
                .as("the sender knows another range")
                .isEqualTo(Code.CONFLICT);
    }

    @Test
    void onceItIsFinishedThePartitionMayMoveThoughSomeLag() {
        CatalogState merging = begin(start, 1, 2).next();
        CatalogState merged = finish(merging, 1, merging.epoch()).next();

        assertThat(move(merged, 1).accepted()).isTrue();
        assertThat(move(merged, 2).outcome().getCode())
                .as("there is no such partition any more")
                .isEqualTo(Code.CONFLICT);
    }

    @Test
    void aMergeHasItsTaskAndAPauseKeepsItFromBeingBegun() {
        CatalogState merging = begin(start, 1, 2).next();
        assertThat(find(merging, 1).getTask().getKind()).isEqualTo(TaskRecord.Kind.MERGE);
        assertThat(find(merging, 1).getTask().getId()).isEqualTo(merging.epoch());
        CatalogState merged = finish(merging, 1, merging.epoch()).next();
        assertThat(merged.catalog().getFinishedTasksList()).hasSize(1);
        assertThat(merged.catalog().getFinishedTasks(0).getOutcome()).isEqualTo(TaskRecord.Outcome.DONE);

        CatalogState paused = start.apply(CatalogCommand.newBuilder()
                        .setChangeSettings(ChangeSettings.newBuilder()
                                .setPause(ClusterSettings.Pause.newBuilder().setReason("a test")))
                        .build())
                .next();
        assertThat(begin(paused, 1, 2).outcome().getCode()).isEqualTo(Code.PAUSED);
        assertThat(begin(paused, 1, 2, TaskRecord.Kind.OPERATOR_MERGE).accepted())
                .as("what an operator asks for by name")
                .isTrue();
    }

    private static PartitionRecord.Builder partition(int number, long start, long end, String... nodes) {
        return PartitionRecord.newBuilder()
                .setId(number)
                .setStartToken(start)
                .setEndToken(end)
                .addAllReplicas(List.of(nodes));
    }

    private static NodeRecord node(String name) {
        return NodeRecord.newBuilder().setName(name).build();
    }

    private static PartitionRecord find(CatalogState state, int number) {
        return Placements.find(state.catalog(), number).orElseThrow();
    }

    private static long epochOf(CatalogState state, int number) {
        return Placements.find(state.catalog(), number)
                .map(PartitionRecord::getEpoch)
                .orElse(1L);
    }

    private static Transition begin(CatalogState state, int left, int right) {
        return begin(state, left, right, epochOf(state, left), epochOf(state, right));
    }

    private static Transition begin(CatalogState state, int left, int right, TaskRecord.Kind kind) {
        return begin(state, left, right, epochOf(state, left), epochOf(state, right), kind);
    }

    private static Transition begin(CatalogState state, int left, int right, long leftEpoch, long rightEpoch) {
        return begin(state, left, right, leftEpoch, rightEpoch, TaskRecord.Kind.MERGE);
    }

    private static Transition begin(
            CatalogState state, int left, int right, long leftEpoch, long rightEpoch, TaskRecord.Kind kind) {
        return state.apply(CatalogCommand.newBuilder()
                .setBeginMerge(BeginMerge.newBuilder()
                        .setLeft(left)
                        .setRight(right)
                        .setLeftEpoch(leftEpoch)
                        .setRightEpoch(rightEpoch)
                        .setTask(TaskRecord.newBuilder().setKind(kind).setReason("a test")))
                .build());
    }

    private static Transition finish(CatalogState state, int left, long epoch) {
        return state.apply(CatalogCommand.newBuilder()
                .setFinishMerge(FinishMerge.newBuilder().setLeft(left).setEpoch(epoch))
                .build());
    }

    private static Transition settle(CatalogState state, int number, long epoch) {
        return state.apply(CatalogCommand.newBuilder()
                .setSettleMerge(SettleMerge.newBuilder().setPartition(number).setEpoch(epoch))
                .build());
    }

    private static Transition move(CatalogState state, int number) {
        return state.apply(CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder()
                        .setPartition(number)
                        .addAllReplicas(List.of("b", "c", "d"))
                        .setPlacementEpoch(Placements.find(state.catalog(), number)
                                .map(PartitionRecord::getPlacementEpoch)
                                .orElse(0L)))
                .build());
    }

    private static Transition standIn(CatalogState state, int number) {
        return state.apply(CatalogCommand.newBuilder()
                .setPlaceLogReplica(PlaceLogReplica.newBuilder()
                        .setPartition(number)
                        .setPlacementEpoch(find(state, number).getPlacementEpoch())
                        .setLogReplica(
                                LogReplicaRecord.newBuilder().setNode("d").setInPlaceOf("a")))
                .build());
    }

    private static Transition beginSplit(CatalogState state, int number, long token) {
        return state.apply(CatalogCommand.newBuilder()
                .setBeginSplit(BeginSplit.newBuilder()
                        .setPartition(number)
                        .setToken(token)
                        .setEpoch(find(state, number).getEpoch()))
                .build());
    }

    private static CatalogState split(CatalogState state, int number, long token) {
        CatalogState splitting = beginSplit(state, number, token).next();
        return splitting
                .apply(CatalogCommand.newBuilder()
                        .setFinishSplit(
                                FinishSplit.newBuilder().setPartition(number).setEpoch(splitting.epoch()))
                        .build())
                .next();
    }
}

package dev.henge.node.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.BeginSplit;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.FinishSplit;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import java.util.List;
import org.junit.jupiter.api.Test;

class SplitsTest {

    private static final long HALF = Long.MIN_VALUE;
    private static final long QUARTER = 1L << 62;

    private final CatalogState start = CatalogState.EMPTY
            .apply(CatalogCommand.newBuilder()
                    .setBootstrap(Bootstrap.newBuilder()
                            .addAllNodes(List.of(node("a"), node("b"), node("c"), node("d")))
                            .addPartitions(PartitionRecord.newBuilder().addAllReplicas(List.of("a", "b", "c")))
                            .addPartitions(
                                    PartitionRecord.newBuilder().setId(1).addAllReplicas(List.of("a", "b", "c"))))
                    .build())
            .next();

    @Test
    void theMapStaysAsItIsUntilThePartitionHasBeenSplit() {
        CatalogState splitting = begin(start, 1, HALF, 1).next();

        PartitionRecord record = partition(splitting, 1);
        assertThat(record.getEndToken()).isZero();
        assertThat(record.getEpoch()).isEqualTo(1);
        assertThat(record.getSplit().getToken()).isEqualTo(HALF);
        assertThat(record.getSplit().getChild()).isEqualTo(2);
        assertThat(record.getSplit().getEpoch()).isEqualTo(splitting.epoch());
        assertThat(splitting.catalog().getPartitionsCount()).isEqualTo(2);
    }

    @Test
    void thenBothHalvesAreThereUnderTheEpochOfTheSplit() {
        CatalogState splitting = begin(start, 1, HALF, 1).next();
        long epoch = splitting.epoch();

        CatalogState split = finish(splitting, 1, epoch).next();

        PartitionRecord low = partition(split, 1);
        PartitionRecord high = partition(split, 2);
        assertThat(low.hasSplit()).isFalse();
        assertThat(low.getStartToken()).isZero();
        assertThat(low.getEndToken()).isEqualTo(HALF);
        assertThat(high.getStartToken()).isEqualTo(HALF);
        assertThat(high.getEndToken()).isZero();
        assertThat(List.of(low.getEpoch(), high.getEpoch())).containsOnly(epoch);
        assertThat(high.getParent()).isEqualTo(1);
        assertThat(high.getReplicasList()).containsExactly("a", "b", "c");
        assertThat(Placements.joins(high, "a"))
                .as("whoever has nothing of it begins as a new member")
                .isTrue();
    }

    @Test
    void whatIsFinishedTwiceIsFinishedOnce() {
        CatalogState splitting = begin(start, 1, HALF, 1).next();
        CatalogState split = finish(splitting, 1, splitting.epoch()).next();

        Transition again = finish(split, 1, splitting.epoch());

        assertThat(again.accepted()).isTrue();
        assertThat(again.next()).isEqualTo(split);
    }

    @Test
    void anotherSplitIsNotFinishedInItsPlace() {
        CatalogState splitting = begin(start, 1, HALF, 1).next();

        assertThat(finish(splitting, 1, splitting.epoch() + 1).next()).isEqualTo(splitting);
    }

    @Test
    void whatTheGroupBeganWithIsRememberedForEver() {
        CatalogState once = split(start, 1, HALF);
        CatalogState twice = split(once, 1, QUARTER);

        assertThat(partition(twice, 1).getFirst().getEndToken()).isZero();
        assertThat(partition(twice, 1).getFirst().getEpoch()).isEqualTo(1);
        assertThat(Splits.firstRangeOf(partition(start, 1)).getEpoch()).isEqualTo(1);
    }

    @Test
    void numbersAreNeverGivenTwice() {
        CatalogState twice = split(split(start, 1, HALF), 1, QUARTER);

        assertThat(twice.catalog().getPartitionsList())
                .extracting(PartitionRecord::getId)
                .containsExactlyInAnyOrder(0, 1, 2, 3);
        assertThat(twice.catalog().getNextPartitionId()).isEqualTo(4);
    }

    @Test
    void anOldCatalogGoesOnBehindItsHighestNumber() {
        Catalog old = start.catalog().toBuilder()
                .addPartitions(PartitionRecord.newBuilder().setId(41))
                .build();

        CatalogState splitting = begin(new CatalogState(old), 1, HALF, 1).next();

        assertThat(partition(splitting, 1).getSplit().getChild()).isEqualTo(42);
    }

    @Test
    void whatCanNotBeIsRefused() {
        assertThat(code(begin(start, 0, HALF, 1))).as("the system partition").isEqualTo(Code.INVALID_SPLIT);
        assertThat(code(begin(start, 7, HALF, 1))).as("an unknown one").isEqualTo(Code.INVALID_SPLIT);
        assertThat(code(begin(start, 1, 0, 1))).as("at its begin").isEqualTo(Code.INVALID_SPLIT);
        CatalogState split = split(start, 1, HALF);
        long epoch = partition(split, 1).getEpoch();
        assertThat(code(begin(split, 1, HALF, epoch))).as("at its end").isEqualTo(Code.INVALID_SPLIT);
        assertThat(code(begin(split, 1, QUARTER, 1))).as("as it was before").isEqualTo(Code.CONFLICT);
    }

    @Test
    void aPartitionIsNotSplitAndMovedAtOnce() {
        CatalogState moving = place(start).next();
        CatalogState splitting = begin(start, 1, HALF, 1).next();

        assertThat(code(begin(moving, 1, HALF, 1))).isEqualTo(Code.CONFLICT);
        assertThat(code(place(splitting))).isEqualTo(Code.CONFLICT);
        assertThat(code(begin(splitting, 1, QUARTER, 1))).as("nor split twice").isEqualTo(Code.CONFLICT);
    }

    @Test
    void theMiddleIsInTheMiddleAlsoOfWhatEndsWithTheRing() {
        assertThat(Splits.middleOf(range(0, 0))).isEqualTo(HALF);
        assertThat(Splits.middleOf(range(HALF, 0))).isEqualTo(HALF + QUARTER);
        assertThat(Splits.middleOf(range(0, HALF))).isEqualTo(QUARTER);
        assertThat(Splits.middleOf(range(10, 20))).isEqualTo(15);
    }

    private static PartitionRecord range(long startToken, long endToken) {
        return PartitionRecord.newBuilder()
                .setStartToken(startToken)
                .setEndToken(endToken)
                .build();
    }

    private static CatalogState split(CatalogState state, int partition, long token) {
        CatalogState splitting = begin(
                        state, partition, token, partition(state, partition).getEpoch())
                .next();
        return finish(splitting, partition, splitting.epoch()).next();
    }

    private static Transition begin(CatalogState state, int partition, long token, long epoch) {
        return state.apply(CatalogCommand.newBuilder()
                .setBeginSplit(BeginSplit.newBuilder()
                        .setPartition(partition)
                        .setToken(token)
                        .setEpoch(epoch))
                .build());
    }

    private static Transition finish(CatalogState state, int partition, long epoch) {
        return state.apply(CatalogCommand.newBuilder()
                .setFinishSplit(FinishSplit.newBuilder().setPartition(partition).setEpoch(epoch))
                .build());
    }

    private static Transition place(CatalogState state) {
        return state.apply(CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder().setPartition(1).addAllReplicas(List.of("b", "c", "d")))
                .build());
    }

    private static PartitionRecord partition(CatalogState state, int partition) {
        return Placements.find(state.catalog(), partition).orElseThrow();
    }

    private static Code code(Transition transition) {
        return transition.outcome().getCode();
    }

    private static NodeRecord node(String name) {
        return NodeRecord.newBuilder().setName(name).build();
    }
}

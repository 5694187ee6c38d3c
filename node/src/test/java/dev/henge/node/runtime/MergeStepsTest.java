package dev.henge.node.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.catalog.CatalogState;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.DropTable;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlaceReplicas;
import dev.henge.proto.PrepareIndex;
import dev.henge.proto.RangeSealed;
import dev.henge.proto.RangeTaken;
import dev.henge.proto.SealRange;
import dev.henge.proto.SplitRange;
import dev.henge.proto.TakeRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class MergeStepsTest {

    private static final int LEFT = 1;
    private static final int RIGHT = 2;
    private static final PartitionMerge MERGE = PartitionMerge.newBuilder()
            .setLeft(LEFT)
            .setRight(RIGHT)
            .setEpoch(9)
            .build();
    private static final Catalog CATALOG = Catalog.newBuilder()
            .addPartitions(PartitionRecord.newBuilder()
                    .setId(LEFT)
                    .addAllReplicas(List.of("a", "b", "c"))
                    .setMerge(MERGE))
            .addPartitions(PartitionRecord.newBuilder()
                    .setId(RIGHT)
                    .addAllReplicas(List.of("a", "b", "c"))
                    .setPlacementEpoch(7)
                    .setMerge(MERGE))
            .build();

    private final Groups groups = new Groups();
    private final List<CatalogCommand> submitted = new ArrayList<>();
    private final MergeSteps steps = new MergeSteps(groups, command -> {
        submitted.add(command.build());
        return CompletableFuture.completedFuture(CatalogOutcome.getDefaultInstance());
    });

    @Test
    void theRightOneIsSealedThenTakenThenTheMapHasOne() {
        steps.run(CATALOG).join();

        assertThat(groups.heard).containsExactly("take?", "seal", "take");
        assertThat(submitted).singleElement().matches(CatalogCommand::hasFinishMerge);
    }

    /** The catalog had its log replica retired, and the merge was begun before the group heard of it. */
    @Test
    void aRightOneThatStillHasALogReplicaIsToldThatItGoes() {
        groups.placementOfRight = 6;
        steps.run(CATALOG).join();
        assertThat(groups.heard).containsExactly("take?", "seal", "tell 2: epoch 7");

        steps.run(CATALOG).join();
        assertThat(submitted).singleElement().matches(CatalogCommand::hasFinishMerge);
    }

    /** The leaders of both. */
    private static final class Groups implements CoordinatorStep.Port {

        final List<String> heard = new ArrayList<>();

        /** What the right one's log has of its placement; before the newest it has a log replica. */
        long placementOfRight = 7;

        @Override
        public CompletableFuture<RangeSealed> seal(int partition, SealRange seal) {
            heard.add("seal");
            RangeSealed.Builder answer = RangeSealed.newBuilder();
            return CompletableFuture.completedFuture(
                    placementOfRight < 7
                            ? answer.setReason("a member keeps the log alone").build()
                            : answer.setDone(true).setIndex(5).setTerm(3).build());
        }

        @Override
        public CompletableFuture<RangeTaken> take(int partition, TakeRange take) {
            boolean asks = take.getSealIndex() == 0;
            heard.add(asks ? "take?" : "take");
            return CompletableFuture.completedFuture(
                    RangeTaken.newBuilder().setDone(!asks).build());
        }

        @Override
        public CompletableFuture<Set<Integer>> tell(Map<Integer, PlaceReplicas> placementsByPartition) {
            placementsByPartition.forEach((partition, placement) -> {
                heard.add("tell " + partition + ": epoch " + placement.getEpoch());
                placementOfRight = placement.getEpoch();
            });
            return CompletableFuture.completedFuture(placementsByPartition.keySet());
        }

        @Override
        public long wallMillis() {
            return 1;
        }

        @Override
        public CompletableFuture<Optional<CatalogState>> catalogIfLeading() {
            throw new AssertionError("not asked for");
        }

        @Override
        public Optional<String> instanceOf(String node) {
            throw new AssertionError("not asked for");
        }

        @Override
        public CompletableFuture<CatalogOutcome> submit(CatalogCommand command) {
            throw new AssertionError("not asked for");
        }

        @Override
        public CompletableFuture<Void> drop(Map<Integer, DropTable> dropsByPartition) {
            throw new AssertionError("not asked for");
        }

        @Override
        public CompletableFuture<Boolean> prepare(Map<Integer, PrepareIndex> preparationsByPartition) {
            throw new AssertionError("not asked for");
        }

        @Override
        public CompletableFuture<Set<Integer>> place(Map<Integer, PlaceReplicas> placementsByPartition) {
            throw new AssertionError("not asked for");
        }

        @Override
        public CompletableFuture<Set<Integer>> split(Map<Integer, SplitRange> splitsByPartition) {
            throw new AssertionError("not asked for");
        }

        @Override
        public CompletableFuture<Map<String, NodeStatusReply>> ask(List<NodeRecord> nodes) {
            throw new AssertionError("not asked for");
        }

        @Override
        public UUID newId() {
            throw new AssertionError("not asked for");
        }
    }
}

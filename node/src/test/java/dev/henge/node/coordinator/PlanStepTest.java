package dev.henge.node.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.catalog.Feature;
import dev.henge.membership.plan.BalanceReport;
import dev.henge.membership.plan.ClusterView;
import dev.henge.membership.plan.Safety;
import dev.henge.node.catalog.Tasks;
import dev.henge.proto.BeginMerge;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.ChangeSettings;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.SetNodeState;
import dev.henge.proto.TaskRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlanStepTest {

    private static final long REPLACE_AFTER_MILLIS = 60_000;
    private static final List<String> FOUR = List.of("a", "b", "c", "d");

    private final FakeCluster cluster = new FakeCluster(
            FOUR,
            List.of(List.of("a", "b", "c"), List.of("b", "c", "d"), List.of("c", "d", "a"), List.of("d", "a", "b")));
    private final PlanStep step = new PlanStep("a", cluster, new AnsweredLiveness());

    @Test
    void aClusterInOrderIsLeftAlone() {
        run();

        assertThat(cluster.commands()).isEmpty();
        assertThat(step.report()).isPresent();
    }

    @Test
    void whoDoesNotCoordinateDoesNothing() {
        cluster.stop("d");
        cluster.leads = false;
        runFor(10 * REPLACE_AFTER_MILLIS);

        assertThat(cluster.commands()).isEmpty();
        assertThat(step.report()).isEmpty();
    }

    @Test
    void aNodeThatIsGoneForLongIsReplacedAndItsTaskTellsWhy() {
        cluster.set(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        run();
        cluster.stop("d");
        runFor(REPLACE_AFTER_MILLIS - 5_000);
        assertThat(targets()).isZero();

        runFor(10_000);
        assertThat(targets()).isPositive();
        TaskRecord task = Tasks.running(cluster.catalog()).getFirst();
        PartitionRecord moving = cluster.partition(task.getPartition());
        assertThat(task.getKind()).isEqualTo(TaskRecord.Kind.REPLACE_REPLICA);
        assertThat(task.getFrom()).isEqualTo("d");
        assertThat(task.getReason()).startsWith("d has been down for");
        assertThat(task.getCoordinator()).isEqualTo("a");
        assertThat(task.getId()).isEqualTo(moving.getPlacementEpoch());
        assertThat(moving.getTargetList()).hasSize(3).contains(task.getTo()).doesNotContain("d");

        runToTheEnd();
        assertThat(cluster.catalog().getPartitionsList())
                .allSatisfy(record ->
                        assertThat(record.getReplicasList()).hasSize(3).doesNotContain("d"));
        assertThat(cluster.catalog().getFinishedTasksList())
                .hasSize(3)
                .allMatch(done -> done.getOutcome() == TaskRecord.Outcome.DONE && done.getEndedMillis() == 7);
    }

    @Test
    void aNewCoordinatorCountsAbsencesFromItsOwnStart() {
        cluster.set(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        cluster.stop("d");
        runFor(REPLACE_AFTER_MILLIS / 2);
        cluster.leads = false;
        run();
        cluster.leads = true;
        runFor(REPLACE_AFTER_MILLIS - 5_000);

        assertThat(targets()).isZero();
    }

    @Test
    void nothingIsBegunWhileTheClusterIsPaused() {
        cluster.set(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        cluster.stop("d");
        cluster.pause();
        runFor(3 * REPLACE_AFTER_MILLIS);
        assertThat(targets()).isZero();

        cluster.set(ChangeSettings.newBuilder().setResume(true));
        run();
        assertThat(targets()).isPositive();
    }

    @Test
    void aPauseThatComesWhileTheCoordinatorDecidesHoldsToo() {
        cluster.set(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        cluster.stop("d");
        runFor(REPLACE_AFTER_MILLIS - 1_000);
        cluster.whileAsking = cluster::pause;
        runFor(3 * REPLACE_AFTER_MILLIS);

        assertThat(targets()).isZero();
    }

    @Test
    void aMoveToANodeThatIsLostIsGivenUpAndMadeToAnother() {
        FakeCluster five = new FakeCluster(List.of("a", "b", "c", "d", "e"), List.of(List.of("a", "b", "c")));
        PlanStep planner = new PlanStep("a", five, new AnsweredLiveness());
        five.set(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        planner.run().join();
        five.stop("c");
        runFor(planner, five, 2 * REPLACE_AFTER_MILLIS);
        String to = five.partition(1).getTask().getTo();
        assertThat(to).isIn("d", "e");

        five.stop(to);
        runFor(planner, five, 15_000);
        assertThat(five.partition(1).getTask().getKind()).isEqualTo(TaskRecord.Kind.ABANDON);
        assertThat(five.partition(1).getTargetList()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(five.catalog().getFinishedTasksList())
                .anyMatch(task -> task.getOutcome() == TaskRecord.Outcome.OVERTAKEN);

        five.finishMoves();
        runFor(planner, five, 10_000);
        assertThat(five.partition(1).getTask().getTo()).isEqualTo(to.equals("d") ? "e" : "d");
    }

    /** The group would let c go only once b is back. */
    @Test
    void aMoveTakesThePlaceOfAnotherReplicaThatIsLostMeanwhile() {
        FakeCluster five = new FakeCluster(List.of("a", "b", "c", "d", "e"), List.of(List.of("a", "b", "c")));
        PlanStep planner = new PlanStep("a", five, new AnsweredLiveness());
        five.set(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        five.apply(CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder().setPartition(1).addAllReplicas(List.of("a", "b", "d"))));
        five.stop("b");
        runFor(planner, five, REPLACE_AFTER_MILLIS / 2);
        assertThat(five.partition(1).getTargetList()).containsExactly("a", "b", "d");

        runFor(planner, five, REPLACE_AFTER_MILLIS);
        assertThat(five.partition(1).getTargetList()).containsExactly("a", "c", "d");
        assertThat(five.commands().getLast().getPlacePartition().getTurns()).isTrue();
        assertThat(five.partition(1).getTask().getFrom()).isEqualTo("b");
        assertThat(five.partition(1).getTask().getTo()).isEqualTo("d");

        five.finishMoves();
        assertThat(five.partition(1).getReplicasList()).containsExactly("a", "c", "d");
    }

    /** It votes no more, and has not gone: the move to d has nothing to do with it, and one that is given up leaves it in. */
    @Test
    void aReplicaWhoseLogAnotherNodeKeepsIsNeitherToComeNorGone() {
        FakeCluster five = new FakeCluster(List.of("a", "b", "c", "d", "e"), List.of(List.of("a", "b", "c")));
        PlanStep planner = new PlanStep("a", five, new AnsweredLiveness());
        five.apply(CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder().setPartition(1).addAllReplicas(List.of("a", "b", "d"))));
        five.stop("b");
        runFor(planner, five, 15_000);
        assertThat(five.partition(1).getLogReplicasList())
                .singleElement()
                .satisfies(replica -> assertThat(replica.getInPlaceOf()).isEqualTo("b"));

        five.group(1, "a", "c", "e#7+log");
        runFor(planner, five, 30_000);
        assertThat(five.partition(1).getTargetList()).containsExactly("a", "b", "d");

        five.stop("d");
        runFor(planner, five, 15_000);
        assertThat(five.partition(1).getTask().getKind()).isEqualTo(TaskRecord.Kind.ABANDON);
        assertThat(five.partition(1).getTargetList()).containsExactlyInAnyOrder("a", "b", "c");
    }

    /** Or who asks whether another node may be stopped would be told so seconds too early. */
    @Test
    void aLogIsCountedOnOnlyOnceItsGroupDoesSo() {
        FakeCluster four = new FakeCluster(List.of("a", "b", "c", "d"), List.of(List.of("a", "b", "c")));
        PlanStep planner = new PlanStep("a", four, new AnsweredLiveness());
        four.stop("c");
        runFor(planner, four, 15_000);
        assertThat(four.partition(1).getLogReplicasList()).hasSize(1);
        assertThat(dangersOfStopping(four, "b")).isNotEmpty();

        four.group(1, "a", "b", "d#7+log");
        assertThat(dangersOfStopping(four, "b")).isEmpty();
    }

    private static List<Safety.Danger> dangersOfStopping(FakeCluster cluster, String node) {
        ClusterView view = ClusterViews.once(
                cluster.catalog(), cluster.ask(cluster.catalog().getNodesList()).join(), cluster.nowMillis());
        return Safety.ofStopping(view, Set.of(node)).stream()
                .filter(danger -> danger.partition() == 1)
                .toList();
    }

    /** The old replica has gone when the new one's node is lost: there is nothing to go back to. */
    @Test
    void whatIsGivenUpLateSettlesOnTheGroupAsItIs() {
        FakeCluster five = new FakeCluster(List.of("a", "b", "c", "d", "e"), List.of(List.of("a", "b", "c")));
        PlanStep planner = new PlanStep("a", five, new AnsweredLiveness());
        five.apply(CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder().setPartition(1).addAllReplicas(List.of("a", "b", "d"))));
        five.apply(CatalogCommand.newBuilder()
                .setPlacePartition(PlacePartition.newBuilder()
                        .setPartition(1)
                        .setPlacementEpoch(five.partition(1).getPlacementEpoch())
                        .addAllReplicas(List.of("a", "b", "c"))));
        five.group(1, "a", "b", "d");
        five.stop("c");
        runFor(planner, five, 15_000);

        assertThat(five.partition(1).getTargetList()).containsExactlyInAnyOrder("a", "b", "d");
    }

    @Test
    void leadershipsAreSpread() {
        IntStream.rangeClosed(1, 4).forEach(partition -> cluster.lead(partition, partition == 2 ? "b" : "a"));
        run();

        assertThat(IntStream.rangeClosed(0, 4).mapToObj(cluster::leader).distinct())
                .hasSize(4);
    }

    /**
     * Otherwise half of an exchange of replicas is begun, and what that does to the shares of leaderships makes another node the
     * coordinator, which takes it back in the same way.
     */
    @Test
    void theCoordinatorHandsOverAfterItHasBegunWhatItPlanned() {
        becomesDueToReplace("d");
        cluster.lead(4, "b");
        drain("a");
        cluster.committing = new CompletableFuture<>();
        CompletableFuture<Void> round = step.run();
        cluster.committing.complete(null);
        round.join();

        assertThat(cluster.leader(0)).isNotEqualTo("a");
        assertThat(targets()).isEqualTo(2);
    }

    @Test
    void leadershipsAreHandedOverAlsoWhereNothingCanBeBegun() {
        becomesDueToReplace("d");
        drain("a");
        cluster.committing = CompletableFuture.failedFuture(new TimeoutException());

        assertThat(step.run()).isCompletedExceptionally();
        assertThat(IntStream.rangeClosed(0, 4).mapToObj(cluster::leader)).doesNotContain("a");
    }

    @Test
    void aPlanForACatalogThatHasChangedIsRefused() {
        cluster.set(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        cluster.stop("d");
        runFor(REPLACE_AFTER_MILLIS - 1_000);
        Catalog before = cluster.catalog();
        PlanStep old = step;
        pass(5_000);
        old.run().join();
        PlacePartition late = moves().getFirst();
        cluster.finishMoves();

        assertThat(cluster.apply(CatalogCommand.newBuilder().setPlacePartition(late))
                        .getMessage())
                .contains("changed in the meantime");
        assertThat(before).isNotEqualTo(cluster.catalog());
    }

    @Test
    void redundancyIsNeverLowered() {
        cluster.set(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        cluster.stop("d");
        runFor(2 * REPLACE_AFTER_MILLIS);
        cluster.startAgain("d");
        runToTheEnd();

        assertThat(moves()).isNotEmpty().allSatisfy(move -> assertThat(new HashSet<>(move.getReplicasList()))
                .hasSizeGreaterThanOrEqualTo(3));
        assertThat(BalanceReport.of(step.report().orElseThrow().view()).reasons())
                .isEmpty();
    }

    @Test
    void coldNeighboursAreBroughtTogetherAndMerged() {
        cluster.version(Feature.MERGES.since());
        cluster.set(ChangeSettings.newBuilder().setMergeAfterMillis(60_000).setMergeAbovePartitions(2));
        run();
        runFor(50_000);
        assertThat(cluster.commands()).isEmpty();

        runFor(20_000);
        runToTheEnd();
        assertThat(moves()).isNotEmpty();
        BeginMerge merge = cluster.commands().stream()
                .filter(CatalogCommand::hasBeginMerge)
                .map(CatalogCommand::getBeginMerge)
                .findFirst()
                .orElseThrow();
        assertThat(merge.getTask().getKind()).isEqualTo(TaskRecord.Kind.MERGE);
        assertThat(cluster.partition(merge.getLeft()).getMerge().getRight()).isEqualTo(merge.getRight());
    }

    @Test
    void whatWasMergedIsLeftAloneUntilAllReplicasHaveTakenIt() {
        cluster.version(Feature.MERGES.since());
        cluster.set(ChangeSettings.newBuilder().setMergeAfterMillis(60_000).setMergeAbovePartitions(1));
        cluster.merged(1);
        run();
        runFor(70_000);

        assertThat(step.report().orElseThrow().view().partitions())
                .filteredOn(partition -> partition.id() == 1)
                .allMatch(partition -> partition.changedMillis() == cluster.nowMillis());
        runToTheEnd();
        assertThat(cluster.commands())
                .filteredOn(CatalogCommand::hasBeginMerge)
                .isNotEmpty()
                .noneMatch(command -> command.getBeginMerge().getLeft() == 1);
    }

    @Test
    void nothingIsBroughtTogetherWhereTheClusterCannotMerge() {
        cluster.version(Feature.MERGES.since());
        cluster.set(ChangeSettings.newBuilder().setMergeAfterMillis(60_000).setMergeAbovePartitions(1));
        cluster.version(Feature.MERGES.since() - 1);
        run();
        runFor(200_000);

        assertThat(cluster.commands()).isEmpty();
    }

    /** Besides these there are commands about who keeps the log in the place of a lost replica. */
    private List<PlacePartition> moves() {
        return cluster.commands().stream()
                .filter(CatalogCommand::hasPlacePartition)
                .map(CatalogCommand::getPlacePartition)
                .toList();
    }

    private long targets() {
        return cluster.catalog().getPartitionsList().stream()
                .filter(record -> record.getTargetCount() > 0)
                .count();
    }

    private void becomesDueToReplace(String node) {
        cluster.set(ChangeSettings.newBuilder().setReplaceAfterMillis(REPLACE_AFTER_MILLIS));
        cluster.stop(node);
        runFor(REPLACE_AFTER_MILLIS);
        assertThat(targets()).isZero();
        pass(REPLACE_AFTER_MILLIS);
    }

    private void drain(String node) {
        cluster.apply(CatalogCommand.newBuilder()
                .setSetNodeState(SetNodeState.newBuilder().setName(node).setState(NodeRecord.State.DRAINING)));
    }

    private void run() {
        step.run().join();
    }

    private void pass(long millis) {
        cluster.pass(millis);
    }

    private void runFor(long millis) {
        runFor(step, cluster, millis);
    }

    private static void runFor(PlanStep planner, FakeCluster on, long millis) {
        for (long passed = 0; passed < millis; passed += 2_000) {
            on.pass(2_000);
            planner.run().join();
        }
    }

    private void runToTheEnd() {
        for (int round = 0; round < 50; round++) {
            cluster.finishMoves();
            pass(2_000);
            run();
        }
        assertThat(targets()).isZero();
    }
}

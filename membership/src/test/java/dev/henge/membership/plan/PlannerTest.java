package dev.henge.membership.plan;

import static dev.henge.membership.plan.Views.MINUTE_MILLIS;
import static dev.henge.membership.plan.Views.NOW_MILLIS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.membership.plan.NodeView.Intent;
import dev.henge.membership.plan.PartitionView.LogReplica;
import dev.henge.membership.plan.Step.Abandon;
import dev.henge.membership.plan.Step.AddReplica;
import dev.henge.membership.plan.Step.PlaceLogReplica;
import dev.henge.membership.plan.Step.Redirect;
import dev.henge.membership.plan.Step.RemoveReplica;
import dev.henge.membership.plan.Step.ReplaceReplica;
import dev.henge.membership.plan.Step.RetireLogReplica;
import dev.henge.membership.plan.Step.Split;
import dev.henge.membership.plan.Step.TransferLeadership;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Rule by rule, what is decided and what is not. */
class PlannerTest {

    private static final TokenRange RING = new TokenRange(0, 0);

    @Test
    void aClusterInOrderIsLeftAlone() {
        Plan plan = Views.of(3, 6).plan();

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.notes()).isEmpty();
    }

    @Test
    void aNodeDownForAMomentKeepsItsReplicasAndAnotherKeepsItsLogs() {
        Plan plan = Views.of(4, 4).down("n4", 4_000).plan();

        // Partition 1 is on n1 to n3; n4 leads partition 4, which has no leader to do anything until it elects one.
        assertThat(plan.steps()).hasSize(2).allSatisfy(step -> assertThat(step)
                .isInstanceOfSatisfying(PlaceLogReplica.class, place -> assertThat(place.inPlaceOf())
                        .isEqualTo("n4")));
        assertThat(plan.steps().getFirst())
                .isEqualTo(new PlaceLogReplica(2, "n1", "n4", "n4 has been down for 4 seconds"));
    }

    @Test
    void theSecondLostReplicaOfThreeIsNotStoodInFor() {
        Views views = Views.of(5, 1).down("n3", 4_000).down("n5", 4_000);
        views.partition(1, RING, List.of("n1", "n3", "n5"), List.of(new LogReplica("n4", "n3")), 1, List.of());

        Plan plan = views.plan();

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.notes())
                .contains(
                        "partition 1: no log in the place of n5, as fewer than half of the replicas may be stood in for");
    }

    @Test
    void aNodeDownForASecondIsWaitedFor() {
        assertThat(Views.of(4, 4).down("n4", 1_000).plan().steps()).isEmpty();
    }

    @Test
    void aDeadNodesReplicasAreReplacedWithAReason() {
        Plan plan = Views.of(4, 1).down("n3", 6 * MINUTE_MILLIS).plan();

        assertThat(plan.steps()).hasSize(1);
        Views later = Views.of(4, 1).down("n3", 6 * MINUTE_MILLIS);
        later.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());
        assertThat(later.plan().steps())
                .containsExactly(new ReplaceReplica(1, "n3", "n4", "n3 has been down for 6 minutes"));
    }

    /** They end when a lost node is back, or never. */
    @Test
    void movesOfPartitionsWithoutAMajorityDoNotKeepOthersFromBeingRepaired() {
        List<TokenRange> ranges = TokenRange.cut(3);
        Views views = Views.of(6, 3).down("n1", 6 * MINUTE_MILLIS).down("n2", 6 * MINUTE_MILLIS);
        for (int id = 1; id <= 2; id++) {
            views.partition(id, ranges.get(id - 1), List.of("n3", "n1", "n2"));
            views.running.add(new ReplaceReplica(id, "n1", "n6", "for balance"));
        }
        views.partition(3, ranges.get(2), List.of("n3", "n4", "n1"), List.of(new LogReplica("n5", "n1")), 1, List.of());
        views.settings = views.settings.withMoves(new PlanSettings.Moves(4, 2, 4, 0.85));

        assertThat(views.plan().steps())
                .filteredOn(ReplaceReplica.class::isInstance)
                .singleElement()
                .satisfies(step -> assertThat(step.partitions()).containsExactly(3));
    }

    // It would give up the log for them, and writes would be on two disks until all is copied.
    @Test
    void aDeadNodesReplicasRatherGoToNodesThatDoNotKeepTheirLog() {
        for (String keeper : List.of("n4", "n5")) {
            Views views = Views.of(5, 1).down("n3", 6 * MINUTE_MILLIS);
            views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica(keeper, "n3")), 1, List.of());

            assertThat(views.plan().steps())
                    .containsExactly(new ReplaceReplica(
                            1, "n3", keeper.equals("n4") ? "n5" : "n4", "n3 has been down for 6 minutes"));
        }
    }

    /** n3 votes no more: a move of n2's replica would wait for it, and n2's counts as long as it is away, as it votes. */
    @Test
    void ofTwoLostReplicasTheOneWhoseLogAnotherKeepsGoesFirst() {
        Views views = Views.of(6, 1).down("n2", 7 * MINUTE_MILLIS).down("n3", 6 * MINUTE_MILLIS);
        views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());

        assertThat(views.plan().steps()).singleElement().isInstanceOfSatisfying(ReplaceReplica.class, step -> {
            assertThat(step.from()).isEqualTo("n3");
            assertThat(step.to()).isIn("n5", "n6");
        });
    }

    @Test
    void aMoveOfALostReplicaTakesThePlaceOfAnotherLostOneThatVotesNoMore() {
        ReplaceReplica voting = new ReplaceReplica(1, "n2", "n5", "n2 is lost");
        Views views = Views.of(6, 1).down("n2", 7 * MINUTE_MILLIS).down("n3", 6 * MINUTE_MILLIS);
        views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());
        views.running.add(voting);
        assertThat(views.plan().steps()).containsExactly(new Redirect(voting, "n3", "n3 has been down for 6 minutes"));

        views.running.clear();
        views.running.add(new ReplaceReplica(1, "n3", "n5", "n3 is lost"));
        assertThat(views.plan().steps()).as("this one ends").isEmpty();
    }

    /** It gives up the log first, and there would be no majority without it. */
    @Test
    void aNodeWhoseLogAMajorityNeedsTakesNoItems() {
        Views four = Views.of(4, 1).down("n2", 10_000).down("n3", 6 * MINUTE_MILLIS);
        four.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());
        Plan plan = four.plan();
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.notes()).contains("partition 1: n4 can't take a replica now (n3 has been down for 6 minutes)");

        Views five = Views.of(5, 1).down("n2", 10_000).down("n3", 6 * MINUTE_MILLIS);
        five.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());
        assertThat(five.plan().steps())
                .containsExactly(new ReplaceReplica(1, "n3", "n5", "n3 has been down for 6 minutes"));
    }

    /** The group has the old one vote until another one does, whatever is wished. */
    @Test
    void aNodeThatKeepsALogAndIsLostGivesItToAnother() {
        Views views = Views.of(5, 1).down("n3", 10_000).down("n4", 4_000);
        views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());
        assertThat(views.plan().steps())
                .containsExactly(new PlaceLogReplica(1, "n5", "n3", "n4 has been down for 4 seconds"));

        Views none = Views.of(4, 1).down("n3", 10_000).down("n4", 4_000);
        none.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());
        assertThat(none.plan().steps()).isEmpty();
    }

    @Test
    void whereAMergeIsNotSettledALostReplicaIsReplacedWithoutALog() {
        Views views = Views.of(5, 1).down("n3", 4_000);
        views.changing(1);
        assertThat(views.plan().steps()).isEmpty();
        assertThat(views.plan().notes())
                .contains(
                        "partition 1: no log in the place of n3, as not all of its replicas have taken what was merged"
                                + " into it");

        views.down("n3", 6 * MINUTE_MILLIS);
        assertThat(views.plan().steps()).singleElement().isInstanceOf(ReplaceReplica.class);
    }

    @Test
    void withNoNodeLeftToTakeItADeadNodesReplicaStaysAndTheReasonIsTold() {
        Plan plan = Views.of(3, 1).down("n3", 6 * MINUTE_MILLIS).plan();

        assertThat(plan.steps()).isEmpty();
        assertThat(plan.notes()).contains("partition 1: no node to take the replica of n3");
    }

    @Test
    void nothingIsReplacedWhileMostNodesLookDown() {
        Views views = Views.of(5, 5);
        List.of("n3", "n4", "n5").forEach(name -> views.down(name, 60 * MINUTE_MILLIS));

        Plan plan = views.plan();

        assertThat(PlanChecks.moves(plan.steps().stream())).isZero();
        assertThat(plan.notes()).anyMatch(note -> note.startsWith("more than half of the nodes look down"));
    }

    @Test
    void aPartitionWithoutAMajorityIsReportedAndLeftAlone() {
        Views views = Views.of(6, 6);
        List.of("n2", "n3").forEach(name -> views.down(name, 6 * MINUTE_MILLIS));

        Plan plan = views.plan();

        assertThat(plan.notes()).contains("partition 1 has no majority: it can't be repaired before nodes come back");
        assertThat(plan.steps()).noneMatch(step -> step.partitions().contains(1));
    }

    @Test
    void nearlyFullAndDrainingNodesGetNothing() {
        Views views = Views.of(6, 1).down("n3", 6 * MINUTE_MILLIS).full("n4").node("n5", Intent.DRAIN, NodeView.UP);
        views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n6", "n3")), 1, List.of());

        assertThat(views.plan().steps())
                .containsExactly(new ReplaceReplica(1, "n3", "n6", "n3 has been down for 6 minutes"));
    }

    /** The target goes by numbers of replicas; what must leave goes to whoever has the room. */
    @Test
    void aLostReplicaGoesToANodeThatHasRoomForIt() {
        Views views = Views.of(3, 1).down("n3", 6 * MINUTE_MILLIS);
        List.of("n4", "n5", "n6")
                .forEach(name -> views.nodes.put(
                        name,
                        new NodeView(
                                name, "zone", 1, Intent.SERVE, NodeView.UP, 0, name.equals("n5") ? 1_000 : 100, 0)));
        views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 90, List.of());

        assertThat(views.plan().steps())
                .containsExactly(new ReplaceReplica(1, "n3", "n5", "n3 has been down for 6 minutes"));
    }

    @Test
    void lostReplicasComeBeforeDecommissionAndBalance() {
        Views views =
                Views.of(7, 3).node("n6", Intent.DECOMMISSION, NodeView.UP).down("n5", 6 * MINUTE_MILLIS);
        List<TokenRange> ranges = TokenRange.cut(3);
        views.partition(1, ranges.get(0), List.of("n1", "n2", "n3"));
        views.partition(2, ranges.get(1), List.of("n2", "n3", "n6"));
        views.partition(3, ranges.get(2), List.of("n3", "n1", "n5"), List.of(new LogReplica("n4", "n5")), 1, List.of());
        views.settings = views.settings.withMoves(new PlanSettings.Moves(1, 1, 8, 0.85));

        assertThat(views.plan().steps())
                .singleElement()
                .isInstanceOfSatisfying(
                        ReplaceReplica.class, move -> assertThat(move.from()).isEqualTo("n5"));
        views.running.add(new Step.RemoveReplica(3, "n5", "for the test"));
        assertThat(views.plan().steps())
                .singleElement()
                .isInstanceOfSatisfying(
                        ReplaceReplica.class, move -> assertThat(move.from()).isEqualTo("n6"));
    }

    @Test
    void aDrainingNodesLeadershipsAreHandedOverAtOnceEvenWhilePaused() {
        Views views = Views.of(3, 3).node("n1", Intent.DRAIN, NodeView.UP);
        views.settings = views.settings.withPaused(true);

        assertThat(views.plan().steps()).singleElement().isInstanceOfSatisfying(TransferLeadership.class, transfer -> {
            assertThat(transfer.partition()).isEqualTo(1);
            assertThat(transfer.reason()).isEqualTo("n1 is draining");
        });
    }

    @Test
    void whilePausedNothingMoves() {
        Views views = Views.of(4, 1).down("n3", 6 * MINUTE_MILLIS);
        views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());
        views.settings = views.settings.withPaused(true);

        assertThat(views.plan().steps()).isEmpty();
    }

    @Test
    void leadershipsAreSpread() {
        Views views = Views.of(3, 3);
        views.partitions.replaceAll((id, partition) -> ledBy(partition, "n1"));

        assertThat(views.plan().steps()).hasSize(2).allMatch(step -> step instanceof TransferLeadership);
    }

    // Else a busy node would be spread around, and back a moment later.
    @Test
    void leadershipsStayWhileANodeHasOnlyJustFailedToAnswer() {
        Views views = Views.of(3, 3);
        views.partitions.replaceAll((id, partition) -> ledBy(partition, "n1"));

        assertThat(views.down("n3", 9_000).plan().steps()).noneMatch(step -> step instanceof TransferLeadership);
        assertThat(views.down("n3", 10_000).plan().steps()).anyMatch(step -> step instanceof TransferLeadership);
    }

    // The next one would wait anew for the node that is missing, and hand over in its turn.
    @Test
    void theCoordinatorStaysWhileANodeWithReplicasIsMissing() {
        Views views = Views.of(4, 2).partition(0, new TokenRange(0, 0), List.of("n1", "n2", "n4"));
        views.partitions.replaceAll((id, partition) -> ledBy(partition, "n1"));
        assertThat(transfersOfTheCatalog(views)).isNotEmpty();

        assertThat(transfersOfTheCatalog(views.down("n3", 60_000))).isEmpty();
    }

    @Test
    void theCoordinatorStaysWhileReplicasMove() {
        Views views = Views.of(4, 2).partition(0, new TokenRange(0, 0), List.of("n1", "n2", "n4"));
        views.partitions.replaceAll((id, partition) -> ledBy(partition, "n1"));
        views.running.add(new ReplaceReplica(2, "n3", "n4", "for the test"));

        assertThat(transfersOfTheCatalog(views)).isEmpty();
    }

    private static List<Step> transfersOfTheCatalog(Views views) {
        return views.plan().steps().stream()
                .filter(step -> step instanceof TransferLeadership transfer && transfer.partition() == 0)
                .toList();
    }

    // What it led would be slow until then.
    @Test
    void aNodeIsGivenNoLeadershipsForBalanceWhileReplicasAreBuiltThere() {
        Views views = Views.of(3, 3);
        views.partitions.replaceAll((id, partition) -> ledBy(partition, "n1"));
        views.partition(4, TokenRange.cut(4).getLast(), List.of("n1", "n2"));

        for (boolean underWay : List.of(false, true)) {
            assertThat(views.plan().steps())
                    .as("a move that is to begin, or under way: %s", underWay)
                    .noneMatch(step -> step instanceof TransferLeadership transfer
                            && transfer.to().equals("n3"))
                    .anyMatch(step -> step instanceof TransferLeadership transfer
                            && transfer.to().equals("n2"));
            views.running.add(new AddReplica(4, "n3", "for the test"));
        }
    }

    @Test
    void aHotNodesLeadershipsStayToo() {
        assertThat(busy(2_000, 100, 200, 2_000, 300, 400)
                        .down("n3", 1_000)
                        .plan()
                        .steps())
                .isEmpty();
    }

    @Test
    void aReplicaTooManyIsRemovedOnceTheOthersAreThere() {
        Views views = Views.of(4, 1);
        views.partition(1, RING, List.of("n1", "n2", "n3", "n4"));

        assertThat(views.plan().steps()).singleElement().isInstanceOf(RemoveReplica.class);
        assertThat(views.down("n4", 1_000).plan().steps()).isEmpty();
    }

    @Test
    void aReplicaTooFewIsAdded() {
        Views views = Views.of(3, 1);
        views.partition(1, RING, List.of("n1", "n2"));

        assertThat(views.plan().steps()).containsExactly(new AddReplica(1, "n3", "it has 2 of 3 replicas"));
    }

    @Test
    void aLogReplicaGoesWhenTheVoterIsBack() {
        Views views = Views.of(4, 1);
        views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());

        assertThat(views.plan().steps())
                .containsExactly(new RetireLogReplica(1, "n4", "n3", "n3 is back with the whole log"));
    }

    @Test
    void aMoveToANodeThatIsGoneIsAbandonedOnce() {
        Views views = Views.of(5, 1).down("n5", MINUTE_MILLIS);
        ReplaceReplica towards = new ReplaceReplica(1, "n1", "n5", "balance");
        views.running.add(towards);

        assertThat(views.plan().steps()).containsExactly(new Abandon(towards, "n5 has been down for 60 seconds"));
        views.running.add(new Abandon(towards, "n5 has been down for 60 seconds"));
        assertThat(views.plan().steps()).isEmpty();
    }

    // The group would let n1 go only once n3 is back, and until then nothing of n3 would be replaced.
    @Test
    void aMoveTakesThePlaceOfAnotherReplicaThatIsLostMeanwhile() {
        ReplaceReplica balancing = new ReplaceReplica(1, "n1", "n4", "balance");
        Views views = Views.of(4, 1).down("n3", 4 * MINUTE_MILLIS);
        views.running.add(balancing);
        assertThat(views.plan().steps()).as("it may come back").isEmpty();

        views.down("n3", 6 * MINUTE_MILLIS);
        Redirect turned = new Redirect(balancing, "n3", "n3 has been down for 6 minutes");
        assertThat(views.plan().steps()).containsExactly(turned);
        views.running.add(turned);
        assertThat(views.plan().steps()).isEmpty();
    }

    @Test
    void aLogIsKeptForALostReplicaAlsoWhileAnotherMoves() {
        Views views = Views.of(5, 1).down("n3", 4_000);
        views.running.add(new ReplaceReplica(1, "n1", "n4", "balance"));
        assertThat(views.plan().steps())
                .containsExactly(new PlaceLogReplica(1, "n5", "n3", "n3 has been down for 4 seconds"));

        Views split = Views.of(5, 1).down("n3", 4_000);
        split.running.add(new Split(1, 7, "it is large"));
        assertThat(split.plan().steps())
                .as("there is no log to be kept of halves")
                .isEmpty();
    }

    @Test
    void aRemovalTakesTheLostReplicaInstead() {
        RemoveReplica removing = new RemoveReplica(1, "n1", "too many");
        Views views = Views.of(4, 1).down("n3", 6 * MINUTE_MILLIS).partition(1, RING, List.of("n1", "n2", "n3", "n4"));
        views.running.add(removing);

        assertThat(views.plan().steps())
                .containsExactly(new Redirect(removing, "n3", "n3 has been down for 6 minutes"));
    }

    @Test
    void aPartitionIsSplitBySizeAndSoonerWhileThereAreFew() {
        Views few = Views.of(3, 4);
        few.partition(
                1,
                few.view().partitions().getFirst().range(),
                List.of("n1", "n2", "n3"),
                List.of(),
                600_000_000,
                List.of());
        Views many = Views.of(3, 30);
        many.partition(
                1,
                many.view().partitions().getFirst().range(),
                List.of("n1", "n2", "n3"),
                List.of(),
                600_000_000,
                List.of());

        assertThat(few.plan().steps()).singleElement().isInstanceOfSatisfying(Split.class, split -> {
            assertThat(split.partition()).isEqualTo(1);
            assertThat(split.atToken()).isEqualTo(1L << 61);
        });
        assertThat(many.plan().steps()).isEmpty();
    }

    @Test
    void aPartitionHotForLongIsSplitWhereItsLoadIs() {
        Plan plan = hot(6, 1_000, 30_000).plan();

        assertThat(plan.steps()).singleElement().isInstanceOfSatisfying(Split.class, split -> {
            assertThat(split.atToken()).isBetween(300L, 700L);
            assertThat(split.reason()).startsWith("it is hot: 3000 operations/s");
        });
    }

    @Test
    void heatThatIsShortOrLowOrOnOneKeySplitsNothing() {
        assertThat(hot(3, 1_000, 30_000).plan().steps()).isEmpty();
        assertThat(hot(6, 1_000, 10_000).plan().steps()).isEmpty();
        Plan oneKey = hot(6, 1, 30_000).plan();
        assertThat(oneKey.steps()).isEmpty();
        assertThat(oneKey.notes()).singleElement().asString().contains("a single key, or a scan");
    }

    @Test
    void aPartitionThatIsStillBeingMergedIsNotSplit() {
        Views views = Views.of(3, 30)
                .partition(
                        1,
                        TokenRange.cut(30).getFirst(),
                        List.of("n1", "n2", "n3"),
                        List.of(),
                        20_000_000_000L,
                        List.of());
        assertThat(views.plan().steps()).singleElement().isInstanceOf(Split.class);
        assertThat(views.changing(1).plan().steps()).isEmpty();
    }

    @Test
    void aPartitionJustSplitIsNotSplitForHeat() {
        Views views = hot(6, 1_000, 30_000);
        PartitionView before = views.view().partitions().getFirst();
        views.partitions.put(
                1,
                new PartitionView(
                        1,
                        RING,
                        before.voters(),
                        List.of(),
                        List.of(),
                        before.lagging(),
                        before.leader(),
                        1,
                        before.load(),
                        List.of(),
                        NOW_MILLIS - 30_000,
                        PartitionView.NOT_COLD));

        assertThat(views.plan().steps()).isEmpty();
    }

    @Test
    void aHotNodeGivesALeadershipForOneThatIsCold() {
        Views views = busy(2_000, 100, 200, 2_000, 300, 400);

        assertThat(views.plan().steps())
                .extracting(step -> step instanceof TransferLeadership transfer
                        ? transfer.partition() + " to " + transfer.to()
                        : step.toString())
                .containsExactly("1 to n2", "2 to n1");
        assertThat(views.plan().steps().getFirst().reason()).isEqualTo("n1 does 4000 operations/s, n2 400");
    }

    @Test
    void whereTheNumbersAllowItTheLeadershipGoesAlone() {
        Views views = busy(1_500, 100, 100, 1_500);

        assertThat(views.plan().steps()).singleElement().isInstanceOfSatisfying(TransferLeadership.class, transfer -> {
            assertThat(transfer.partition()).isEqualTo(1);
            assertThat(transfer.to()).isEqualTo("n2");
        });
    }

    @Test
    void loadThatIsLowOrEvenOrAllOfOnePartitionMovesNoLeadership() {
        assertThat(busy(900, 100, 100, 900, 100, 100).plan().steps()).isEmpty();
        assertThat(busy(2_000, 1_800, 1_900, 1_800, 2_000, 1_900).plan().steps())
                .isEmpty();
        assertThat(busy(2_600, 100, 100, 0, 100, 100).plan().steps()).isEmpty();
    }

    /** Partitions that do so many operations in a second, led by n1, n2, n3, n1 and so on; a node is hot with 2,500. */
    private static Views busy(int... operationsPerSecond) {
        Views views = Views.of(3, 1);
        views.partitions.clear();
        List<TokenRange> ranges = TokenRange.cut(operationsPerSecond.length);
        for (int place = 0; place < operationsPerSecond.length; place++) {
            List<LoadWindow> load = new ArrayList<>();
            for (int window = 6; window > 0; window--) {
                long endMillis = NOW_MILLIS - (window - 1) * 10_000L;
                load.add(new LoadWindow(endMillis - 10_000, endMillis, 10.0 * operationsPerSecond[place], List.of()));
            }
            List<String> voters =
                    List.of("n" + (1 + place % 3), "n" + (1 + (place + 1) % 3), "n" + (1 + (place + 2) % 3));
            views.partition(place + 1, ranges.get(place), voters, List.of(), 1, load);
        }
        return views;
    }

    @Test
    void whereOneOfThreeNodesIsToGoTheCatalogKeepsThreeReplicas() {
        Views views = Views.of(3, 1).node("n3", Intent.DECOMMISSION, NodeView.UP);
        views.partition(PartitionView.SYSTEM, RING, List.of("n1", "n2", "n3"));

        assertThat(views.plan().steps()).noneMatch(RemoveReplica.class::isInstance);
        assertThat(views.plan().notes()).contains("partition 0: no node to take the replica of n3");
    }

    /** One partition on three nodes with windows of 10 seconds up to now, on so many keys. */
    private static Views hot(int windows, int keys, double operationsInAWindow) {
        Random random = new Random(5);
        List<LoadWindow> load = new ArrayList<>();
        for (int i = windows; i > 0; i--) {
            List<WeightedToken> samples = new ArrayList<>();
            for (int j = 0; j < 40; j++) {
                samples.add(new WeightedToken(random.nextInt(keys), 1));
            }
            long endMillis = NOW_MILLIS - (i - 1) * 10_000L;
            load.add(new LoadWindow(endMillis - 10_000, endMillis, operationsInAWindow, samples));
        }
        Views views = Views.of(3, 1);
        views.settings = views.settings.withSplits(
                new PlanSettings.Splits(1_000_000_000, 1_000_000_000, 8, 1_000, 0.25, 40_000, 0.25, MINUTE_MILLIS, 1));
        return views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(), 1, load);
    }

    private static PartitionView ledBy(PartitionView before, String leader) {
        return new PartitionView(
                before.id(),
                before.range(),
                before.voters(),
                before.learners(),
                before.logReplicas(),
                before.lagging(),
                leader,
                before.sizeBytes(),
                before.load(),
                before.sizeSamples(),
                before.changedMillis(),
                before.coldSinceMillis());
    }
}

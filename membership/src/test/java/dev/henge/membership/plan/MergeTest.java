package dev.henge.membership.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MergeTest {

    private static final long HOUR_MILLIS = 3_600_000;
    private static final long LONG_COLD_MILLIS = Views.NOW_MILLIS - 2 * HOUR_MILLIS;

    @Test
    void coldNeighboursOnTheSameVotersAreMerged() {
        Views views = views(PartitionView.LONG_AGO, LONG_COLD_MILLIS, 1_000);

        assertThat(views.plan().steps()).singleElement().isInstanceOfSatisfying(Step.Merge.class, merge -> assertThat(
                        merge.right())
                .isEqualTo(merge.left() + 1));
    }

    @Test
    void thoseJustSplitAreNot() {
        assertThat(views(Views.NOW_MILLIS - HOUR_MILLIS / 2, LONG_COLD_MILLIS, 1_000)
                        .plan()
                        .steps())
                .isEmpty();
    }

    @Test
    void thoseThatWereWarmLatelyAreNot() {
        assertThat(views(PartitionView.LONG_AGO, Views.NOW_MILLIS - HOUR_MILLIS / 2, 1_000)
                        .plan()
                        .steps())
                .isEmpty();
        assertThat(views(PartitionView.LONG_AGO, PartitionView.NOT_COLD, 1_000)
                        .plan()
                        .steps())
                .isEmpty();
    }

    /** Far below the size at which the one that they become would be split again. */
    @Test
    void thoseThatAreLargeTogetherAreNot() {
        assertThat(views(PartitionView.LONG_AGO, LONG_COLD_MILLIS, 1_300_000_000)
                        .plan()
                        .steps())
                .isEmpty();
    }

    @Test
    void theFewestPartitionsStay() {
        Views views = views(PartitionView.LONG_AGO, LONG_COLD_MILLIS, 1_000);
        views.settings =
                views.settings.withMerges(new PlanSettings.Merges(0.25, 10, HOUR_MILLIS, HOUR_MILLIS, 30, 8, 1));

        assertThat(views.plan().steps()).isEmpty();
    }

    /** Three nodes, so 30 are the fewest. */
    @Test
    void theFewestForEachNodeStay() {
        Views views = views(PartitionView.LONG_AGO, LONG_COLD_MILLIS, 1_000);
        views.settings =
                views.settings.withMerges(new PlanSettings.Merges(0.25, 10, HOUR_MILLIS, HOUR_MILLIS, 1, 10, 1));
        assertThat(views.plan().steps()).isEmpty();

        views.settings =
                views.settings.withMerges(new PlanSettings.Merges(0.25, 10, HOUR_MILLIS, HOUR_MILLIS, 1, 9, 1));
        assertThat(views.plan().steps()).hasSize(1);
    }

    /** What is merged meanwhile would be split when it serves again. */
    @Test
    void aNodeThatIsDrainedCountsAmongThem() {
        Views views =
                views(PartitionView.LONG_AGO, LONG_COLD_MILLIS, 1_000).node("n3", NodeView.Intent.DRAIN, NodeView.UP);
        views.settings =
                views.settings.withMerges(new PlanSettings.Merges(0.25, 10, HOUR_MILLIS, HOUR_MILLIS, 1, 10, 1));

        assertThat(views.plan().steps()).noneMatch(Step.Merge.class::isInstance);
    }

    /** While there are fewer than 30, partitions are split at 512 MB. */
    @Test
    void thoseThatWouldBeSplitAgainBecauseOneIsFewerAreNot() {
        Views views = views(PartitionView.LONG_AGO, LONG_COLD_MILLIS, 300_000_000);
        PlanSettings.Merges merges = new PlanSettings.Merges(0.25, 10, HOUR_MILLIS, HOUR_MILLIS, 1, 0, 1);
        views.settings = views.settings.withMerges(merges).withSplits(whileFewerThanForEachNode(9));
        assertThat(views.plan().steps()).singleElement().isInstanceOf(Step.Merge.class);

        views.settings = views.settings.withSplits(whileFewerThanForEachNode(10));
        assertThat(views.plan().steps()).isEmpty();
    }

    private static PlanSettings.Splits whileFewerThanForEachNode(int partitions) {
        PlanSettings.Splits usual = PlanSettings.defaults().splits();
        return new PlanSettings.Splits(
                usual.sizeBytes(),
                usual.sizeBytesWhileFew(),
                partitions,
                usual.partitionsPerNodeMax(),
                usual.heatShare(),
                usual.heatMillis(),
                usual.sideShareMin(),
                usual.pauseMillis(),
                usual.atOnceMax());
    }

    @Test
    void withoutAFewestForEachNodeTheFewestInAllCountAlone() {
        Views views = views(PartitionView.LONG_AGO, LONG_COLD_MILLIS, 1_000);
        views.settings =
                views.settings.withMerges(new PlanSettings.Merges(0.25, 10, HOUR_MILLIS, HOUR_MILLIS, 29, 0, 1));
        assertThat(views.plan().steps()).singleElement().isInstanceOf(Step.Merge.class);

        views.settings =
                views.settings.withMerges(new PlanSettings.Merges(0.25, 10, HOUR_MILLIS, HOUR_MILLIS, 30, 0, 1));
        assertThat(views.plan().steps()).isEmpty();
    }

    @Test
    void theReasonOfAMoveThatBringsThemTogetherSaysSo() {
        Views views = Views.of(5, 2);
        views.settings =
                views.settings.withMerges(new PlanSettings.Merges(0.25, 10, HOUR_MILLIS, HOUR_MILLIS, 1, 0, 1));
        views.partitions.replaceAll((id, partition) -> cold(partition));

        assertThat(views.plan().steps())
                .filteredOn(Step.ReplaceReplica.class::isInstance)
                .isNotEmpty()
                .allSatisfy(step -> assertThat(step.reason()).startsWith("it is to be merged with partition "));
    }

    /** Another coordinator would not know that they are cold, and would spread them over the nodes again. */
    @Test
    void theCoordinatorStaysWhileItHasSomethingToMerge() {
        Views views = Views.of(3, 2).partition(0, new TokenRange(0, 0), List.of("n1", "n2", "n3"));
        views.settings =
                views.settings.withMerges(new PlanSettings.Merges(0.25, 10, HOUR_MILLIS, HOUR_MILLIS, 1, 0, 1));
        assertThat(views.plan().steps())
                .singleElement()
                .isInstanceOfSatisfying(Step.TransferLeadership.class, transfer -> assertThat(transfer.to())
                        .isEqualTo("n3"));

        views.partitions.replaceAll((id, partition) -> cold(partition));
        assertThat(views.plan().steps()).singleElement().isInstanceOf(Step.Merge.class);
    }

    private static PartitionView cold(PartitionView partition) {
        return new PartitionView(
                partition.id(),
                partition.range(),
                partition.voters(),
                partition.learners(),
                partition.logReplicas(),
                partition.lagging(),
                partition.leader(),
                partition.sizeBytes(),
                partition.load(),
                partition.sizeSamples(),
                partition.changedMillis(),
                LONG_COLD_MILLIS);
    }

    /** 30 partitions on three nodes. */
    private static Views views(long changedMillis, long coldSinceMillis, long sizeBytes) {
        Views views = Views.of(3, 30);
        List<TokenRange> ranges = TokenRange.cut(30);
        for (int i = 0; i < 30; i++) {
            List<String> voters = List.of("n" + (1 + i % 3), "n" + (1 + (i + 1) % 3), "n" + (1 + (i + 2) % 3));
            views.partitions.put(
                    i + 1,
                    new PartitionView(
                            i + 1,
                            ranges.get(i),
                            voters,
                            List.of(),
                            List.of(),
                            Set.of(),
                            voters.getFirst(),
                            sizeBytes,
                            List.of(),
                            List.of(),
                            changedMillis,
                            coldSinceMillis));
        }
        views.nodes.replaceAll(
                (name, node) -> new NodeView(name, "zone", 1, NodeView.Intent.SERVE, NodeView.UP, 0, 0, 10_000));
        return views;
    }
}

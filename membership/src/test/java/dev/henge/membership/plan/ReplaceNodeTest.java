package dev.henge.membership.plan;

import static dev.henge.membership.plan.Views.MINUTE_MILLIS;
import static dev.henge.membership.plan.Views.NOW_MILLIS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.membership.plan.NodeView.Intent;
import dev.henge.membership.plan.PartitionView.LogReplica;
import dev.henge.membership.plan.Step.ReplaceReplica;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A node whose place another one takes. */
class ReplaceNodeTest {

    private static final TokenRange RING = new TokenRange(0, 0);

    /** Six partitions on each of three nodes, others that could take replicas too, and n6 that is to have all of n3's. */
    private static Views sixNodes() {
        Views views = Views.of(6, 6);
        List<TokenRange> ranges = TokenRange.cut(6);
        for (int i = 0; i < 6; i++) {
            views.partition(i + 1, ranges.get(i), List.of("n1", "n2", "n3"));
        }
        return views;
    }

    @Test
    void allThatItHadGoesToTheOneThatReplacesIt() {
        Views views = sixNodes().replaced("n3", "n6", NodeView.UP);
        List<Integer> moved = new ArrayList<>();

        for (int round = 0; round < 6 && moved.size() < 6; round++) {
            for (Step step : views.plan().steps()) {
                if (step instanceof ReplaceReplica replace) {
                    int partition = replace.partition();
                    assertThat(replace)
                            .isEqualTo(new ReplaceReplica(partition, "n3", "n6", "n3 is being replaced by n6"));
                    TokenRange range =
                            views.view().partitions().get(partition - 1).range();
                    views.partition(partition, range, List.of("n1", "n2", "n6"));
                    moved.add(partition);
                }
            }
        }

        assertThat(moved).containsExactlyInAnyOrder(1, 2, 3, 4, 5, 6);
    }

    @Test
    void aLostNodeIsReplacedAtOnce() {
        Views views = Views.of(4, 1).replaced("n3", "n4", NOW_MILLIS - 3_000);
        views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());

        assertThat(views.plan().steps()).contains(new ReplaceReplica(1, "n3", "n4", "n3 is being replaced by n4"));
    }

    @Test
    void whereTheTakerHasAReplicaAlreadyAnotherTakesIt() {
        Views views = Views.of(5, 1).replaced("n3", "n2", NodeView.UP);

        assertThat(views.plan().steps()).hasSize(1).first().isInstanceOfSatisfying(ReplaceReplica.class, replace -> {
            assertThat(replace.to()).isIn("n4", "n5");
            assertThat(replace.reason()).isEqualTo("n3 is being decommissioned");
        });
    }

    @Test
    void aTakerThatIsDownForAMomentIsWaitedFor() {
        Views views = Views.of(5, 1).replaced("n3", "n5", NodeView.UP).down("n5", 4_000);

        Plan plan = views.plan();

        assertThat(plan.steps()).noneMatch(ReplaceReplica.class::isInstance);
        assertThat(plan.notes())
                .contains("partition 1 waits: n5 has been down for 4 seconds (n3 is being replaced by n5)");
    }

    @Test
    void aTakerThatIsLostOrLeavesItselfIsNoTaker() {
        Views lost = Views.of(5, 1).replaced("n3", "n5", NodeView.UP).down("n5", 6 * MINUTE_MILLIS);
        Views leaving = Views.of(5, 1).replaced("n3", "n5", NodeView.UP).node("n5", Intent.DECOMMISSION, NodeView.UP);

        for (Views views : List.of(lost, leaving)) {
            views.partition(1, RING, List.of("n1", "n2", "n3"));
            assertThat(views.plan().steps())
                    .containsExactly(new ReplaceReplica(1, "n3", "n4", "n3 is being decommissioned"));
        }
    }
}

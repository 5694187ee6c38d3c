package dev.henge.membership.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.membership.plan.PartitionView.LogReplica;
import dev.henge.membership.plan.Safety.Danger;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SafetyTest {

    private static final TokenRange RING = new TokenRange(0, 0);

    @Test
    void oneOfThreeMayStopAndTwoMayNot() {
        ClusterView view = Views.of(3, 2).view();

        assertThat(Safety.ofStopping(view, Set.of("n1"))).isEmpty();
        assertThat(Safety.ofStopping(view, Set.of("n1", "n2")))
                .containsExactly(
                        new Danger(1, "of its 3 voters 1 would be left"),
                        new Danger(2, "of its 3 voters 1 would be left"));
    }

    @Test
    void aSecondNodeMayNotStopWhileOneIsDown() {
        ClusterView view = Views.of(4, 1).down("n3", 1_000).view();

        assertThat(Safety.ofStopping(view, Set.of("n1")))
                .containsExactly(new Danger(1, "of its 3 voters 1 would be left; n3 is down or behind"));
        assertThat(Safety.ofStopping(view, Set.of("n4"))).isEmpty();
    }

    @Test
    void aLogReplicaStandsInForALostVoter() {
        Views views = Views.of(4, 1).down("n3", 60_000);
        views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(new LogReplica("n4", "n3")), 1, List.of());

        assertThat(Safety.ofStopping(views.view(), Set.of("n1"))).isEmpty();
        assertThat(Safety.ofStopping(views.view(), Set.of("n1", "n4"))).hasSize(1);
    }

    /** Log replicas make a majority and can't serve: they have no items. */
    @Test
    void theLastVoterWithItemsMayNotStop() {
        Views views = Views.of(5, 1).down("n2", 60_000).down("n3", 60_000);
        views.partition(
                1,
                RING,
                List.of("n1", "n2", "n3"),
                List.of(new LogReplica("n4", "n2"), new LogReplica("n5", "n3")),
                1,
                List.of());

        assertThat(Safety.ofStopping(views.view(), Set.of("n1")))
                .containsExactly(new Danger(1, "no voter that has its items would be left"));
    }

    @Test
    void aRunningReplacementCountsBeforeAndAfter() {
        Views views = Views.of(4, 1).down("n3", 60_000);
        views.running.add(new Step.ReplaceReplica(1, "n3", "n4", "lost"));

        assertThat(Safety.ofStopping(views.view(), Set.of("n4"))).hasSize(1);
    }

    @Test
    void aDecommissionLeavesEnoughNodesWithEnoughRoom() {
        Views views = Views.of(4, 1);

        assertThat(Safety.ofDecommissioning(views.view(), Set.of("n4"))).isEmpty();
        assertThat(Safety.ofDecommissioning(views.view(), Set.of("n4", "n3")))
                .containsExactly("2 nodes would remain to take replicas, a partition has 3");
        views.partition(1, RING, List.of("n1", "n2", "n3"), List.of(), 250, List.of());
        assertThat(Safety.ofDecommissioning(views.view(), Set.of("n1")))
                .singleElement()
                .asString()
                .contains("room");
    }
}

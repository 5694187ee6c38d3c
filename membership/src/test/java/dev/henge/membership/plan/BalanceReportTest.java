package dev.henge.membership.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.membership.plan.NodeView.Intent;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class BalanceReportTest {

    @Test
    void anEvenClusterIsBalanced() {
        BalanceReport report = BalanceReport.of(Views.of(4, 8).view());

        assertThat(report.balanced()).isTrue();
        assertThat(report.deviation()).isZero();
        assertThat(report.nodes()).allSatisfy(node -> {
            assertThat(node.replicas()).isEqualTo(6);
            assertThat(node.leaders()).isEqualTo(2);
            assertThat(node.replicaShare()).isEqualTo(6, Offset.offset(1e-6));
        });
    }

    @Test
    void aNewNodeWithNothingIsNamed() {
        BalanceReport report = BalanceReport.of(
                Views.of(3, 8).node("n4", Intent.SERVE, NodeView.UP).view());

        assertThat(report.balanced()).isFalse();
        assertThat(report.deviation()).isEqualTo(1, Offset.offset(1e-6));
        assertThat(report.reasons()).contains("n4 has 0 replicas, its share is 6.0");
    }

    @Test
    void aNodeBeingDecommissionedIsDoneWhenItHasNothing() {
        Views views = Views.of(3, 1).node("n4", Intent.DECOMMISSION, NodeView.UP);
        assertThat(BalanceReport.of(views.view()).balanced()).isTrue();

        views.partition(1, new TokenRange(0, 0), List.of("n1", "n2", "n4"));

        assertThat(BalanceReport.of(views.view()).reasons())
                .contains("n4 is being decommissioned and still has 1 replicas");
    }
}

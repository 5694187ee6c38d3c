package dev.henge.node.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.catalog.Feature;
import dev.henge.membership.plan.PlanSettings;
import dev.henge.membership.plan.PlanSettings.Merges;
import dev.henge.proto.Catalog;
import dev.henge.proto.ClusterSettings;
import org.junit.jupiter.api.Test;

class PlanSettingsOfTest {

    @Test
    void whatIsNotSetIsAsItComes() {
        assertThat(PlanSettingsOf.catalog(of(ClusterSettings.newBuilder()))).isEqualTo(PlanSettings.defaults());
    }

    @Test
    void nothingIsMergedWhereTheClustersVersionDoesNotAllowIt() {
        Catalog older = of(ClusterSettings.newBuilder()).toBuilder()
                .setClusterVersion(Feature.MERGES.since() - 1)
                .build();

        assertThat(PlanSettingsOf.merges(older)).isFalse();
        assertThat(merges(older).partitionsMin()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void nothingIsMergedWhereMergingIsOff() {
        Catalog off = of(ClusterSettings.newBuilder()
                .setMerging(ClusterSettings.Merging.MERGING_OFF)
                .setMergeAbovePartitions(1));

        assertThat(PlanSettingsOf.merges(off)).isFalse();
        assertThat(merges(off).partitionsMin()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void theTimeBeforeAMergeIsThatOfColdAndOfRest() {
        Merges merges = merges(of(ClusterSettings.newBuilder().setMergeAfterMillis(5_000)));

        assertThat(merges.coldMillis()).isEqualTo(5_000);
        assertThat(merges.pauseMillis()).isEqualTo(5_000);
    }

    @Test
    void theNumberOfPartitionsThatIsSetCountsAlone() {
        Merges merges = merges(of(ClusterSettings.newBuilder().setMergeAbovePartitions(2)));

        assertThat(merges.partitionsMin()).isEqualTo(2);
        assertThat(merges.partitionsPerNodeMin()).isZero();
    }

    @Test
    void whatIsColdIsASmallShareOfWhatIsHot() {
        Merges merges = merges(of(ClusterSettings.newBuilder().setHotOperationsPerSecond(5)));

        assertThat(merges.coldOperationsPerSecond()).isEqualTo(0.04);
    }

    private static Merges merges(Catalog catalog) {
        return PlanSettingsOf.catalog(catalog).merges();
    }

    private static Catalog of(ClusterSettings.Builder settings) {
        return Catalog.newBuilder()
                .setClusterVersion(Feature.MERGES.since())
                .setSettings(settings)
                .build();
    }
}

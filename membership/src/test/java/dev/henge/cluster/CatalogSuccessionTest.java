package dev.henge.cluster;

import static dev.henge.cluster.CatalogSuccession.Verdict.EMPTY;
import static dev.henge.cluster.CatalogSuccession.Verdict.NOT_NEWER;
import static dev.henge.cluster.CatalogSuccession.Verdict.OTHER_CLUSTER;
import static dev.henge.cluster.CatalogSuccession.Verdict.TAKE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionRecord;
import org.junit.jupiter.api.Test;

class CatalogSuccessionTest {

    private static final Catalog NONE = Catalog.getDefaultInstance();

    @Test
    void theFirstCatalogIsTakenWhosesoeverItIs() {
        assertThat(CatalogSuccession.judge(NONE, catalog("a", 7))).isEqualTo(TAKE);
    }

    @Test
    void aNewerOneOfTheSameClusterIsTaken() {
        assertThat(CatalogSuccession.judge(catalog("a", 7), catalog("a", 8))).isEqualTo(TAKE);
    }

    @Test
    void theSameOneAndAnOlderOneAreNot() {
        assertThat(CatalogSuccession.judge(catalog("a", 7), catalog("a", 7))).isEqualTo(NOT_NEWER);
        assertThat(CatalogSuccession.judge(catalog("a", 7), catalog("a", 6))).isEqualTo(NOT_NEWER);
        assertThat(CatalogSuccession.judge(NONE, NONE)).isEqualTo(NOT_NEWER);
    }

    @Test
    void oneOfAnotherClusterIsNotHoweverNew() {
        assertThat(CatalogSuccession.judge(catalog("a", 7), catalog("b", 8))).isEqualTo(OTHER_CLUSTER);
        assertThat(CatalogSuccession.judge(catalog("a", 7), catalog("", 8))).isEqualTo(OTHER_CLUSTER);
    }

    @Test
    void oneWithoutPartitionsIsNotHoweverNew() {
        Catalog empty = catalog("a", 8).toBuilder().clearPartitions().build();

        assertThat(CatalogSuccession.judge(catalog("a", 7), empty)).isEqualTo(EMPTY);
        assertThat(CatalogSuccession.judge(NONE, empty)).isEqualTo(EMPTY);
    }

    private static Catalog catalog(String cluster, long epoch) {
        return Catalog.newBuilder()
                .setClusterId(cluster)
                .setEpoch(epoch)
                .addPartitions(PartitionRecord.getDefaultInstance())
                .build();
    }
}

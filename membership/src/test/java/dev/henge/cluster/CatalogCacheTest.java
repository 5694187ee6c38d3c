package dev.henge.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PartitionSplit;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogCacheTest {

    private static final PartitionRecord WHOLE = PartitionRecord.newBuilder()
            .setId(1)
            .setEpoch(1)
            .addAllReplicas(List.of("a", "b", "c"))
            .build();
    private static final PartitionSplit SPLIT = split(1_000, 2, 5);
    private static final PartitionRecord REMAINING =
            WHOLE.toBuilder().setEndToken(1_000).setEpoch(5).build();
    private static final PartitionRecord CHILD = PartitionRecord.newBuilder()
            .setId(2)
            .setStartToken(1_000)
            .setEpoch(5)
            .setParent(1)
            .addAllReplicas(List.of("a", "b", "c"))
            .build();

    private final CatalogCache cache = new CatalogCache();

    CatalogCacheTest() {
        cache.offer(catalog(4, WHOLE));
    }

    @Test
    void bothHalvesAreKnownAsSoonAsThePartitionTellsOfTheSplit() {
        long versionBefore = cache.mapVersion();

        assertThat(cache.splitWasCarriedOut(WHOLE, SPLIT)).isTrue();

        assertThat(cache.mapVersion()).as("whoever sorts by the map sorts anew").isGreaterThan(versionBefore);
        assertThat(cache.partitionOf(999)).contains(REMAINING);
        assertThat(cache.partitionOf(1_000)).contains(CHILD);
        assertThat(cache.partition(1)).contains(REMAINING);
        assertThat(cache.partition(2)).contains(CHILD);
        assertThat(cache.partitions()).containsExactly(REMAINING, CHILD);
        assertThat(cache.catalog()).as("is the system partition's alone").isEqualTo(catalog(4, WHOLE));
    }

    @Test
    void aNewerCatalogWithoutTheSplitDoesNotTakeItBack() {
        cache.splitWasCarriedOut(WHOLE, SPLIT);

        cache.offer(catalog(6, WHOLE));

        assertThat(cache.partitions()).containsExactly(REMAINING, CHILD);
    }

    @Test
    void whatTheCatalogMakesOfTheSplitCounts() {
        cache.splitWasCarriedOut(WHOLE, SPLIT);
        PartitionRecord moved = CHILD.toBuilder()
                .clearReplicas()
                .addAllReplicas(List.of("b", "c", "d"))
                .build();

        cache.offer(catalog(7, REMAINING, moved));

        assertThat(cache.partitions()).containsExactly(REMAINING, moved);
    }

    @Test
    void halvesAreSplitAgain() {
        cache.splitWasCarriedOut(WHOLE, SPLIT);

        assertThat(cache.splitWasCarriedOut(CHILD, split(2_000, 3, 6))).isTrue();

        assertThat(cache.partitions())
                .extracting(PartitionRecord::getId, PartitionRecord::getStartToken, PartitionRecord::getEndToken)
                .containsExactly(tuple(1, 0L, 1_000L), tuple(2, 1_000L, 2_000L), tuple(3, 2_000L, 0L));
    }

    @Test
    void whatComesLateChangesNothing() {
        cache.offer(catalog(7, REMAINING, CHILD));

        assertThat(cache.splitWasCarriedOut(WHOLE, SPLIT))
                .as("whoever asked need not wait for a newer catalog")
                .isTrue();
        assertThat(cache.splitWasCarriedOut(CHILD, SPLIT)).as("its own split").isFalse();

        assertThat(cache.partitions()).containsExactly(REMAINING, CHILD);
    }

    @Test
    void bothAreOneAsSoonAsOneOfThemTellsOfTheMerge() {
        cache.offer(catalog(5, REMAINING, CHILD));

        assertThat(cache.mergeWasCarriedOut(CHILD, merge(5, 5))).isTrue();

        assertThat(cache.partitions()).singleElement().satisfies(union -> {
            assertThat(union.getId()).isEqualTo(1);
            assertThat(union.getEndToken()).isZero();
            assertThat(union.getEpoch()).isEqualTo(9);
        });
    }

    // The right one may have been split before: then what the map has of it reaches further than what was merged.
    @Test
    void aMergeOfARangeThatTheMapDoesNotKnowWaitsForTheCatalog() {
        cache.offer(catalog(5, REMAINING, CHILD));

        assertThat(cache.mergeWasCarriedOut(CHILD, merge(5, 7))).isFalse();
        assertThat(cache.mergeWasCarriedOut(CHILD, merge(7, 5))).isFalse();

        assertThat(cache.partitions()).containsExactly(REMAINING, CHILD);
    }

    private static PartitionMerge merge(long leftEpoch, long rightEpoch) {
        return PartitionMerge.newBuilder()
                .setLeft(1)
                .setRight(2)
                .setEpoch(9)
                .setLeftEpoch(leftEpoch)
                .setRightEpoch(rightEpoch)
                .build();
    }

    private static PartitionSplit split(long token, int child, long epoch) {
        return PartitionSplit.newBuilder()
                .setToken(token)
                .setChild(child)
                .setEpoch(epoch)
                .build();
    }

    private static Catalog catalog(long epoch, PartitionRecord... partitions) {
        return Catalog.newBuilder()
                .setClusterId("c")
                .setEpoch(epoch)
                .addAllPartitions(List.of(partitions))
                .build();
    }
}

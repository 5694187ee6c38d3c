package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.membership.plan.SplitPoint;
import dev.henge.membership.plan.WeightedToken;
import dev.henge.node.storage.InMemoryEngine;
import dev.henge.node.storage.RocksDbEngine;
import dev.henge.node.storage.RocksDbOptions;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.ReplicaStatus;
import dev.henge.proto.SizeSample;
import dev.henge.proto.TableRecord;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SizeSamplesTest {

    private static final List<Long> TABLES = List.of(7L, 8L);
    private static final TokenRange RANGE = new TokenRange(1L << 60, 1L << 62);
    private static final int ITEM_BYTES = 1_000;
    private static final double SIDE_SHARE_MIN = 0.25;

    private final Random random = new Random(1);

    @Test
    void anEmptyPartitionHasNone() {
        try (StorageEngine storage = new InMemoryEngine()) {
            put(storage, 7, RANGE.end() + 5, 1);

            assertThat(SizeSamples.of(storage, TABLES, RANGE)).isEmpty();
            assertThat(SizeSamples.of(storage, List.of(), RANGE)).isEmpty();
        }
    }

    @Test
    void theyStandForAllThatItHolds() {
        try (StorageEngine storage = new InMemoryEngine()) {
            spread(storage, 7, 300, RANGE);
            spread(storage, 8, 100, RANGE);

            List<SizeSample> samples = SizeSamples.of(storage, TABLES, RANGE);

            assertThat(samples).hasSizeBetween(16, 64);
            assertThat(samples).extracting(SizeSample::getToken).isSorted();
            assertThat(samples.stream().mapToLong(SizeSample::getBytes).sum())
                    .isEqualTo(storage.approximateBytes(List.of(
                            StorageKeys.itemRange(7, RANGE.start(), RANGE.end()),
                            StorageKeys.itemRange(8, RANGE.start(), RANGE.end()))));
        }
    }

    @Test
    void whereItIsSpreadEvenlyItIsCutInTheMiddle() {
        try (StorageEngine storage = new InMemoryEngine()) {
            TokenRange ring = new TokenRange(0, 0);
            spread(storage, 7, 1_000, ring);

            assertThat(Long.compareUnsigned(boundary(storage, ring), 3L << 61)).isPositive();
            assertThat(Long.compareUnsigned(boundary(storage, ring), 5L << 61)).isNegative();
        }
    }

    @Test
    void whereMostIsAtOneEndItIsCutThere() {
        try (StorageEngine storage = new InMemoryEngine()) {
            TokenRange dense = new TokenRange(RANGE.start() + 1000, RANGE.start() + (1L << 30));
            spread(storage, 7, 200, dense);
            spread(storage, 7, 20, RANGE);

            assertThat(dense.contains(boundary(storage, RANGE))).isTrue();
        }
    }

    @Test
    void oneLargeCollectionIsNotCut() {
        try (StorageEngine storage = new InMemoryEngine()) {
            spread(storage, 7, 50, RANGE);
            long token = RANGE.start() + 12_345;
            for (int item = 0; item < 400; item++) {
                put(storage, 7, token, item);
            }

            assertThat(SplitPoint.ofSize(RANGE, weighted(storage, RANGE), SIDE_SHARE_MIN))
                    .isEmpty();
        }
    }

    @Test
    void whatHalfOfIsOneCollectionIsCutBesideIt() {
        try (StorageEngine storage = new InMemoryEngine()) {
            long token = RANGE.start() + 12_345;
            spread(storage, 7, 300, new TokenRange(token + 1, RANGE.end()));
            for (int item = 0; item < 300; item++) {
                put(storage, 7, token, item);
            }

            assertThat(Long.compareUnsigned(boundary(storage, RANGE), token)).isPositive();
        }
    }

    @Test
    void theStoragesOwnEstimatesAreGoodEnough(@TempDir Path directory) {
        try (RocksDbEngine storage = RocksDbEngine.open(directory, RocksDbOptions.withCache(16 << 20))) {
            TokenRange dense = new TokenRange(RANGE.start() + 1000, RANGE.start() + (1L << 30));
            spread(storage, 7, 2_000, dense);
            spread(storage, 7, 200, RANGE);

            assertThat(dense.contains(boundary(storage, RANGE))).as("in memory").isTrue();
            storage.flush();
            assertThat(dense.contains(boundary(storage, RANGE))).as("on disk").isTrue();
        }
    }

    @Test
    void onlyTheLeaderOfWhatIsLargeEnoughMeasures() {
        try (StorageEngine storage = new InMemoryEngine()) {
            spread(storage, 7, 100, RANGE);
            Catalog catalog = Catalog.newBuilder()
                    .addTables(TableRecord.newBuilder().setId(7))
                    .addPartitions(PartitionRecord.newBuilder()
                            .setId(3)
                            .setEpoch(5)
                            .setStartToken(RANGE.start())
                            .setEndToken(RANGE.end()))
                    .build();
            ReplicaStatus leader = ReplicaStatus.newBuilder()
                    .setPartition(3)
                    .setEpoch(5)
                    .setRole(ReplicaStatus.Role.LEADER)
                    .setSizeBytes(100_000)
                    .build();
            ReplicaStatus follower =
                    leader.toBuilder().setRole(ReplicaStatus.Role.FOLLOWER).build();
            ReplicaStatus split = leader.toBuilder().setEpoch(6).build();

            assertThat(SizeSamples.of(leader, catalog, 100_000, storage)).isNotEmpty();
            assertThat(SizeSamples.of(leader, catalog, 100_001, storage)).isEmpty();
            assertThat(SizeSamples.of(follower, catalog, 1, storage)).isEmpty();
            assertThat(SizeSamples.of(split, catalog, 1, storage))
                    .as("its range is another than the catalog's")
                    .isEmpty();
        }
    }

    private static long boundary(StorageEngine storage, TokenRange range) {
        return SplitPoint.ofSize(range, weighted(storage, range), SIDE_SHARE_MIN)
                .orElseThrow();
    }

    private static List<WeightedToken> weighted(StorageEngine storage, TokenRange range) {
        List<SizeSample> samples = SizeSamples.of(storage, TABLES, range);
        assertThat(samples).isNotEmpty();
        return samples.stream()
                .map(sample -> new WeightedToken(sample.getToken(), sample.getBytes()))
                .toList();
    }

    /** Items of as many partition keys, anywhere in the range. */
    private void spread(StorageEngine storage, long table, int items, TokenRange range) {
        for (int item = 0; item < items; item++) {
            long width = range.end() - range.start();
            long offset = width == 0 ? random.nextLong() : Long.remainderUnsigned(random.nextLong(), width);
            put(storage, table, range.start() + offset, item);
        }
    }

    private void put(StorageEngine storage, long table, long token, int item) {
        byte[] key = ByteBuffer.allocate(12).putLong(token).putInt(item).array();
        byte[] value = new byte[ITEM_BYTES];
        random.nextBytes(value);
        WriteBatch batch = new WriteBatch();
        batch.put(StorageKeys.itemKey(table, key), value);
        storage.write(batch);
    }
}

package dev.henge.node.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StorageKeysTest {

    private static final byte[] VALUE = {1};

    @Test
    void anItemsKeyGivesBackItsParts() {
        byte[] key = StorageKeys.itemKey(-5, item(-7, 3));
        assertThat(StorageKeys.tableOf(key)).isEqualTo(-5);
        assertThat(StorageKeys.tokenOf(key)).isEqualTo(-7);
        assertThat(StorageKeys.itemKeyOf(key)).isEqualTo(item(-7, 3));
        assertThatThrownBy(() -> StorageKeys.tableOf(StorageKeys.appliedKey(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aTokenRangeHoldsItsStartAndNotItsEnd() {
        KeyRange range = StorageKeys.itemRange(9, 100, -100);
        assertThat(range.contains(StorageKeys.itemKey(9, item(100, 0)))).isTrue();
        assertThat(range.contains(StorageKeys.itemKey(9, item(99, 255)))).isFalse();
        assertThat(range.contains(StorageKeys.itemKey(9, item(-101, 255)))).isTrue();
        assertThat(range.contains(StorageKeys.itemKey(9, item(-100, 0)))).isFalse();
        assertThat(range.contains(StorageKeys.itemKey(8, item(100, 0)))).isFalse();
    }

    @Test
    void aPrefixRangeHoldsWhatBeginsWithThePrefixAlone() {
        for (long table : new long[] {9, -1}) {
            byte[] prefix = item(-1, 255);
            KeyRange range = StorageKeys.prefixRange(table, prefix);
            assertThat(range.contains(StorageKeys.itemKey(table, prefix))).isTrue();
            assertThat(range.contains(StorageKeys.itemKey(table, Arrays.copyOf(prefix, prefix.length + 3))))
                    .isTrue();
            assertThat(range.contains(StorageKeys.itemKey(table, item(-1, 254))))
                    .isFalse();
            assertThat(range.contains(StorageKeys.itemKey(table + 1, item(-1, 255))))
                    .isFalse();
        }
        KeyRange range = StorageKeys.prefixRange(9, item(5, 7));
        assertThat(range.contains(StorageKeys.itemKey(9, item(5, 8)))).isFalse();
    }

    @Test
    void theLastTokenRangeEndsWithTheRing() {
        for (long table : new long[] {0, 9, -1}) {
            KeyRange range = StorageKeys.itemRange(table, 100, 0);
            assertThat(range.contains(StorageKeys.itemKey(table, item(-1, 255))))
                    .isTrue();
            assertThat(range.contains(StorageKeys.itemKey(table, item(99, 255))))
                    .isFalse();
            assertThat(range.contains(StorageKeys.itemKey(table + 1, item(100, 0))))
                    .isFalse();
        }
    }

    @Test
    void privateKeysOfAPartitionStandInItsRangeAlone() {
        for (int partition : new int[] {0, 5, -1}) {
            KeyRange range = StorageKeys.privateRange(partition);
            List<byte[]> keys = List.of(
                    StorageKeys.appliedKey(partition),
                    StorageKeys.requestKey(partition, 7),
                    StorageKeys.droppedTableKey(partition, -1),
                    StorageKeys.catalogKey(partition, "tables"));
            assertThat(keys).allMatch(range::contains);
            assertThat(keys).noneMatch(StorageKeys.privateRange(partition + 1)::contains);
            assertThat(keys).noneMatch(StorageKeys.tableRange(0)::contains);
            assertThat(keys.stream().filter(StorageKeys.requestRange(partition)::contains))
                    .hasSize(1);
            assertThat(keys.stream().filter(StorageKeys.droppedTableRange(partition)::contains))
                    .hasSize(1);
            assertThat(keys.stream().filter(StorageKeys.catalogRange(partition)::contains))
                    .hasSize(1);
        }
        assertThat(StorageKeys.requestIndexOf(StorageKeys.requestKey(3, 77))).isEqualTo(77);
        assertThat(StorageKeys.droppedTableOf(StorageKeys.droppedTableKey(3, 78)))
                .isEqualTo(78);
        assertThat(StorageKeys.requestRange(3, 5, 7).contains(StorageKeys.requestKey(3, 6)))
                .isTrue();
        assertThat(StorageKeys.requestRange(3, 5, 7).contains(StorageKeys.requestKey(3, 7)))
                .isFalse();
    }

    @Test
    void tablesAreFoundInOrderAndOnce() {
        InMemoryEngine engine = new InMemoryEngine();
        engine.write(new WriteBatch()
                .put(StorageKeys.appliedKey(1), VALUE)
                .put(StorageKeys.itemKey(3, item(1, 1)), VALUE)
                .put(StorageKeys.itemKey(3, item(-1, 1)), VALUE)
                .put(StorageKeys.itemKey(-1, item(-1, 1)), VALUE)
                .put(StorageKeys.itemKey(1, item(0, 1)), VALUE));
        try (StorageEngine.View view = engine.view()) {
            assertThat(StorageKeys.tablesIn(view)).containsExactly(1L, 3L, -1L);
        }
    }

    @Test
    void byteOrderIsTheUnsignedOrderOfTableThenToken() {
        byte[][] ascending = {
            StorageKeys.privateRange(-1).start(),
            StorageKeys.itemKey(1, item(5, 0)),
            StorageKeys.itemKey(1, item(-5, 0)),
            StorageKeys.itemKey(2, item(0, 0)),
            StorageKeys.itemKey(-2, item(0, 0)),
        };
        for (int i = 1; i < ascending.length; i++) {
            assertThat(Arrays.compareUnsigned(ascending[i - 1], ascending[i])).isNegative();
        }
    }

    private static byte[] item(long token, int rest) {
        return ByteBuffer.allocate(9).putLong(token).put((byte) rest).array();
    }
}

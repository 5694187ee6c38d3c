package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.storage.InMemoryEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionRecord;
import org.junit.jupiter.api.Test;

class OwnRangeTest {

    private static final PartitionRecord SPLIT_OFF =
            PartitionRecord.newBuilder().setId(7).setParent(1).setEpoch(2).build();
    private static final PartitionRange RANGE = PartitionRange.newBuilder()
            .setStartToken(5)
            .setEndToken(9)
            .setEpoch(2)
            .build();

    private final InMemoryEngine storage = new InMemoryEngine();

    @Test
    void aReplicaThatHasNothingOfASplitPartitionAwaitsASnapshot() {
        OwnRange.awaitSnapshotWhereSplit(SPLIT_OFF, RANGE, storage);

        assertThat(storage.get(StorageKeys.installingKey(7))).isEmpty();
    }

    /** It says what of the ring was emptied for it, and that the installation can be gone on with. */
    @Test
    void theMarkOfAnInstallationThatACrashCutShortStays() {
        storage.write(new WriteBatch().put(StorageKeys.installingKey(7), RANGE.toByteArray()));

        OwnRange.awaitSnapshotWhereSplit(SPLIT_OFF, RANGE, storage);

        assertThat(OwnRange.beingInstalled(storage, 7)).contains(RANGE);
    }
}

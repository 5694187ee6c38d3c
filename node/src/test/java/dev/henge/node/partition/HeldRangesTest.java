package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.node.log.FileSystemDisk;
import dev.henge.node.log.LogOptions;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.storage.InMemoryEngine;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.HeldRange;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldRangesTest {

    private static final LogOptions LOG = new LogOptions(16 << 10, 4 << 10, 8 << 10, 1 << 20);

    private final HeldRanges held = new HeldRanges();

    @Test
    void noTwoHoldTheSame() {
        assertThat(held.take(1, new TokenRange(0, 100))).isTrue();

        assertThat(held.take(2, new TokenRange(50, 0))).isFalse();
        assertThat(held.take(2, new TokenRange(100, 0))).isTrue();
        assertThat(held.take(1, new TokenRange(0, 101))).isFalse();
    }

    @Test
    void whatOneLetsGoAnotherMayHave() {
        assertThat(held.take(1, new TokenRange(0, 0))).isTrue();

        assertThat(held.take(1, new TokenRange(0, 50))).isTrue();
        assertThat(held.take(2, new TokenRange(50, 0))).isTrue();
        held.release(2);
        assertThat(held.take(1, new TokenRange(0, 0))).isTrue();
    }

    /** One that was split from the other half in turn may be waiting for whatever nobody holds. */
    @Test
    void whatWasSplitOffIsHeldBeforeItsReplicaIsOpened() {
        assertThat(held.take(1, new TokenRange(0, 100))).isTrue();
        PartitionRecord half = PartitionRecord.newBuilder()
                .setId(2)
                .setStartToken(50)
                .setEndToken(100)
                .build();

        held.split(1, new TokenRange(0, 50), Optional.of(half));

        assertThat(held.take(3, new TokenRange(75, 100))).isFalse();
        assertThat(held.take(2, new TokenRange(50, 100))).isTrue();
        assertThat(held.take(2, new TokenRange(50, 75))).isTrue();
        assertThat(held.take(3, new TokenRange(75, 100))).isTrue();
    }

    @Test
    void whatWasSplitOffForOtherNodesIsFree() {
        assertThat(held.take(1, new TokenRange(0, 100))).isTrue();

        held.split(1, new TokenRange(0, 50), Optional.empty());

        assertThat(held.take(3, new TokenRange(75, 100))).isTrue();
        assertThat(held.take(1, new TokenRange(0, 51))).isTrue();
    }

    // What the node's map does not know may be there all the same: the map may be older.
    @Test
    void whatTheStorageHasOfOthersNobodyMayHold() {
        StorageEngine storage = new InMemoryEngine();
        storage.write(new WriteBatch()
                .put(StorageKeys.rangeKey(4), range(100, 0).toByteArray())
                .put(
                        StorageKeys.rangeKey(5),
                        range(50, 100).toBuilder().setTaken(true).build().toByteArray()));

        held.takeStored(storage);

        assertThat(held.take(3, new TokenRange(50, 0))).isFalse();
        assertThat(held.take(3, new TokenRange(50, 100))).isTrue();
        assertThat(held.take(4, new TokenRange(100, 0))).isTrue();
    }

    @Test
    void aReplicaThatASnapshotWasFillingIsOpenedForThatRangeWhateverTheMapSays(@TempDir Path directory)
            throws IOException {
        StorageEngine storage = new InMemoryEngine();
        StateMachine machine = new StateMachine(3, new TokenRange(50, 100), storage);
        PartitionRange offered = range(50, 80).getRange();
        machine.beginInstallation(offered);
        PartitionRecord asOfLongAgo =
                PartitionRecord.newBuilder().setId(3).setStartToken(50).build();

        try (WriteAheadLog log = WriteAheadLog.open(FileSystemDisk.open(directory), LOG, failure -> {})) {
            assertThat(OwnRange.toOpen(asOfLongAgo, log.partition(3), storage, false))
                    .isEqualTo(offered);
        }
        held.takeStored(storage);
        assertThat(held.take(4, new TokenRange(70, 0))).isFalse();
        assertThat(held.take(4, new TokenRange(80, 0))).isTrue();
    }

    private static HeldRange range(long start, long end) {
        return HeldRange.newBuilder()
                .setRange(PartitionRange.newBuilder()
                        .setStartToken(start)
                        .setEndToken(end)
                        .setEpoch(2))
                .build();
    }
}

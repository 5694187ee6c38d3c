package dev.henge.node.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.henge.node.replication.HardState;
import dev.henge.node.replication.LogEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteAheadLogTest {

    private static final LogOptions SMALL = new LogOptions(16 << 10, 4 << 10, 8 << 10, 1 << 20);

    private final SimulatedDisk disk = new SimulatedDisk();
    private final List<RuntimeException> failures = new ArrayList<>();
    private final Random random = new Random(1);

    @AfterEach
    void noSurprisingFailure() {
        assertThat(failures.size()).isLessThanOrEqualTo(1);
    }

    @Test
    void aNewLogIsEmpty() throws IOException {
        WriteAheadLog log = open();
        assertThat(log.partitions()).isEmpty();
        PartitionLog partition = log.partition(7);
        assertThat(partition.baseIndex()).isZero();
        assertThat(partition.baseTerm()).isZero();
        assertThat(partition.lastIndex()).isZero();
        assertThat(partition.term(0)).isZero();
        assertThat(partition.hardState()).isEqualTo(HardState.INITIAL);
        assertThat(partition.entries(1, 1000)).isEmpty();
        assertThat(log.partition(7)).isSameAs(partition);
    }

    @Test
    void aSyncedChangeIsThereAfterAPowerFailure() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 3, 1, 100));
        log.partition(2).saveHardState(new HardState(4, "n2"));
        assertThat(log.partition(1).position()).isGreaterThan(log.durablePosition());

        assertThat(log.sync()).isGreaterThanOrEqualTo(log.partition(2).position());
        disk.crash(random);

        log = open();
        assertThat(log.partitions()).containsExactly(1, 2);
        assertThat(log.partition(1).entries(1, 10_000)).isEqualTo(entries(1, 3, 1, 100));
        assertThat(log.partition(2).hardState()).isEqualTo(new HardState(4, "n2"));
    }

    @Test
    void oneSyncCoversEveryAppendBeforeIt() throws IOException {
        WriteAheadLog log = open();
        long syncsBefore = disk.syncs();
        for (int partition = 0; partition < 10; partition++) {
            log.partition(partition).append(entries(1, 1, 1, 50));
        }
        log.sync();
        assertThat(disk.syncs() - syncsBefore).isEqualTo(1);
        log.sync();
        assertThat(disk.syncs() - syncsBefore)
                .as("a sync with nothing to do touches no disk")
                .isEqualTo(1);
    }

    @Test
    void aConflictingAppendReplacesWhatStoodThereAndAfterIt() throws IOException {
        WriteAheadLog log = open();
        PartitionLog partition = log.partition(1);
        partition.append(entries(1, 10, 1, 20));
        partition.append(entries(5, 6, 2, 20));
        assertThat(partition.lastIndex()).isEqualTo(6);
        assertThat(partition.term(4)).isEqualTo(1);
        assertThat(partition.term(5)).isEqualTo(2);
        log.sync();
        disk.crash(random);

        partition = open().partition(1);
        assertThat(partition.lastIndex()).isEqualTo(6);
        assertThat(partition.entries(4, 10_000).stream().map(LogEntry::term)).containsExactly(1L, 2L, 2L);
    }

    @Test
    void entriesComeInPiecesOfTheSizeAskedForButAtLeastOne() throws IOException {
        PartitionLog partition = open().partition(1);
        partition.append(entries(1, 10, 1, 100));
        assertThat(partition.entries(3, 250)).hasSize(2);
        assertThat(partition.entries(3, 1)).hasSize(1);
        assertThat(partition.entries(11, 1000)).isEmpty();
    }

    @Test
    void entriesThatLeftMemoryAreReadBackFromTheSegments() throws IOException {
        LogOptions noMemory = new LogOptions(16 << 10, 4 << 10, 8 << 10, 0);
        WriteAheadLog log = WriteAheadLog.open(disk, noMemory, failures::add);
        for (int i = 1; i <= 100; i++) {
            log.partition(1).append(entries(i, i, i / 10, 300));
            log.partition(2).append(entries(i, i, 1, 10));
            if (i % 7 == 0) {
                log.sync();
            }
        }
        assertThat(log.partition(1).tail.firstIndex()).isGreaterThan(50);
        List<LogEntry> read = log.partition(1).entries(1, Integer.MAX_VALUE);
        assertThat(read).hasSize(100);
        assertThat(read.get(41)).isEqualTo(entries(42, 42, 4, 300).getFirst());
    }

    @Test
    void memoryForEntriesIsBoundedOverAllPartitions() throws IOException {
        LogOptions options = new LogOptions(64 << 10, 64 << 10, 8 << 10, 20_000);
        WriteAheadLog log = WriteAheadLog.open(disk, options, failures::add);
        for (int i = 1; i <= 200; i++) {
            for (int partition = 0; partition < 3; partition++) {
                log.partition(partition).append(entries(i, i, 1, 200));
            }
            log.sync();
        }
        long inMemory = 0;
        for (int partition = 0; partition < 3; partition++) {
            inMemory += 201 - log.partition(partition).tail.firstIndex();
        }
        assertThat(inMemory * 200).isBetween(5_000L, 20_000L);
    }

    @Test
    void compactedSegmentsAreFreedAndTheLogStaysBounded() throws IOException {
        WriteAheadLog log = open();
        PartitionLog partition = log.partition(1);
        log.partition(2).saveHardState(new HardState(9, null));
        long largest = 0;
        for (int i = 1; i <= 2000; i++) {
            partition.append(entries(i, i, 1, 200));
            if (i % 10 == 0) {
                log.sync();
                partition.compactTo(i - 5);
                if (log.needsSpare()) {
                    log.prepareSpare();
                }
            }
            largest = Math.max(largest, log.liveBytes());
        }
        assertThat(largest).isLessThan(4 * (16 << 10));
        assertThat(disk.list().size()).isLessThan(6);
        disk.crash(random);

        log = open();
        assertThat(log.partition(2).hardState()).isEqualTo(new HardState(9, null));
        assertThat(log.partition(1).baseIndex()).isGreaterThanOrEqualTo(1985);
        assertThat(log.partition(1).lastIndex()).isEqualTo(2000);
    }

    @Test
    void hintsNameThePartitionThatKeepsOldSegmentsAlive() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 3, 1, 100));
        for (int i = 1; i <= 300; i++) {
            log.partition(2).append(entries(i, i, 1, 200));
        }
        log.sync();
        assertThat(log.compactionHints(Long.MAX_VALUE)).isEmpty();

        List<WriteAheadLog.CompactionHint> hints = log.compactionHints(12 << 10);
        assertThat(hints).hasSize(2);
        assertThat(hints.getFirst()).isEqualTo(new WriteAheadLog.CompactionHint(1, 3));
        for (WriteAheadLog.CompactionHint hint : hints) {
            log.partition(hint.partition()).compactTo(hint.index());
        }
        log.sync();
        assertThat(log.liveBytes()).isLessThanOrEqualTo(12 << 10);
        assertThat(log.compactionHints(12 << 10)).isEmpty();
    }

    @Test
    void aResetForgetsTheEntriesAndGoesOnBehindTheSnapshot() throws IOException {
        WriteAheadLog log = open();
        PartitionLog partition = log.partition(1);
        partition.append(entries(1, 10, 1, 100));
        partition.resetTo(50, 7);
        partition.append(entries(51, 52, 8, 100));
        log.sync();
        disk.crash(random);

        partition = open().partition(1);
        assertThat(partition.baseIndex()).isEqualTo(50);
        assertThat(partition.baseTerm()).isEqualTo(7);
        assertThat(partition.lastIndex()).isEqualTo(52);
    }

    @Test
    void aDroppedPartitionIsForgotten() throws IOException {
        WriteAheadLog log = open();
        PartitionLog dropped = log.partition(1);
        dropped.append(entries(1, 10, 1, 100));
        assertThat(log.drop(1)).isLessThanOrEqualTo(log.sync());
        assertThatThrownBy(() -> dropped.append(entries(11, 11, 1, 1))).isInstanceOf(IllegalStateException.class);
        assertThat(log.partition(1).lastIndex()).isZero();
        disk.crash(random);
        assertThat(open().partitions()).isEmpty();
    }

    @Test
    void entriesThatDoNotFollowAreRefused() throws IOException {
        PartitionLog partition = open().partition(1);
        partition.append(entries(1, 3, 2, 10));
        assertThatThrownBy(() -> partition.append(entries(5, 5, 2, 10))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> partition.append(entries(4, 4, 1, 10))).isInstanceOf(IllegalArgumentException.class);
        partition.compactTo(2);
        assertThatThrownBy(() -> partition.append(entries(2, 2, 3, 10))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> partition.entries(2, 10)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> partition.compactTo(4)).isInstanceOf(IllegalArgumentException.class);
        assertThat(partition.lastIndex()).isEqualTo(3);
    }

    @Test
    void anEntryThatExceedsTheBufferIsRefusedAndTheLargestOneFits() throws IOException {
        PartitionLog partition = open().partition(1);
        assertThatThrownBy(() -> partition.append(entries(1, 1, 1, 8 << 10)))
                .isInstanceOf(IllegalArgumentException.class);
        partition.append(entries(1, 1, 1, 7600));
        partition.append(entries(2, 2, 1, 7600));
        assertThat(partition.lastIndex()).isEqualTo(2);
    }

    @Test
    void aFailedSyncBreaksTheLogForGood() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 1, 1, 10));
        long durable = log.durablePosition();
        disk.failSyncs(true);
        assertThatThrownBy(log::sync).isInstanceOf(LogBrokenException.class).hasMessageContaining("Input/output error");
        disk.failSyncs(false);
        assertThatThrownBy(log::sync).isInstanceOf(LogBrokenException.class);
        assertThatThrownBy(() -> log.partition(1).append(entries(2, 2, 1, 10))).isInstanceOf(LogBrokenException.class);
        assertThat(failures).hasSize(1);
        assertThat(log.durablePosition()).isEqualTo(durable);
    }

    @Test
    void anAppendWithoutRoomBreaksTheLogOnAFullDisk() throws IOException {
        WriteAheadLog log = open();
        disk.full(true);
        assertThatThrownBy(() -> {
                    for (int i = 1; i < 1000; i++) {
                        log.partition(1).append(entries(i, i, 1, 100));
                    }
                })
                .isInstanceOf(LogBrokenException.class)
                .hasMessageContaining("No space left");
        assertThat(failures).hasSize(1);
    }

    @Test
    void positionsGrowOverRestarts() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 1, 1, 100));
        long before = log.sync();
        log.close();
        assertThatThrownBy(log::sync).isInstanceOf(LogBrokenException.class).hasMessageContaining("closed");
        log = open();
        assertThat(log.durablePosition()).isGreaterThanOrEqualTo(before);
        assertThat(log.partition(1).position()).isLessThanOrEqualTo(log.durablePosition());
        assertThat(failures).isEmpty();
    }

    @Test
    void theHookIsCalledOncePerBatch() throws IOException {
        WriteAheadLog log = open();
        AtomicLong calls = new AtomicLong();
        log.onWork(calls::incrementAndGet);
        log.partition(1).append(entries(1, 1, 1, 100));
        log.partition(1).append(entries(2, 2, 1, 100));
        assertThat(calls.get()).isEqualTo(1);
        log.sync();
        log.partition(1).append(entries(3, 3, 1, 100));
        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void theSyncerMakesWhatSeveralThreadsAppendDurableOnARealDisk(@TempDir Path directory) throws Exception {
        LogOptions options = new LogOptions(256 << 10, 64 << 10, 64 << 10, 32 << 10);
        int threads = 3;
        int appends = 400;
        AtomicLong durable = new AtomicLong();
        CountDownLatch done = new CountDownLatch(threads);
        try (WriteAheadLog log = WriteAheadLog.open(FileSystemDisk.open(directory), options, failures::add);
                LogSyncer syncer = LogSyncer.start(log, durable::set)) {
            for (int thread = 0; thread < threads; thread++) {
                PartitionLog partition = log.partition(thread);
                Thread.ofPlatform().start(() -> {
                    for (int i = 1; i <= appends; i++) {
                        partition.append(entries(i, i, 1, 1000));
                        if (i % 100 == 0) {
                            partition.compactTo(i - 60);
                        }
                    }
                    done.countDown();
                });
            }
            assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
            syncer.close();
            for (int thread = 0; thread < threads; thread++) {
                assertThat(durable.get())
                        .isGreaterThanOrEqualTo(log.partition(thread).position());
            }
        }
        try (WriteAheadLog log = WriteAheadLog.open(FileSystemDisk.open(directory), options, failures::add)) {
            for (int thread = 0; thread < threads; thread++) {
                PartitionLog partition = log.partition(thread);
                assertThat(partition.baseIndex()).isEqualTo(appends - 60);
                assertThat(partition.entries(appends - 59, Integer.MAX_VALUE))
                        .isEqualTo(entries(appends - 59, appends, 1, 1000));
            }
        }
        assertThat(failures).isEmpty();
    }

    private WriteAheadLog open() throws IOException {
        return WriteAheadLog.open(disk, SMALL, failures::add);
    }

    private static List<LogEntry> entries(long firstIndex, long lastIndex, long term, int payloadBytes) {
        List<LogEntry> entries = new ArrayList<>();
        for (long index = firstIndex; index <= lastIndex; index++) {
            byte[] payload = new byte[payloadBytes];
            new Random(index).nextBytes(payload);
            entries.add(new LogEntry(index, term, ByteString.copyFrom(payload)));
        }
        return entries;
    }
}

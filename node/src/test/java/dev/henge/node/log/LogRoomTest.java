package dev.henge.node.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.node.replication.HardState;
import dev.henge.node.replication.LogEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A log whose disk is full refuses, kind by kind, before anything breaks, and goes on when there is space. */
class LogRoomTest {

    private static final LogOptions SMALL = new LogOptions(64 << 10, 64 << 10, 16 << 10, 1 << 20);

    private final SimulatedDisk disk = new SimulatedDisk();
    private final List<RuntimeException> failures = new ArrayList<>();

    @AfterEach
    void nothingBroke() {
        assertThat(failures).isEmpty();
    }

    @Test
    void onAFullDiskClientsStopFirstThenEntriesThenPromisesAndNothingBreaks() throws IOException {
        WriteAheadLog log = open();
        PartitionLog partition = log.partition(1);
        disk.full(true);

        int clientWrites = fill(log, LogUse.CLIENT_WRITE);
        int entries = fill(log, LogUse.ENTRIES);
        assertThat(clientWrites).isGreaterThan(20);
        assertThat(entries).isGreaterThan(10);
        assertThat(partition.hasRoom(LogUse.CLIENT_WRITE, 1)).isFalse();
        assertThat(partition.hasRoom(LogUse.ENTRIES, 1000)).isFalse();
        int promises = 0;
        while (partition.hasRoom(LogUse.PROMISE, 64)) {
            partition.saveHardState(new HardState(++promises, "n1"));
            log.sync();
        }
        assertThat(promises).isGreaterThan(100);
        assertThat(partition.hasRoom(LogUse.COMPACTION, 64)).isTrue();
        partition.compactTo(5);
        log.sync();
        assertThat(log.spareFailure()).isPresent();
        assertThat(partition.entries(6, 1 << 20)).hasSize(clientWrites + entries - 5);

        disk.full(false);
        log.prepareSpare();
        assertThat(log.spareFailure()).isEmpty();
        assertThat(partition.hasRoom(LogUse.CLIENT_WRITE, 1000)).isTrue();
        assertThat(fillSome(log, 60)).isEqualTo(60);
        disk.crash(new Random(1));
        assertThat(open().partition(1).lastIndex()).isEqualTo(clientWrites + entries + 60);
    }

    @Test
    void aRefusedWriteFindsOutByItselfThatThereIsSpaceAgain() throws IOException {
        WriteAheadLog log = open();
        disk.full(true);
        fill(log, LogUse.CLIENT_WRITE);
        disk.full(false);

        int refused = 0;
        while (!log.partition(1).hasRoom(LogUse.CLIENT_WRITE, 1000)) {
            refused++;
            assertThat(refused).isLessThan(1000);
        }
    }

    @Test
    void whatIsReservedIsNotPromisedTwice() throws IOException {
        WriteAheadLog log = open();
        disk.full(true);
        PartitionLog partition = log.partition(1);
        long reserved = 0;
        while (partition.reserve(LogUse.CLIENT_WRITE, 1000)) {
            reserved += 1000;
        }
        assertThat(reserved).isBetween(16_000L, 40_000L);
        partition.release(reserved);
        assertThat(partition.reserve(LogUse.CLIENT_WRITE, reserved)).isTrue();
    }

    @Test
    void theRuntimeMayRefuseClientsOrEntriesWhateverRoomThereIs() throws IOException {
        WriteAheadLog log = open();
        PartitionLog partition = log.partition(1);
        log.spaceLevel(SpaceLevel.LOW);
        assertThat(partition.hasRoom(LogUse.CLIENT_WRITE, 1)).isFalse();
        assertThat(partition.hasRoom(LogUse.ENTRIES, 1)).isTrue();
        log.spaceLevel(SpaceLevel.SCARCE);
        assertThat(partition.hasRoom(LogUse.ENTRIES, 1)).isFalse();
        assertThat(partition.hasRoom(LogUse.PROMISE, 1)).isTrue();
        log.spaceLevel(SpaceLevel.AMPLE);
        assertThat(partition.hasRoom(LogUse.CLIENT_WRITE, 1)).isTrue();
    }

    @Test
    void aSegmentThatIsNotArchivedStays() throws IOException {
        List<String> archived = new ArrayList<>();
        WriteAheadLog log = WriteAheadLog.open(
                disk,
                SMALL,
                (segment, startPosition, endPosition) -> {
                    assertThat(endPosition).isGreaterThan(startPosition);
                    return archived.contains(segment);
                },
                AppliedStates.UNKNOWN,
                failures::add);
        String first = disk.list().getFirst();
        while (log.segmentsInUse().size() < 3) {
            fillSome(log, 1);
        }
        log.partition(1).compactTo(log.partition(1).lastIndex());
        log.sync();
        assertThat(disk.list()).contains(first);

        archived.add(first);
        fillSome(log, 1);
        assertThat(disk.list()).doesNotContain(first);
        assertThat(log.segmentsInUse()).hasSize(2);
    }

    private static int fill(WriteAheadLog log, LogUse use) {
        int count = 0;
        while (log.partition(1).hasRoom(use, 1000)) {
            fillSome(log, 1);
            count++;
        }
        return count;
    }

    private static int fillSome(WriteAheadLog log, int count) {
        PartitionLog partition = log.partition(1);
        for (int i = 0; i < count; i++) {
            byte[] payload = new byte[900];
            partition.append(List.of(new LogEntry(partition.lastIndex() + 1, 1, ByteString.copyFrom(payload))));
            log.sync();
        }
        return count;
    }

    private WriteAheadLog open() throws IOException {
        return WriteAheadLog.open(disk, SMALL, failures::add);
    }
}

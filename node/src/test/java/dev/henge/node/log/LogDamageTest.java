package dev.henge.node.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.ByteString;
import dev.henge.node.log.AppliedStates.Applied;
import dev.henge.node.replication.HardState;
import dev.henge.node.replication.LogEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whom a damaged place in the log harms, case by case; {@link LogDamagePropertyTest} does it at random. */
class LogDamageTest {

    private static final LogOptions SMALL = new LogOptions(16 << 10, 16 << 10, 8 << 10, 0);

    private final SimulatedDisk disk = new SimulatedDisk();
    private final List<RuntimeException> failures = new ArrayList<>();

    @AfterEach
    void nothingBroke() {
        assertThat(failures).isEmpty();
    }

    @Test
    void aPartitionThatALaterRecordProvesIsIntactAndTheOneThatWasHitIsDamaged() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 1, 1));
        log.partition(2).append(entries(1, 1, 1));
        log.partition(2).append(entries(2, 2, 1));
        long hit = log.partition(2).position() - 100;
        log.sync();
        log.partition(1).append(entries(2, 2, 1));
        log.sync();
        flipAndDie(log, hit);

        log = open();
        assertThat(log.damaged()).containsOnlyKeys(2);
        LogDamage damage = log.partition(2).damage().orElseThrow();
        assertThat(damage.segment()).isEqualTo(disk.list().getFirst());
        assertThat(damage.offset()).isBetween(hit - 400, hit);
        assertThat(damage)
                .hasToString("segment " + damage.segment() + ", offset " + damage.offset()
                        + ": no valid record, though it was synced");
        assertThat(log.partition(1).damage()).isEmpty();
        assertThat(log.partition(1).entries(1, 10_000)).isEqualTo(entries(1, 2, 1));
    }

    @Test
    void aPartitionOfWhichNothingFollowsIsNotProvenAndNeitherIsOneNeverHeardOf() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 1, 1));
        log.partition(2).append(entries(1, 1, 1));
        long hit = log.partition(2).position() - 100;
        log.partition(2).append(entries(2, 2, 1));
        log.sync();
        log.partition(2).append(entries(3, 3, 1));
        log.sync();
        flipAndDie(log, hit);

        log = open();
        assertThat(log.damaged()).containsOnlyKeys(1, 2);
        assertThat(log.damageOfUnknown()).isPresent();
        assertThat(log.partition(3).damage()).isPresent();
    }

    @Test
    void theStatementAtTheNextSegmentProvesWhoWasNotHit() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).saveHardState(new HardState(3, "a"));
        log.partition(2).append(entries(1, 1, 1));
        long hit = log.partition(2).position() - 100;
        log.sync();
        fillSegment(log, 3);
        flipAndDie(log, hit);

        log = open();
        assertThat(log.damaged()).containsOnlyKeys(2);
        assertThat(log.partition(1).hardState()).isEqualTo(new HardState(3, "a"));
        assertThat(log.damageOfUnknown()).isEmpty();
        assertThat(log.partition(4).damage()).isEmpty();
    }

    @Test
    void aLostVoteIsStatedAgainByTheNextSegmentSoThatNothingIsForgotten() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 1, 1));
        log.partition(1).compactTo(1);
        log.partition(1).saveHardState(new HardState(3, "a"));
        long hit = log.partition(1).position() - 10;
        log.sync();
        fillSegment(log, 2);
        flipAndDie(log, hit);

        log = open();
        assertThat(log.damaged()).isEmpty();
        assertThat(log.damagedPlaces()).hasSize(1);
        assertThat(log.partition(1).hardState()).isEqualTo(new HardState(3, "a"));
        assertThat(log.partition(1).baseIndex()).isEqualTo(1);
    }

    @Test
    void entriesThatTheStorageHasAppliedMayBeLostAndTheLogBeginsBehindThem() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 3, 1));
        long hit = log.partition(1).position() - 100;
        log.partition(1).append(entries(4, 6, 2));
        log.sync();
        fillSegment(log, 2);
        flipAndDie(log, hit);

        log = open(applied(1, 3, 1));
        assertThat(log.damaged()).isEmpty();
        PartitionLog partition = log.partition(1);
        assertThat(partition.baseIndex()).isEqualTo(3);
        assertThat(partition.baseTerm()).isEqualTo(1);
        assertThat(partition.entries(4, 10_000)).isEqualTo(entries(4, 6, 2));
        disk.kill();

        log = open();
        assertThat(log.damaged()).as("its base was moved for good").isEmpty();
        assertThat(log.partition(1).entries(4, 10_000)).isEqualTo(entries(4, 6, 2));
    }

    @Test
    void entriesThatTheStorageHasNotAppliedMayNotBeLost() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 3, 1));
        long hit = log.partition(1).position() - 100;
        log.partition(1).append(entries(4, 6, 2));
        log.sync();
        fillSegment(log, 2);
        flipAndDie(log, hit);

        log = open(applied(1, 2, 1));
        assertThat(log.damaged()).containsOnlyKeys(1);
        assertThat(log.partition(1).lastIndex()).isZero();
        assertThat(log.partition(1).hardState()).isEqualTo(HardState.INITIAL);
    }

    @Test
    void entriesThatWereReplacedInTheLostRecordsAreNotTaken() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).saveHardState(new HardState(2, null));
        log.partition(1).append(entries(1, 3, 1));
        log.partition(1).append(entries(3, 3, 2));
        long hit = log.partition(1).position() - 100;
        log.sync();
        fillSegment(log, 2);
        flipAndDie(log, hit);

        assertThat(open().damaged()).as("entry 3 of term 1 was replaced").containsOnlyKeys(1);
    }

    @Test
    void damageSurvivesCrashesUntilThePartitionBeginsAnew() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 3, 1));
        long hit = log.partition(1).position() - 100;
        log.sync();
        log.markSynced();
        flipAndDie(log, hit);

        log = open();
        LogDamage damage = log.partition(1).damage().orElseThrow();
        PartitionLog damaged = log.partition(1);
        assertThatThrownBy(() -> damaged.append(entries(1, 1, 1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> damaged.saveHardState(new HardState(1, "a")))
                .isInstanceOf(IllegalStateException.class);
        for (int life = 0; life < 3; life++) {
            fillSegment(log, 2 + life);
            disk.kill();
            log = open();
            assertThat(log.partition(1).damage()).contains(damage);
        }
        log.partition(1).beginAnew();
        log.partition(1).append(entries(1, 2, 5));
        log.sync();
        disk.kill();

        log = open();
        assertThat(log.damaged()).isEmpty();
        assertThat(log.partition(1).entries(1, 10_000)).isEqualTo(entries(1, 2, 5));
    }

    @Test
    void aDamagedSegmentGoesLikeAnyOtherAndIsNoNewsMeanwhile() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 3, 1));
        long hit = log.partition(1).position() - 100;
        log.partition(2).append(entries(1, 3, 1));
        log.sync();
        log.markSynced();
        String damagedSegment = disk.list().getFirst();
        flipAndDie(log, hit);

        log = open();
        assertThat(log.damaged()).containsOnlyKeys(1);
        log.partition(1).beginAnew();
        log.sync();
        disk.kill();
        log = open();
        assertThat(log.damaged()).as("decided, and ended").isEmpty();
        assertThat(log.partition(2).entries(1, 10_000)).isEqualTo(entries(1, 3, 1));
        log.partition(2).compactTo(3);
        log.sync();
        assertThat(disk.list()).doesNotContain(damagedSegment);
        disk.kill();
        assertThat(open().damagedPlaces()).isEmpty();
    }

    @Test
    void aDamagedFirstRecordOfASegmentHarmsOnlyWhomNothingProves() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 3, 1));
        log.sync();
        fillSegment(log, 2);
        log.partition(1).append(entries(4, 5, 1));
        log.sync();
        fillSegment(log, 3);
        Segment second = log.segmentsInUse().get(1);
        flipAndDie(log, second.startPosition + 30);

        log = open();
        assertThat(log.damagedPlaces()).isNotEmpty();
        assertThat(log.damaged()).isEmpty();
        assertThat(log.partition(1).entries(1, 10_000)).isEqualTo(entries(1, 5, 1));
    }

    @Test
    void aLostFileHarmsWhoHadRecordsInIt() throws IOException {
        WriteAheadLog log = open();
        log.partition(1).append(entries(1, 3, 1));
        log.sync();
        fillSegment(log, 2);
        log.partition(3).append(entries(1, 3, 1));
        log.sync();
        fillSegment(log, 2);
        log.partition(1).append(entries(4, 4, 1));
        log.sync();
        disk.kill();
        disk.loseFile(disk.list().get(1));

        log = open();
        assertThat(log.damaged()).containsOnlyKeys(2, 3);
        assertThat(log.partition(1).entries(1, 10_000)).isEqualTo(entries(1, 4, 1));
        disk.kill();
        disk.loseFile(disk.list().getFirst());
        log = open();
        assertThat(log.damaged()).as("the first segment held entries of 1").containsOnlyKeys(1, 2, 3);
    }

    @Test
    void entriesThatRottedAreNotHandedOutAndMendedByWhatIsAppliedOrDeclaredDamaged() throws IOException {
        for (boolean applied : new boolean[] {true, false}) {
            SimulatedDisk rotting = new SimulatedDisk();
            WriteAheadLog log = WriteAheadLog.open(rotting, SMALL, failures::add);
            log.partition(1).append(entries(1, 2, 1));
            long hit = log.partition(1).position() - 100;
            log.sync();
            log.partition(1).append(entries(3, 4, 1));
            log.sync();
            log.partition(1).append(entries(5, 5, 1));
            rotting.flipBit(rotting.list().getFirst(), hit, 3);

            CorruptLogException corrupt = catchThrowableOfType(
                    CorruptLogException.class, () -> log.partition(1).entries(1, 10_000));
            assertThat(corrupt.partition()).isEqualTo(1);
            assertThat(corrupt.lastIndex()).isEqualTo(2);
            log.partition(2).append(entries(1, 1, 1));

            log.mend(corrupt, applied ? Optional.of(new Applied(3, 1)) : Optional.empty());
            assertThat(log.partition(1).damage().isPresent()).isEqualTo(!applied);
            rotting.kill();
            WriteAheadLog reopened = WriteAheadLog.open(rotting, SMALL, failures::add);
            assertThat(reopened.damaged().keySet()).isEqualTo(applied ? Set.of() : Set.of(1));
            if (applied) {
                assertThat(reopened.partition(1).entries(3, 10_000)).isEqualTo(entries(3, 5, 1));
            }
            assertThat(reopened.partition(2).lastIndex()).isEqualTo(1);
        }
    }

    @Test
    void theStateIsSaidAgainNowAndThenSoThatOldDamageHarmsNobodyElse() throws IOException {
        LogOptions large = new LogOptions(8 << 20, 8 << 20, 64 << 10, 0);
        WriteAheadLog log = WriteAheadLog.open(disk, large, failures::add);
        log.partition(1).saveHardState(new HardState(7, "b"));
        log.partition(2).append(entries(1, 1, 1));
        long hit = log.partition(2).position() - 100;
        log.sync();
        for (int i = 1; i <= 6000; i++) {
            log.partition(3).append(entries(i, i, 1));
            if (i % 50 == 0) {
                log.sync();
            }
        }
        log.sync();
        assertThat(log.segmentsInUse()).hasSize(1);
        flipAndDie(log, hit);

        log = WriteAheadLog.open(disk, large, failures::add);
        assertThat(log.damaged()).containsOnlyKeys(2);
        assertThat(log.partition(1).hardState()).isEqualTo(new HardState(7, "b"));
    }

    private void flipAndDie(WriteAheadLog log, long position) {
        Segment hit = log.segmentsInUse().getFirst();
        for (Segment segment : log.segmentsInUse()) {
            if (segment.startPosition <= position) {
                hit = segment;
            }
        }
        disk.flipBit(hit.name(), position - hit.startPosition, 5);
        disk.kill();
    }

    /** Appends to a partition until a new segment has begun. */
    private static void fillSegment(WriteAheadLog log, int partition) {
        int segments = log.segmentsInUse().size();
        PartitionLog filled = log.partition(partition);
        while (log.segmentsInUse().size() == segments) {
            long index = filled.lastIndex() + 1;
            filled.append(entries(index, index, 1));
            log.sync();
        }
    }

    private static AppliedStates applied(int partition, long index, long term) {
        return asked -> asked == partition ? Optional.of(new Applied(index, term)) : Optional.empty();
    }

    private WriteAheadLog open() throws IOException {
        return open(AppliedStates.UNKNOWN);
    }

    private WriteAheadLog open(AppliedStates applied) throws IOException {
        return WriteAheadLog.open(disk, SMALL, SegmentArchive.NONE, applied, failures::add);
    }

    private static List<LogEntry> entries(long firstIndex, long lastIndex, long term) {
        List<LogEntry> entries = new ArrayList<>();
        for (long index = firstIndex; index <= lastIndex; index++) {
            byte[] payload = new byte[200];
            new Random(index * 31 + term).nextBytes(payload);
            entries.add(new LogEntry(index, term, ByteString.copyFrom(payload)));
        }
        return entries;
    }
}

package dev.henge.node.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.node.log.Disk;
import dev.henge.node.log.SimulatedDisk;
import dev.henge.proto.SnapshotFile;
import dev.henge.proto.SnapshotManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class StagedSnapshotTest {

    private static final int PARTITION = 5;

    private final SimulatedDisk disk = new SimulatedDisk();

    /** Files of random bytes, and the manifest that goes with them. */
    private static final class Source {
        final List<ByteString> files = new ArrayList<>();
        final SnapshotManifest manifest;
        final SnapshotPieces pieces;

        Source(Random random, int fileCount, int pieceBytes) {
            SnapshotManifest.Builder builder = SnapshotManifest.newBuilder()
                    .setTransfer(random.nextLong())
                    .setIndex(10)
                    .setTerm(2)
                    .setPieceBytes(pieceBytes);
            for (int file = 0; file < fileCount; file++) {
                byte[] bytes = new byte[1 + random.nextInt(500)];
                random.nextBytes(bytes);
                ByteString content = ByteString.copyFrom(bytes);
                files.add(content);
                builder.addFiles(SnapshotFile.newBuilder()
                        .setSizeBytes(bytes.length)
                        .setChecksum(StagedSnapshot.checksum(content)));
            }
            manifest = builder.build();
            pieces = new SnapshotPieces(manifest);
        }

        ByteString piece(int number) {
            SnapshotPieces.Place place = pieces.place(number);
            return files.get(place.file()).substring((int) place.offset(), (int) place.offset() + place.sizeBytes());
        }

        boolean give(StagedSnapshot staged, int number) throws IOException {
            ByteString piece = piece(number);
            return staged.write(number, piece, StagedSnapshot.checksum(piece));
        }
    }

    @Property(tries = 100)
    void piecesInAnyOrderWithCrashesBetweenThemMakeTheFiles(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int fileCount,
            @ForAll @IntRange(min = 10, max = 200) int pieceBytes)
            throws IOException {
        Random random = new Random(seed);
        SimulatedDisk ownDisk = new SimulatedDisk();
        Source source = new Source(random, fileCount, pieceBytes);
        int syncBytes = 1 + random.nextInt(300);
        StagedSnapshot staged = StagedSnapshot.open(ownDisk, PARTITION, source.manifest, syncBytes);
        while (!staged.complete()) {
            List<Integer> window = new ArrayList<>();
            for (int piece = staged.receivedCount();
                    piece < Math.min(staged.receivedCount() + 8, source.pieces.count());
                    piece++) {
                window.add(piece);
                if (random.nextInt(4) == 0) {
                    window.add(piece);
                }
            }
            Collections.shuffle(window, random);
            for (int piece : window) {
                if (random.nextInt(6) != 0) {
                    assertThat(source.give(staged, piece)).isTrue();
                }
            }
            if (random.nextInt(5) == 0) {
                int before = staged.receivedCount();
                boolean powerFails = random.nextBoolean();
                if (powerFails) {
                    ownDisk.crash(random);
                } else {
                    ownDisk.kill();
                }
                staged = StagedSnapshot.open(ownDisk, PARTITION, source.manifest, syncBytes);
                assertThat(staged.receivedCount()).isLessThanOrEqualTo(before);
            }
        }
        assertThat(verify(staged)).isEqualTo(StagedSnapshot.Verdict.SOUND);
        staged.close();
        for (int file = 0; file < fileCount; file++) {
            assertThat(read(ownDisk, staged.fileNames().get(file))).isEqualTo(source.files.get(file));
        }
    }

    @Test
    void afterARestartItGoesOnFromTheLastSync() throws IOException {
        Source source = new Source(new Random(1), 1, 10);
        StagedSnapshot staged = StagedSnapshot.open(disk, PARTITION, source.manifest, 50);
        for (int piece = 0; piece < 12; piece++) {
            source.give(staged, piece);
        }
        disk.kill();
        assertThat(StagedSnapshot.open(disk, PARTITION, source.manifest, 50).receivedCount())
                .isEqualTo(10);
    }

    @Test
    void whatIsStagedOfAnotherManifestIsDeleted() throws IOException {
        Source old = new Source(new Random(1), 3, 10);
        StagedSnapshot first = StagedSnapshot.open(disk, PARTITION, old.manifest, 1);
        for (int piece = 0; piece < old.pieces.count(); piece++) {
            old.give(first, piece);
        }
        first.close();
        Source other = new Source(new Random(2), 1, 10);
        assertThat(StagedSnapshot.open(disk, PARTITION, other.manifest, 1).receivedCount())
                .isZero();
        assertThat(disk.list()).noneMatch(name -> name.endsWith(".sst"));
    }

    @Test
    void anotherPartitionsFilesAreLeftAlone() throws IOException {
        Source source = new Source(new Random(1), 2, 10);
        StagedSnapshot other = StagedSnapshot.open(disk, PARTITION * 10 + 1, source.manifest, 1);
        source.give(other, 0);
        StagedSnapshot.open(disk, PARTITION, source.manifest, 1).close();
        StagedSnapshot.delete(disk, PARTITION);
        assertThat(disk.list()).hasSize(3).allMatch(name -> name.startsWith("staged-51-"));
    }

    @Test
    void aPieceThatWasDamagedOnItsWayIsRefused() throws IOException {
        Source source = new Source(new Random(1), 1, 10);
        StagedSnapshot staged = StagedSnapshot.open(disk, PARTITION, source.manifest, 1);
        ByteString right = source.piece(0);
        byte[] wrong = right.toByteArray();
        wrong[3] ^= 4;
        assertThat(staged.write(0, ByteString.copyFrom(wrong), StagedSnapshot.checksum(right)))
                .isFalse();
        assertThat(staged.write(0, right.substring(1), StagedSnapshot.checksum(right.substring(1))))
                .isFalse();
        assertThat(staged.receivedCount()).isZero();
    }

    @Test
    void aBitThatFlipsInAStagedFileIsFoundBeforeItIsTakenIn() throws IOException {
        Source source = new Source(new Random(3), 4, 50);
        StagedSnapshot staged = StagedSnapshot.open(disk, PARTITION, source.manifest, 1_000);
        for (int piece = 0; piece < source.pieces.count(); piece++) {
            source.give(staged, piece);
        }
        disk.flipBit(staged.fileNames().get(2), source.files.get(2).size() / 2, 3);
        assertThat(verify(staged)).isEqualTo(StagedSnapshot.Verdict.DAMAGED);
    }

    @Test
    void aNoteOfProgressThatIsDamagedMeansToBeginAnew() throws IOException {
        Source source = new Source(new Random(3), 1, 10);
        StagedSnapshot staged = StagedSnapshot.open(disk, PARTITION, source.manifest, 1);
        source.give(staged, 0);
        staged.close();
        disk.flipBit("staged-5-progress", 3, 1);
        assertThat(StagedSnapshot.open(disk, PARTITION, source.manifest, 1).receivedCount())
                .isZero();
    }

    private static StagedSnapshot.Verdict verify(StagedSnapshot staged) throws IOException {
        StagedSnapshot.Verdict verdict = staged.verifySome(64);
        while (verdict == StagedSnapshot.Verdict.OPEN) {
            verdict = staged.verifySome(64);
        }
        return verdict;
    }

    private static ByteString read(Disk disk, String name) throws IOException {
        try (Disk.DiskFile file = disk.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) file.sizeBytes());
            file.read(bytes, 0);
            return ByteString.copyFrom(bytes.flip());
        }
    }
}

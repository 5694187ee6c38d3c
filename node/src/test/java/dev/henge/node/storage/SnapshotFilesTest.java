package dev.henge.node.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.node.log.Disk;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ranges of one engine, written into files and taken into another. */
class SnapshotFilesTest {

    private static final RocksDbOptions OPTIONS = RocksDbOptions.withCache(32 << 20);
    private static final long TABLE = 7;
    private static final int PARTITION = 3;
    private static final List<KeyRange> RANGES =
            List.of(StorageKeys.privateRange(PARTITION), StorageKeys.itemRange(TABLE, 100, 200));
    private static final byte[] MARK = StorageKeys.installingKey(PARTITION);

    private final Path directory;

    SnapshotFilesTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void whatIsTakenInStandsInThePlaceOfWhatWasThereInRocksDb() throws IOException {
        for (long fileBytesMax : List.of(1L << 30, 2_000L)) {
            Path place = directory.resolve("files-of-" + fileBytesMax);
            try (RocksDbEngine from = RocksDbEngine.open(place.resolve("from"), OPTIONS);
                    RocksDbEngine to = RocksDbEngine.open(place.resolve("to"), OPTIONS)) {
                replaceOneByTheOther(from, to, fileBytesMax);
            }
        }
    }

    @Test
    void whatIsTakenInStandsInThePlaceOfWhatWasThereInMemory() throws IOException {
        replaceOneByTheOther(new InMemoryEngine(), new InMemoryEngine(), 2_000);
    }

    private static void replaceOneByTheOther(StorageEngine from, StorageEngine to, long fileBytesMax)
            throws IOException {
        fill(from, 1, 200);
        fill(to, 2, 300);
        StorageEngine.View before = to.view();
        TreeMap<String, String> others = contents(to, List.of(StorageKeys.tableRange(TABLE + 1)));
        TreeMap<String, String> old = contents(to, RANGES);
        StorageEngine.View exported = from.view();
        TreeMap<String, String> expected = contents(from, RANGES);
        // What is written after the view was made is not in the files.
        from.write(new WriteBatch().put(item(150, 999), new byte[] {9}));

        List<ExportedFile> files = export(from, exported, fileBytesMax);
        if (fileBytesMax < 10_000) {
            assertThat(files).hasSizeGreaterThan(4);
        }
        List<String> names = copy(from, to, files);
        WriteBatch clearing = clearing();
        to.write(clearing);
        to.flush();
        to.ingest(clearing, RANGES, names);

        assertThat(to.get(MARK)).isNotNull();
        to.write(new WriteBatch().delete(MARK));
        assertThat(contents(to, RANGES)).isEqualTo(expected).isNotEqualTo(old);
        assertThat(contents(to, List.of(StorageKeys.tableRange(TABLE + 1)))).isEqualTo(others);
        assertThat(contents(before, List.of(StorageKeys.tableRange(TABLE + 1)))).isEqualTo(others);
        before.close();
        assertThat(to.snapshotFiles().list()).isEmpty();
    }

    @Test
    void whatIsTakenInIsThereAfterAnotherOpening() throws IOException {
        TreeMap<String, String> expected;
        try (RocksDbEngine from = RocksDbEngine.open(directory.resolve("from"), OPTIONS)) {
            fill(from, 1, 500);
            expected = contents(from, RANGES);
            try (RocksDbEngine to = RocksDbEngine.open(directory.resolve("to"), OPTIONS)) {
                List<String> names = copy(from, to, export(from, from.view(), 10_000));
                to.write(clearing());
                to.flush();
                to.ingest(clearing(), RANGES, names);
                to.write(new WriteBatch().delete(MARK));
            }
        }
        try (RocksDbEngine to = RocksDbEngine.open(directory.resolve("to"), OPTIONS)) {
            assertThat(contents(to, RANGES)).isEqualTo(expected);
        }
    }

    @Test
    void inMemoryWhatWasTakenInSurvivesACrashThatLosesOtherBatches() throws IOException {
        InMemoryEngine from = new InMemoryEngine();
        fill(from, 1, 50);
        InMemoryEngine to = new InMemoryEngine();
        fill(to, 2, 50);
        List<String> names = copy(from, to, export(from, from.view(), 1_000));
        to.write(clearing());
        to.flush();
        byte[] elsewhere = StorageKeys.appliedKey(PARTITION + 1);
        to.write(new WriteBatch().put(elsewhere, new byte[] {1}));
        to.ingest(clearing(), RANGES, names);

        to.crash();

        assertThat(to.get(elsewhere)).isNull();
        assertThat(to.get(MARK)).isNotNull();
        to.write(new WriteBatch().delete(MARK));
        assertThat(contents(to, RANGES)).isEqualTo(contents(from, RANGES));
    }

    @Test
    void anExportOpenWhileTheEngineClosesIsFreedAndFailsAfterwards() {
        RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS);
        fill(engine, 1, 1_000);
        StorageEngine.Export export = engine.export(engine.view(), RANGES, "export-", 1_000);
        assertThat(export.writeSome(2_000)).isPositive();
        engine.close();
        assertThatThrownBy(() -> export.writeSome(1)).isInstanceOf(IllegalStateException.class);
        export.close();
    }

    @Test
    void aDamagedBlockIsNotExported() throws IOException {
        try (RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS)) {
            // One file, so that no compaction comes upon the damage first.
            fillWithLargeItems(engine, 1_000, 1);
        }
        try (Stream<Path> files = Files.list(directory)) {
            Path data = files.filter(file -> file.toString().endsWith(".sst"))
                    .findFirst()
                    .orElseThrow();
            try (RandomAccessFile file = new RandomAccessFile(data.toFile(), "rw")) {
                long middle = file.length() / 3;
                file.seek(middle);
                int value = file.read();
                file.seek(middle);
                file.write(value ^ 0x10);
            }
        }
        try (RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS)) {
            assertThatThrownBy(() -> export(engine, engine.view(), 1 << 20))
                    .isInstanceOfSatisfying(StorageException.class, failure -> assertThat(failure.damage())
                            .isTrue());
        }
    }

    /** Also prints how fast it goes; the decision record has the figures. */
    @Test
    void hundredsOfMegabytesGoThroughInFilesOfBoundedSize() throws IOException {
        int items = 100_000;
        try (RocksDbEngine from = RocksDbEngine.open(directory.resolve("from"), OPTIONS);
                RocksDbEngine to = RocksDbEngine.open(directory.resolve("to"), OPTIONS)) {
            fillWithLargeItems(from, items, 1);
            fillWithLargeItems(to, items / 2, 2);
            long exporting = System.nanoTime();
            List<ExportedFile> files = export(from, from.view(), 16 << 20);
            long bytes = files.stream().mapToLong(ExportedFile::sizeBytes).sum();
            report("exported", bytes, exporting);
            assertThat(bytes).isGreaterThan(90L << 20);
            assertThat(files).allSatisfy(file -> assertThat(file.sizeBytes()).isLessThan(18 << 20));

            List<String> names = copy(from, to, files);
            to.write(clearing());
            to.flush();
            long ingesting = System.nanoTime();
            to.ingest(clearing(), RANGES, names);
            report("took in", bytes, ingesting);

            to.write(new WriteBatch().delete(MARK));
            long count = 0;
            try (StorageEngine.View expected = from.view();
                    StorageEngine.View actual = to.view();
                    StorageEngine.Cursor left =
                            expected.range(RANGES.get(1).start(), RANGES.get(1).end(), false);
                    StorageEngine.Cursor right =
                            actual.range(RANGES.get(1).start(), RANGES.get(1).end(), false)) {
                for (; left.valid(); left.next(), right.next()) {
                    assertThat(right.key()).isEqualTo(left.key());
                    assertThat(right.value()).isEqualTo(left.value());
                    count++;
                }
                assertThat(right.valid()).isFalse();
            }
            assertThat(count).isEqualTo(items);
        }
    }

    private static void report(String what, long bytes, long fromNanos) {
        double seconds = (System.nanoTime() - fromNanos) / 1e9;
        System.out.printf("%s %.0f MB in %.2f s: %.0f MB/s%n", what, bytes / 1e6, seconds, bytes / 1e6 / seconds);
    }

    private static void fillWithLargeItems(StorageEngine engine, int items, long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < items; i += 100) {
            WriteBatch batch = new WriteBatch();
            for (int j = i; j < i + 100; j++) {
                byte[] value = new byte[1_000];
                random.nextBytes(value);
                batch.put(item(100 + j % 100, j), value);
            }
            engine.write(batch);
        }
    }

    private static WriteBatch clearing() {
        WriteBatch clearing = new WriteBatch();
        RANGES.forEach(range -> clearing.deleteRange(range.start(), range.end()));
        return clearing.put(MARK, new byte[0]);
    }

    private static List<ExportedFile> export(StorageEngine engine, StorageEngine.View view, long fileBytesMax) {
        try (StorageEngine.Export export = engine.export(view, RANGES, "export-", fileBytesMax)) {
            while (export.writeSome(1 << 20) >= 0) {
                // Goes on until all is written.
            }
            return export.files();
        }
    }

    private static List<String> copy(StorageEngine from, StorageEngine to, List<ExportedFile> files)
            throws IOException {
        List<String> names = new ArrayList<>();
        for (ExportedFile exported : files) {
            ByteBuffer bytes = ByteBuffer.allocate((int) exported.sizeBytes());
            try (Disk.DiskFile file = from.snapshotFiles().open(exported.name())) {
                assertThat(file.sizeBytes()).isEqualTo(exported.sizeBytes());
                file.read(bytes, 0);
            }
            CRC32C checksum = new CRC32C();
            checksum.update(bytes.flip());
            assertThat((int) checksum.getValue()).isEqualTo(exported.checksum());
            String name = "staged-" + names.size() + ".sst";
            try (Disk.DiskFile file = to.snapshotFiles().create(name, 0)) {
                file.write(bytes.rewind(), 0);
                file.sync();
            }
            names.add(name);
        }
        return names;
    }

    /** Items within the ranges and around them, of two tables, some written twice, some deleted. */
    private static void fill(StorageEngine engine, long seed, int count) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < count; i++) {
            WriteBatch batch = new WriteBatch();
            batch.put(item(random.nextInt(50, 250), random.nextInt(50)), value(random));
            batch.put(
                    StorageKeys.itemKey(
                            TABLE + 1,
                            ByteBuffer.allocate(9)
                                    .putLong(random.nextInt(50, 250))
                                    .array()),
                    value(random));
            batch.put(StorageKeys.requestKey(PARTITION, i), value(random));
            batch.put(StorageKeys.requestKey(PARTITION + 1, i), value(random));
            batch.delete(item(random.nextInt(50, 250), random.nextInt(50)));
            engine.write(batch);
            if (random.nextInt(100) == 0) {
                engine.flush();
            }
        }
    }

    private static byte[] value(SplittableRandom random) {
        byte[] value = new byte[random.nextInt(60)];
        random.nextBytes(value);
        return value;
    }

    private static byte[] item(long token, int number) {
        return StorageKeys.itemKey(
                TABLE, ByteBuffer.allocate(12).putLong(token).putInt(number).array());
    }

    private static TreeMap<String, String> contents(StorageEngine engine, List<KeyRange> ranges) {
        try (StorageEngine.View view = engine.view()) {
            return contents(view, ranges);
        }
    }

    private static TreeMap<String, String> contents(StorageEngine.View view, List<KeyRange> ranges) {
        HexFormat hex = HexFormat.of();
        TreeMap<String, String> contents = new TreeMap<>();
        for (KeyRange range : ranges) {
            try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
                for (; cursor.valid(); cursor.next()) {
                    contents.put(hex.formatHex(cursor.key()), hex.formatHex(cursor.value()));
                }
            }
        }
        return contents;
    }
}

package dev.henge.node.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksDbEngineTest {

    private static final RocksDbOptions OPTIONS = RocksDbOptions.withCache(16 << 20);

    private final Path directory;

    RocksDbEngineTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void whatWasWrittenIsThereAfterClosing() {
        try (RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS)) {
            engine.write(new WriteBatch().put(key(1), new byte[] {1}));
        }
        try (RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS)) {
            assertThat(engine.get(key(1))).containsExactly(1);
            assertThat(engine.sizeBytes()).isPositive();
        }
    }

    @Test
    void closingWithViewsAndCursorsOpenFreesThemAndTheirNextCallFails() {
        RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS);
        engine.write(new WriteBatch().put(key(1), new byte[] {1}).put(key(2), new byte[] {2}));
        StorageEngine.View view = engine.view();
        StorageEngine.Cursor cursor = view.range(key(0), key(9), false);
        engine.close();
        assertThatThrownBy(() -> view.get(key(1))).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(cursor::next).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> engine.get(key(1))).isInstanceOf(IllegalStateException.class);
        cursor.close();
        view.close();
        engine.close();
    }

    @Test
    void openingTwiceIsRefused() {
        try (RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS)) {
            assertThat(engine.get(key(1))).isNull();
            assertThatThrownBy(() -> RocksDbEngine.open(directory, OPTIONS)).isInstanceOf(StorageException.class);
        }
    }

    @Test
    void valuesAreCompressed() {
        try (RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS)) {
            for (int i = 0; i < 1000; i++) {
                engine.write(new WriteBatch().put(key(i), new byte[1000]));
            }
            engine.flush();
            assertThat(engine.sizeBytes()).isLessThan(200_000);
        }
    }

    @Test
    void theSizeOfARangeIsAboutWhatWasWrittenToItFlushedOrNot() {
        Random random = new Random(1);
        try (RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS)) {
            for (int i = 0; i < 2000; i++) {
                byte[] value = new byte[1000];
                random.nextBytes(value);
                engine.write(new WriteBatch().put(key(i), value));
            }
            List<KeyRange> halfInTwo = List.of(new KeyRange(key(0), key(500)), new KeyRange(key(1500), key(2000)));
            assertThat(engine.approximateBytes(halfInTwo)).isBetween(500_000L, 2_000_000L);
            engine.flush();
            assertThat(engine.approximateBytes(halfInTwo)).isBetween(900_000L, 1_100_000L);
            assertThat(engine.approximateBytes(List.of(new KeyRange(key(5000), key(6000)))))
                    .isLessThan(20_000);
        }
    }

    @Test
    void aDamagedBlockIsNeverServed() throws IOException {
        Random random = new Random(1);
        try (RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS)) {
            for (int i = 0; i < 1000; i++) {
                byte[] value = new byte[500];
                random.nextBytes(value);
                engine.write(new WriteBatch().put(key(i), value));
            }
        }
        Path table;
        try (Stream<Path> files = Files.list(directory)) {
            table = files.filter(file -> file.toString().endsWith(".sst"))
                    .findFirst()
                    .orElseThrow();
        }
        try (RandomAccessFile file = new RandomAccessFile(table.toFile(), "rw")) {
            file.seek(100_000);
            int value = file.read();
            file.seek(100_000);
            file.write(value ^ 4);
        }
        try (RocksDbEngine engine = RocksDbEngine.open(directory, OPTIONS)) {
            assertThatThrownBy(() -> {
                        try (StorageEngine.View view = engine.view();
                                StorageEngine.Cursor cursor = view.range(key(0), key(1000), false)) {
                            while (cursor.valid()) {
                                cursor.next();
                            }
                        }
                    })
                    .isInstanceOf(StorageException.class);
        }
    }

    private static byte[] key(int number) {
        return ByteBuffer.allocate(4).putInt(number).array();
    }
}

package dev.henge.node.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.jspecify.annotations.Nullable;

/** One random list of operations, the same outcome on both engines and on a plain sorted map. */
class StorageEngineContractTest {

    sealed interface Operation {
        record Write(List<WriteBatch.Change> changes) implements Operation {}

        record Get(byte[] key) implements Operation {}

        record Range(byte[] start, byte[] end, boolean backwards) implements Operation {}

        record OpenView() implements Operation {}

        record Flush() implements Operation {}

        record Reopen() implements Operation {}
    }

    private static Path directory = Path.of("");
    private static int runs;

    @BeforeContainer
    static void makeDirectory() throws IOException {
        directory = Files.createTempDirectory("henge-storage");
    }

    @AfterContainer
    static void deleteDirectory() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    @Property(tries = 60)
    void bothEnginesDoWhatASortedMapDoes(@ForAll("operations") List<Operation> operations) {
        List<String> expected = onSortedMap(operations);
        assertThat(onEngine(new InMemory(), operations)).isEqualTo(expected);
        assertThat(onEngine(new Rocks(directory.resolve("run" + runs++)), operations))
                .isEqualTo(expected);
    }

    /** An engine that can be closed and opened again. */
    private interface Host {
        StorageEngine open();
    }

    private static final class InMemory implements Host {
        private final InMemoryEngine engine = new InMemoryEngine();

        @Override
        public StorageEngine open() {
            engine.reopen();
            return engine;
        }
    }

    private record Rocks(Path path) implements Host {
        @Override
        public StorageEngine open() {
            return RocksDbEngine.open(path, RocksDbOptions.withCache(8 << 20));
        }
    }

    private static List<String> onEngine(Host host, List<Operation> operations) {
        List<String> transcript = new ArrayList<>();
        StorageEngine engine = host.open();
        StorageEngine.View view = engine.view();
        for (Operation operation : operations) {
            switch (operation) {
                case Operation.Write write -> engine.write(batch(write));
                case Operation.Get get -> {
                    transcript.add(text(engine.get(get.key)));
                    transcript.add("view " + text(view.get(get.key)));
                }
                case Operation.Range range -> {
                    transcript.add("view " + read(view, range));
                    try (StorageEngine.View now = engine.view()) {
                        transcript.add(read(now, range));
                    }
                }
                case Operation.OpenView opened -> {
                    view.close();
                    view = engine.view();
                }
                case Operation.Flush flush -> engine.flush();
                case Operation.Reopen reopen -> {
                    view.close();
                    engine.close();
                    engine = host.open();
                    view = engine.view();
                }
            }
        }
        view.close();
        engine.close();
        return transcript;
    }

    private static String read(StorageEngine.View view, Operation.Range range) {
        StringBuilder text = new StringBuilder();
        try (StorageEngine.Cursor cursor = view.range(range.start, range.end, range.backwards)) {
            for (; cursor.valid(); cursor.next()) {
                text.append(text(cursor.key()))
                        .append('=')
                        .append(text(cursor.value()))
                        .append(' ');
            }
        }
        return text.toString();
    }

    private static List<String> onSortedMap(List<Operation> operations) {
        List<String> transcript = new ArrayList<>();
        NavigableMap<byte[], byte[]> now = new TreeMap<>(Arrays::compareUnsigned);
        NavigableMap<byte[], byte[]> view = new TreeMap<>(Arrays::compareUnsigned);
        for (Operation operation : operations) {
            switch (operation) {
                case Operation.Write write -> {
                    for (WriteBatch.Change change : write.changes) {
                        switch (change) {
                            case WriteBatch.Change.Put put -> now.put(put.key(), put.value());
                            case WriteBatch.Change.Delete delete -> now.remove(delete.key());
                            case WriteBatch.Change.DeleteRange range ->
                                now.keySet().removeIf(key -> new KeyRange(range.start(), range.end()).contains(key));
                        }
                    }
                }
                case Operation.Get get -> {
                    transcript.add(text(now.get(get.key)));
                    transcript.add("view " + text(view.get(get.key)));
                }
                case Operation.Range range -> {
                    transcript.add("view " + filter(view, range));
                    transcript.add(filter(now, range));
                }
                case Operation.OpenView opened -> view = copy(now);
                case Operation.Flush flush -> {}
                case Operation.Reopen reopen -> view = copy(now);
            }
        }
        return transcript;
    }

    private static NavigableMap<byte[], byte[]> copy(NavigableMap<byte[], byte[]> map) {
        NavigableMap<byte[], byte[]> copy = new TreeMap<>(Arrays::compareUnsigned);
        copy.putAll(map);
        return copy;
    }

    private static String filter(NavigableMap<byte[], byte[]> map, Operation.Range range) {
        StringBuilder text = new StringBuilder();
        (range.backwards ? map.descendingMap() : map).forEach((key, value) -> {
            if (new KeyRange(range.start, range.end).contains(key)) {
                text.append(text(key)).append('=').append(text(value)).append(' ');
            }
        });
        return text.toString();
    }

    private static WriteBatch batch(Operation.Write write) {
        WriteBatch batch = new WriteBatch();
        for (WriteBatch.Change change : write.changes) {
            switch (change) {
                case WriteBatch.Change.Put put -> batch.put(put.key(), put.value());
                case WriteBatch.Change.Delete delete -> batch.delete(delete.key());
                case WriteBatch.Change.DeleteRange range -> batch.deleteRange(range.start(), range.end());
            }
        }
        return batch;
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "none" : HexFormat.of().formatHex(bytes);
    }

    @Provide
    Arbitrary<List<Operation>> operations() {
        Arbitrary<byte[]> key = Arbitraries.of((byte) 0, (byte) 1, (byte) 127, (byte) 128, (byte) 255)
                .array(byte[].class)
                .ofMinSize(1)
                .ofMaxSize(3);
        Arbitrary<byte[]> value = Arbitraries.bytes().array(byte[].class).ofMaxSize(20);
        Arbitrary<WriteBatch.Change> put = Combinators.combine(key, value).as(WriteBatch.Change.Put::new);
        Arbitrary<WriteBatch.Change> delete = key.map(WriteBatch.Change.Delete::new);
        Arbitrary<WriteBatch.Change> deleteRange = Combinators.combine(key, key).as(WriteBatch.Change.DeleteRange::new);
        Arbitrary<WriteBatch.Change> change = Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(8, put),
                net.jqwik.api.Tuple.of(2, delete),
                net.jqwik.api.Tuple.of(1, deleteRange));
        Arbitrary<Operation> write = change.list().ofMaxSize(6).map(Operation.Write::new);
        Arbitrary<Operation> get = key.map(Operation.Get::new);
        Arbitrary<Operation> range =
                Combinators.combine(key, key, Arbitraries.of(true, false)).as(Operation.Range::new);
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(30, write),
                        net.jqwik.api.Tuple.of(10, get),
                        net.jqwik.api.Tuple.of(15, range),
                        net.jqwik.api.Tuple.of(4, Arbitraries.create(Operation.OpenView::new)),
                        net.jqwik.api.Tuple.of(2, Arbitraries.create(Operation.Flush::new)),
                        net.jqwik.api.Tuple.of(1, Arbitraries.create(Operation.Reopen::new)))
                .list()
                .ofMaxSize(60);
    }
}

package dev.henge.node.runtime;

import dev.henge.node.partition.DamageMarks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/** Damage marks as files, one for each damaged replica, with the reason in it for whoever looks. */
final class FileDamageMarks implements DamageMarks {

    private static final String PREFIX = "partition-";

    private final Path directory;
    private final Map<Integer, String> reasons = new ConcurrentSkipListMap<>();
    private final LongAdder marked = new LongAdder();
    private final LongAdder cleared = new LongAdder();

    private FileDamageMarks(Path directory) {
        this.directory = directory;
    }

    /**
     * Reads the marks in a directory, made when it is not there.
     *
     * @throws IOException when it can't be read
     */
    static FileDamageMarks open(Path directory) throws IOException {
        Files.createDirectories(directory);
        FileDamageMarks marks = new FileDamageMarks(directory);
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                String name = String.valueOf(file.getFileName());
                if (name.startsWith(PREFIX) && !name.endsWith(".tmp")) {
                    int partition = Integer.parseInt(name.substring(PREFIX.length()));
                    marks.reasons.put(partition, Files.readString(file).strip());
                }
            }
        }
        return marks;
    }

    @Override
    public Optional<String> reason(int partition) {
        return Optional.ofNullable(reasons.get(partition));
    }

    /** All marks: partition to reason. */
    Map<Integer, String> all() {
        return new TreeMap<>(reasons);
    }

    /** How many were set since the start. */
    long markedCount() {
        return marked.sum();
    }

    /** How many were cleared since the start: replicas rebuilt. */
    long clearedCount() {
        return cleared.sum();
    }

    @Override
    public synchronized void mark(int partition, String reason) {
        Path file = directory.resolve(PREFIX + partition);
        try {
            DurableFiles.write(file, reason + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("can't note in " + file + " that the replica is damaged", e);
        }
        reasons.put(partition, reason);
        marked.increment();
    }

    @Override
    public synchronized void clear(int partition) {
        if (reasons.remove(partition) == null) {
            return;
        }
        try {
            Files.deleteIfExists(directory.resolve(PREFIX + partition));
            DurableFiles.sync(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("can't remove a mark in " + directory, e);
        }
        cleared.increment();
    }

    /** Small files that are there whole or not at all. */
    static final class DurableFiles {

        private DurableFiles() {}

        static void write(Path file, String text) throws IOException {
            Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
            try (FileChannel channel = FileChannel.open(
                    unfinished,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            Path parent = file.getParent();
            if (parent != null) {
                sync(parent);
            }
        }

        static void sync(Path directory) throws IOException {
            try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}

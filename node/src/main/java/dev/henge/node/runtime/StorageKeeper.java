package dev.henge.node.runtime;

import dev.henge.membership.TokenRange;
import dev.henge.node.DataDirectory;
import dev.henge.node.StartupException;
import dev.henge.node.partition.StateMachine;
import dev.henge.node.runtime.FileDamageMarks.DurableFiles;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.RocksDbEngine;
import dev.henge.node.storage.RocksDbOptions;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.WriteBatch;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a node's storage, and replaces one that is damaged. RocksDB has no way to cut out a file that fails its checksum: a
 * compaction that meets it ends all writing. So the storage is replaced as a whole: it is condemned, durably, with what is
 * to be saved of it; at the next start every partition that can be read completely is copied into a new one, the old one is
 * set aside under another name, never deleted, and the replicas that could not be copied are marked damaged, so that the
 * others' snapshots rebuild them. Their logs are sound, so their votes and acknowledgements stand.
 *
 * <p>Each step can be cut short by a crash: the note that condemns the storage goes last.
 */
final class StorageKeeper {

    private static final Logger log = LoggerFactory.getLogger(StorageKeeper.class);

    private static final String CONDEMNED_FILE = "storage.condemned";
    private static final String COPYING = "storage.copying";
    private static final String COPIED = "storage.copied";
    private static final String SET_ASIDE = "storage.damaged-";

    /** A disk that damages the storage again and again is to be replaced by a person. */
    static final int SET_ASIDE_MAX = 5;

    private static final long BATCH_BYTES = 1 << 20;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss.SSS'Z'").withZone(ZoneOffset.UTC);

    private final DataDirectory directory;
    private final RocksDbOptions options;
    private final FileDamageMarks marks;
    private final Clock clock;
    private boolean replaced;

    StorageKeeper(DataDirectory directory, RocksDbOptions options, FileDamageMarks marks, Clock clock) {
        this.directory = directory;
        this.options = options;
        this.marks = marks;
        this.clock = clock;
    }

    /**
     * Opens the storage; replaces it before, when it is condemned or can't be opened for damage.
     *
     * @throws StartupException when it can't be opened for another reason, or was damaged too often
     */
    RocksDbEngine open() throws StartupException {
        try {
            if (Files.exists(condemnedFile())) {
                replace();
                replaced = true;
            }
            try {
                return RocksDbEngine.open(directory.storage(), options);
            } catch (StorageException e) {
                if (!looksDamaged(e)) {
                    throw e;
                }
                log.error(
                        "the storage can't be opened and is replaced by an empty one; its replicas will be rebuilt: {}",
                        e.getMessage());
                refuseWhenTooOften();
                setAside();
                DurableFiles.sync(directory.path());
                replaced = true;
                return RocksDbEngine.open(directory.storage(), options);
            }
        } catch (IOException | UncheckedIOException | StorageException e) {
            throw new StartupException(
                    "The storage in " + directory.storage() + " can't be opened: " + e.getMessage(), e);
        }
    }

    /** Opening reads little, so what fails then but for a full disk or missing rights is damage. */
    private static boolean looksDamaged(StorageException failure) {
        String message = String.valueOf(failure.getMessage());
        return failure.damage()
                || message.contains("Corruption")
                || (message.contains("No such file") && !message.contains("LOCK"));
    }

    /**
     * Notes, durably, that the storage must be replaced at the next start.
     *
     * @param partitions what is to be saved of it, where it can be read
     */
    void condemn(String reason, Map<Integer, TokenRange> partitions) throws IOException {
        StringBuilder text = new StringBuilder(256);
        text.append("# This storage is damaged and will be replaced. Written by Henge; do not edit.\n");
        text.append("# ").append(reason.replaceAll("\\s+", " ")).append('\n');
        partitions.forEach((partition, tokens) -> text.append("partition.")
                .append(partition)
                .append('=')
                .append(Long.toHexString(tokens.start()))
                .append(' ')
                .append(Long.toHexString(tokens.end()))
                .append('\n'));
        DurableFiles.write(condemnedFile(), text.toString());
    }

    /** Whether {@link #open} replaced the storage: what is not in it was lost with the old one. */
    boolean replaced() {
        return replaced;
    }

    /** How many damaged storages stand beside the present one. */
    int setAsideCount() throws StartupException {
        try (Stream<Path> files = Files.list(directory.path())) {
            return (int) files.filter(file -> String.valueOf(file.getFileName()).startsWith(SET_ASIDE))
                    .count();
        } catch (IOException e) {
            throw new StartupException(
                    "The data directory " + directory.path() + " can't be read: " + e.getMessage(), e);
        }
    }

    private Path condemnedFile() {
        return directory.path().resolve(CONDEMNED_FILE);
    }

    private void replace() throws IOException, StartupException {
        Path copied = directory.path().resolve(COPIED);
        if (!Files.exists(copied)) {
            refuseWhenTooOften();
            Path copying = directory.path().resolve(COPYING);
            deleteAll(copying);
            copyReadable(copying);
            Files.move(copying, copied, StandardCopyOption.ATOMIC_MOVE);
            DurableFiles.sync(directory.path());
        }
        if (Files.exists(directory.storage())) {
            setAside();
            DurableFiles.sync(directory.path());
        }
        Files.move(copied, directory.storage(), StandardCopyOption.ATOMIC_MOVE);
        DurableFiles.sync(directory.path());
        Files.delete(condemnedFile());
        DurableFiles.sync(directory.path());
    }

    private void refuseWhenTooOften() throws StartupException {
        int count = setAsideCount();
        if (count >= SET_ASIDE_MAX) {
            throw new StartupException("The storage in " + directory.storage() + " is damaged, for the " + (count + 1)
                    + "th time: this disk can't be trusted. Replace it; or, if you know better, remove the directories "
                    + directory.path().resolve(SET_ASIDE + "*") + " and start this node again.");
        }
    }

    private void setAside() throws IOException {
        Path aside = directory.path().resolve(SET_ASIDE + TIME.format(clock.instant()));
        Files.move(directory.storage(), aside, StandardCopyOption.ATOMIC_MOVE);
        log.warn("the damaged storage is now {}; it is not used any more and may be removed", aside);
    }

    private void copyReadable(Path target) throws IOException {
        Map<Integer, TokenRange> partitions = condemnedPartitions();
        try (StorageEngine fresh = RocksDbEngine.open(target, options)) {
            try (StorageEngine old = RocksDbEngine.open(directory.storage(), options)) {
                partitions.forEach((partition, tokens) -> {
                    if (marks.reason(partition).isEmpty() && !copy(partition, tokens, old, fresh)) {
                        marks.mark(partition, "what the storage held of it could not be read");
                    }
                });
            } catch (StorageException e) {
                // Not every partition was seen, or the old one did not close; what is not there counts as damaged.
                log.warn("the damaged storage could not be read to its end: {}", e.getMessage());
            }
            fresh.flush();
        }
    }

    private Map<Integer, TokenRange> condemnedPartitions() throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(Files.readString(condemnedFile())));
        Map<Integer, TokenRange> partitions = new TreeMap<>();
        for (String name : properties.stringPropertyNames()) {
            String[] tokens = properties.getProperty(name).split(" ", 2);
            partitions.put(
                    Integer.parseInt(name.substring("partition.".length())),
                    new TokenRange(Long.parseUnsignedLong(tokens[0], 16), Long.parseUnsignedLong(tokens[1], 16)));
        }
        return partitions;
    }

    /** Copies all of a partition or, when some of it can't be read, nothing. */
    private static boolean copy(int partition, TokenRange tokens, StorageEngine old, StorageEngine fresh) {
        List<KeyRange> ranges = List.of();
        try (StorageEngine.View view = old.view()) {
            // Private keys last: the applied index must not be there without the items.
            ranges = StateMachine.ranges(partition, tokens, view).reversed();
            long keys = 0;
            for (KeyRange range : ranges) {
                keys += copy(view, range, fresh);
            }
            log.info("partition {}: saved {} keys from the damaged storage", partition, keys);
            return true;
        } catch (StorageException e) {
            log.warn("partition {}: can't be saved from the damaged storage: {}", partition, e.getMessage());
            WriteBatch nothing = new WriteBatch();
            ranges.forEach(range -> nothing.deleteRange(range.start(), range.end()));
            write(fresh, nothing);
            return false;
        }
    }

    private static long copy(StorageEngine.View view, KeyRange range, StorageEngine fresh) {
        long keys = 0;
        long bytes = 0;
        WriteBatch batch = new WriteBatch();
        try (StorageEngine.Cursor cursor = view.scan(range.start(), range.end())) {
            for (; cursor.valid(); cursor.next()) {
                batch.put(cursor.key(), cursor.value());
                keys++;
                bytes += cursor.key().length + cursor.value().length;
                if (bytes >= BATCH_BYTES) {
                    write(fresh, batch);
                    batch = new WriteBatch();
                    bytes = 0;
                }
            }
        }
        write(fresh, batch);
        return keys;
    }

    /** A new storage that can't be written ends the attempt; it says nothing about the old one. */
    private static void write(StorageEngine fresh, WriteBatch batch) {
        try {
            fresh.write(batch);
        } catch (StorageException e) {
            throw new UncheckedIOException(new IOException("the new storage can't be written: " + e.getMessage(), e));
        }
    }

    private static void deleteAll(Path unfinished) throws IOException {
        if (!Files.exists(unfinished)) {
            return;
        }
        try (Stream<Path> files = Files.walk(unfinished)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}

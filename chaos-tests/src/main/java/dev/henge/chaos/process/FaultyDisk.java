package dev.henge.chaos.process;

import static java.util.Objects.requireNonNull;

import dev.henge.chaos.support.Commands;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node's data directory whose disk can be slow, stall, fail to sync (EIO) or be full.
 *
 * <p>Slowness and failures come from a small library that is preloaded into the node ({@code henge_faulty_disk.c}) and
 * reads a control file. A full disk is a real one: the directory is a tmpfs whose size is set to what it holds.
 */
final class FaultyDisk {

    /** Why no library could be made, or where it is. */
    sealed interface Library {
        record Built(Path file) implements Library {}

        record Missing(String why) implements Library {}
    }

    private static final String SOURCE = "henge_faulty_disk.c";
    private static final String EIO = "5";
    private static final Duration COMPILE_MAX = Duration.ofSeconds(60);

    /** Only a bound: a tmpfs takes memory for what it holds. */
    private static final String SIZE = "4g";

    private static final int FIELDS = 5;
    private static final int SYNC_DELAY_MICROS = 0;
    private static final int SYNC_ERRNO = 1;
    private static final int STALLED = 4;

    private final Path data;
    private final Path controlFile;
    private final MemorySegment control;
    private final @Nullable Path library;

    /** Mounts a tmpfs at {@code data}. Only in a sandbox, with which the mount ends. */
    FaultyDisk(Path data, Path controlFile, Library library) throws IOException {
        this.data = data;
        this.controlFile = controlFile;
        this.library = library instanceof Library.Built(Path file) ? file : null;
        Files.createDirectories(data);
        Sandbox.command("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "none", data.toString());
        Files.write(controlFile, new byte[FIELDS * Long.BYTES]);
        try (FileChannel channel = FileChannel.open(controlFile, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            control = channel.map(FileChannel.MapMode.READ_WRITE, 0, FIELDS * (long) Long.BYTES, Arena.ofAuto());
        }
    }

    /** Compiles the library into a directory; needs gcc. */
    static Library build(Path directory) throws IOException {
        Path source = directory.resolve(SOURCE);
        try (InputStream resource =
                requireNonNull(FaultyDisk.class.getResourceAsStream("/" + SOURCE), "resource " + SOURCE)) {
            Files.copy(resource, source);
        }
        Path file = directory.resolve("henge_faulty_disk.so");
        try {
            Commands.Ran ran = Commands.run(
                    Map.of(),
                    COMPILE_MAX,
                    List.of("gcc", "-O2", "-shared", "-fPIC", "-o", file.toString(), source.toString(), "-ldl"));
            return ran.code() == 0
                    ? new Library.Built(file)
                    : new Library.Missing("gcc: " + ran.err().strip());
        } catch (UncheckedIOException e) {
            return new Library.Missing("there is no gcc: " + e.getMessage());
        }
    }

    /** The directory to give the node. */
    Path data() {
        return data;
    }

    /** What must stand in the node's environment. */
    Map<String, String> environment() {
        return library == null
                ? Map.of()
                : Map.of(
                        "LD_PRELOAD", library.toString(),
                        "HENGE_DISK_PATH", data.toString(),
                        "HENGE_DISK_CONTROL", controlFile.toString());
    }

    /** Each fsync takes this much longer. */
    void slowSyncs(Duration delay) {
        set(SYNC_DELAY_MICROS, delay.toNanos() / 1000);
    }

    /** Writes and syncs wait until the disk is healed. */
    void stall() {
        set(STALLED, 1);
    }

    /** Each fsync fails with EIO. */
    void failSyncs() {
        set(SYNC_ERRNO, Long.parseLong(EIO));
    }

    /** No byte more can be written than there are. */
    void fill() {
        // Sized to what it holds; the kernel refuses a size below that, so what is written meanwhile asks for more
        // tries.
        for (int attempt = 0; attempt < 20; attempt++) {
            try {
                long usedKilobytes = usedKilobytes();
                Sandbox.command("mount", "-o", "remount,size=" + usedKilobytes + "k", data.toString());
                return;
            } catch (IllegalStateException | IOException e) {
                if (attempt == 19) {
                    throw new IllegalStateException("can't fill " + data, e);
                }
            }
        }
    }

    /** All that was on it is gone; nobody must use it. */
    void wipe() {
        Sandbox.command("umount", data.toString());
        Sandbox.command("mount", "-t", "tmpfs", "-o", "size=" + SIZE, "none", data.toString());
    }

    /** Ends all faults of this disk. */
    void heal() {
        for (int field = 0; field < FIELDS; field++) {
            set(field, 0);
        }
        Sandbox.command("mount", "-o", "remount,size=" + SIZE, data.toString());
    }

    private long usedKilobytes() throws IOException {
        var store = Files.getFileStore(data);
        return (store.getTotalSpace() - store.getUnallocatedSpace()) / 1024;
    }

    private void set(int field, long value) {
        control.setAtIndex(ValueLayout.JAVA_LONG, field, value);
    }
}

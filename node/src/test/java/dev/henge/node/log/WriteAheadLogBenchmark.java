package dev.henge.node.log;

import com.google.protobuf.ByteString;
import dev.henge.node.replication.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/**
 * Measures what the log's design rests on: what one durable write costs with files grown, preallocated and recycled, by
 * fdatasync and O_DSYNC; and what group commit makes of it. Figures and command: docs/decisions/0003-write-ahead-log.md.
 */
public final class WriteAheadLogBenchmark {

    private static final int FILE_BYTES = 16 << 20;
    private static final int WRITES = 1500;

    private WriteAheadLogBenchmark() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments.length > 0 ? arguments[0] : "."), "wal-benchmark");
        try {
            System.out.println("one durable write at a time, microseconds: p50 / p99 / mean");
            for (int bytes : new int[] {1 << 10, 4 << 10, 64 << 10}) {
                singleWrites(directory, bytes, "grown, fdatasync", false, false, false);
                singleWrites(directory, bytes, "sized only (sparse), fdatasync", false, true, false);
                singleWrites(directory, bytes, "filled with zeros, fdatasync", true, false, false);
                singleWrites(directory, bytes, "filled with zeros, O_DSYNC", true, false, true);
            }
            System.out.println(
                    "group commit, 1 KB entries, 16 partitions: writers -> appends/s, entries per sync, mean wait");
            for (int writers : new int[] {1, 4, 16, 64, 256}) {
                groupCommit(directory.resolve("log" + writers), writers);
            }
            recovery(directory.resolve("recovery"));
        } finally {
            delete(directory);
        }
    }

    private static void singleWrites(
            Path directory, int bytes, String name, boolean filled, boolean sparse, boolean writeThrough)
            throws IOException {
        Path path = directory.resolve("file");
        int writes = Math.min(WRITES, FILE_BYTES / bytes);
        if (filled || sparse) {
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                if (filled) {
                    file.write(ByteBuffer.allocateDirect(FILE_BYTES));
                } else {
                    file.write(ByteBuffer.allocate(1), FILE_BYTES - 1);
                }
                file.force(true);
            }
        }
        long[] nanos = new long[writes];
        StandardOpenOption[] options = writeThrough
                ? new StandardOpenOption[] {
                    StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.DSYNC
                }
                : new StandardOpenOption[] {StandardOpenOption.CREATE, StandardOpenOption.WRITE};
        try (FileChannel file = FileChannel.open(path, options)) {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
            for (int i = 0; i < writes; i++) {
                buffer.clear();
                long start = System.nanoTime();
                file.write(buffer, (long) i * bytes);
                if (!writeThrough) {
                    file.force(false);
                }
                nanos[i] = System.nanoTime() - start;
            }
        }
        Files.delete(path);
        Arrays.sort(nanos);
        System.out.printf(
                "%6d bytes  %-32s %6d / %6d / %6d%n",
                bytes,
                name,
                nanos[writes / 2] / 1000,
                nanos[writes * 99 / 100] / 1000,
                Arrays.stream(nanos).sum() / writes / 1000);
    }

    private static void groupCommit(Path directory, int writers) throws Exception {
        byte[] payload = new byte[1024];
        new Random(1).nextBytes(payload);
        ByteString shared = ByteString.copyFrom(payload);
        int appendsEach = Math.max(100, 40_000 / Math.max(writers, 16));
        int partitions = Math.min(writers, 16);
        long[] syncs = new long[1];
        try (WriteAheadLog log = WriteAheadLog.open(FileSystemDisk.open(directory), LogOptions.DEFAULTS, failure -> {
            throw failure;
        })) {
            log.prepareSpare();
            // A loop per partition, as in the node; each keeps its share of the writers outstanding.
            Semaphore[] wakeUps = new Semaphore[partitions];
            Arrays.setAll(wakeUps, i -> new Semaphore(0));
            try (LogSyncer syncer = LogSyncer.start(log, durable -> {
                syncs[0]++;
                for (Semaphore wakeUp : wakeUps) {
                    wakeUp.release();
                }
            })) {
                CountDownLatch done = new CountDownLatch(partitions);
                int outstanding = writers / partitions;
                long start = System.nanoTime();
                for (int p = 0; p < partitions; p++) {
                    PartitionLog partition = log.partition(p);
                    Semaphore wakeUp = wakeUps[p];
                    Thread.ofPlatform().start(() -> {
                        for (int round = 0; round < appendsEach; round++) {
                            for (int i = 0; i < outstanding; i++) {
                                partition.append(List.of(new LogEntry(partition.lastIndex() + 1, 1, shared)));
                            }
                            while (log.durablePosition() < partition.position()) {
                                wakeUp.acquireUninterruptibly();
                            }
                        }
                        done.countDown();
                    });
                }
                done.await();
                double seconds = (System.nanoTime() - start) / 1e9;
                long appends = (long) appendsEach * outstanding * partitions;
                syncer.close();
                System.out.printf(
                        "%4d -> %8.0f/s  %6.1f per sync  %6.0f microseconds%n",
                        writers, appends / seconds, (double) appends / syncs[0], seconds * 1e6 / appendsEach);
            }
        }
        delete(directory);
    }

    /** What a start has to read after a crash when the log is as long as it gets between two checkpoints. */
    private static void recovery(Path directory) throws IOException {
        int partitions = 16;
        long bytes = 512L << 20;
        WriteAheadLog written = WriteAheadLog.open(FileSystemDisk.open(directory), LogOptions.DEFAULTS, failure -> {
            throw failure;
        });
        byte[] payload = new byte[1024];
        new Random(1).nextBytes(payload);
        ByteString shared = ByteString.copyFrom(payload);
        while (written.appendedPosition() < bytes) {
            for (int p = 0; p < partitions; p++) {
                PartitionLog partition = written.partition(p);
                partition.append(List.of(new LogEntry(partition.lastIndex() + 1, 1, shared)));
            }
        }
        written.close();
        long start = System.nanoTime();
        try (WriteAheadLog log = WriteAheadLog.open(FileSystemDisk.open(directory), LogOptions.DEFAULTS, failure -> {
            throw failure;
        })) {
            System.out.printf(
                    "recovery of %d MB, %d entries: %.1f s%n",
                    bytes >> 20, log.partition(0).lastIndex() * partitions, (System.nanoTime() - start) / 1e9);
        }
        delete(directory);
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }
}

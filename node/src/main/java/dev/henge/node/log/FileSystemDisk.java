package dev.henge.node.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** A directory of the operating system's file system. */
public final class FileSystemDisk implements Disk {

    private static final int ZEROS_BYTES = 1 << 20;

    private final Path directory;
    private final boolean synced;

    private FileSystemDisk(Path directory, boolean synced) {
        this.directory = directory;
        this.synced = synced;
    }

    /** Opens the directory, made if it is not there. */
    public static FileSystemDisk open(Path directory) throws IOException {
        return open(directory, true);
    }

    /** The same, but every sync does nothing: for ephemeral clusters and tests alone. */
    public static FileSystemDisk openUnsynced(Path directory) throws IOException {
        return open(directory, false);
    }

    private static FileSystemDisk open(Path directory, boolean synced) throws IOException {
        boolean made = !Files.exists(directory);
        Files.createDirectories(directory);
        Path parent = directory.toAbsolutePath().getParent();
        if (made && synced && parent != null) {
            syncDirectory(parent);
        }
        return new FileSystemDisk(directory, synced);
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public DiskFile create(String name, long sizeBytes) throws IOException {
        FileChannel channel = FileChannel.open(
                directory.resolve(name),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        OpenFile file = new OpenFile(channel, synced);
        try {
            if (synced) {
                // Written, not merely sized: so fdatasync finds the blocks allocated and has no metadata to journal.
                ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZEROS_BYTES, sizeBytes));
                for (long position = 0; position < sizeBytes; position += zeros.capacity()) {
                    zeros.clear().limit((int) Math.min(zeros.capacity(), sizeBytes - position));
                    file.write(zeros, position);
                }
            } else if (sizeBytes > 0) {
                file.write(ByteBuffer.allocate(1), sizeBytes - 1);
            }
            return file;
        } catch (IOException | RuntimeException e) {
            channel.close();
            // It would keep the room that others still find.
            Files.deleteIfExists(directory.resolve(name));
            throw e;
        }
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return new OpenFile(
                FileChannel.open(directory.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE), synced);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(directory.resolve(from), directory.resolve(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.delete(directory.resolve(name));
    }

    @Override
    public void syncDirectory() throws IOException {
        if (synced) {
            syncDirectory(directory);
        }
    }

    @Override
    public long freeBytes() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private record OpenFile(FileChannel channel, boolean synced) implements DiskFile {

        @Override
        public long sizeBytes() throws IOException {
            return channel.size();
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            long at = position;
            while (source.hasRemaining()) {
                at += channel.write(source, at);
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            int total = 0;
            while (target.hasRemaining()) {
                int read = channel.read(target, position + total);
                if (read < 0) {
                    return total;
                }
                total += read;
            }
            return total;
        }

        @Override
        public void sync() throws IOException {
            if (synced) {
                channel.force(false);
            }
        }

        @Override
        public void truncate(long sizeBytes) throws IOException {
            channel.truncate(sizeBytes);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}

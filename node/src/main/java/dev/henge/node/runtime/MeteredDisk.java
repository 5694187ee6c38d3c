package dev.henge.node.runtime;

import dev.henge.node.log.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongConsumer;

/** A disk that tells how long each sync of a file took, in nanoseconds. */
final class MeteredDisk implements Disk {

    private final Disk disk;
    private final LongConsumer synced;

    MeteredDisk(Disk disk, LongConsumer synced) {
        this.disk = disk;
        this.synced = synced;
    }

    @Override
    public List<String> list() throws IOException {
        return disk.list();
    }

    @Override
    public DiskFile create(String name, long sizeBytes) throws IOException {
        return new MeteredFile(disk.create(name, sizeBytes));
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return new MeteredFile(disk.open(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        disk.delete(name);
    }

    @Override
    public void syncDirectory() throws IOException {
        disk.syncDirectory();
    }

    @Override
    public long freeBytes() throws IOException {
        return disk.freeBytes();
    }

    private final class MeteredFile implements DiskFile {
        private final DiskFile file;

        MeteredFile(DiskFile file) {
            this.file = file;
        }

        @Override
        public long sizeBytes() throws IOException {
            return file.sizeBytes();
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            file.write(source, position);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public void sync() throws IOException {
            long startedNanos = System.nanoTime();
            file.sync();
            synced.accept(System.nanoTime() - startedNanos);
        }

        @Override
        public void truncate(long sizeBytes) throws IOException {
            file.truncate(sizeBytes);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}

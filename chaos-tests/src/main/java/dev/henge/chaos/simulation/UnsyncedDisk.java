package dev.henge.chaos.simulation;

import dev.henge.node.log.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Sabotage: a disk whose syncs of files do nothing. */
final class UnsyncedDisk implements Disk {

    private final Disk disk;

    UnsyncedDisk(Disk disk) {
        this.disk = disk;
    }

    @Override
    public List<String> list() throws IOException {
        return disk.list();
    }

    @Override
    public DiskFile create(String name, long sizeBytes) throws IOException {
        return new UnsyncedFile(disk.create(name, sizeBytes));
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return new UnsyncedFile(disk.open(name));
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

    private record UnsyncedFile(DiskFile file) implements DiskFile {
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
        public void sync() {}

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

package dev.henge.node.storage;

import dev.henge.node.log.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Snapshot files of the engine in memory: length of key, key, length of value, value, and so on. */
final class InMemoryExport implements StorageEngine.Export {

    private final Disk disk;
    private final StorageEngine.View view;
    private final Deque<KeyRange> rangesLeft;
    private final String namePrefix;
    private final long fileBytesMax;
    private final List<ExportedFile> files = new ArrayList<>();
    private StorageEngine.@Nullable Cursor cursor;
    private Disk.@Nullable DiskFile file;
    private CRC32C fileChecksum = new CRC32C();
    private long fileBytes;

    InMemoryExport(Disk disk, StorageEngine.View view, List<KeyRange> ranges, String namePrefix, long fileBytesMax) {
        this.disk = disk;
        this.view = view;
        this.rangesLeft = new ArrayDeque<>(ranges);
        this.namePrefix = namePrefix;
        this.fileBytesMax = fileBytesMax;
    }

    @Override
    public long writeSome(int bytesMax) {
        try {
            long bytes = 0;
            while (bytes < bytesMax) {
                StorageEngine.Cursor at = next();
                if (at == null) {
                    endFile();
                    return bytes == 0 ? -1 : bytes;
                }
                bytes += append(at.key(), at.value());
                at.next();
                if (fileBytes >= fileBytesMax) {
                    endFile();
                }
            }
            return bytes;
        } catch (IOException e) {
            throw new StorageException("can't write a snapshot: " + e.getMessage(), e);
        }
    }

    private StorageEngine.@Nullable Cursor next() {
        while (cursor == null || !cursor.valid()) {
            closeCursor();
            KeyRange range = rangesLeft.pollFirst();
            if (range == null) {
                return null;
            }
            cursor = view.range(range.start(), range.end(), false);
        }
        return cursor;
    }

    private long append(byte[] key, byte[] value) throws IOException {
        Disk.DiskFile target = file;
        if (target == null) {
            target = disk.create(namePrefix + files.size(), 0);
            file = target;
        }
        ByteBuffer entry = ByteBuffer.allocate(2 * Integer.BYTES + key.length + value.length)
                .putInt(key.length)
                .put(key)
                .putInt(value.length)
                .put(value)
                .flip();
        fileChecksum.update(entry.duplicate());
        int bytes = entry.remaining();
        target.write(entry, fileBytes);
        fileBytes += bytes;
        return bytes;
    }

    private void endFile() throws IOException {
        Disk.DiskFile written = file;
        if (written == null) {
            return;
        }
        written.close();
        files.add(new ExportedFile(namePrefix + files.size(), fileBytes, (int) fileChecksum.getValue()));
        file = null;
        fileChecksum = new CRC32C();
        fileBytes = 0;
    }

    private void closeCursor() {
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
    }

    @Override
    public List<ExportedFile> files() {
        return List.copyOf(files);
    }

    @Override
    public void close() {
        closeCursor();
        view.close();
    }

    /** Puts what a file holds into a tree. */
    static @Nullable PersistentTree readInto(@Nullable PersistentTree tree, Disk disk, String name) {
        PersistentTree result = tree;
        ByteBuffer bytes = read(disk, name);
        while (bytes.hasRemaining()) {
            byte[] key = part(bytes);
            result = PersistentTree.put(result, key, part(bytes));
        }
        return result;
    }

    private static byte[] part(ByteBuffer bytes) {
        byte[] part = new byte[bytes.getInt()];
        bytes.get(part);
        return part;
    }

    private static ByteBuffer read(Disk disk, String name) {
        try (Disk.DiskFile file = disk.open(name)) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(file.sizeBytes()));
            file.read(bytes, 0);
            return bytes.flip();
        } catch (IOException e) {
            throw new StorageException("can't read the snapshot file " + name + ": " + e.getMessage(), e);
        }
    }

    static void delete(Disk disk, List<String> names) {
        try {
            for (String name : names) {
                disk.delete(name);
            }
        } catch (IOException e) {
            throw new StorageException("can't delete a snapshot file: " + e.getMessage(), e);
        }
    }
}

package dev.henge.node.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * A disk in memory that forgets on {@link #crash} what was not synced, and fails when told to. Deterministic: the only
 * randomness is the generator handed to {@code crash}.
 *
 * <p>Model. A file is what was synced plus the writes since. On a crash each 512-byte sector of each unsynced write is
 * kept or lost on its own (torn and reordered writes); of the unsynced changes of names a prefix is kept. Files opened
 * before a crash fail afterwards: they belonged to the process that died.
 */
public final class SimulatedDisk implements Disk {

    private static final int SECTOR_BYTES = 512;

    /** Bytes of {@code [start, end)} were written since the last sync. */
    private record Range(int start, int end) {}

    /** What a file's name leads to: it outlives renames, and its deletion until the directory is synced. */
    private static final class Inode {
        byte[] bytes;
        byte[] synced = new byte[0];
        final List<Range> unsynced = new ArrayList<>();

        Inode(int sizeBytes) {
            bytes = new byte[sizeBytes];
            unsynced.add(new Range(0, sizeBytes));
        }

        void sync() {
            if (synced.length != bytes.length) {
                synced = Arrays.copyOf(synced, bytes.length);
            }
            for (Range range : unsynced) {
                int end = Math.min(range.end, bytes.length);
                if (range.start < end) {
                    System.arraycopy(bytes, range.start, synced, range.start, end - range.start);
                }
            }
            unsynced.clear();
        }

        void crash(RandomGenerator random) {
            // The file's size is metadata of its own: with anything unsynced it is the old or the new one.
            int size = synced.length == bytes.length || random.nextBoolean() ? bytes.length : synced.length;
            byte[] survived = Arrays.copyOf(synced, size);
            for (Range range : unsynced) {
                boolean torn = random.nextBoolean();
                boolean kept = random.nextBoolean();
                for (int start = range.start; start < range.end; ) {
                    int end = Math.min(range.end, (start / SECTOR_BYTES + 1) * SECTOR_BYTES);
                    boolean keepSector = torn ? random.nextBoolean() : kept;
                    int keptEnd = Math.min(end, Math.min(size, bytes.length));
                    if (keepSector && start < keptEnd) {
                        System.arraycopy(bytes, start, survived, start, keptEnd - start);
                    }
                    start = end;
                }
            }
            bytes = survived;
            synced = survived.clone();
            unsynced.clear();
        }
    }

    private NavigableMap<String, Inode> names = new TreeMap<>();

    /** The names after each change since the last sync of the directory; the first is the synced state. */
    private final List<NavigableMap<String, Inode>> nameHistory = new ArrayList<>(List.of(new TreeMap<>()));

    private int incarnation;
    private boolean failingSyncs;
    private long syncsUntilFailing = Long.MAX_VALUE;
    private boolean full;
    private long freeBytes = Long.MAX_VALUE / 2;
    private long syncs;

    /** The power fails: a random part of what was not synced is lost. */
    public synchronized void crash(RandomGenerator random) {
        incarnation++;
        names = new TreeMap<>(nameHistory.get(random.nextInt(nameHistory.size())));
        namesSynced();
        names.values().forEach(inode -> inode.crash(random));
    }

    /** The process dies but the machine does not: all that was written stays, open files fail from now on. */
    public synchronized void kill() {
        incarnation++;
    }

    /** From now on each sync fails (and makes nothing durable), or works again. */
    public synchronized void failSyncs(boolean failing) {
        failingSyncs = failing;
        syncsUntilFailing = Long.MAX_VALUE;
    }

    /** After so many more syncs each one fails, until {@link #failSyncs} says otherwise. */
    public synchronized void failSyncsAfter(long moreSyncs) {
        syncsUntilFailing = moreSyncs;
    }

    /** From now on nothing more can be allocated, or something again. Bytes that a file has can be written over. */
    public synchronized void full(boolean nowFull) {
        full = nowFull;
    }

    /** From now on files can grow by so many bytes altogether, those that are deleted given back. */
    public synchronized void freeBytes(long bytes) {
        freeBytes = bytes;
    }

    /** Loses a file, durably: the file system forgot it. */
    public synchronized void loseFile(String name) {
        if (names.remove(name) == null) {
            throw new IllegalArgumentException("no file " + name);
        }
        nameHistory.forEach(state -> state.remove(name));
    }

    /** Loses every file, durably: another volume was mounted. Open files fail from now on. */
    public synchronized void loseVolume() {
        incarnation++;
        names.clear();
        namesSynced();
    }

    /** Cuts a file off, durably, whatever was synced of it. */
    public synchronized void cutFile(String name, long sizeBytes) {
        Inode inode = names.get(name);
        if (inode == null || sizeBytes > inode.bytes.length) {
            throw new IllegalArgumentException("no byte " + sizeBytes + " in file " + name);
        }
        inode.bytes = Arrays.copyOf(inode.bytes, (int) sizeBytes);
        inode.synced = inode.bytes.clone();
        inode.unsynced.clear();
    }

    /** Flips one bit of what the file holds, durably. */
    public synchronized void flipBit(String name, long offset, int bit) {
        Inode inode = names.get(name);
        if (inode == null || offset >= inode.bytes.length) {
            throw new IllegalArgumentException("no byte " + offset + " in file " + name);
        }
        int at = (int) offset;
        inode.bytes[at] = (byte) (inode.bytes[at] ^ (1 << bit));
        if (at < inode.synced.length) {
            inode.synced[at] = (byte) (inode.synced[at] ^ (1 << bit));
        }
    }

    /** Whether a crash now would leave this file as it is, its name included. */
    public synchronized boolean isDurable(String name) {
        Inode inode = names.get(name);
        if (inode == null) {
            throw new IllegalArgumentException("no file " + name);
        }
        return inode.unsynced.isEmpty() && nameHistory.stream().allMatch(state -> state.get(name) == inode);
    }

    /** Syncs done so far, of files and directory. */
    public synchronized long syncs() {
        return syncs;
    }

    @Override
    public synchronized List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public synchronized DiskFile create(String name, long sizeBytes) throws IOException {
        if (names.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        allocate(sizeBytes);
        Inode inode = new Inode(Math.toIntExact(sizeBytes));
        names.put(name, inode);
        namesChanged();
        return new OpenFile(inode, incarnation);
    }

    @Override
    public synchronized DiskFile open(String name) throws IOException {
        return new OpenFile(inode(name), incarnation);
    }

    @Override
    public synchronized void rename(String from, String to) throws IOException {
        Inode inode = inode(from);
        names.remove(from);
        names.put(to, inode);
        namesChanged();
    }

    @Override
    public synchronized void delete(String name) throws IOException {
        freeBytes += inode(name).bytes.length;
        names.remove(name);
        namesChanged();
    }

    @Override
    public synchronized void syncDirectory() throws IOException {
        checkSync();
        namesSynced();
    }

    private Inode inode(String name) throws IOException {
        Inode inode = names.get(name);
        if (inode == null) {
            throw new NoSuchFileException(name);
        }
        return inode;
    }

    private void namesChanged() {
        nameHistory.add(new TreeMap<>(names));
    }

    private void namesSynced() {
        nameHistory.clear();
        nameHistory.add(new TreeMap<>(names));
    }

    @Override
    public synchronized long freeBytes() {
        return full ? 0 : freeBytes;
    }

    private void allocate(long bytes) throws IOException {
        if (bytes > 0 && bytes > freeBytes()) {
            throw new IOException("No space left on device");
        }
        freeBytes -= bytes;
    }

    private void checkSync() throws IOException {
        if (failingSyncs || --syncsUntilFailing < 0) {
            throw new IOException("Input/output error");
        }
        syncs++;
    }

    private final class OpenFile implements DiskFile {
        private final Inode inode;
        private final int openedIn;
        private boolean closed;

        OpenFile(Inode inode, int openedIn) {
            this.inode = inode;
            this.openedIn = openedIn;
        }

        @Override
        public long sizeBytes() throws IOException {
            synchronized (SimulatedDisk.this) {
                checkOpen();
                return inode.bytes.length;
            }
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                checkOpen();
                int start = Math.toIntExact(position);
                int end = start + source.remaining();
                allocate(Math.max(0, end - inode.bytes.length));
                if (end > inode.bytes.length) {
                    inode.bytes = Arrays.copyOf(inode.bytes, end);
                }
                source.get(inode.bytes, start, end - start);
                inode.unsynced.add(new Range(start, end));
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            synchronized (SimulatedDisk.this) {
                checkOpen();
                int start = (int) Math.min(position, inode.bytes.length);
                int count = Math.min(target.remaining(), inode.bytes.length - start);
                target.put(inode.bytes, start, count);
                return count;
            }
        }

        @Override
        public void sync() throws IOException {
            synchronized (SimulatedDisk.this) {
                checkOpen();
                checkSync();
                inode.sync();
            }
        }

        @Override
        public void truncate(long sizeBytes) throws IOException {
            synchronized (SimulatedDisk.this) {
                checkOpen();
                if (sizeBytes < inode.bytes.length) {
                    freeBytes += inode.bytes.length - sizeBytes;
                    inode.bytes = Arrays.copyOf(inode.bytes, (int) sizeBytes);
                }
            }
        }

        @Override
        public void close() {
            synchronized (SimulatedDisk.this) {
                closed = true;
            }
        }

        private void checkOpen() throws IOException {
            if (closed || openedIn != incarnation) {
                throw new IOException("the file is closed");
            }
        }
    }
}

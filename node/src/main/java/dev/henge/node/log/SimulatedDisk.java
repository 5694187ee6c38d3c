package dev.henge.node.log;

import java.io.IOException;
import java.util.List;
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

    /** The power fails: a random part of what was not synced is lost. */
    public void crash(RandomGenerator random) {
        throw new UnsupportedOperationException();
    }

    /** The process dies but the machine does not: all that was written stays, open files fail from now on. */
    public void kill() {
        throw new UnsupportedOperationException();
    }

    /** From now on each sync fails (and makes nothing durable), or works again. */
    public void failSyncs(boolean failing) {
        throw new UnsupportedOperationException();
    }

    /** From now on each write and create fails for want of space, or works again. */
    public void full(boolean full) {
        throw new UnsupportedOperationException();
    }

    /** Flips one bit of what the file holds, durably. */
    public void flipBit(String name, long offset, int bit) {
        throw new UnsupportedOperationException();
    }

    /** Syncs done so far, of files and directory. */
    public long syncs() {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<String> list() throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public DiskFile create(String name, long sizeBytes) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public DiskFile open(String name) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void rename(String from, String to) throws IOException {}

    @Override
    public void delete(String name) throws IOException {}

    @Override
    public void syncDirectory() throws IOException {}
}

package dev.henge.node.storage;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A storage engine in memory, deterministic, that forgets what was not flushed when told to crash. For simulations. */
public final class InMemoryEngine implements StorageEngine {

    /** Goes back to the last flush; views made before are closed. */
    public void crash() {
        throw new UnsupportedOperationException();
    }

    /** Goes back to a random point between the last flush and now: RocksDB flushes on its own too. */
    public void crash(RandomGenerator random) {
        throw new UnsupportedOperationException();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void write(WriteBatch batch) {
        throw new UnsupportedOperationException();
    }

    @Override
    public View view() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void flush() {
        throw new UnsupportedOperationException();
    }

    @Override
    public long sizeBytes() {
        throw new UnsupportedOperationException();
    }

    /** Keeps what it holds, flushed, so that a simulated restart can go on with the same object after {@link #reopen}. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }

    /** Opens a closed engine again, with what it held. */
    public void reopen() {
        throw new UnsupportedOperationException();
    }
}

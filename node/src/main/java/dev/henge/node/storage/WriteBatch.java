package dev.henge.node.storage;

import java.util.ArrayList;
import java.util.List;

/** Changes that apply together, in the order in which they were added. */
public final class WriteBatch {

    /** One change of a batch. */
    public sealed interface Change {
        record Put(byte[] key, byte[] value) implements Change {}

        record Delete(byte[] key) implements Change {}

        /** Deletes the keys of {@code [start, end)}. */
        record DeleteRange(byte[] start, byte[] end) implements Change {}
    }

    private final List<Change> changes = new ArrayList<>();

    public WriteBatch put(byte[] key, byte[] value) {
        changes.add(new Change.Put(key, value));
        return this;
    }

    public WriteBatch delete(byte[] key) {
        changes.add(new Change.Delete(key));
        return this;
    }

    public WriteBatch deleteRange(byte[] start, byte[] end) {
        changes.add(new Change.DeleteRange(start, end));
        return this;
    }

    public List<Change> changes() {
        return changes;
    }

    public boolean isEmpty() {
        return changes.isEmpty();
    }
}

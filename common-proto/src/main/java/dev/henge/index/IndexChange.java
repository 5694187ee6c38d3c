package dev.henge.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a write changes in an index. At least one of the two is there, and they are not the same.
 *
 * @param before the item's entry before the write
 * @param after the item's entry now
 */
public record IndexChange(
        IndexDefinition index,
        @Nullable IndexEntry before,
        @Nullable IndexEntry after) {

    /**
     * What the step from one state of an item to the next changes in the indexes: nothing where an index shows the same of
     * both.
     */
    public static List<IndexChange> between(List<IndexDefinition> indexes, ItemState before, ItemState after) {
        List<IndexChange> changes = new ArrayList<>(indexes.size());
        for (IndexDefinition index : indexes) {
            IndexEntry old = index.entryOf(before).orElse(null);
            IndexEntry now = index.entryOf(after).orElse(null);
            if (!same(old, now)) {
                changes.add(new IndexChange(index, old, now));
            }
        }
        return changes;
    }

    private static boolean same(@Nullable IndexEntry old, @Nullable IndexEntry now) {
        if (old == null || now == null) {
            return old == now;
        }
        return old.hasKeyOf(now) && Arrays.equals(old.item(), now.item());
    }

    /** The entry whose key is free from now on; null when there was none, or when the one of now stands in its place. */
    public @Nullable IndexEntry removed() {
        return before != null && (after == null || !before.hasKeyOf(after)) ? before : null;
    }

    /** The entry that is there now; null for none. */
    public @Nullable IndexEntry put() {
        return after;
    }
}

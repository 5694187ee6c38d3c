package dev.henge.index;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a write changes in an index. At least one of the two is there; both when the entry moves, then with different keys.
 *
 * @param removed an entry that is there no more; only its key counts
 * @param put an entry that is there now
 */
public record IndexChange(
        IndexDefinition index,
        @Nullable IndexEntry removed,
        @Nullable IndexEntry put) {

    /**
     * What the step from one state of an item to the next changes in the indexes: nothing where an index shows the same of
     * both.
     */
    public static List<IndexChange> between(List<IndexDefinition> indexes, ItemState before, ItemState after) {
        List<IndexChange> changes = new ArrayList<>(indexes.size());
        for (IndexDefinition index : indexes) {
            IndexEntry old = index.entryOf(before).orElse(null);
            IndexEntry now = index.entryOf(after).orElse(null);
            if (old == null && now == null) {
                continue;
            }
            boolean moves = old != null && now != null && !old.hasKeyOf(now);
            IndexEntry removed = now == null || moves ? old : null;
            boolean same = old != null && now != null && !moves && Arrays.equals(old.item(), now.item());
            IndexEntry put = same ? null : now;
            if (removed != null || put != null) {
                changes.add(new IndexChange(index, removed, put));
            }
        }
        return changes;
    }
}

package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.index.IndexDefinition;
import dev.henge.index.ItemState;
import dev.henge.membership.TokenRange;
import dev.henge.membership.Tokens;
import dev.henge.node.index.Backfills;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.Backfill;
import dev.henge.proto.BackfillIndex;
import dev.henge.proto.DoneKeys;
import dev.henge.proto.IndexMutation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The next few items of a table, taken into an index that is being created.
 *
 * @param mutations what they make in the index
 * @param next where the backfill stands behind them
 */
record BackfillStep(List<IndexMutation> mutations, Backfill next) {

    private static final ItemState NO_ITEM = new ItemState(null);

    /**
     * @param entryIndex of the entry that says so
     * @param tokens of the partition
     */
    static BackfillStep of(
            Backfill at,
            BackfillIndex command,
            long entryIndex,
            IndexDefinition index,
            TokenRange tokens,
            StorageEngine storage) {
        KeyRange table = StorageKeys.itemRange(at.getTable(), tokens.start(), tokens.end());
        byte[] start = at.getNextKey().isEmpty()
                ? table.start()
                : StorageKeys.itemKey(at.getTable(), at.getNextKey().toByteArray());
        List<IndexMutation> mutations = new ArrayList<>();
        Backfill.Builder next = at.toBuilder().setLastEntry(entryIndex);
        long items = 0;
        long readBytes = 0;
        try (StorageEngine.View view = storage.view();
                StorageEngine.Cursor cursor = view.range(start, table.end(), false)) {
            for (;
                    cursor.valid() && items < command.getItemsMax() && readBytes < command.getBytesMax();
                    cursor.next()) {
                byte[] key = StorageKeys.itemKeyOf(cursor.key());
                Optional<DoneKeys> done = Backfills.doneBehind(at, ByteString.copyFrom(key));
                if (done.isPresent()) {
                    // What comes behind is for the next step.
                    ByteString to = done.get().getTo();
                    Backfill behind = next.setItems(at.getItems() + items)
                            .setNextKey(to)
                            .setDone(to.isEmpty())
                            .build();
                    return new BackfillStep(mutations, behind);
                }
                byte[] image = cursor.value();
                mutations.addAll(
                        IndexMutations.of(List.of(index), Tokens.ofItemKey(key), NO_ITEM, new ItemState(image)).stream()
                                .map(mutation -> withItem(mutation, image))
                                .toList());
                items++;
                readBytes += image.length;
                next.setNextKey(ByteString.copyFrom(key).concat(ByteString.copyFrom(new byte[1])));
            }
            next.setDone(!cursor.valid());
        }
        return new BackfillStep(mutations, next.setItems(at.getItems() + items).build());
    }

    private static IndexMutation withItem(IndexMutation mutation, byte[] image) {
        return mutation.getItem().isEmpty()
                ? mutation.toBuilder().setItem(ByteString.copyFrom(image)).build()
                : mutation;
    }
}

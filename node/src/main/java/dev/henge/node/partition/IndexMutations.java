package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.index.IndexChange;
import dev.henge.index.IndexDefinition;
import dev.henge.index.IndexEntry;
import dev.henge.index.IndexKeyFault;
import dev.henge.index.ItemState;
import dev.henge.item.ItemKeys;
import dev.henge.membership.Tokens;
import dev.henge.proto.IndexMutation;
import dev.henge.proto.IndexWritten;
import java.util.List;
import java.util.Optional;

/** What a write means to the indexes of its table, in the form in which it is replicated. */
final class IndexMutations {

    private IndexMutations() {}

    /**
     * @param token the item's, which its entries in local indexes share
     */
    static List<IndexMutation> of(List<IndexDefinition> indexes, long token, ItemState before, ItemState after) {
        return IndexChange.between(indexes, before, after).stream()
                .map(change -> mutation(change, token, after))
                .toList();
    }

    private static IndexMutation mutation(IndexChange change, long token, ItemState after) {
        IndexDefinition index = change.index();
        IndexMutation.Builder mutation =
                IndexMutation.newBuilder().setIndex(index.id()).setLocal(index.isLocal());
        IndexEntry old = change.before();
        if (old != null) {
            mutation.setRemovedBytes(old.sizeBytes());
        }
        IndexEntry removed = change.removed();
        if (removed != null) {
            mutation.setRemovedKey(key(index, token, removed));
        }
        IndexEntry put = change.put();
        if (put != null) {
            mutation.setPutKey(key(index, token, put)).setPutBytes(put.sizeBytes());
            if (put.item() != after.image()) {
                mutation.setItem(ByteString.copyFrom(put.item()));
            }
        }
        return mutation.build();
    }

    /** What the client is to learn of it: what it pays for. */
    static IndexWritten written(IndexMutation mutation) {
        return IndexWritten.newBuilder()
                .setIndex(mutation.getIndex())
                .setOldSizeBytes(mutation.getRemovedBytes())
                .setNewSizeBytes(mutation.getPutBytes())
                .setMoved(!mutation.getRemovedKey().isEmpty()
                        && !mutation.getPutKey().isEmpty())
                .build();
    }

    private static ByteString key(IndexDefinition index, long tokenOfItem, IndexEntry entry) {
        long token = index.isLocal() ? tokenOfItem : Tokens.of(index.id(), entry.partitionKey());
        return ByteString.copyFrom(ItemKeys.of(token, entry.partitionKey(), entry.rest()));
    }

    /** The text of the ValidationException for an item that can't be put because of a key of an index; empty when it can. */
    static Optional<String> faultOfPut(List<IndexDefinition> indexes, ItemState item) {
        return fault(indexes, item).map(IndexKeyFault::textOfPut);
    }

    /** The same for what an update makes of an item. */
    static Optional<String> faultOfUpdate(List<IndexDefinition> indexes, ItemState item) {
        return fault(indexes, item).map(IndexKeyFault::textOfUpdate);
    }

    private static Optional<IndexKeyFault> fault(List<IndexDefinition> indexes, ItemState item) {
        for (IndexDefinition index : indexes) {
            Optional<IndexKeyFault> fault = index.faultOf(item.attributes());
            if (fault.isPresent()) {
                return fault;
            }
        }
        return Optional.empty();
    }
}

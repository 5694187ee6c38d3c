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
        return fault(indexes, item).map(IndexMutations::textOfPut);
    }

    /** The same for what an update makes of an item. */
    static Optional<String> faultOfUpdate(List<IndexDefinition> indexes, ItemState item) {
        return fault(indexes, item).map(IndexMutations::textOfUpdate);
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

    private static String textOfPut(IndexKeyFault fault) {
        return switch (fault) {
            case IndexKeyFault.WrongType wrong ->
                "One or more parameter values were invalid: Type mismatch for Index Key " + wrong.attribute()
                        + " Expected: " + wrong.expectedType() + " Actual: " + wrong.actualType() + " IndexName: "
                        + wrong.index();
            case IndexKeyFault.Empty empty ->
                "One or more parameter values are not valid. A value specified for a secondary index key is not"
                        + " supported. The AttributeValue for a key attribute cannot contain an empty "
                        + (empty.binary() ? "binary" : "string") + " value. IndexName: " + empty.index()
                        + ", IndexKey: " + empty.attribute();
            case IndexKeyFault.TooLarge large -> textOfSize(large);
        };
    }

    private static String textOfUpdate(IndexKeyFault fault) {
        return switch (fault) {
            case IndexKeyFault.WrongType _ ->
                "The update expression attempted to update the secondary index key to unsupported type";
            case IndexKeyFault.Empty empty ->
                "One or more parameter values are not valid. The update expression attempted to update a secondary index"
                        + " key to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty "
                        + (empty.binary() ? "binary" : "string") + " value.";
            case IndexKeyFault.TooLarge large -> textOfSize(large);
        };
    }

    private static String textOfSize(IndexKeyFault.TooLarge large) {
        return large.ofPartitionKey()
                ? "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of"
                        + large.bytesMax() + " bytes"
                : "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size"
                        + " limit of " + large.bytesMax() + " bytes";
    }
}

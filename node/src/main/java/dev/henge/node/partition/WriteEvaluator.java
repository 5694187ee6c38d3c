package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.expression.ConditionEvaluator;
import dev.henge.expression.ExpressionException;
import dev.henge.expression.UpdateEvaluator;
import dev.henge.expression.UpdateResult;
import dev.henge.index.IndexDefinition;
import dev.henge.index.ItemState;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemSize;
import dev.henge.membership.Tokens;
import dev.henge.proto.ItemMutation;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.Refusal;
import dev.henge.proto.Update;
import dev.henge.proto.WriteItem;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns a write and the item it meets into a mutation, or into the reason why there is none. Pure. */
final class WriteEvaluator {

    /** Largest item, names and values together (DynamoDB developer guide, "Constraints": 400 KB). */
    static final int ITEM_BYTES_MAX = 400 * 1024;

    private static final String TOO_LARGE = "Item size has exceeded the maximum allowed size";
    private static final String TOO_LARGE_UPDATE = "Item size to update has exceeded the maximum allowed size";

    private static final ItemState NO_ITEM = new ItemState(null);

    /** What a write comes to. */
    sealed interface Evaluation {
        record Accepted(ItemMutation mutation, ItemWritten outcome) implements Evaluation {}

        /** Nothing changes: the write is answered like a read, and leaves no entry. */
        record Unchanged(ItemWritten outcome) implements Evaluation {}

        record Refused(Refusal refusal) implements Evaluation {}
    }

    private WriteEvaluator() {}

    /**
     * @param old the item's binary form before the write, null when there is none
     * @param indexes of the item's table
     */
    static Evaluation evaluate(WriteItem write, byte @Nullable [] old, List<IndexDefinition> indexes) {
        ItemState before = new ItemState(old);
        if (write.hasCondition() && !ConditionEvaluator.matches(write.getCondition(), before.attributes())) {
            return new Evaluation.Refused(conditionFailed(write, old));
        }
        return switch (write.getActionCase()) {
            case PUT -> put(write, before, indexes);
            case UPDATE -> update(write, before, indexes);
            case DELETE -> delete(write, before, indexes);
            case ACTION_NOT_SET -> invalid("a write says what to do");
        };
    }

    private static Evaluation put(WriteItem write, ItemState before, List<IndexDefinition> indexes) {
        int sizeBytes = ItemSize.ofItem(write.getPut());
        if (sizeBytes > ITEM_BYTES_MAX) {
            return invalid(TOO_LARGE);
        }
        ItemState after =
                indexes.isEmpty() ? NO_ITEM : new ItemState(write.getPut().toByteArray());
        Optional<String> fault = IndexMutations.faultOfPut(indexes, after);
        if (fault.isPresent()) {
            return invalid(fault.get());
        }
        ItemWritten.Builder outcome = outcome(write, before).setNewSizeBytes(sizeBytes);
        if (write.getReturn() == WriteItem.Return.RETURN_ALL_NEW) {
            outcome.setHasAttributes(true).setAttributes(write.getPut());
        }
        ItemMutation.Builder mutation = mutation(write, before, after, indexes).setItem(write.getPut());
        return accepted(mutation, outcome);
    }

    private static Evaluation delete(WriteItem write, ItemState before, List<IndexDefinition> indexes) {
        ItemMutation.Builder mutation =
                mutation(write, before, NO_ITEM, indexes).setDeleted(true);
        return accepted(mutation, outcome(write, before));
    }

    private static Evaluation update(WriteItem write, ItemState before, List<IndexDefinition> indexes) {
        try {
            Map<String, AttributeValue> start =
                    before.exists() ? before.attributes() : ItemCodec.decode(write.getKeyAttributes());
            UpdateResult result = UpdateEvaluator.apply(write.getUpdate(), start);
            if (!before.exists() && onlyRemoves(write.getUpdate())) {
                // The service makes no item of an update that has nothing to put into it.
                return new Evaluation.Unchanged(ItemWritten.getDefaultInstance());
            }
            byte[] after = ItemCodec.encode(result.newItem());
            int sizeBytes = ItemSize.ofItem(after);
            if (sizeBytes > ITEM_BYTES_MAX) {
                return invalid(TOO_LARGE_UPDATE);
            }
            ItemState changed = new ItemState(after, result.newItem());
            Optional<String> fault = IndexMutations.faultOfUpdate(indexes, changed);
            if (fault.isPresent()) {
                return invalid(fault.get());
            }
            ByteString image = ByteString.copyFrom(after);
            ItemWritten.Builder outcome = outcome(write, before).setNewSizeBytes(sizeBytes);
            switch (write.getReturn()) {
                case RETURN_ALL_NEW -> outcome.setHasAttributes(true).setAttributes(image);
                case RETURN_UPDATED_OLD -> addTouched(outcome, before.exists() ? result.updatedOld() : Map.of());
                case RETURN_UPDATED_NEW -> addTouched(outcome, result.updatedNew());
                case RETURN_NONE, RETURN_ALL_OLD, UNRECOGNIZED -> {}
            }
            ItemMutation.Builder mutation =
                    mutation(write, before, changed, indexes).setItem(image);
            return accepted(mutation, outcome);
        } catch (ExpressionException e) {
            return invalid(String.valueOf(e.getMessage()));
        }
    }

    private static boolean onlyRemoves(Update update) {
        return update.getActionsCount() > 0
                && update.getActionsList().stream().allMatch(action -> action.hasRemove() || action.hasDelete());
    }

    private static void addTouched(ItemWritten.Builder outcome, Map<String, AttributeValue> attributes) {
        if (!attributes.isEmpty()) {
            outcome.setHasAttributes(true).setAttributes(ItemCodec.encodeToByteString(attributes));
        }
    }

    private static ItemMutation.Builder mutation(
            WriteItem write, ItemState before, ItemState after, List<IndexDefinition> indexes) {
        ItemMutation.Builder mutation =
                ItemMutation.newBuilder().setTable(write.getTable()).setKey(write.getKey());
        if (indexes.isEmpty()) {
            return mutation;
        }
        long token = Tokens.ofItemKey(write.getKey().toByteArray());
        return mutation.addAllIndexes(IndexMutations.of(indexes, token, before, after));
    }

    private static Evaluation accepted(ItemMutation.Builder mutation, ItemWritten.Builder outcome) {
        mutation.getIndexesList().forEach(change -> outcome.addIndexes(IndexMutations.written(change)));
        return new Evaluation.Accepted(mutation.build(), outcome.build());
    }

    private static ItemWritten.Builder outcome(WriteItem write, ItemState before) {
        ItemWritten.Builder outcome = ItemWritten.newBuilder();
        byte[] old = before.image();
        if (old != null) {
            outcome.setOldSizeBytes(ItemSize.ofItem(old));
            if (write.getReturn() == WriteItem.Return.RETURN_ALL_OLD) {
                outcome.setHasAttributes(true).setAttributes(ByteString.copyFrom(old));
            }
        }
        return outcome;
    }

    private static Refusal conditionFailed(WriteItem write, byte @Nullable [] old) {
        Refusal.Builder refusal = Refusal.newBuilder()
                .setCode(Refusal.Code.CONDITION_FAILED)
                .setMessage("The conditional request failed");
        if (old != null && write.getReturnItemOnConditionFailure()) {
            refusal.setHasItem(true).setItem(ByteString.copyFrom(old));
        }
        return refusal.build();
    }

    private static Evaluation invalid(String message) {
        return new Evaluation.Refused(Refusal.newBuilder()
                .setCode(Refusal.Code.INVALID)
                .setMessage(message)
                .build());
    }
}

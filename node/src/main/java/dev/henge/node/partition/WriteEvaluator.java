package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.expression.ConditionEvaluator;
import dev.henge.expression.ExpressionException;
import dev.henge.expression.UpdateEvaluator;
import dev.henge.expression.UpdateResult;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemSize;
import dev.henge.proto.ItemMutation;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.Refusal;
import dev.henge.proto.Update;
import dev.henge.proto.WriteItem;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns a write and the item it meets into a mutation, or into the reason why there is none. Pure. */
final class WriteEvaluator {

    /** Largest item, names and values together (DynamoDB developer guide, "Constraints": 400 KB). */
    static final int ITEM_BYTES_MAX = 400 * 1024;

    private static final String TOO_LARGE = "Item size has exceeded the maximum allowed size";
    private static final String TOO_LARGE_UPDATE = "Item size to update has exceeded the maximum allowed size";

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
     */
    static Evaluation evaluate(WriteItem write, byte @Nullable [] old) {
        Item before = new Item(old);
        if (write.hasCondition() && !ConditionEvaluator.matches(write.getCondition(), before.attributes())) {
            return new Evaluation.Refused(conditionFailed(write, old));
        }
        return switch (write.getActionCase()) {
            case PUT -> put(write, before);
            case UPDATE -> update(write, before);
            case DELETE -> delete(write, before);
            case ACTION_NOT_SET -> invalid("a write says what to do");
        };
    }

    private static Evaluation put(WriteItem write, Item before) {
        int sizeBytes = ItemSize.ofItem(write.getPut());
        if (sizeBytes > ITEM_BYTES_MAX) {
            return invalid(TOO_LARGE);
        }
        ItemWritten.Builder outcome = outcome(write, before).setNewSizeBytes(sizeBytes);
        if (write.getReturn() == WriteItem.Return.RETURN_ALL_NEW) {
            outcome.setHasAttributes(true).setAttributes(write.getPut());
        }
        return new Evaluation.Accepted(mutation(write).setItem(write.getPut()).build(), outcome.build());
    }

    private static Evaluation delete(WriteItem write, Item before) {
        return new Evaluation.Accepted(
                mutation(write).setDeleted(true).build(), outcome(write, before).build());
    }

    private static Evaluation update(WriteItem write, Item before) {
        if (!before.exists() && onlyRemoves(write.getUpdate())) {
            // The service makes no item of an update that has nothing to put into it.
            return new Evaluation.Unchanged(ItemWritten.getDefaultInstance());
        }
        try {
            Map<String, AttributeValue> start =
                    before.exists() ? before.attributes() : ItemCodec.decode(write.getKeyAttributes());
            UpdateResult result = UpdateEvaluator.apply(write.getUpdate(), start);
            byte[] after = ItemCodec.encode(result.newItem());
            int sizeBytes = ItemSize.ofItem(after);
            if (sizeBytes > ITEM_BYTES_MAX) {
                return invalid(TOO_LARGE_UPDATE);
            }
            ByteString image = ByteString.copyFrom(after);
            ItemWritten.Builder outcome = outcome(write, before).setNewSizeBytes(sizeBytes);
            switch (write.getReturn()) {
                case RETURN_ALL_NEW -> outcome.setHasAttributes(true).setAttributes(image);
                case RETURN_UPDATED_OLD -> addTouched(outcome, before.exists() ? result.updatedOld() : Map.of());
                case RETURN_UPDATED_NEW -> addTouched(outcome, result.updatedNew());
                case RETURN_NONE, RETURN_ALL_OLD, UNRECOGNIZED -> {}
            }
            return new Evaluation.Accepted(mutation(write).setItem(image).build(), outcome.build());
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

    private static ItemMutation.Builder mutation(WriteItem write) {
        return ItemMutation.newBuilder().setTable(write.getTable()).setKey(write.getKey());
    }

    private static ItemWritten.Builder outcome(WriteItem write, Item before) {
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

    /** An item that is decoded when its attributes are asked for. */
    private static final class Item {
        private final byte @Nullable [] image;
        private @Nullable Map<String, AttributeValue> attributes;

        Item(byte @Nullable [] image) {
            this.image = image;
        }

        boolean exists() {
            return image != null;
        }

        byte @Nullable [] image() {
            return image;
        }

        Map<String, AttributeValue> attributes() {
            Map<String, AttributeValue> decoded = attributes;
            if (decoded == null) {
                decoded = image == null ? Map.of() : ItemCodec.decode(image);
                attributes = decoded;
            }
            return decoded;
        }
    }
}

package dev.henge.expression;

import dev.henge.item.AttributeValue;
import dev.henge.proto.DocumentPath;
import java.util.List;
import java.util.Map;

/** What an update makes of an item, and what ReturnValues may ask of it. */
public final class UpdateResult {

    private final Map<String, AttributeValue> oldItem;
    private final Map<String, AttributeValue> newItem;
    private final List<DocumentPath> touched;

    UpdateResult(Map<String, AttributeValue> oldItem, Map<String, AttributeValue> newItem, List<DocumentPath> touched) {
        this.oldItem = oldItem;
        this.newItem = newItem;
        this.touched = touched;
    }

    /** The item after the update. */
    public Map<String, AttributeValue> newItem() {
        return newItem;
    }

    /**
     * UPDATED_OLD: of the item before, what stood at the paths of all actions, nested as in a projection; no attributes
     * when that is nothing. The service returns the nested values alone (DynamoDB Local the whole attribute).
     */
    public Map<String, AttributeValue> updatedOld() {
        return ProjectionEvaluator.of(touched).project(oldItem);
    }

    /**
     * UPDATED_NEW: of the item after, what stands at the paths of all actions. As with the service, a list element that
     * was appended by an index beyond the end is not found there, and after REMOVE of an element its successor is.
     */
    public Map<String, AttributeValue> updatedNew() {
        return ProjectionEvaluator.of(touched).project(newItem);
    }
}

package dev.henge.expression;

import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.BinarySet;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.BooleanValue;
import dev.henge.item.AttributeValue.ListValue;
import dev.henge.item.AttributeValue.MapValue;
import dev.henge.item.AttributeValue.NullValue;
import dev.henge.item.AttributeValue.NumberSet;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringSet;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.DynamoNumber;
import dev.henge.item.InvalidNumberException;
import dev.henge.item.ItemCodec;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.SetValue;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Applies updates. All values are computed from the old item before anything is changed, so the order of actions does
 * not matter; list indexes are those of the old list: removing leaves no gap, and setting beyond the end appends.
 */
public final class UpdateEvaluator {

    /** Most maps, lists and names from an attribute to its innermost value. */
    static final int NESTING_MAX = 32;

    private static final String WRONG_TYPE = "An operand in the update expression has an incorrect data type";
    private static final String WRONG_LEGACY_TYPE = "Type mismatch for attribute to update";
    private static final String NO_ATTRIBUTE =
            "The provided expression refers to an attribute that does not exist in the item";
    private static final String INVALID_PATH =
            "The document path provided in the update expression is invalid for update";
    private static final String TOO_DEEP = "Nesting Levels have exceeded supported limits";

    private final Map<String, AttributeValue> item;
    private final boolean fromAttributeUpdates;

    private UpdateEvaluator(Map<String, AttributeValue> item, boolean fromAttributeUpdates) {
        this.item = item;
        this.fromAttributeUpdates = fromAttributeUpdates;
    }

    /** What an action does at its path. */
    private sealed interface Change {
        record Put(AttributeValue value) implements Change {}

        record Remove() implements Change {}

        /** Nothing, but its path has to lead somewhere. */
        record Keep() implements Change {}
    }

    /**
     * Applies the update.
     *
     * @param item the old item; its key attributes alone when there is none. Not changed.
     * @throws ExpressionException with the service's text when the update does not fit the item; the size of the new
     *     item is for the caller to check
     * @throws IllegalArgumentException when the message is incomplete, as none of {@link UnresolvedUpdate} is
     */
    public static UpdateResult apply(Update update, Map<String, AttributeValue> item) {
        UpdateEvaluator evaluator = new UpdateEvaluator(item, update.getFromAttributeUpdates());
        PathTree<Change> changes = new PathTree<>();
        List<DocumentPath> touched = new ArrayList<>(update.getActionsCount());
        for (UpdateAction action : update.getActionsList()) {
            DocumentPath path = path(action);
            if (!Paths.leadsSomewhere(path, item)) {
                throw new ExpressionException(INVALID_PATH);
            }
            Change change = evaluator.change(action);
            if (change instanceof Change.Put(AttributeValue value)
                    && exceedsNesting(value, NESTING_MAX - path.getElementsCount())) {
                throw new ExpressionException(TOO_DEEP);
            }
            changes.add(path, change);
            touched.add(path);
        }
        return new UpdateResult(item, changedEntries(changes, item), touched);
    }

    static DocumentPath path(UpdateAction action) {
        return switch (action.getKindCase()) {
            case SET -> action.getSet().getPath();
            case REMOVE -> action.getRemove();
            case ADD -> action.getAdd().getPath();
            case DELETE -> action.getDelete().getPath();
            case KIND_NOT_SET -> throw new IllegalArgumentException("action without a kind");
        };
    }

    private Change change(UpdateAction action) {
        return switch (action.getKindCase()) {
            case SET -> new Change.Put(value(action.getSet().getValue()));
            case REMOVE -> new Change.Remove();
            case ADD -> add(action.getAdd());
            case DELETE -> delete(action.getDelete());
            case KIND_NOT_SET -> throw new IllegalArgumentException("action without a kind");
        };
    }

    private Change add(UpdateAction.WithLiteral action) {
        AttributeValue added = ItemCodec.decodeValue(action.getLiteral());
        AttributeValue old = Paths.read(action.getPath(), item);
        if (old == null) {
            return new Change.Put(added);
        }
        AttributeValue sum =
                switch (added) {
                    case NumberValue(var number) -> new NumberValue(sum(number(old), number));
                    case StringSet(var elements)
                    when old instanceof StringSet(var oldElements) -> new StringSet(union(oldElements, elements));
                    case NumberSet(var elements)
                    when old instanceof NumberSet(var oldElements) -> new NumberSet(union(oldElements, elements));
                    case BinarySet(var elements)
                    when old instanceof BinarySet(var oldElements) -> new BinarySet(union(oldElements, elements));
                    case ListValue(var elements)
                    when fromAttributeUpdates && old instanceof ListValue(var oldElements) ->
                        new ListValue(concatenation(oldElements, elements));
                    case StringSet _,
                            NumberSet _,
                            BinarySet _,
                            StringValue _,
                            BinaryValue _,
                            BooleanValue _,
                            NullValue _,
                            ListValue _,
                            MapValue _ -> throw wrongType();
                };
        return new Change.Put(sum);
    }

    private Change delete(UpdateAction.WithLiteral action) {
        AttributeValue deleted = ItemCodec.decodeValue(action.getLiteral());
        AttributeValue old = Paths.read(action.getPath(), item);
        if (old == null) {
            return new Change.Keep();
        }
        if (old instanceof StringSet(var oldElements) && deleted instanceof StringSet(var elements)) {
            SequencedSet<String> rest = difference(oldElements, elements);
            return rest.isEmpty() ? new Change.Remove() : new Change.Put(new StringSet(rest));
        }
        if (old instanceof NumberSet(var oldElements) && deleted instanceof NumberSet(var elements)) {
            SequencedSet<DynamoNumber> rest = difference(oldElements, elements);
            return rest.isEmpty() ? new Change.Remove() : new Change.Put(new NumberSet(rest));
        }
        if (old instanceof BinarySet(var oldElements) && deleted instanceof BinarySet(var elements)) {
            var rest = difference(oldElements, elements);
            return rest.isEmpty() ? new Change.Remove() : new Change.Put(new BinarySet(rest));
        }
        throw wrongType();
    }

    private static <T> SequencedSet<T> union(SequencedSet<T> one, SequencedSet<T> two) {
        SequencedSet<T> union = new LinkedHashSet<>(one);
        union.addAll(two);
        return union;
    }

    private static <T> SequencedSet<T> difference(SequencedSet<T> from, SequencedSet<T> removed) {
        SequencedSet<T> difference = new LinkedHashSet<>(from);
        for (T element : removed) {
            difference.remove(element);
        }
        return difference;
    }

    private static List<AttributeValue> concatenation(List<AttributeValue> one, List<AttributeValue> two) {
        List<AttributeValue> concatenation = new ArrayList<>(one.size() + two.size());
        concatenation.addAll(one);
        concatenation.addAll(two);
        return concatenation;
    }

    private AttributeValue value(SetValue value) {
        return switch (value.getKindCase()) {
            case PATH -> {
                AttributeValue read = Paths.read(value.getPath(), item);
                if (read == null) {
                    throw new ExpressionException(NO_ATTRIBUTE);
                }
                yield read;
            }
            case LITERAL -> ItemCodec.decodeValue(value.getLiteral());
            case PLUS -> {
                DynamoNumber left = number(value(value.getPlus().getLeft()));
                DynamoNumber right = number(value(value.getPlus().getRight()));
                yield new NumberValue(sum(left, right));
            }
            case MINUS -> {
                DynamoNumber left = number(value(value.getMinus().getLeft()));
                DynamoNumber right = number(value(value.getMinus().getRight()));
                yield new NumberValue(difference(left, right));
            }
            case IF_NOT_EXISTS -> {
                // The fallback is evaluated either way: it may not refer to what does not exist.
                AttributeValue fallback = value(value.getIfNotExists().getFallback());
                AttributeValue read = Paths.read(value.getIfNotExists().getPath(), item);
                yield read == null ? fallback : read;
            }
            case LIST_APPEND -> {
                List<AttributeValue> left = list(value(value.getListAppend().getLeft()));
                yield new ListValue(
                        concatenation(left, list(value(value.getListAppend().getRight()))));
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("value without a kind");
        };
    }

    private DynamoNumber number(AttributeValue value) {
        if (value instanceof NumberValue(DynamoNumber number)) {
            return number;
        }
        throw wrongType();
    }

    private List<AttributeValue> list(AttributeValue value) {
        if (value instanceof ListValue(List<AttributeValue> elements)) {
            return elements;
        }
        throw wrongType();
    }

    private ExpressionException wrongType() {
        return new ExpressionException(fromAttributeUpdates ? WRONG_LEGACY_TYPE : WRONG_TYPE);
    }

    private static DynamoNumber sum(DynamoNumber left, DynamoNumber right) {
        try {
            return left.add(right);
        } catch (InvalidNumberException exception) {
            throw outOfRange(exception);
        }
    }

    private static DynamoNumber difference(DynamoNumber left, DynamoNumber right) {
        try {
            return left.subtract(right);
        } catch (InvalidNumberException exception) {
            throw outOfRange(exception);
        }
    }

    private static ExpressionException outOfRange(InvalidNumberException exception) {
        String message = exception.getMessage();
        return new ExpressionException(message == null ? WRONG_TYPE : message);
    }

    private static Map<String, AttributeValue> changedEntries(
            PathTree<Change> node, Map<String, AttributeValue> entries) {
        if (!node.indexes().isEmpty()) {
            throw new ExpressionException(INVALID_PATH);
        }
        Map<String, AttributeValue> changed = new LinkedHashMap<>(entries);
        node.attributes().forEach((name, child) -> {
            AttributeValue value = changed(child, entries.get(name));
            if (value == null) {
                changed.remove(name);
            } else {
                changed.put(name, value);
            }
        });
        return changed;
    }

    /** What becomes of a value; null when it goes or there is still none. */
    private static @Nullable AttributeValue changed(PathTree<Change> node, @Nullable AttributeValue old) {
        Change change = node.leaf();
        if (change != null) {
            return switch (change) {
                case Change.Put(AttributeValue value) -> value;
                case Change.Remove _ -> null;
                case Change.Keep _ -> old;
            };
        }
        if (old instanceof MapValue(var entries)) {
            return new MapValue(changedEntries(node, entries));
        }
        if (old instanceof ListValue(var elements)) {
            return new ListValue(changedElements(node, elements));
        }
        throw new ExpressionException(INVALID_PATH);
    }

    private static List<AttributeValue> changedElements(PathTree<Change> node, List<AttributeValue> elements) {
        if (!node.attributes().isEmpty()) {
            throw new ExpressionException(INVALID_PATH);
        }
        List<AttributeValue> changed = new ArrayList<>(elements.size());
        for (int index = 0; index < elements.size(); index++) {
            PathTree<Change> child = node.indexes().get(index);
            AttributeValue value = child == null ? elements.get(index) : changed(child, elements.get(index));
            if (value != null) {
                changed.add(value);
            }
        }
        // Beyond the end, in the order of the indexes: whatever is set there is appended.
        node.indexes().tailMap(elements.size(), true).forEach((_, child) -> {
            AttributeValue value = changed(child, null);
            if (value != null) {
                changed.add(value);
            }
        });
        return changed;
    }

    /** Looks no deeper than it needs to, so its recursion is bounded. */
    private static boolean exceedsNesting(AttributeValue value, int levels) {
        return switch (value) {
            case ListValue(var elements) -> levels == 0 || anyExceedsNesting(elements, levels - 1);
            case MapValue(var entries) -> levels == 0 || anyExceedsNesting(entries.values(), levels - 1);
            case StringValue _,
                    NumberValue _,
                    BinaryValue _,
                    BooleanValue _,
                    NullValue _,
                    StringSet _,
                    NumberSet _,
                    BinarySet _ -> false;
        };
    }

    private static boolean anyExceedsNesting(Iterable<AttributeValue> values, int levels) {
        for (AttributeValue value : values) {
            if (exceedsNesting(value, levels)) {
                return true;
            }
        }
        return false;
    }
}

package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.expression.SortCondition;
import dev.henge.expression.SortCondition.BeginsWith;
import dev.henge.expression.SortCondition.Between;
import dev.henge.expression.SortCondition.Equal;
import dev.henge.expression.SortCondition.Greater;
import dev.henge.expression.SortCondition.GreaterOrEqual;
import dev.henge.expression.SortCondition.Less;
import dev.henge.expression.SortCondition.LessOrEqual;
import dev.henge.item.AttributeValue;
import dev.henge.item.KeyEncoding;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The item keys that a query reads: {@code [start, end)}.
 *
 * @param end empty when there is no key above the range
 */
record SortRange(ByteString start, ByteString end) {

    /** @param collection what all items of the item collection begin with: token and partition key */
    static SortRange of(ByteString collection, @Nullable SortCondition condition) {
        ByteString collectionEnd = successor(collection);
        return switch (condition) {
            case null -> new SortRange(collection, collectionEnd);
            case Equal(AttributeValue value) ->
                new SortRange(key(collection, value), StartKeys.behind(key(collection, value)));
            case Less(AttributeValue value) -> new SortRange(collection, key(collection, value));
            case LessOrEqual(AttributeValue value) ->
                new SortRange(collection, StartKeys.behind(key(collection, value)));
            case Greater(AttributeValue value) ->
                new SortRange(StartKeys.behind(key(collection, value)), collectionEnd);
            case GreaterOrEqual(AttributeValue value) -> new SortRange(key(collection, value), collectionEnd);
            case Between(AttributeValue low, AttributeValue high) ->
                new SortRange(key(collection, low), StartKeys.behind(key(collection, high)));
            case BeginsWith(AttributeValue prefix) -> {
                ByteString start = collection.concat(ItemKey.wrap(KeyEncoding.prefix(prefix)));
                yield new SortRange(start, successor(start));
            }
        };
    }

    /** The values that a condition compares the sort key with. */
    static List<AttributeValue> values(SortCondition condition) {
        return switch (condition) {
            case Equal(AttributeValue value) -> List.of(value);
            case Less(AttributeValue value) -> List.of(value);
            case LessOrEqual(AttributeValue value) -> List.of(value);
            case Greater(AttributeValue value) -> List.of(value);
            case GreaterOrEqual(AttributeValue value) -> List.of(value);
            case Between(AttributeValue low, AttributeValue high) -> List.of(low, high);
            case BeginsWith(AttributeValue prefix) -> List.of(prefix);
        };
    }

    private static ByteString key(ByteString collection, AttributeValue value) {
        return collection.concat(ItemKey.wrap(KeyEncoding.encode(value)));
    }

    private static ByteString successor(ByteString prefix) {
        byte[] successor = KeyEncoding.successor(prefix.toByteArray());
        return successor == null ? ByteString.EMPTY : ItemKey.wrap(successor);
    }

    boolean contains(ByteString key) {
        return compare(key, start) >= 0 && (end.isEmpty() || compare(key, end) < 0);
    }

    boolean isEmpty() {
        return !end.isEmpty() && compare(start, end) >= 0;
    }

    /** What is left of the range behind a key that was read, in the direction of reading. */
    SortRange behind(ByteString key, boolean backwards) {
        return backwards ? new SortRange(start, key) : new SortRange(StartKeys.behind(key), end);
    }

    private static int compare(ByteString a, ByteString b) {
        return ByteString.unsignedLexicographicalComparator().compare(a, b);
    }
}

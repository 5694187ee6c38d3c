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
        if (condition == null) {
            return new SortRange(collection, collectionEnd);
        }
        return switch (condition) {
            case Equal equal -> all(key(collection, equal.value()));
            case Less less -> new SortRange(collection, key(collection, less.value()));
            case LessOrEqual lessOrEqual -> new SortRange(collection, successor(key(collection, lessOrEqual.value())));
            case Greater greater -> new SortRange(successor(key(collection, greater.value())), collectionEnd);
            case GreaterOrEqual greaterOrEqual -> new SortRange(key(collection, greaterOrEqual.value()), collectionEnd);
            case Between between ->
                new SortRange(key(collection, between.low()), successor(key(collection, between.high())));
            case BeginsWith beginsWith -> all(collection.concat(ItemKey.wrap(KeyEncoding.prefix(beginsWith.prefix()))));
        };
    }

    /** The values that a condition compares the sort key with. */
    static List<AttributeValue> values(SortCondition condition) {
        return switch (condition) {
            case Equal equal -> List.of(equal.value());
            case Less less -> List.of(less.value());
            case LessOrEqual lessOrEqual -> List.of(lessOrEqual.value());
            case Greater greater -> List.of(greater.value());
            case GreaterOrEqual greaterOrEqual -> List.of(greaterOrEqual.value());
            case Between between -> List.of(between.low(), between.high());
            case BeginsWith beginsWith -> List.of(beginsWith.prefix());
        };
    }

    private static ByteString key(ByteString collection, AttributeValue value) {
        return collection.concat(ItemKey.wrap(KeyEncoding.encode(value)));
    }

    private static SortRange all(ByteString prefix) {
        return new SortRange(prefix, successor(prefix));
    }

    /** Above every key that begins with the prefix: in an index the keys of the table stand behind it. */
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

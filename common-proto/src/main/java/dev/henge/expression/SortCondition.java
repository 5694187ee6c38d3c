package dev.henge.expression;

import dev.henge.item.AttributeValue;

/** What a key condition asks of the sort key. All values have the key's type. */
public sealed interface SortCondition {

    record Equal(AttributeValue value) implements SortCondition {}

    record Less(AttributeValue value) implements SortCondition {}

    record LessOrEqual(AttributeValue value) implements SortCondition {}

    record Greater(AttributeValue value) implements SortCondition {}

    record GreaterOrEqual(AttributeValue value) implements SortCondition {}

    /** Both bounds included; low is at most high. */
    record Between(AttributeValue low, AttributeValue high) implements SortCondition {}

    /** The prefix is an S or a B. */
    record BeginsWith(AttributeValue prefix) implements SortCondition {}
}

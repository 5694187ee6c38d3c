package dev.henge.expression;

import dev.henge.item.AttributeValue;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a query reads.
 *
 * @param partition values of all parts of the partition key, in order
 * @param sortPrefix values of the sort key's first parts, which are to be equal; empty for a sort key of one attribute
 * @param sort what is asked of the next part of the sort key; null when nothing is
 */
public record KeyCondition(
        List<AttributeValue> partition,
        List<AttributeValue> sortPrefix,
        @Nullable SortCondition sort) {

    public KeyCondition {
        partition = List.copyOf(partition);
        sortPrefix = List.copyOf(sortPrefix);
    }

    /** For keys of one attribute each. */
    public KeyCondition(AttributeValue partition, @Nullable SortCondition sort) {
        this(List.of(partition), List.of(), sort);
    }
}

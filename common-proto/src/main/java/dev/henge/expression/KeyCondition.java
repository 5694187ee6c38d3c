package dev.henge.expression;

import dev.henge.item.AttributeValue;
import org.jspecify.annotations.Nullable;

/**
 * What a query reads.
 *
 * @param partition the partition key's value
 * @param sort what is asked of the sort key; null when nothing is
 */
public record KeyCondition(
        AttributeValue partition, @Nullable SortCondition sort) {}

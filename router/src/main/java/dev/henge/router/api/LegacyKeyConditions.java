package dev.henge.router.api;

import dev.henge.expression.KeyCondition;
import dev.henge.expression.SortCondition;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.KeyPart;
import java.util.List;
import java.util.Map;

/** From KeyConditions to what a query reads. */
final class LegacyKeyConditions {

    private static final String WRONG_COUNT = "Conditions can be of length 1 or 2 only";
    private static final String NOT_SUPPORTED = "Query key condition not supported";

    private LegacyKeyConditions() {}

    /** What can be checked before the table is known. */
    static void check(Map<String, LegacyCondition> conditions) {
        conditions.forEach(LegacyConditions::check);
        if (conditions.isEmpty()) {
            throw ApiException.validation(WRONG_COUNT);
        }
    }

    /** Fits conditions that were checked to a key schema. The sizes of the values are the caller's to check. */
    static KeyCondition resolve(Map<String, LegacyCondition> conditions, ReadTarget target) {
        boolean simpleKey =
                target.partitionKey().size() == 1 && target.sortKey().size() <= 1;
        if (simpleKey && conditions.size() > 2) {
            throw ApiException.validation(WRONG_COUNT);
        }
        int onSortCount = conditions.size() - target.partitionKey().size();
        if (onSortCount > target.sortKey().size()) {
            throw ApiException.validation(NOT_SUPPORTED);
        }
        List<AttributeValue> partition = target.partitionKey().stream()
                .map(part -> equal(required(conditions, part)))
                .toList();
        if (onSortCount <= 0) {
            return new KeyCondition(partition, List.of(), null);
        }
        List<SortCondition> onSort = target.sortKey().subList(0, onSortCount).stream()
                .map(part -> required(conditions, part))
                .toList();
        List<AttributeValue> prefix = onSort.subList(0, onSortCount - 1).stream()
                .map(LegacyKeyConditions::equal)
                .toList();
        return new KeyCondition(partition, prefix, onSort.getLast());
    }

    private static AttributeValue equal(SortCondition condition) {
        if (condition instanceof SortCondition.Equal(AttributeValue value)) {
            return value;
        }
        throw ApiException.validation(NOT_SUPPORTED);
    }

    private static SortCondition required(Map<String, LegacyCondition> conditions, KeyPart key) {
        LegacyCondition condition = conditions.get(key.name());
        if (condition == null) {
            throw ApiException.validation("Query condition missed key schema element: " + key.name());
        }
        return switch (condition.requiredOperator()) {
            case EQ -> new SortCondition.Equal(value(condition, 0, key));
            case LT -> new SortCondition.Less(value(condition, 0, key));
            case LE -> new SortCondition.LessOrEqual(value(condition, 0, key));
            case GT -> new SortCondition.Greater(value(condition, 0, key));
            case GE -> new SortCondition.GreaterOrEqual(value(condition, 0, key));
            case BEGINS_WITH -> new SortCondition.BeginsWith(value(condition, 0, key));
            case BETWEEN -> new SortCondition.Between(value(condition, 0, key), value(condition, 1, key));
            case NE, NULL, NOT_NULL, CONTAINS, NOT_CONTAINS, IN ->
                throw ApiException.validation("Attempted conditional constraint is not an indexable operation");
        };
    }

    private static AttributeValue value(LegacyCondition condition, int index, KeyPart key) {
        AttributeValue value =
                ItemCodec.decodeValue(condition.valuesOrNone().get(index).bytes());
        if (!value.typeCode().equals(key.type().typeCode())) {
            throw ApiException.invalidParameter("Condition parameter type does not match schema type");
        }
        return value;
    }
}

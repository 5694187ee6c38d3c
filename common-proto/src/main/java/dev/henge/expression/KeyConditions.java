package dev.henge.expression;

import com.google.protobuf.ByteString;
import dev.henge.expression.SortCondition.BeginsWith;
import dev.henge.expression.SortCondition.Between;
import dev.henge.expression.SortCondition.Equal;
import dev.henge.expression.SortCondition.Greater;
import dev.henge.expression.SortCondition.GreaterOrEqual;
import dev.henge.expression.SortCondition.Less;
import dev.henge.expression.SortCondition.LessOrEqual;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.KeyPart;
import dev.henge.item.KeyType;
import dev.henge.proto.Condition;
import dev.henge.proto.Condition.Comparator;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.Operand;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * From a resolved KeyConditionExpression to what a query reads. Unlike other refusals, the service gives these without
 * the prefix "Invalid KeyConditionExpression", but for the one of two conditions on a key.
 */
public final class KeyConditions {

    private static final String NOT_SUPPORTED = "Query key condition not supported";
    private static final String NESTED_OPERATION = "KeyConditionExpressions cannot contain nested operations";

    /** By attribute; insertion order is that of the text. */
    private final Map<String, SortCondition> conditions = new LinkedHashMap<>();

    private KeyConditions() {}

    /**
     * Fits a key condition to a key schema: equality on each part of the partition key, and on parts of the sort key from
     * the left, of which the last may be another condition (DynamoDB developer guide, "Multi-attribute keys").
     *
     * @param condition of kind KEY_CONDITION, resolved
     * @param sortKey empty when the table or index has none
     * @throws ExpressionException with the service's text
     */
    public static KeyCondition resolve(Condition condition, List<KeyPart> partitionKey, List<KeyPart> sortKey) {
        KeyConditions collected = new KeyConditions();
        collected.collect(condition);
        return collected.fit(partitionKey, sortKey);
    }

    private KeyCondition fit(List<KeyPart> partitionKey, List<KeyPart> sortKey) {
        int parts = partitionKey.size() + sortKey.size();
        if (conditions.size() > Math.max(2, parts)) {
            throw new ExpressionException(parts <= 2 ? "Conditions can be of length 1 or 2 only" : NOT_SUPPORTED);
        }
        for (KeyPart part : partitionKey) {
            if (!conditions.containsKey(part.name())) {
                throw missed(part);
            }
        }
        List<SortCondition> onSort = onSort(sortKey, conditions.size() - partitionKey.size());
        List<AttributeValue> partition = partitionKey.stream().map(this::equal).toList();
        if (onSort.isEmpty()) {
            return new KeyCondition(partition, List.of(), null);
        }
        List<AttributeValue> prefix = onSort.subList(0, onSort.size() - 1).stream()
                .map(KeyConditions::equal)
                .toList();
        return new KeyCondition(partition, prefix, onSort.getLast());
    }

    /** The conditions on the first {@code count} parts of the sort key, which have to be all that there are. */
    private List<SortCondition> onSort(List<KeyPart> sortKey, int count) {
        if (count > sortKey.size()) {
            throw new ExpressionException(NOT_SUPPORTED);
        }
        List<SortCondition> found = new ArrayList<>(count);
        for (KeyPart part : sortKey.subList(0, count)) {
            SortCondition condition = conditions.get(part.name());
            if (condition == null) {
                throw missed(part);
            }
            checkValues(condition, part.name(), part.type());
            found.add(condition);
        }
        return found;
    }

    private AttributeValue equal(KeyPart part) {
        AttributeValue value = equal(Objects.requireNonNull(conditions.get(part.name())));
        checkValue(value, part.name(), part.type());
        return value;
    }

    private static AttributeValue equal(SortCondition condition) {
        if (condition instanceof Equal(AttributeValue value)) {
            return value;
        }
        throw new ExpressionException(NOT_SUPPORTED);
    }

    private static ExpressionException missed(KeyPart part) {
        return new ExpressionException("Query condition missed key schema element: " + part.name());
    }

    private static void checkValues(SortCondition condition, String key, KeyType type) {
        switch (condition) {
            case Equal(AttributeValue value) -> checkValue(value, key, type);
            case Less(AttributeValue value) -> checkValue(value, key, type);
            case LessOrEqual(AttributeValue value) -> checkValue(value, key, type);
            case Greater(AttributeValue value) -> checkValue(value, key, type);
            case GreaterOrEqual(AttributeValue value) -> checkValue(value, key, type);
            case BeginsWith(AttributeValue prefix) -> checkValue(prefix, key, type);
            case Between(AttributeValue low, AttributeValue high) -> {
                checkValue(low, key, type);
                checkValue(high, key, type);
            }
        }
    }

    private static void checkValue(AttributeValue value, String key, KeyType type) {
        if (!value.typeCode().equals(type.typeCode())) {
            throw new ExpressionException("One or more parameter values were invalid: "
                    + "Condition parameter type does not match schema type");
        }
        if (value instanceof StringValue(String text) && text.isEmpty()) {
            throw empty("string", key);
        }
        if (value instanceof BinaryValue(ByteString bytes) && bytes.isEmpty()) {
            throw empty("binary", key);
        }
    }

    private static ExpressionException empty(String type, String key) {
        return new ExpressionException("One or more parameter values are not valid. The AttributeValue for a key"
                + " attribute cannot contain an empty " + type + " value. Key: " + key);
    }

    private void collect(Condition condition) {
        switch (condition.getKindCase()) {
            case ALL_OF -> condition.getAllOf().getTermsList().forEach(this::collect);
            case COMPARISON -> collect(condition.getComparison());
            case BETWEEN -> {
                Condition.Between between = condition.getBetween();
                String attribute =
                        firstOperand("BETWEEN", List.of(between.getValue(), between.getLow(), between.getHigh()));
                put(attribute, new Between(literal(between.getLow()), literal(between.getHigh())));
            }
            case BEGINS_WITH -> {
                Condition.Function function = condition.getBeginsWith();
                String attribute = firstOperand("begins_with", List.of(function.getSubject(), function.getArgument()));
                put(attribute, new BeginsWith(literal(function.getArgument())));
            }
            case ANY_OF -> throw invalidOperator("OR");
            case NOT -> throw invalidOperator("NOT");
            case IN -> throw invalidOperator("IN");
            case ATTRIBUTE_EXISTS -> throw invalidOperator("attribute_exists");
            case ATTRIBUTE_NOT_EXISTS -> throw invalidOperator("attribute_not_exists");
            case ATTRIBUTE_TYPE -> throw invalidOperator("attribute_type");
            case CONTAINS -> throw invalidOperator("contains");
            case KIND_NOT_SET -> throw new IllegalArgumentException("condition without a kind");
        }
    }

    private static ExpressionException invalidOperator(String operator) {
        return new ExpressionException("Invalid operator used in KeyConditionExpression: " + operator);
    }

    private void collect(Condition.Comparison comparison) {
        if (comparison.getComparator() == Comparator.NE) {
            throw invalidOperator("<>");
        }
        Operand left = comparison.getLeft();
        Operand right = comparison.getRight();
        String attribute = attribute(List.of(left, right));
        boolean inOrder = left.hasPath();
        AttributeValue value = literal(inOrder ? right : left);
        put(
                attribute,
                switch (comparison.getComparator()) {
                    case EQ -> new Equal(value);
                    case LT -> inOrder ? new Less(value) : new Greater(value);
                    case LE -> inOrder ? new LessOrEqual(value) : new GreaterOrEqual(value);
                    case GT -> inOrder ? new Greater(value) : new Less(value);
                    case GE -> inOrder ? new GreaterOrEqual(value) : new LessOrEqual(value);
                    case NE, COMPARATOR_UNSPECIFIED, UNRECOGNIZED ->
                        throw new IllegalArgumentException("comparison without a comparator");
                });
    }

    /** The one attribute among the operands, which has to stand first. */
    private static String firstOperand(String operator, List<Operand> operands) {
        String attribute = attribute(operands);
        if (!operands.getFirst().hasPath()) {
            throw new ExpressionException("Invalid condition in KeyConditionExpression: " + operator
                    + " operator must have the key attribute as its first operand");
        }
        return attribute;
    }

    /** The one attribute among the operands; the others are literals. */
    private static String attribute(List<Operand> operands) {
        String attribute = null;
        for (Operand operand : operands) {
            switch (operand.getKindCase()) {
                case LITERAL -> {}
                case SIZE_OF -> throw new ExpressionException(NESTED_OPERATION);
                case PATH -> {
                    if (attribute != null) {
                        throw new ExpressionException("Invalid condition in KeyConditionExpression:"
                                + " Multiple attribute names used in one condition");
                    }
                    attribute = attribute(operand.getPath());
                }
                case KIND_NOT_SET -> throw new IllegalArgumentException("operand without a kind");
            }
        }
        if (attribute == null) {
            throw new ExpressionException("Invalid condition in KeyConditionExpression: No key attribute specified");
        }
        return attribute;
    }

    private static String attribute(DocumentPath path) {
        if (path.getElementsCount() > 1) {
            throw new ExpressionException("KeyConditionExpressions cannot have conditions on nested attributes");
        }
        return path.getElements(0).getAttribute();
    }

    private static AttributeValue literal(Operand operand) {
        return ItemCodec.decodeValue(operand.getLiteral());
    }

    private void put(String attribute, SortCondition condition) {
        if (conditions.put(attribute, condition) != null) {
            throw new ExpressionException(
                    "Invalid KeyConditionExpression: KeyConditionExpressions must only contain one "
                            + "condition per key");
        }
    }
}

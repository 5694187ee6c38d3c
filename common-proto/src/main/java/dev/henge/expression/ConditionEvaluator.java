package dev.henge.expression;

import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.proto.Condition;
import dev.henge.proto.Condition.Comparator;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A condition made ready to be evaluated on many items. Immutable, for any thread.
 *
 * <p>Semantics of the service: a path that leads nowhere makes any predicate false but {@code <>} and
 * attribute_not_exists; values of different types are unequal and have no order; a literal is decoded once.
 */
public final class ConditionEvaluator {

    private final Test test;

    private ConditionEvaluator(Test test) {
        this.test = test;
    }

    private interface Test {
        boolean matches(Map<String, AttributeValue> item);
    }

    private interface Source {
        @Nullable
        AttributeValue read(Map<String, AttributeValue> item);
    }

    /**
     * Makes the condition ready.
     *
     * @throws IllegalArgumentException when the message is incomplete, as none of {@link UnresolvedCondition} is
     */
    public static ConditionEvaluator of(Condition condition) {
        return new ConditionEvaluator(test(condition));
    }

    /** Whether the item matches; an empty map stands for no item. For one item only. */
    public static boolean matches(Condition condition, Map<String, AttributeValue> item) {
        return of(condition).matches(item);
    }

    /** Whether the item matches; an empty map stands for no item. */
    public boolean matches(Map<String, AttributeValue> item) {
        return test.matches(item);
    }

    private static Test test(Condition condition) {
        return switch (condition.getKindCase()) {
            case ALL_OF -> {
                List<Test> terms = tests(condition.getAllOf());
                yield item -> allMatch(terms, item);
            }
            case ANY_OF -> {
                List<Test> terms = tests(condition.getAnyOf());
                yield item -> anyMatch(terms, item);
            }
            case NOT -> {
                Test term = test(condition.getNot());
                yield item -> !term.matches(item);
            }
            case COMPARISON -> comparison(condition.getComparison());
            case BETWEEN -> between(condition.getBetween());
            case IN -> in(condition.getIn());
            case ATTRIBUTE_EXISTS -> {
                DocumentPath path = condition.getAttributeExists();
                yield item -> Paths.read(path, item) != null;
            }
            case ATTRIBUTE_NOT_EXISTS -> {
                DocumentPath path = condition.getAttributeNotExists();
                yield item -> Paths.read(path, item) == null;
            }
            case ATTRIBUTE_TYPE -> attributeType(condition.getAttributeType());
            case CONTAINS -> {
                Source subject = source(condition.getContains().getSubject());
                Source argument = source(condition.getContains().getArgument());
                yield item -> {
                    AttributeValue container = subject.read(item);
                    AttributeValue content = argument.read(item);
                    return container != null && content != null && Values.contains(container, content);
                };
            }
            case BEGINS_WITH -> {
                Source subject = source(condition.getBeginsWith().getSubject());
                Source argument = source(condition.getBeginsWith().getArgument());
                yield item -> {
                    AttributeValue value = subject.read(item);
                    AttributeValue prefix = argument.read(item);
                    return value != null && prefix != null && Values.beginsWith(value, prefix);
                };
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("condition without a kind");
        };
    }

    private static List<Test> tests(Condition.Junction junction) {
        List<Test> tests = new ArrayList<>(junction.getTermsCount());
        for (Condition term : junction.getTermsList()) {
            tests.add(test(term));
        }
        return tests;
    }

    private static boolean allMatch(List<Test> terms, Map<String, AttributeValue> item) {
        for (Test term : terms) {
            if (!term.matches(item)) {
                return false;
            }
        }
        return true;
    }

    private static boolean anyMatch(List<Test> terms, Map<String, AttributeValue> item) {
        for (Test term : terms) {
            if (term.matches(item)) {
                return true;
            }
        }
        return false;
    }

    private static Test comparison(Condition.Comparison comparison) {
        Source left = source(comparison.getLeft());
        Source right = source(comparison.getRight());
        Comparator comparator = comparison.getComparator();
        return switch (comparator) {
            case EQ -> item -> equal(left.read(item), right.read(item));
            case NE -> item -> !equal(left.read(item), right.read(item));
            case LT, LE, GT, GE -> item -> ordered(left.read(item), comparator, right.read(item));
            case COMPARATOR_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("comparison without a comparator");
        };
    }

    private static boolean equal(@Nullable AttributeValue left, @Nullable AttributeValue right) {
        return left != null && left.equals(right);
    }

    private static boolean ordered(
            @Nullable AttributeValue left, Comparator comparator, @Nullable AttributeValue right) {
        if (left == null || right == null) {
            return false;
        }
        OptionalInt order = Values.compare(left, right);
        if (order.isEmpty()) {
            return false;
        }
        return switch (comparator) {
            case LT -> order.getAsInt() < 0;
            case LE -> order.getAsInt() <= 0;
            case GT -> order.getAsInt() > 0;
            case GE -> order.getAsInt() >= 0;
            case EQ, NE, COMPARATOR_UNSPECIFIED, UNRECOGNIZED ->
                throw new IllegalArgumentException("no order: " + comparator);
        };
    }

    private static Test between(Condition.Between between) {
        Source value = source(between.getValue());
        Source low = source(between.getLow());
        Source high = source(between.getHigh());
        return item -> {
            AttributeValue read = value.read(item);
            return ordered(read, Comparator.GE, low.read(item)) && ordered(read, Comparator.LE, high.read(item));
        };
    }

    private static Test in(Condition.In in) {
        Source value = source(in.getValue());
        List<Source> candidates = new ArrayList<>(in.getCandidatesCount());
        for (Operand candidate : in.getCandidatesList()) {
            candidates.add(source(candidate));
        }
        return item -> {
            AttributeValue read = value.read(item);
            for (Source candidate : candidates) {
                if (equal(read, candidate.read(item))) {
                    return true;
                }
            }
            return false;
        };
    }

    private static Test attributeType(Condition.AttributeType attributeType) {
        Source subject = source(attributeType.getSubject());
        String type = attributeType.getType();
        return item -> {
            AttributeValue value = subject.read(item);
            return value != null && value.typeCode().equals(type);
        };
    }

    private static Source source(Operand operand) {
        return switch (operand.getKindCase()) {
            case PATH -> {
                DocumentPath path = operand.getPath();
                yield item -> Paths.read(path, item);
            }
            case LITERAL -> {
                AttributeValue literal = ItemCodec.decodeValue(operand.getLiteral());
                yield _ -> literal;
            }
            case SIZE_OF -> {
                DocumentPath path = operand.getSizeOf();
                yield item -> {
                    AttributeValue value = Paths.read(path, item);
                    return value == null ? null : Values.size(value);
                };
            }
            case KIND_NOT_SET -> throw new IllegalArgumentException("operand without a kind");
        };
    }
}

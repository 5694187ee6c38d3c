package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.expression.ConditionEvaluator;
import dev.henge.item.ItemCodec;
import dev.henge.proto.Condition;
import dev.henge.proto.Condition.Comparator;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.Operand;
import dev.henge.proto.PathElement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Expected, QueryFilter and ScanFilter as the conditions that expressions give: checks them with the service's texts
 * and translates them. To be used after the constraints. A name is one attribute, whatever characters it has.
 */
final class LegacyConditions {

    private LegacyConditions() {}

    /** QueryFilter or ScanFilter; null when nothing is asked. */
    static @Nullable Condition ofFilter(
            @Nullable Map<String, LegacyCondition> filter, @Nullable String conditionalOperator) {
        List<Condition> terms = new ArrayList<>();
        if (filter != null) {
            filter.forEach((name, condition) -> {
                check(name, condition);
                terms.add(toCondition(name, condition.requiredOperator(), condition.valuesOrNone()));
            });
        }
        return join(terms, conditionalOperator);
    }

    /** Expected; null when nothing is. */
    static @Nullable Condition ofExpected(
            @Nullable Map<String, LegacyCondition> expected, @Nullable String conditionalOperator) {
        List<Condition> terms = new ArrayList<>();
        if (expected != null) {
            expected.forEach((name, condition) -> terms.add(ofExpected(name, condition)));
        }
        return join(terms, conditionalOperator);
    }

    private static @Nullable Condition join(List<Condition> terms, @Nullable String conditionalOperator) {
        if (conditionalOperator != null && terms.isEmpty()) {
            throw ApiException.validation("ConditionalOperator cannot be used without Filter or Expected");
        }
        if (conditionalOperator != null && terms.size() == 1) {
            throw ApiException.validation(
                    "ConditionalOperator can only be used when Filter or Expected has two or more elements");
        }
        if (terms.isEmpty()) {
            return null;
        }
        if (terms.size() == 1) {
            return terms.getFirst();
        }
        Condition.Junction junction =
                Condition.Junction.newBuilder().addAllTerms(terms).build();
        Condition.Builder joined = Condition.newBuilder();
        return Objects.equals(conditionalOperator, LegacyParameters.ConditionalOperator.OR.name())
                ? joined.setAnyOf(junction).build()
                : joined.setAllOf(junction).build();
    }

    private static Condition ofExpected(String name, LegacyCondition condition) {
        if (condition == LegacyCondition.ABSENT) {
            throw expectation("ExpectedAttributeValue must not be null", name);
        }
        ParsedItem value = condition.value();
        if (value != null && condition.values() != null) {
            throw expectation("Value and AttributeValueList cannot be used together", name);
        }
        if (condition.operator() != null) {
            return ofComparison(name, condition);
        }
        if (condition.values() != null) {
            throw expectation("AttributeValueList can only be used with a ComparisonOperator", name);
        }
        boolean absence = Boolean.FALSE.equals(condition.exists());
        if (absence && value != null) {
            throw expectation("Value cannot be used when Exists is false", name);
        }
        if (!absence && value == null) {
            throw expectation("Value must be provided when Exists is " + condition.exists(), name);
        }
        return value == null
                ? toCondition(name, LegacyOperator.NULL, List.of())
                : toCondition(name, LegacyOperator.EQ, List.of(value.checked()));
    }

    private static Condition ofComparison(String name, LegacyCondition condition) {
        LegacyOperator operator = condition.requiredOperator();
        if (condition.exists() != null) {
            throw expectation("Exists and ComparisonOperator cannot be used together", name);
        }
        ParsedItem value = condition.value();
        List<ParsedItem> values = value == null ? condition.values() : List.of(value);
        if (values == null && !operator.isUnary()) {
            throw expectation("Value or AttributeValueList must be used with ComparisonOperator: " + operator, name);
        }
        List<ParsedItem> given = values == null ? List.of() : values;
        check(operator, given);
        return toCondition(name, operator, given);
    }

    private static ApiException expectation(String detail, String name) {
        return ApiException.invalidParameter(detail + " for Attribute: " + name);
    }

    /** Checks an entry of a filter or of KeyConditions. */
    static void check(String name, LegacyCondition condition) {
        if (condition == LegacyCondition.ABSENT) {
            throw ApiException.validation("The filter condition for an attribute cannot be null: " + name);
        }
        check(condition.requiredOperator(), condition.valuesOrNone());
    }

    private static void check(LegacyOperator operator, List<ParsedItem> values) {
        values.forEach(ParsedItem::checked);
        if (!operator.takesCount(values.size())) {
            throw ApiException.invalidParameter(
                    "Invalid number of argument(s) for the " + operator + " ComparisonOperator");
        }
        String firstTypeCode = null;
        for (ParsedItem value : values) {
            String typeCode = ItemCodec.decodeValue(value.bytes()).typeCode();
            if (!operator.takesType(typeCode)) {
                throw ApiException.invalidParameter(
                        "ComparisonOperator " + operator + " is not valid for " + typeCode + " AttributeValue type");
            }
            if (firstTypeCode != null && !firstTypeCode.equals(typeCode)) {
                throw ApiException.invalidParameter("AttributeValues inside AttributeValueList must be of same type");
            }
            firstTypeCode = typeCode;
        }
        if (operator == LegacyOperator.BETWEEN && !isInOrder(values.get(0), values.get(1))) {
            throw ApiException.validation(
                    "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound");
        }
    }

    private static boolean isInOrder(ParsedItem low, ParsedItem high) {
        return ConditionEvaluator.matches(comparison(Comparator.LE, literal(low), literal(high)), Map.of());
    }

    private static Condition toCondition(String name, LegacyOperator operator, List<ParsedItem> values) {
        DocumentPath path = path(name);
        Operand subject = Operand.newBuilder().setPath(path).build();
        Condition.Builder condition = Condition.newBuilder();
        return switch (operator) {
            case EQ -> comparison(Comparator.EQ, subject, literal(values.getFirst()));
            case NE -> comparison(Comparator.NE, subject, literal(values.getFirst()));
            case LT -> comparison(Comparator.LT, subject, literal(values.getFirst()));
            case LE -> comparison(Comparator.LE, subject, literal(values.getFirst()));
            case GT -> comparison(Comparator.GT, subject, literal(values.getFirst()));
            case GE -> comparison(Comparator.GE, subject, literal(values.getFirst()));
            case NULL -> condition.setAttributeNotExists(path).build();
            case NOT_NULL -> condition.setAttributeExists(path).build();
            case CONTAINS ->
                condition.setContains(function(subject, values.getFirst())).build();
            case NOT_CONTAINS -> notContains(path, subject, values.getFirst());
            case BEGINS_WITH ->
                condition.setBeginsWith(function(subject, values.getFirst())).build();
            case BETWEEN ->
                condition
                        .setBetween(Condition.Between.newBuilder()
                                .setValue(subject)
                                .setLow(literal(values.get(0)))
                                .setHigh(literal(values.get(1))))
                        .build();
            case IN ->
                condition
                        .setIn(Condition.In.newBuilder()
                                .setValue(subject)
                                .addAllCandidates(values.stream()
                                        .map(LegacyConditions::literal)
                                        .toList()))
                        .build();
        };
    }

    /** Unlike {@code NOT contains(...)}, it does not match what has no such attribute. */
    private static Condition notContains(DocumentPath path, Operand subject, ParsedItem value) {
        Condition contains =
                Condition.newBuilder().setContains(function(subject, value)).build();
        return Condition.newBuilder()
                .setAllOf(Condition.Junction.newBuilder()
                        .addTerms(Condition.newBuilder().setAttributeExists(path))
                        .addTerms(Condition.newBuilder().setNot(contains)))
                .build();
    }

    private static Condition comparison(Comparator comparator, Operand left, Operand right) {
        return Condition.newBuilder()
                .setComparison(Condition.Comparison.newBuilder()
                        .setComparator(comparator)
                        .setLeft(left)
                        .setRight(right))
                .build();
    }

    private static Condition.Function function(Operand subject, ParsedItem argument) {
        return Condition.Function.newBuilder()
                .setSubject(subject)
                .setArgument(literal(argument))
                .build();
    }

    private static Operand literal(ParsedItem value) {
        ByteString bytes = value.bytes();
        return Operand.newBuilder().setLiteral(bytes).build();
    }

    /** The path of a whole attribute. */
    static DocumentPath path(String name) {
        if (name.isEmpty()) {
            throw ApiException.validation("Empty attribute name");
        }
        return DocumentPath.newBuilder()
                .addElements(PathElement.newBuilder().setAttribute(name))
                .build();
    }
}

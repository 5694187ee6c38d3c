package dev.henge.expression;

import dev.henge.expression.ConditionSyntax.AllOf;
import dev.henge.expression.ConditionSyntax.AnyOf;
import dev.henge.expression.ConditionSyntax.Called;
import dev.henge.expression.ConditionSyntax.Compared;
import dev.henge.expression.ConditionSyntax.Not;
import dev.henge.expression.ConditionSyntax.OneOf;
import dev.henge.expression.ConditionSyntax.WithinBounds;
import dev.henge.expression.OperandSyntax.Call;
import dev.henge.expression.OperandSyntax.PathOperand;
import dev.henge.expression.OperandSyntax.ValueOperand;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.proto.Condition;
import dev.henge.proto.Condition.Comparator;
import dev.henge.proto.Condition.Junction;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** From the syntax of a condition to its message, checked. For one expression of one request. */
final class ConditionResolver {

    private static final String WRONG_TYPE = "Incorrect operand type for operator or function; operator or function: ";
    private static final Set<String> TYPE_CODES = Set.of("S", "N", "B", "SS", "NS", "BS", "BOOL", "NULL", "L", "M");

    private final ExpressionKind kind;
    private final Placeholders placeholders;

    ConditionResolver(ExpressionKind kind, Placeholders placeholders) {
        this.kind = kind;
        this.placeholders = placeholders;
    }

    /**
     * An operand and what is known of it without an item.
     *
     * @param path when it is one
     * @param literal when it is one
     * @param typeCode of what it gives, when that is sure
     */
    private record Resolved(
            Operand message,
            @Nullable DocumentPath path,
            @Nullable AttributeValue literal,
            @Nullable String typeCode) {}

    Condition resolve(ConditionSyntax syntax) {
        return switch (syntax) {
            case AllOf allOf ->
                Condition.newBuilder().setAllOf(junction(allOf.terms())).build();
            case AnyOf anyOf ->
                Condition.newBuilder().setAnyOf(junction(anyOf.terms())).build();
            case Not not -> Condition.newBuilder().setNot(resolve(not.term())).build();
            case Compared compared -> compared(compared);
            case WithinBounds withinBounds -> withinBounds(withinBounds);
            case OneOf oneOf -> oneOf(oneOf);
            case Called called -> called(called.call());
        };
    }

    private Junction junction(List<ConditionSyntax> terms) {
        Junction.Builder builder = Junction.newBuilder();
        for (ConditionSyntax term : terms) {
            builder.addTerms(resolve(term));
        }
        return builder.build();
    }

    private Condition compared(Compared compared) {
        Resolved left = operand(compared.left());
        Resolved right = operand(compared.right());
        String operator = text(compared.comparator());
        checkDistinct(operator, left, List.of(right));
        if (compared.comparator() != Comparator.EQ && compared.comparator() != Comparator.NE) {
            checkOrdered(operator, left);
            checkOrdered(operator, right);
        }
        return Condition.newBuilder()
                .setComparison(Condition.Comparison.newBuilder()
                        .setComparator(compared.comparator())
                        .setLeft(left.message())
                        .setRight(right.message()))
                .build();
    }

    private Condition withinBounds(WithinBounds syntax) {
        Resolved value = operand(syntax.value());
        Resolved low = operand(syntax.low());
        Resolved high = operand(syntax.high());
        checkDistinct("BETWEEN", value, List.of(low, high));
        checkOrdered("BETWEEN", value);
        checkOrdered("BETWEEN", low);
        checkOrdered("BETWEEN", high);
        if (low.literal() != null && high.literal() != null) {
            checkBounds(low.literal(), high.literal());
        }
        return Condition.newBuilder()
                .setBetween(Condition.Between.newBuilder()
                        .setValue(value.message())
                        .setLow(low.message())
                        .setHigh(high.message()))
                .build();
    }

    private void checkBounds(AttributeValue low, AttributeValue high) {
        OptionalInt order = Values.compare(low, high);
        if (order.isPresent() && order.getAsInt() <= 0) {
            return;
        }
        String requirement = order.isEmpty()
                ? "same data type for lower and upper bounds"
                : "upper bound to be greater than or equal to lower bound";
        throw kind.invalid("The BETWEEN operator requires " + requirement + "; lower bound operand: "
                + Values.print(low) + ", upper bound operand: " + Values.print(high));
    }

    private Condition oneOf(OneOf syntax) {
        Resolved value = operand(syntax.value());
        List<Resolved> candidates = operands(syntax.candidates());
        checkDistinct("IN", value, candidates);
        Condition.In.Builder builder = Condition.In.newBuilder().setValue(value.message());
        for (Resolved candidate : candidates) {
            builder.addCandidates(candidate.message());
        }
        return Condition.newBuilder().setIn(builder).build();
    }

    private Condition called(Call call) {
        List<Resolved> arguments = operands(call.arguments());
        checkCount(call);
        Function function = call.function();
        checkDistinct(function.text(), arguments.getFirst(), arguments.subList(1, arguments.size()));
        Condition.Builder builder = Condition.newBuilder();
        return switch (function) {
            case ATTRIBUTE_EXISTS ->
                builder.setAttributeExists(requiredPath(function, arguments.getFirst()))
                        .build();
            case ATTRIBUTE_NOT_EXISTS ->
                builder.setAttributeNotExists(requiredPath(function, arguments.getFirst()))
                        .build();
            case ATTRIBUTE_TYPE ->
                builder.setAttributeType(attributeType(arguments)).build();
            case BEGINS_WITH -> {
                for (Resolved argument : arguments) {
                    String typeCode = argument.typeCode();
                    if (typeCode != null && !typeCode.equals("S") && !typeCode.equals("B")) {
                        throw wrongType(function.text(), typeCode);
                    }
                }
                yield builder.setBeginsWith(binary(arguments)).build();
            }
            case CONTAINS -> builder.setContains(binary(arguments)).build();
            case SIZE, IF_NOT_EXISTS, LIST_APPEND ->
                throw new IllegalStateException("no condition by itself: " + function.text());
        };
    }

    private static Condition.Function binary(List<Resolved> arguments) {
        return Condition.Function.newBuilder()
                .setSubject(arguments.get(0).message())
                .setArgument(arguments.get(1).message())
                .build();
    }

    private Condition.AttributeType attributeType(List<Resolved> arguments) {
        Resolved type = arguments.get(1);
        if (!(type.literal() instanceof StringValue(String name))) {
            String typeCode = type.typeCode();
            // Of a path any type may come; this is how the service prints that.
            throw wrongType(
                    Function.ATTRIBUTE_TYPE.text(), typeCode == null ? "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}" : typeCode);
        }
        if (!TYPE_CODES.contains(name)) {
            throw kind.invalid("Invalid attribute type name found; type: " + name
                    + ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
        }
        return Condition.AttributeType.newBuilder()
                .setSubject(arguments.getFirst().message())
                .setType(name)
                .build();
    }

    private List<Resolved> operands(List<OperandSyntax> syntaxes) {
        List<Resolved> resolved = new ArrayList<>(syntaxes.size());
        for (OperandSyntax syntax : syntaxes) {
            resolved.add(operand(syntax));
        }
        return resolved;
    }

    private Resolved operand(OperandSyntax syntax) {
        return switch (syntax) {
            case PathOperand(PathSyntax path) -> {
                DocumentPath resolved = Paths.resolve(kind, path, placeholders);
                yield new Resolved(Operand.newBuilder().setPath(resolved).build(), resolved, null, null);
            }
            case ValueOperand(String placeholder) -> literal(placeholders.value(kind, placeholder));
            case Call call -> size(call);
        };
    }

    private static Resolved literal(AttributeValue value) {
        Operand message = Operand.newBuilder()
                .setLiteral(ItemCodec.encodeValueToByteString(value))
                .build();
        return new Resolved(message, null, value, value.typeCode());
    }

    /** The only function that gives a value. Of a literal it is one itself. */
    private Resolved size(Call call) {
        if (call.function() != Function.SIZE) {
            throw new IllegalStateException("no value: " + call.function().text());
        }
        List<Resolved> arguments = operands(call.arguments());
        checkCount(call);
        Resolved argument = arguments.getFirst();
        if (argument.path() != null) {
            Operand message = Operand.newBuilder().setSizeOf(argument.path()).build();
            return new Resolved(message, null, null, "N");
        }
        AttributeValue size = argument.literal() == null ? null : Values.size(argument.literal());
        if (size == null) {
            throw wrongType(call.function().text(), argument.typeCode());
        }
        Resolved folded = literal(size);
        // A computed value, which BETWEEN does not compare with its other bound.
        return new Resolved(folded.message(), null, null, "N");
    }

    private void checkCount(Call call) {
        int count = call.arguments().size();
        if (count != call.function().operandCount()) {
            throw wrongCount(kind, call.function(), count);
        }
    }

    static ExpressionException wrongCount(ExpressionKind kind, Function function, int count) {
        return kind.invalid("Incorrect number of operands for operator or function; operator or function: "
                + function.text() + ", number of operands: " + count);
    }

    static ExpressionException pathRequired(ExpressionKind kind, Function function) {
        return kind.invalid("Operator or function requires a document path; operator or function: " + function.text());
    }

    private DocumentPath requiredPath(Function function, Resolved argument) {
        if (argument.path() == null) {
            throw pathRequired(kind, function);
        }
        return argument.path();
    }

    private void checkDistinct(String operator, Resolved first, List<Resolved> others) {
        DocumentPath path = first.path();
        if (path == null) {
            return;
        }
        for (Resolved other : others) {
            if (path.equals(other.path())) {
                throw notDistinct(kind, operator, path);
            }
        }
    }

    static ExpressionException notDistinct(ExpressionKind kind, String operator, DocumentPath path) {
        return kind.invalid("The first operand must be distinct from the remaining operands for this operator"
                + " or function; operator: " + operator + ", first operand: " + Paths.print(path));
    }

    private void checkOrdered(String operator, Resolved operand) {
        String typeCode = operand.typeCode();
        if (typeCode != null && !Values.isOrdered(typeCode)) {
            throw wrongType(operator, typeCode);
        }
    }

    private ExpressionException wrongType(String operator, @Nullable String typeCode) {
        return kind.invalid(WRONG_TYPE + operator + ", operand type: " + typeCode);
    }

    private static String text(Comparator comparator) {
        return switch (comparator) {
            case EQ -> "=";
            case NE -> "<>";
            case LT -> "<";
            case LE -> "<=";
            case GT -> ">";
            case GE -> ">=";
            case COMPARATOR_UNSPECIFIED, UNRECOGNIZED -> throw new IllegalArgumentException("no comparator");
        };
    }
}

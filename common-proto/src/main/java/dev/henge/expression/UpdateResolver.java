package dev.henge.expression;

import dev.henge.expression.ActionSyntax.AddAction;
import dev.henge.expression.ActionSyntax.DeleteAction;
import dev.henge.expression.ActionSyntax.RemoveAction;
import dev.henge.expression.ActionSyntax.SetAction;
import dev.henge.expression.AssignedSyntax.Arithmetic;
import dev.henge.expression.OperandSyntax.Call;
import dev.henge.expression.OperandSyntax.PathOperand;
import dev.henge.expression.OperandSyntax.ValueOperand;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.BinarySet;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.BooleanValue;
import dev.henge.item.AttributeValue.ListValue;
import dev.henge.item.AttributeValue.MapValue;
import dev.henge.item.AttributeValue.NullValue;
import dev.henge.item.AttributeValue.NumberSet;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringSet;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.SetValue;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * From the syntax of an update to its message, checked as the service does: first all names, then the changed paths
 * against each other, then all values, then the types of ADD and DELETE, then functions and arithmetic. For one
 * expression of one request.
 */
final class UpdateResolver {

    private static final ExpressionKind KIND = ExpressionKind.UPDATE;

    private final Placeholders placeholders;
    private final Map<PathSyntax, DocumentPath> paths = new HashMap<>();
    private final Map<String, AttributeValue> values = new HashMap<>();

    UpdateResolver(Placeholders placeholders) {
        this.placeholders = placeholders;
    }

    Update resolve(List<ActionSyntax> actions) {
        List<DocumentPath> changed = new ArrayList<>(actions.size());
        for (ActionSyntax action : actions) {
            changed.add(path(action.path()));
            if (action instanceof SetAction set) {
                resolvePaths(set.assigned());
            }
        }
        Paths.checkDisjoint(KIND, changed);
        actions.forEach(this::resolveValues);
        actions.forEach(this::checkChangedBy);
        Update.Builder builder = Update.newBuilder();
        for (ActionSyntax action : actions) {
            builder.addActions(action(action));
        }
        return builder.build();
    }

    private DocumentPath path(PathSyntax path) {
        return paths.computeIfAbsent(path, unresolved -> Paths.resolve(KIND, unresolved, placeholders));
    }

    private void resolvePaths(AssignedSyntax assigned) {
        switch (assigned) {
            case Arithmetic arithmetic -> {
                resolvePaths(arithmetic.left());
                resolvePaths(arithmetic.right());
            }
            case PathOperand(PathSyntax path) -> path(path);
            case ValueOperand _ -> {}
            case Call call -> call.arguments().forEach(this::resolvePaths);
        }
    }

    private void resolveValues(ActionSyntax action) {
        switch (action) {
            case SetAction set -> resolveValues(set.assigned());
            case RemoveAction _ -> {}
            case AddAction add -> value(add.valuePlaceholder());
            case DeleteAction delete -> value(delete.valuePlaceholder());
        }
    }

    private void resolveValues(AssignedSyntax assigned) {
        switch (assigned) {
            case Arithmetic arithmetic -> {
                resolveValues(arithmetic.left());
                resolveValues(arithmetic.right());
            }
            case PathOperand _ -> {}
            case ValueOperand(String placeholder) -> value(placeholder);
            case Call call -> call.arguments().forEach(this::resolveValues);
        }
    }

    private AttributeValue value(String placeholder) {
        return values.computeIfAbsent(placeholder, unresolved -> placeholders.value(KIND, unresolved));
    }

    private void checkChangedBy(ActionSyntax action) {
        switch (action) {
            case SetAction _, RemoveAction _ -> {}
            case AddAction add -> {
                AttributeValue value = value(add.valuePlaceholder());
                if (!(value instanceof NumberValue) && !isSet(value)) {
                    throw notChangeable("ADD", value);
                }
            }
            case DeleteAction delete -> {
                AttributeValue value = value(delete.valuePlaceholder());
                if (!isSet(value)) {
                    throw notChangeable("DELETE", value);
                }
            }
        }
    }

    private static boolean isSet(AttributeValue value) {
        return value instanceof StringSet || value instanceof NumberSet || value instanceof BinarySet;
    }

    private static ExpressionException notChangeable(String operator, AttributeValue value) {
        return KIND.invalid("Incorrect operand type for operator or function; operator: " + operator
                + ", operand type: " + typeName(value) + ", typeSet: ALLOWED_FOR_" + operator + "_OPERAND");
    }

    /** How this one error names types. */
    private static String typeName(AttributeValue value) {
        return switch (value) {
            case StringValue _ -> "STRING";
            case NumberValue _ -> "NUMBER";
            case BinaryValue _ -> "BINARY";
            case BooleanValue _ -> "BOOLEAN";
            case NullValue _ -> "NULL";
            case ListValue _ -> "LIST";
            case MapValue _ -> "MAP";
            case StringSet _ -> "STRING_SET";
            case NumberSet _ -> "NUMBER_SET";
            case BinarySet _ -> "BINARY_SET";
        };
    }

    private UpdateAction action(ActionSyntax action) {
        UpdateAction.Builder builder = UpdateAction.newBuilder();
        switch (action) {
            case SetAction(PathSyntax path, AssignedSyntax assigned) ->
                builder.setSet(UpdateAction.Set.newBuilder().setPath(path(path)).setValue(assigned(assigned)));
            case RemoveAction(PathSyntax path) -> builder.setRemove(path(path));
            case AddAction(PathSyntax path, String placeholder) -> builder.setAdd(withLiteral(path, placeholder));
            case DeleteAction(PathSyntax path, String placeholder) -> builder.setDelete(withLiteral(path, placeholder));
        }
        return builder.build();
    }

    private UpdateAction.WithLiteral withLiteral(PathSyntax path, String placeholder) {
        return UpdateAction.WithLiteral.newBuilder()
                .setPath(path(path))
                .setLiteral(ItemCodec.encodeValueToByteString(value(placeholder)))
                .build();
    }

    private SetValue assigned(AssignedSyntax assigned) {
        return switch (assigned) {
            case Arithmetic(AssignedSyntax.Operator operator, OperandSyntax left, OperandSyntax right) -> {
                checkLiteral(operator.text(), "N", left);
                checkLiteral(operator.text(), "N", right);
                SetValue.Pair pair = pair(left, right);
                yield switch (operator) {
                    case PLUS -> SetValue.newBuilder().setPlus(pair).build();
                    case MINUS -> SetValue.newBuilder().setMinus(pair).build();
                };
            }
            case PathOperand(PathSyntax path) ->
                SetValue.newBuilder().setPath(path(path)).build();
            case ValueOperand(String placeholder) ->
                SetValue.newBuilder()
                        .setLiteral(ItemCodec.encodeValueToByteString(value(placeholder)))
                        .build();
            case Call call -> called(call);
        };
    }

    private SetValue called(Call call) {
        List<OperandSyntax> arguments = call.arguments();
        if (arguments.size() != call.function().operandCount()) {
            throw ConditionResolver.wrongCount(KIND, call.function(), arguments.size());
        }
        return switch (call.function()) {
            case IF_NOT_EXISTS -> {
                if (!(arguments.get(0) instanceof PathOperand(PathSyntax path))) {
                    throw ConditionResolver.pathRequired(KIND, call.function());
                }
                if (arguments.get(1) instanceof PathOperand(PathSyntax fallback)
                        && path(fallback).equals(path(path))) {
                    throw ConditionResolver.notDistinct(KIND, call.function().text(), path(path));
                }
                yield SetValue.newBuilder()
                        .setIfNotExists(SetValue.IfNotExists.newBuilder()
                                .setPath(path(path))
                                .setFallback(assigned(arguments.get(1))))
                        .build();
            }
            case LIST_APPEND -> {
                checkLiteral(call.function().text(), "L", arguments.get(0));
                checkLiteral(call.function().text(), "L", arguments.get(1));
                yield SetValue.newBuilder()
                        .setListAppend(pair(arguments.get(0), arguments.get(1)))
                        .build();
            }
            case ATTRIBUTE_EXISTS, ATTRIBUTE_NOT_EXISTS, ATTRIBUTE_TYPE, BEGINS_WITH, CONTAINS, SIZE ->
                throw new IllegalStateException(
                        "not of updates: " + call.function().text());
        };
    }

    private SetValue.Pair pair(OperandSyntax left, OperandSyntax right) {
        return SetValue.Pair.newBuilder()
                .setLeft(assigned(left))
                .setRight(assigned(right))
                .build();
    }

    private void checkLiteral(String operator, String typeCode, OperandSyntax operand) {
        if (operand instanceof ValueOperand(String placeholder)
                && !value(placeholder).typeCode().equals(typeCode)) {
            throw KIND.invalid("Incorrect operand type for operator or function; operator or function: " + operator
                    + ", operand type: " + value(placeholder).typeCode());
        }
    }
}

package dev.henge.expression;

import dev.henge.expression.OperandSyntax.Call;
import dev.henge.proto.Condition.Comparator;
import java.util.List;

/** A condition as written, parentheses dissolved. */
sealed interface ConditionSyntax {

    record AllOf(List<ConditionSyntax> terms) implements ConditionSyntax {
        public AllOf {
            terms = List.copyOf(terms);
        }
    }

    record AnyOf(List<ConditionSyntax> terms) implements ConditionSyntax {
        public AnyOf {
            terms = List.copyOf(terms);
        }
    }

    record Not(ConditionSyntax term) implements ConditionSyntax {}

    record Compared(Comparator comparator, OperandSyntax left, OperandSyntax right) implements ConditionSyntax {}

    record WithinBounds(OperandSyntax value, OperandSyntax low, OperandSyntax high) implements ConditionSyntax {}

    record OneOf(OperandSyntax value, List<OperandSyntax> candidates) implements ConditionSyntax {
        public OneOf {
            candidates = List.copyOf(candidates);
        }
    }

    /** A call that is a condition by itself. */
    record Called(Call call) implements ConditionSyntax {}
}

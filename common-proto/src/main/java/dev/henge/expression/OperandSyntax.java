package dev.henge.expression;

import java.util.List;

/** What an operator or a function takes, as written. */
sealed interface OperandSyntax extends AssignedSyntax {

    record PathOperand(PathSyntax path) implements OperandSyntax {}

    /** With its colon. */
    record ValueOperand(String placeholder) implements OperandSyntax {}

    record Call(Function function, List<OperandSyntax> arguments) implements OperandSyntax {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }
}

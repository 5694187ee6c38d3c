package dev.henge.expression;

/** The right side of a SET action, as written. */
sealed interface AssignedSyntax permits OperandSyntax, AssignedSyntax.Arithmetic {

    enum Operator {
        PLUS("+"),
        MINUS("-");

        private final String text;

        Operator(String text) {
            this.text = text;
        }

        String text() {
            return text;
        }
    }

    record Arithmetic(Operator operator, OperandSyntax left, OperandSyntax right) implements AssignedSyntax {}
}

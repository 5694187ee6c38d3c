package dev.henge.expression;

import dev.henge.proto.Condition;

/** A parsed condition, filter or key condition whose placeholders are still open. Immutable. */
public final class UnresolvedCondition {

    private final ExpressionKind kind;
    private final ConditionSyntax syntax;

    UnresolvedCondition(ExpressionKind kind, ConditionSyntax syntax) {
        this.kind = kind;
        this.syntax = syntax;
    }

    public ExpressionKind kind() {
        return kind;
    }

    /**
     * Checks names, values, operand counts and types, in the order of the text, and marks what it uses.
     *
     * @throws ExpressionException with the service's text
     */
    public Condition resolve(Placeholders placeholders) {
        return new ConditionResolver(kind, placeholders).resolve(syntax);
    }
}

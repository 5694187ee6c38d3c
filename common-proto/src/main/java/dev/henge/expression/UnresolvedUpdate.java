package dev.henge.expression;

import dev.henge.proto.Update;
import java.util.List;

/** A parsed update whose placeholders are still open. Immutable. */
public final class UnresolvedUpdate {

    private final List<ActionSyntax> actions;

    UnresolvedUpdate(List<ActionSyntax> actions) {
        this.actions = List.copyOf(actions);
    }

    /**
     * Checks names, that no two changed paths overlap or conflict, values, operand counts and types, and marks what it
     * uses. That no key attribute is changed is for the caller to check.
     *
     * @throws ExpressionException with the service's text
     */
    public Update resolve(Placeholders placeholders) {
        return new UpdateResolver(placeholders).resolve(actions);
    }
}

package dev.henge.expression;

import dev.henge.expression.ExpressionGrammarParser.NameContext;
import dev.henge.expression.ExpressionGrammarParser.PathContext;
import dev.henge.expression.ExpressionGrammarParser.StepContext;
import dev.henge.expression.PathSyntax.Index;
import dev.henge.expression.PathSyntax.Name;
import dev.henge.expression.PathSyntax.NamePlaceholder;
import dev.henge.expression.PathSyntax.Step;
import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.TerminalNode;

/**
 * What the builders of conditions and of updates share. Here stand the checks that need nothing but the text; the
 * service makes them in the order of the text and before any that needs names or values.
 */
class SyntaxBuilder {

    final Source source;
    private int operatorCount;

    SyntaxBuilder(Source source) {
        this.source = source;
    }

    final ExpressionKind kind() {
        return source.kind();
    }

    /** Counts one operator or function. */
    final void countOperator() {
        operatorCount++;
        if (operatorCount > ExpressionParser.OPERATOR_COUNT_MAX) {
            throw kind().invalid("The expression contains too many operators; operator count: " + operatorCount);
        }
    }

    final PathSyntax path(PathContext context) {
        List<Step> steps = new ArrayList<>(1 + context.step().size());
        steps.add(name(context.name()));
        for (StepContext step : context.step()) {
            steps.add(step.name() != null ? name(step.name()) : index(step.INDEX()));
        }
        if (steps.size() > ExpressionParser.PATH_DEPTH_MAX) {
            throw kind().invalid("The document path has too many nesting levels; nesting levels: " + steps.size());
        }
        return new PathSyntax(steps);
    }

    private Step name(NameContext context) {
        String text = context.getText();
        if (context.NAME_PLACEHOLDER() != null) {
            return new NamePlaceholder(text);
        }
        if (ReservedWords.contains(text)) {
            throw kind().invalid("Attribute name is a reserved keyword; reserved keyword: " + text);
        }
        return new Name(text);
    }

    private Step index(TerminalNode node) {
        String digits = node.getText();
        // Ten digits fit a long; more are out of range whatever they are.
        if (digits.length() > 10 || Long.parseLong(digits) > Integer.MAX_VALUE) {
            throw kind().invalid("List index is not within the allowable range; index: [" + digits + "]");
        }
        return new Index(Integer.parseInt(digits));
    }

    /** The function that a path followed by arguments calls; the grammar lets any path stand there. */
    final Function function(PathContext context, ParserRuleContext arguments) {
        Token opening = arguments.getStart();
        if (!context.step().isEmpty() || context.name().NAME() == null) {
            throw source.syntaxError(opening);
        }
        countOperator();
        String text = context.getText();
        Function function = Function.named(text);
        if (function == null) {
            throw kind().invalid("Invalid function name; function: " + text);
        }
        boolean inCondition = kind() != ExpressionKind.UPDATE;
        if (function.isOfConditions() != inCondition) {
            throw kind().invalid("The function is not allowed in "
                    + (inCondition ? "a condition" : "an update")
                    + " expression; function: "
                    + text);
        }
        return function;
    }

    final ExpressionException misused(Function function) {
        return kind().invalid("The function is not allowed to be used this way in an expression; function: "
                + function.text());
    }
}

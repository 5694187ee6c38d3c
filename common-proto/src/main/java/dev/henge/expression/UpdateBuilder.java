package dev.henge.expression;

import dev.henge.expression.ActionSyntax.AddAction;
import dev.henge.expression.ActionSyntax.DeleteAction;
import dev.henge.expression.ActionSyntax.RemoveAction;
import dev.henge.expression.ActionSyntax.SetAction;
import dev.henge.expression.AssignedSyntax.Arithmetic;
import dev.henge.expression.AssignedSyntax.Operator;
import dev.henge.expression.ExpressionGrammarParser.AssignmentContext;
import dev.henge.expression.ExpressionGrammarParser.PathContext;
import dev.henge.expression.ExpressionGrammarParser.SectionContext;
import dev.henge.expression.ExpressionGrammarParser.SumContext;
import dev.henge.expression.ExpressionGrammarParser.TermContext;
import dev.henge.expression.ExpressionGrammarParser.UpdateExpressionContext;
import dev.henge.expression.ExpressionGrammarParser.ValueChangeContext;
import dev.henge.expression.OperandSyntax.Call;
import dev.henge.expression.OperandSyntax.PathOperand;
import dev.henge.expression.OperandSyntax.ValueOperand;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** From the parse tree of an update to its actions, in the order of the text. */
final class UpdateBuilder extends SyntaxBuilder {

    UpdateBuilder(Source source) {
        super(source);
    }

    List<ActionSyntax> actions(UpdateExpressionContext context) {
        List<ActionSyntax> actions = new ArrayList<>();
        for (SectionContext section : context.section()) {
            addActions(actions, section);
        }
        Set<String> sections = new HashSet<>();
        for (SectionContext section : context.section()) {
            String keyword = section.getStart().getText().toUpperCase(Locale.ROOT);
            if (!sections.add(keyword)) {
                throw kind().invalid("The \"" + keyword + "\" section can only be used once in an update expression;");
            }
        }
        return actions;
    }

    private void addActions(List<ActionSyntax> actions, SectionContext section) {
        for (AssignmentContext assignment : section.assignment()) {
            PathSyntax path = path(assignment.path());
            actions.add(new SetAction(path, assigned(assignment.sum())));
        }
        for (PathContext removed : section.path()) {
            actions.add(new RemoveAction(path(removed)));
        }
        for (ValueChangeContext change : section.valueChange()) {
            PathSyntax path = path(change.path());
            String placeholder = change.VALUE_PLACEHOLDER().getText();
            actions.add(section.ADD() != null ? new AddAction(path, placeholder) : new DeleteAction(path, placeholder));
        }
    }

    private AssignedSyntax assigned(SumContext context) {
        TermContext first = context.term(0);
        if (context.operator == null) {
            return first.sum() != null ? assigned(first.sum()) : operand(first, true, 0);
        }
        countOperator();
        boolean plus = context.operator.getType() == ExpressionGrammarLexer.PLUS;
        if (first.sum() != null && !isBareTerm(first.sum())) {
            throw source.syntaxError(context.operator);
        }
        return new Arithmetic(
                plus ? Operator.PLUS : Operator.MINUS, operand(first, false, 0), operand(context.term(1), false, 0));
    }

    /**
     * @param whole whether it is all that the action assigns, where alone list_append may stand
     * @param depth how many calls it is an argument of
     */
    private OperandSyntax operand(TermContext context, boolean whole, int depth) {
        if (context.VALUE_PLACEHOLDER() != null) {
            return new ValueOperand(context.VALUE_PLACEHOLDER().getText());
        }
        if (context.sum() != null) {
            checkBareTerm(context.sum());
            return operand(context.sum().term(0), whole, depth);
        }
        if (context.termArguments() == null) {
            return new PathOperand(path(context.path()));
        }
        Function function = function(context.path(), context.termArguments());
        if (function == Function.LIST_APPEND && !whole) {
            throw misused(function);
        }
        if (depth + 1 > ExpressionParser.CALL_DEPTH_MAX) {
            throw source.tooDeep(depth + 1);
        }
        List<OperandSyntax> arguments = new ArrayList<>();
        for (TermContext argument : context.termArguments().term()) {
            arguments.add(operand(argument, false, depth + 1));
        }
        return new Call(function, arguments);
    }

    private static boolean isBareTerm(SumContext context) {
        TermContext first = context.term(0);
        return context.operator == null && (first.sum() == null || isBareTerm(first.sum()));
    }

    /** Where an operand has to stand: an operator makes no operand. */
    private void checkBareTerm(SumContext context) {
        TermContext first = context.term(0);
        if (first.sum() != null) {
            checkBareTerm(first.sum());
        }
        if (context.operator != null) {
            throw source.syntaxError(context.operator);
        }
    }
}

package dev.henge.expression;

import dev.henge.expression.ConditionSyntax.AllOf;
import dev.henge.expression.ConditionSyntax.AnyOf;
import dev.henge.expression.ConditionSyntax.Called;
import dev.henge.expression.ConditionSyntax.Compared;
import dev.henge.expression.ConditionSyntax.Not;
import dev.henge.expression.ConditionSyntax.OneOf;
import dev.henge.expression.ConditionSyntax.WithinBounds;
import dev.henge.expression.ExpressionGrammarParser.ConjunctionContext;
import dev.henge.expression.ExpressionGrammarParser.DisjunctionContext;
import dev.henge.expression.ExpressionGrammarParser.NegationContext;
import dev.henge.expression.ExpressionGrammarParser.OperandContext;
import dev.henge.expression.ExpressionGrammarParser.PredicateContext;
import dev.henge.expression.ExpressionGrammarParser.SuffixContext;
import dev.henge.expression.OperandSyntax.Call;
import dev.henge.expression.OperandSyntax.PathOperand;
import dev.henge.expression.OperandSyntax.ValueOperand;
import dev.henge.proto.Condition.Comparator;
import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.Token;

/**
 * From the parse tree of a condition to its syntax. The grammar takes an operand wherever a condition may stand and the
 * other way round; the builder tells them apart and reports what does not fit as the syntax error it is.
 */
final class ConditionBuilder extends SyntaxBuilder {

    ConditionBuilder(Source source) {
        super(source);
    }

    ConditionSyntax condition(DisjunctionContext context) {
        List<ConjunctionContext> conjunctions = context.conjunction();
        ConditionSyntax first = condition(conjunctions.getFirst());
        if (conjunctions.size() == 1) {
            return first;
        }
        List<ConditionSyntax> terms = new ArrayList<>();
        addAlternative(terms, first);
        for (ConjunctionContext conjunction : conjunctions.subList(1, conjunctions.size())) {
            countOperator();
            addAlternative(terms, condition(conjunction));
        }
        return new AnyOf(terms);
    }

    /** (a OR b) OR c is a OR b OR c. */
    private static void addAlternative(List<ConditionSyntax> terms, ConditionSyntax term) {
        if (term instanceof AnyOf anyOf) {
            terms.addAll(anyOf.terms());
        } else {
            terms.add(term);
        }
    }

    private ConditionSyntax condition(ConjunctionContext context) {
        List<NegationContext> negations = context.negation();
        ConditionSyntax first = condition(negations.getFirst());
        if (negations.size() == 1) {
            return first;
        }
        List<ConditionSyntax> terms = new ArrayList<>();
        addRequirement(terms, first);
        for (NegationContext negation : negations.subList(1, negations.size())) {
            countOperator();
            addRequirement(terms, condition(negation));
        }
        return new AllOf(terms);
    }

    /** (a AND b) AND c is a AND b AND c. */
    private static void addRequirement(List<ConditionSyntax> terms, ConditionSyntax term) {
        if (term instanceof AllOf allOf) {
            terms.addAll(allOf.terms());
        } else {
            terms.add(term);
        }
    }

    private ConditionSyntax condition(NegationContext context) {
        int nots = context.NOT().size();
        for (int counted = 0; counted < nots; counted++) {
            countOperator();
        }
        ConditionSyntax condition = condition(context.predicate());
        if (nots == 0) {
            return condition;
        }
        // A key condition may hold no NOT, not even a pair; elsewhere a pair means nothing.
        boolean inverts = nots % 2 == 1 || kind() == ExpressionKind.KEY_CONDITION;
        return inverts ? new Not(condition) : condition;
    }

    private ConditionSyntax condition(PredicateContext context) {
        OperandContext operand = context.operand();
        SuffixContext suffix = context.suffix();
        if (suffix != null) {
            return condition(operand, suffix);
        }
        if (operand.disjunction() != null && !isBareValue(operand)) {
            return condition(operand.disjunction());
        }
        if (operand.arguments() == null) {
            // A bare path or value: what is missing is what should follow it.
            throw source.syntaxError(source.following(operand));
        }
        Call call = call(operand);
        if (call.function() == Function.SIZE) {
            throw misused(Function.SIZE);
        }
        return new Called(call);
    }

    private ConditionSyntax condition(OperandContext subject, SuffixContext suffix) {
        if (subject.disjunction() != null && !isBareOperand(subject.disjunction())) {
            condition(subject.disjunction());
            throw source.syntaxError(suffix.getStart());
        }
        OperandSyntax value = usedOperand(subject);
        countOperator();
        if (suffix.BETWEEN() != null) {
            return new WithinBounds(value, usedOperand(suffix.low), usedOperand(suffix.high));
        }
        if (suffix.IN() != null) {
            List<OperandSyntax> candidates = new ArrayList<>(suffix.candidates.size());
            for (OperandContext candidate : suffix.candidates) {
                candidates.add(usedOperand(candidate));
            }
            if (candidates.size() > ExpressionParser.IN_OPERANDS_MAX) {
                throw kind().invalid("The IN operator is provided with too many operands; number of operands: "
                        + candidates.size());
            }
            return new OneOf(value, candidates);
        }
        return new Compared(comparator(suffix.comparator), value, usedOperand(suffix.right));
    }

    private static Comparator comparator(Token token) {
        return switch (token.getType()) {
            case ExpressionGrammarLexer.EQUAL -> Comparator.EQ;
            case ExpressionGrammarLexer.NOT_EQUAL -> Comparator.NE;
            case ExpressionGrammarLexer.LESS -> Comparator.LT;
            case ExpressionGrammarLexer.LESS_OR_EQUAL -> Comparator.LE;
            case ExpressionGrammarLexer.GREATER -> Comparator.GT;
            case ExpressionGrammarLexer.GREATER_OR_EQUAL -> Comparator.GE;
            default -> throw new IllegalStateException("no comparator: " + token);
        };
    }

    /** An operand of an operator, or an argument: of the functions, only size gives a value. */
    private OperandSyntax usedOperand(OperandContext context) {
        OperandSyntax operand = operand(context);
        if (operand instanceof Call call && call.function() != Function.SIZE) {
            throw misused(call.function());
        }
        return operand;
    }

    private OperandSyntax operand(OperandContext context) {
        if (context.VALUE_PLACEHOLDER() != null) {
            return new ValueOperand(context.VALUE_PLACEHOLDER().getText());
        }
        if (context.disjunction() != null) {
            checkBareOperand(context.disjunction());
            return operand(innerPredicate(context.disjunction()).operand());
        }
        if (context.arguments() != null) {
            return call(context);
        }
        return new PathOperand(path(context.path()));
    }

    private Call call(OperandContext context) {
        Function function = function(context.path(), context.arguments());
        List<OperandSyntax> arguments = new ArrayList<>();
        for (OperandContext argument : context.arguments().operand()) {
            arguments.add(usedOperand(argument));
        }
        return new Call(function, arguments);
    }

    private static PredicateContext innerPredicate(DisjunctionContext context) {
        return context.conjunction(0).negation(0).predicate();
    }

    /** Whether it is a path or a placeholder, in parentheses or not. */
    private static boolean isBareValue(OperandContext context) {
        DisjunctionContext inner = context.disjunction();
        return inner == null
                ? context.arguments() == null
                : isBareOperand(inner) && isBareValue(innerPredicate(inner).operand());
    }

    private static boolean isBareOperand(DisjunctionContext context) {
        if (context.conjunction().size() > 1
                || context.conjunction(0).negation().size() > 1) {
            return false;
        }
        NegationContext negation = context.conjunction(0).negation(0);
        PredicateContext predicate = negation.predicate();
        if (!negation.NOT().isEmpty() || predicate.suffix() != null) {
            return false;
        }
        DisjunctionContext inner = predicate.operand().disjunction();
        return inner == null || isBareOperand(inner);
    }

    /** Where an operand has to stand: the first token that makes a condition of it is the syntax error. */
    private void checkBareOperand(DisjunctionContext context) {
        NegationContext negation = context.conjunction(0).negation(0);
        if (!negation.NOT().isEmpty()) {
            throw source.syntaxError(negation.NOT(0).getSymbol());
        }
        DisjunctionContext inner = negation.predicate().operand().disjunction();
        if (inner != null) {
            checkBareOperand(inner);
        }
        Token following = source.following(negation.predicate().operand());
        if (following.getType() != ExpressionGrammarLexer.RIGHT_PARENTHESIS) {
            throw source.syntaxError(following);
        }
    }
}

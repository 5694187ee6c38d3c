package dev.henge.expression;

import java.util.ArrayList;
import java.util.List;

/**
 * Parses the text of expressions. The results depend on kind and text alone, are immutable and may be cached by them;
 * resolve them against the {@link Placeholders} of each request. Takes linear time in the text.
 *
 * <p>Found here are, in this order: size and nesting, syntax errors, redundant parentheses, and then in the order of the
 * text whatever needs neither names nor values: unknown or misplaced functions, reserved words, counts.
 */
public final class ExpressionParser {

    /** Longest expression, in UTF-8 bytes. */
    public static final int EXPRESSION_SIZE_BYTES_MAX = 4096;

    /** Most operators and functions of an expression; the actions of an update are none. */
    public static final int OPERATOR_COUNT_MAX = 300;

    /** Most candidates of an IN. */
    public static final int IN_OPERANDS_MAX = 100;

    /** Most names and indexes of a document path. */
    public static final int PATH_DEPTH_MAX = 32;

    /** Deepest nesting of parentheses. The service has no limit of its own; this one bounds the recursion. */
    static final int PARENTHESES_DEPTH_MAX = 200;

    /**
     * Deepest nesting of Condition messages, each AND and OR counting two and each NOT one, so that a request stays
     * within the 100 nested messages that protobuf reads. The service has no limit of its own.
     */
    static final int MESSAGE_DEPTH_MAX = 80;

    /** Deepest nesting of if_not_exists, for the same reason: two messages each. */
    static final int CALL_DEPTH_MAX = MESSAGE_DEPTH_MAX / 2;

    private ExpressionParser() {}

    /**
     * Parses a condition.
     *
     * @param kind CONDITION, FILTER or KEY_CONDITION
     * @throws ExpressionException with the service's text
     */
    public static UnresolvedCondition parseCondition(ExpressionKind kind, String text) {
        if (kind == ExpressionKind.UPDATE || kind == ExpressionKind.PROJECTION) {
            throw new IllegalArgumentException("not a kind of condition: " + kind);
        }
        Source source = Source.of(kind, text);
        ConditionBuilder builder = new ConditionBuilder(source);
        ConditionSyntax condition = builder.condition(
                source.parse(ExpressionGrammarParser::conditionExpression).disjunction());
        int depth = messageDepth(condition);
        if (depth > MESSAGE_DEPTH_MAX) {
            throw source.tooDeep(depth);
        }
        return new UnresolvedCondition(kind, condition);
    }

    /**
     * Parses an update.
     *
     * @throws ExpressionException with the service's text
     */
    public static UnresolvedUpdate parseUpdate(String text) {
        Source source = Source.of(ExpressionKind.UPDATE, text);
        return new UnresolvedUpdate(
                new UpdateBuilder(source).actions(source.parse(ExpressionGrammarParser::updateExpression)));
    }

    /**
     * Parses a projection.
     *
     * @throws ExpressionException with the service's text
     */
    public static UnresolvedProjection parseProjection(String text) {
        Source source = Source.of(ExpressionKind.PROJECTION, text);
        SyntaxBuilder builder = new SyntaxBuilder(source);
        List<PathSyntax> paths = new ArrayList<>();
        source.parse(ExpressionGrammarParser::projectionExpression)
                .path()
                .forEach(path -> paths.add(builder.path(path)));
        return new UnresolvedProjection(paths);
    }

    private static int messageDepth(ConditionSyntax condition) {
        return switch (condition) {
            case ConditionSyntax.AllOf allOf -> 2 + messageDepth(allOf.terms());
            case ConditionSyntax.AnyOf anyOf -> 2 + messageDepth(anyOf.terms());
            case ConditionSyntax.Not not -> 1 + messageDepth(not.term());
            case ConditionSyntax.Compared _,
                    ConditionSyntax.WithinBounds _,
                    ConditionSyntax.OneOf _,
                    ConditionSyntax.Called _ -> 0;
        };
    }

    private static int messageDepth(List<ConditionSyntax> terms) {
        int depth = 0;
        for (ConditionSyntax term : terms) {
            depth = Math.max(depth, messageDepth(term));
        }
        return depth;
    }
}

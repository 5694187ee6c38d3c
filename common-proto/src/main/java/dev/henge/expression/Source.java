package dev.henge.expression;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import org.antlr.v4.runtime.CharStream;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.DefaultErrorStrategy;
import org.antlr.v4.runtime.InputMismatchException;
import org.antlr.v4.runtime.Parser;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.misc.Interval;
import org.antlr.v4.runtime.misc.ParseCancellationException;
import org.jspecify.annotations.Nullable;

/** The text of one expression on its way through the lexer and the parser. Confined to the thread that made it. */
final class Source {

    private final ExpressionKind kind;
    private final CharStream characters;
    private final CommonTokenStream tokens;

    private Source(ExpressionKind kind, CharStream characters, CommonTokenStream tokens) {
        this.kind = kind;
        this.characters = characters;
        this.tokens = tokens;
    }

    /** @throws ExpressionException when the text is empty, too long or nested too deep to be parsed */
    static Source of(ExpressionKind kind, String text) {
        if (text.isEmpty()) {
            throw kind.invalid("The expression can not be empty;");
        }
        byte[] bytes = text.getBytes(UTF_8);
        if (bytes.length > ExpressionParser.EXPRESSION_SIZE_BYTES_MAX) {
            throw kind.invalid(
                    "Expression size has exceeded the maximum allowed size; expression size: " + bytes.length);
        }
        // Decoded again when it may hold unpaired surrogates, which ANTLR refuses.
        CharStream characters = CharStreams.fromString(bytes.length == text.length() ? text : new String(bytes, UTF_8));
        ExpressionGrammarLexer lexer = new ExpressionGrammarLexer(characters);
        lexer.removeErrorListeners();
        CommonTokenStream tokens = new CommonTokenStream(lexer);
        tokens.fill();
        Source source = new Source(kind, characters, tokens);
        source.checkNesting();
        return source;
    }

    ExpressionKind kind() {
        return kind;
    }

    /** The parse tree below a start rule; redundant parentheses are refused, as the service does. */
    <T extends ParserRuleContext> T parse(Function<ExpressionGrammarParser, T> startRule) {
        ExpressionGrammarParser parser = new ExpressionGrammarParser(tokens);
        parser.removeErrorListeners();
        parser.setErrorHandler(new StopAtFirstError());
        T tree;
        try {
            tree = startRule.apply(parser);
        } catch (ParseCancellationException exception) {
            Token offending = exception.getCause() instanceof RecognitionException recognition
                    ? recognition.getOffendingToken()
                    : null;
            throw syntaxError(offending == null ? tokens.get(tokens.size() - 1) : offending);
        }
        checkParentheses();
        return tree;
    }

    /** The service quotes the text from the token before the offending one to the token after it. */
    ExpressionException syntaxError(Token offending) {
        int index = offending.getTokenIndex();
        int start = index == 0 ? 0 : tokens.get(index - 1).getStartIndex();
        boolean nothingFollows = isEnd(offending) || isEnd(tokens.get(index + 1));
        int stop =
                nothingFollows ? characters.size() - 1 : tokens.get(index + 1).getStopIndex();
        String shown = isEnd(offending) ? "<EOF>" : offending.getText();
        String near = characters.getText(Interval.of(start, stop));
        return kind.invalid("Syntax error; token: \"" + shown + "\", near: \"" + near + "\"");
    }

    /** The token after the last one of that subtree. */
    Token following(ParserRuleContext context) {
        return tokens.get(context.getStop().getTokenIndex() + 1);
    }

    private static boolean isEnd(Token token) {
        return token.getType() == Token.EOF;
    }

    /** Before parsing: bounds the parser's recursion. */
    private void checkNesting() {
        int depth = 0;
        for (Token token : tokens.getTokens()) {
            if (token.getType() == ExpressionGrammarLexer.LEFT_PARENTHESIS) {
                depth++;
            } else if (token.getType() == ExpressionGrammarLexer.RIGHT_PARENTHESIS) {
                depth--;
            }
            if (depth > ExpressionParser.PARENTHESES_DEPTH_MAX) {
                throw tooDeep(depth);
            }
        }
    }

    ExpressionException tooDeep(int depth) {
        return kind.invalid("The expression has too many nesting levels; nesting levels: " + depth);
    }

    /** After parsing, so that they pair up: a group right inside a group is redundant. */
    private void checkParentheses() {
        record Group(int open, boolean grouping) {}
        Deque<Group> open = new ArrayDeque<>();
        // The group that ended with the token before, when it began right after another group's opening.
        @Nullable Group endedInside = null;
        int endedAt = -1;
        for (Token token : tokens.getTokens()) {
            int index = token.getTokenIndex();
            if (token.getType() == ExpressionGrammarLexer.LEFT_PARENTHESIS) {
                int before = index == 0 ? Token.EOF : tokens.get(index - 1).getType();
                boolean grouping = before != ExpressionGrammarLexer.NAME && before != ExpressionGrammarLexer.IN;
                open.push(new Group(index, grouping));
            } else if (token.getType() == ExpressionGrammarLexer.RIGHT_PARENTHESIS) {
                Group group = open.pop();
                if (group.grouping()
                        && endedInside != null
                        && endedAt == index - 1
                        && endedInside.open() == group.open() + 1) {
                    throw kind.invalid("The expression has redundant parentheses;");
                }
                endedInside = group.grouping() ? group : null;
                endedAt = index;
            }
        }
    }

    /** Neither repairs nor reports: the first error ends the parse. */
    private static final class StopAtFirstError extends DefaultErrorStrategy {
        @Override
        public void recover(Parser recognizer, RecognitionException exception) {
            throw new ParseCancellationException(exception);
        }

        @Override
        public Token recoverInline(Parser recognizer) {
            throw new ParseCancellationException(new InputMismatchException(recognizer));
        }

        @Override
        public void sync(Parser recognizer) {}
    }
}

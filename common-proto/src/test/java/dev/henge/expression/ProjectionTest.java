package dev.henge.expression;

import static dev.henge.expression.Expressions.ITEM;
import static dev.henge.expression.Expressions.list;
import static dev.henge.expression.Expressions.map;
import static dev.henge.expression.Expressions.number;
import static dev.henge.expression.Expressions.placeholders;
import static dev.henge.expression.Expressions.refusal;
import static dev.henge.expression.Expressions.string;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.item.AttributeValue;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProjectionTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    b,           | Syntax error; token: "<EOF>", near: ","
                    b c          | Syntax error; token: "c", near: "b c"
                    foo(b)       | Syntax error; token: "(", near: "foo(b"
                    :one         | Syntax error; token: ":one", near: ":one"
                    b.add        | Syntax error; token: "add", near: ".add"
                    b, name, #q  | Attribute name is a reserved keyword; reserved keyword: name
                    #q           | An expression attribute name used in the document path is not defined; attribute name: #q
                    b, c, #b     | Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [b], path two: [b]
                    b.c, b[1]    | Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [b, c], path two: [b, [1]]
                    """)
    void whatTheServiceRefusesIsRefusedInItsWords(String text, String reason) {
        assertThat(refusal(ExpressionKind.PROJECTION, text)).isEqualTo("Invalid ProjectionExpression: " + reason);
    }

    @Test
    void attributesAreKeptWhole() {
        assertThat(project("num, gone, pk")).isEqualTo(Map.of("num", number("5"), "pk", string("p")));
    }

    @Test
    void aNestedValueStandsInTheMapsThatLeadToIt() {
        assertThat(project("mp.d.e")).isEqualTo(Map.of("mp", map("d", map("e", number("7")))));
    }

    @Test
    void selectedElementsStandInTheirOrderWithoutGaps() {
        assertThat(project("lst[3], lst[0]")).isEqualTo(Map.of("lst", list(number("1"), number("3"))));
        assertThat(project("lst[2][0], lst[1]")).isEqualTo(Map.of("lst", list(string("x"), list(number("2")))));
    }

    @Test
    void whatIsNotThereLeavesNothingBehind() {
        assertThat(project("mp.gone, lst[9], lst[0].a, str.a, gone[0]")).isEmpty();
        assertThat(project("mp[0], lst.a, str[0]")).isEmpty();
    }

    private static Map<String, AttributeValue> project(String text) {
        return ProjectionEvaluator.project(
                ExpressionParser.parseProjection(text).resolve(placeholders()), ITEM);
    }
}

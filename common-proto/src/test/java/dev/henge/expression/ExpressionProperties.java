package dev.henge.expression;

import static dev.henge.expression.Expressions.ITEM;
import static dev.henge.expression.Expressions.placeholders;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.item.ItemCodec;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;

class ExpressionProperties {

    @Property
    void noTextMakesTheParserThrowAnythingElse(@ForAll @StringLength(max = 200) String text) {
        tryEverything(text);
    }

    @Property(tries = 5000)
    void noSequenceOfTokensMakesAnyPartThrowAnythingElse(@ForAll("tokens") String text) {
        tryEverything(text);
    }

    @Property
    void whatIsParsedOnceResolvesTheSameAgain(@ForAll("tokens") String text) {
        try {
            UnresolvedCondition condition = ExpressionParser.parseCondition(ExpressionKind.CONDITION, text);
            assertThat(condition.resolve(placeholders())).isEqualTo(condition.resolve(placeholders()));
        } catch (ExpressionException exception) {
            assertThat(exception).hasMessageStartingWith("Invalid ConditionExpression: ");
        }
    }

    @Provide
    Arbitrary<String> tokens() {
        return Arbitraries.of(
                        "and",
                        "or",
                        "not",
                        "between",
                        "in",
                        "set",
                        "remove",
                        "add",
                        "delete",
                        "=",
                        "<>",
                        "<",
                        ">=",
                        "+",
                        "-",
                        ",",
                        ".",
                        "(",
                        ")",
                        "[",
                        "]",
                        "0",
                        "7",
                        "b",
                        "str",
                        "num",
                        "lst",
                        "mp",
                        "strings",
                        "name",
                        "#b",
                        "#q",
                        ":number",
                        ":one",
                        ":string",
                        ":strings",
                        ":list",
                        ":q",
                        "attribute_exists(",
                        "size(",
                        "contains(",
                        "begins_with(",
                        "attribute_type(",
                        "if_not_exists(",
                        "list_append(",
                        "b = :one",
                        "num > :one",
                        "set b = ",
                        "$",
                        "\uD800")
                .list()
                .ofMaxSize(12)
                .map(tokens -> String.join(" ", tokens));
    }

    private static void tryEverything(String text) {
        for (ExpressionKind kind : ExpressionKind.values()) {
            try {
                switch (kind) {
                    case CONDITION, FILTER, KEY_CONDITION ->
                        ConditionEvaluator.matches(
                                ExpressionParser.parseCondition(kind, text).resolve(placeholders()), ITEM);
                    case UPDATE ->
                        ItemCodec.encode(UpdateEvaluator.apply(
                                        ExpressionParser.parseUpdate(text).resolve(placeholders()), ITEM)
                                .newItem());
                    case PROJECTION ->
                        ProjectionEvaluator.project(
                                ExpressionParser.parseProjection(text).resolve(placeholders()), ITEM);
                }
            } catch (ExpressionException exception) {
                assertThat(exception.getMessage()).isNotBlank();
            }
        }
    }
}

package dev.henge.expression;

import static dev.henge.expression.Expressions.number;
import static dev.henge.expression.Expressions.placeholders;
import static dev.henge.expression.Expressions.string;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.expression.SortCondition.BeginsWith;
import dev.henge.expression.SortCondition.Between;
import dev.henge.expression.SortCondition.Equal;
import dev.henge.expression.SortCondition.Greater;
import dev.henge.expression.SortCondition.GreaterOrEqual;
import dev.henge.expression.SortCondition.Less;
import dev.henge.expression.SortCondition.LessOrEqual;
import dev.henge.item.KeyPart;
import dev.henge.item.KeyType;
import dev.henge.proto.Condition;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyConditionsTest {

    @Test
    void thePartitionKeyAloneIsEnough() {
        assertThat(resolve("p = :string")).isEqualTo(new KeyCondition(string("x"), null));
        assertThat(resolve(":string = p")).isEqualTo(new KeyCondition(string("x"), null));
    }

    @Test
    void everyConditionOnTheSortKeyIsTold() {
        assertThat(sort("s = :number")).isEqualTo(new Equal(number("5")));
        assertThat(sort("s < :number")).isEqualTo(new Less(number("5")));
        assertThat(sort("s <= :number")).isEqualTo(new LessOrEqual(number("5")));
        assertThat(sort("s > :number")).isEqualTo(new Greater(number("5")));
        assertThat(sort("s >= :number")).isEqualTo(new GreaterOrEqual(number("5")));
        assertThat(sort("s between :one and :number")).isEqualTo(new Between(number("1"), number("5")));
        assertThat(KeyConditions.resolve(
                                condition("begins_with(s, :string) and p = :string"),
                                List.of(new KeyPart("p", KeyType.STRING)),
                                List.of(new KeyPart("s", KeyType.STRING)))
                        .sort())
                .isEqualTo(new BeginsWith(string("x")));
    }

    @Test
    void aKeyOfSeveralAttributesTakesEqualityFromTheLeftAndOneConditionBehindIt() {
        assertThat(several("p = :string and q = :one"))
                .isEqualTo(new KeyCondition(List.of(string("x"), number("1")), List.of(), null));
        assertThat(several("q = :one and s < :number and p = :string"))
                .isEqualTo(new KeyCondition(List.of(string("x"), number("1")), List.of(), new Less(number("5"))));
        assertThat(several("p = :string and q = :one and s = :number and t > :one"))
                .isEqualTo(new KeyCondition(
                        List.of(string("x"), number("1")), List.of(number("5")), new Greater(number("1"))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    p = :string                                        | Query condition missed key schema element: q
                    p = :string and q = :one and t = :one              | Query condition missed key schema element: s
                    p = :string and q > :one                           | Query key condition not supported
                    p = :string and q = :one and s < :one and t = :one | Query key condition not supported
                    """)
    void aKeyOfSeveralAttributesIsRefusedWithAGapOrAnotherConditionBefore(String text, String message) {
        assertThatThrownBy(() -> several(text))
                .isInstanceOf(ExpressionException.class)
                .hasMessage(message);
    }

    private static KeyCondition several(String text) {
        return KeyConditions.resolve(
                condition(text),
                List.of(new KeyPart("p", KeyType.STRING), new KeyPart("q", KeyType.NUMBER)),
                List.of(new KeyPart("s", KeyType.NUMBER), new KeyPart("t", KeyType.NUMBER)));
    }

    @Test
    void aComparisonMayStandTheOtherWayRoundAndInParentheses() {
        assertThat(sort(":number < s")).isEqualTo(new Greater(number("5")));
        assertThat(sort("(:number >= s)")).isEqualTo(new LessOrEqual(number("5")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    p = :string or s = :one                        | Invalid operator used in KeyConditionExpression: OR
                    p = :string and not s = :one                   | Invalid operator used in KeyConditionExpression: NOT
                    p = :string and not not s = :one               | Invalid operator used in KeyConditionExpression: NOT
                    p = :string and s in (:one)                    | Invalid operator used in KeyConditionExpression: IN
                    p = :string and s <> :one                      | Invalid operator used in KeyConditionExpression: <>
                    p = :string and attribute_exists(s)            | Invalid operator used in KeyConditionExpression: attribute_exists
                    p = :string and attribute_not_exists(s)        | Invalid operator used in KeyConditionExpression: attribute_not_exists
                    p = :string and attribute_type(s, :typeS)      | Invalid operator used in KeyConditionExpression: attribute_type
                    p = :string and contains(s, :one)              | Invalid operator used in KeyConditionExpression: contains
                    p = :string and size(s) = :one                 | KeyConditionExpressions cannot contain nested operations
                    p = s                                          | Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition
                    p = :string and s between q and :one           | Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition
                    p = :string and :one = :one                    | Invalid condition in KeyConditionExpression: No key attribute specified
                    p = :string and begins_with(:string, s)        | Invalid condition in KeyConditionExpression: begins_with operator must have the key attribute as its first operand
                    p = :string and :one between s and :one        | Invalid condition in KeyConditionExpression: BETWEEN operator must have the key attribute as its first operand
                    p.a = :string                                  | KeyConditionExpressions cannot have conditions on nested attributes
                    p = :string and p = :string                    | Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key
                    p = :string and s > :one and s < :number       | Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key
                    p = :string and s = :one and q = :one          | Conditions can be of length 1 or 2 only
                    s = :one                                       | Query condition missed key schema element: p
                    p = :string and q = :one                       | Query condition missed key schema element: s
                    p > :string                                    | Query key condition not supported
                    p >= :string and s = :one                      | Query key condition not supported
                    begins_with(p, :string)                        | Query key condition not supported
                    p = :number                                    | One or more parameter values were invalid: Condition parameter type does not match schema type
                    p = :string and s = :string                    | One or more parameter values were invalid: Condition parameter type does not match schema type
                    p = :string and begins_with(s, :string)        | One or more parameter values were invalid: Condition parameter type does not match schema type
                    """)
    void whatTheServiceRefusesIsRefusedInItsWords(String text, String message) {
        assertThatThrownBy(() -> resolve(text))
                .isInstanceOf(ExpressionException.class)
                .hasMessage(message);
    }

    @Test
    void aTableWithoutASortKeyTakesNoSecondCondition() {
        Condition condition = condition("p = :string and q = :one");

        assertThatThrownBy(() -> KeyConditions.resolve(condition, List.of(new KeyPart("p", KeyType.STRING)), List.of()))
                .hasMessage("Query key condition not supported");
    }

    @Test
    void anEmptyKeyIsRefused() {
        Condition condition = ExpressionParser.parseCondition(ExpressionKind.KEY_CONDITION, "p = :empty")
                .resolve(new Placeholders(Map.of(), Map.of(":empty", string(""))));

        assertThatThrownBy(() -> KeyConditions.resolve(condition, List.of(new KeyPart("p", KeyType.STRING)), List.of()))
                .hasMessage("One or more parameter values are not valid. The AttributeValue for a key attribute"
                        + " cannot contain an empty string value. Key: p");
    }

    private static KeyCondition resolve(String text) {
        return KeyConditions.resolve(
                condition(text), List.of(new KeyPart("p", KeyType.STRING)), List.of(new KeyPart("s", KeyType.NUMBER)));
    }

    private static @Nullable SortCondition sort(String text) {
        return resolve("p = :string and " + text).sort();
    }

    private static Condition condition(String text) {
        return ExpressionParser.parseCondition(ExpressionKind.KEY_CONDITION, text)
                .resolve(placeholders());
    }
}

package dev.henge.expression;

import static dev.henge.expression.Expressions.ITEM;
import static dev.henge.expression.Expressions.binary;
import static dev.henge.expression.Expressions.list;
import static dev.henge.expression.Expressions.map;
import static dev.henge.expression.Expressions.number;
import static dev.henge.expression.Expressions.numberSet;
import static dev.henge.expression.Expressions.placeholders;
import static dev.henge.expression.Expressions.string;
import static dev.henge.expression.Expressions.stringSet;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.NullValue;
import dev.henge.proto.Condition;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers as DynamoDB Local 2.6.1 gives them. */
class ConditionEvaluatorTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "num = :number",
                "num <> :one",
                "num > :one and num >= :one and not num < :one and not num <= :one",
                "num between :one and :number",
                "num in (:string, :number)",
                "gone <> :number",
                "gone <> lost",
                "not gone = :number",
                "not gone < :number",
                "num <> :string",
                "attribute_exists(lst[2][0]) and attribute_exists(mp.d.e) and attribute_exists(nil)",
                "attribute_not_exists(gone) and attribute_not_exists(lst[9]) and attribute_not_exists(mp[0])",
                "attribute_not_exists(str.a) and attribute_not_exists(str[0])",
                "attribute_type(str, :typeS)",
                "contains(lst, :string) and contains(strings, :a) and contains(numbers, :one)",
                "contains(str, :ll) and contains(str, :empty) and contains(bin, :byte255)",
                "contains(binaries, :bytesA) and contains(lst, :listOf2) and contains(:listOf5, num)",
                "begins_with(str, :h) and begins_with(str, :empty) and begins_with(bin, :binary)",
                "size(str) = :number",
                "size(bin) = :two and size(strings) = :two and size(numbers) = :two and size(binaries) = :one",
                "size(lst) = :four and size(mp) = :three",
                "size(gone) <> :one and size(num) <> :one",
                "contains(numbers, size(strings))",
                "mp.d = :mapOf7 and lst[2] = :listOf2 and numbers = :numbers12 and strings = :stringsBa",
                "nil = :null and bool = :bool",
                "str > :hello and :hello < :hz"
            })
    void holds(String text) {
        assertThat(matches(text, ITEM)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "num = :one",
                "gone = :number",
                "gone = lost",
                "gone < :number",
                "gone in (lost)",
                "gone between :one and :number",
                "num < :string",
                "num >= :string",
                "num between :empty and :hz",
                "lst < mp",
                "bool > nil",
                "attribute_exists(lst[9])",
                "attribute_exists(str.a)",
                "attribute_type(gone, :typeS)",
                "attribute_type(num, :typeS)",
                "contains(str, :byte255)",
                "contains(strings, :strings)",
                "contains(mp, :k)",
                "contains(num, :number)",
                "contains(gone, :number)",
                "contains(lst, gone)",
                "begins_with(num, :string)",
                "begins_with(:h, str)",
                "begins_with(gone, :h)",
                "size(num) = :one",
                "size(bool) = :one",
                "size(nil) = :one",
                "size(gone) = :one",
                "strings = :strings"
            })
    void doesNotHold(String text) {
        assertThat(matches(text, ITEM)).isFalse();
    }

    @Test
    void numbersCompareByValue() {
        assertThat(matches("n = :x", Map.of("n", number("5.00")), Map.of(":x", number("5"))))
                .isTrue();
        assertThat(matches("n < :x", Map.of("n", number("9")), Map.of(":x", number("10"))))
                .isTrue();
        assertThat(matches("n < :x", Map.of("n", number("-1E+100")), Map.of(":x", number("-1E-100"))))
                .isTrue();
    }

    @Test
    void stringsCompareByTheirUtf8BytesNotTheirCodeUnits() {
        // U+10000 comes after U+FFFF, though its first code unit comes before.
        assertThat(matches("s > :x", Map.of("s", string("\uD800\uDC00")), Map.of(":x", string("\uFFFF"))))
                .isTrue();
    }

    @Test
    void binariesCompareUnsigned() {
        assertThat(matches("b > :x", Map.of("b", binary(255)), Map.of(":x", binary(1))))
                .isTrue();
    }

    @Test
    void aLongPieceIsFoundInLinearTime() {
        AttributeValue text = string("ab".repeat(100_000) + "c");
        AttributeValue piece = string("ab".repeat(50_000) + "c");
        AttributeValue lost = string("ab".repeat(50_000) + "d");

        assertThat(matches("contains(s, :x)", Map.of("s", text), Map.of(":x", piece)))
                .isTrue();
        assertThat(matches("contains(s, :x)", Map.of("s", text), Map.of(":x", lost)))
                .isFalse();
    }

    @Test
    void noItemIsAnEmptyOne() {
        assertThat(matches("attribute_not_exists(pk)", Map.of())).isTrue();
        assertThat(matches("pk = :string", Map.of())).isFalse();
    }

    private static boolean matches(String text, Map<String, AttributeValue> item) {
        Map<String, AttributeValue> values = new LinkedHashMap<>(Expressions.VALUES);
        values.put(":two", number("2"));
        values.put(":three", number("3"));
        values.put(":four", number("4"));
        values.put(":empty", string(""));
        values.put(":a", string("a"));
        values.put(":h", string("hé"));
        values.put(":k", string("k"));
        values.put(":ll", string("éll"));
        values.put(":hz", string("hz\uFFFF"));
        values.put(":hello", string("hello"));
        values.put(":byte255", binary(255));
        values.put(":bytesA", binary('a'));
        values.put(":listOf2", list(number("2.0")));
        values.put(":listOf5", list(NullValue.INSTANCE, number("5")));
        values.put(":mapOf7", map("e", number("7.0")));
        values.put(":numbers12", numberSet("2.0", "1"));
        values.put(":stringsBa", stringSet("b", "a"));
        return matches(text, item, values);
    }

    private static boolean matches(String text, Map<String, AttributeValue> item, Map<String, AttributeValue> values) {
        Condition condition = ExpressionParser.parseCondition(ExpressionKind.CONDITION, text)
                .resolve(values.isEmpty() ? placeholders() : new Placeholders(Map.of(), values));
        return ConditionEvaluator.matches(condition, item);
    }
}

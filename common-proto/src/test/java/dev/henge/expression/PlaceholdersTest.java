package dev.henge.expression;

import static dev.henge.expression.Expressions.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlaceholdersTest {

    @Test
    void whatNoExpressionUsesIsRefusedNamesFirst() {
        Placeholders placeholders = new Placeholders(
                Map.of("#used", "a", "#y", "b", "#x", "c"), Map.of(":used", number("1"), ":x", number("2")));
        resolve("#used = :used", placeholders);

        assertThatThrownBy(placeholders::requireAllUsed)
                .isInstanceOf(ExpressionException.class)
                .hasMessage("Value provided in ExpressionAttributeNames unused in expressions: keys: {#x, #y}");
    }

    @Test
    void unusedValuesAreRefused() {
        Placeholders placeholders = new Placeholders(Map.of(), Map.of(":used", number("1"), ":x", number("2")));
        resolve("a = :used", placeholders);

        assertThatThrownBy(placeholders::requireAllUsed)
                .hasMessage("Value provided in ExpressionAttributeValues unused in expressions: keys: {:x}");
    }

    @Test
    void severalExpressionsUseThemTogether() {
        Placeholders placeholders = new Placeholders(Map.of("#a", "a"), Map.of(":x", number("1"), ":y", number("2")));

        resolve("#a = :x", placeholders);
        ExpressionParser.parseUpdate("set #a = :y").resolve(placeholders);

        placeholders.requireAllUsed();
    }

    @Test
    void oneParsedExpressionServesManyRequests() {
        UnresolvedCondition condition = ExpressionParser.parseCondition(ExpressionKind.FILTER, "#a = :x");

        assertThat(condition.resolve(new Placeholders(Map.of("#a", "a"), Map.of(":x", number("1")))))
                .isNotEqualTo(condition.resolve(new Placeholders(Map.of("#a", "b"), Map.of(":x", number("2")))));
    }

    @Test
    void aKeyThatIsNoPlaceholderIsRefused() {
        assertThatThrownBy(() -> Placeholders.checkedNames(Map.of("a", "a")))
                .hasMessage("ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\"");
        assertThatThrownBy(() -> Placeholders.checkValueKeys(Set.of(":")))
                .hasMessage("ExpressionAttributeValues contains invalid key: Syntax error; key: \":\"");
    }

    @Test
    void aKeyThatIsEmptyOrTooLongIsRefused() {
        assertThatThrownBy(() -> Placeholders.checkedNames(Map.of("", "a")))
                .hasMessage("ExpressionAttributeNames contains invalid key: The expression attribute map contains an "
                        + "empty key;");
        assertThatThrownBy(() -> Placeholders.checkedNames(Map.of("#" + "x".repeat(255), "a")))
                .hasMessage("ExpressionAttributeNames contains invalid key: The expression attribute map contains a "
                        + "key that is too long; size of key: 256");
        assertThatThrownBy(() -> Placeholders.checkValueKeys(Set.of(":" + "x".repeat(255))))
                .hasMessage("ExpressionAttributeValues contains invalid key: The expression attribute map contains a "
                        + "key that is too long;");
        Placeholders.checkValueKeys(Set.of(":" + "x".repeat(254)));
    }

    @Test
    void aNameThatIsNoneIsRefused() {
        Map<String, @Nullable String> none = new HashMap<>();
        none.put("#a", null);

        assertThatThrownBy(() -> Placeholders.checkedNames(none))
                .hasMessage("ExpressionAttributeNames contains invalid value: null for key #a");
        assertThatThrownBy(() -> Placeholders.checkedNames(Map.of("#a", "")))
                .hasMessage("ExpressionAttributeNames contains invalid value: Empty attribute name for key #a");
        assertThatThrownBy(() -> Placeholders.checkedNames(Map.of("#a", "é".repeat(32_768))))
                .hasMessage("ExpressionAttributeNames contains invalid value: Attribute name is too large, must be "
                        + "less than 65536 bytes for key #a");
    }

    @Test
    void thereAre573ReservedWordsWhateverTheirCase() {
        assertThat(ReservedWords.count()).isEqualTo(573);
        assertThat(ReservedWords.contains("abort")).isTrue();
        assertThat(ReservedWords.contains("Zone")).isTrue();
        assertThat(ReservedWords.contains("currency")).isFalse();
    }

    private static void resolve(String text, Placeholders placeholders) {
        ExpressionParser.parseCondition(ExpressionKind.CONDITION, text).resolve(placeholders);
    }
}

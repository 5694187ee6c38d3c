package dev.henge.expression;

import static dev.henge.expression.Expressions.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
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
        assertThatThrownBy(() -> new Placeholders(Map.of("a", "a"), Map.of()))
                .hasMessage("ExpressionAttributeNames contains invalid key: Syntax error; key: \"a\"");
        assertThatThrownBy(() -> new Placeholders(Map.of(), Map.of(":", number("1"))))
                .hasMessage("ExpressionAttributeValues contains invalid key: Syntax error; key: \":\"");
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

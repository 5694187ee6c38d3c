package dev.henge.router.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.expression.KeyCondition;
import dev.henge.expression.SortCondition;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.TableRecord;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** KeyConditions on keys of several attributes, which global indexes may have. */
class LegacyKeyConditionsTest {

    private static final TableRecord TABLE = TableRecord.newBuilder()
            .setId(1)
            .setName("Scores")
            .setPartitionKey(attribute("player"))
            .setSortKey(attribute("round"))
            .addIndexes(IndexRecord.newBuilder()
                    .setId(2)
                    .setName("by-place")
                    .setKind(IndexRecord.Kind.GLOBAL)
                    .addPartitionKey(attribute("country"))
                    .addPartitionKey(attribute("city"))
                    .addSortKey(attribute("year"))
                    .addSortKey(attribute("day"))
                    .setProjection(IndexRecord.Projection.ALL))
            .build();

    private static final ReadTarget INDEX = ReadTarget.of(TableSchema.of(TABLE), "by-place");

    @Test
    void everyAttributeOfTheKeyMayHaveACondition() {
        Map<String, LegacyCondition> conditions = conditions("country", "city", "year", "day");
        conditions.put("day", condition("GT", "day"));

        LegacyKeyConditions.check(conditions);
        KeyCondition wanted = LegacyKeyConditions.resolve(conditions, INDEX);

        assertThat(wanted.partition()).containsExactly(string("country"), string("city"));
        assertThat(wanted.sortPrefix()).containsExactly(string("year"));
        assertThat(wanted.sort()).isEqualTo(new SortCondition.Greater(string("day")));
    }

    @Test
    void moreConditionsThanTheKeyHasAttributesAreRefused() {
        assertRefused(conditions("country", "city", "year", "day", "hour"), INDEX, "Query key condition not supported");
    }

    @Test
    void aTableWithAKeyOfTwoAttributesTakesTwo() {
        assertRefused(
                conditions("player", "round", "day"),
                ReadTarget.of(TableSchema.of(TABLE), null),
                "Conditions can be of length 1 or 2 only");
    }

    private static void assertRefused(Map<String, LegacyCondition> conditions, ReadTarget target, String text) {
        LegacyKeyConditions.check(conditions);
        assertThatThrownBy(() -> LegacyKeyConditions.resolve(conditions, target))
                .isInstanceOf(ApiException.class)
                .hasMessage(text);
    }

    /** Each attribute is to be equal to its own name. */
    private static Map<String, LegacyCondition> conditions(String... attributes) {
        Map<String, LegacyCondition> conditions = new LinkedHashMap<>();
        for (String attribute : attributes) {
            conditions.put(attribute, condition("EQ", attribute));
        }
        return conditions;
    }

    private static LegacyCondition condition(String operator, String value) {
        return new LegacyCondition(
                operator,
                List.of(new ParsedItem(ItemKey.wrap(ItemCodec.encodeValue(string(value))), 0, null)),
                null,
                null);
    }

    private static AttributeValue string(String value) {
        return new StringValue(value);
    }

    private static KeyAttribute attribute(String name) {
        return KeyAttribute.newBuilder().setName(name).setType("S").build();
    }
}

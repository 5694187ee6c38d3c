package dev.henge.router.api;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * One entry of Expected, KeyConditions, QueryFilter or ScanFilter, as it was sent.
 *
 * @param operator the ComparisonOperator
 * @param values the AttributeValueList
 * @param value of Expected only
 * @param exists of Expected only
 */
record LegacyCondition(
        @Nullable String operator,
        @Nullable List<ParsedItem> values,
        @Nullable ParsedItem value,
        @Nullable Boolean exists) {

    /** An entry that was null. */
    static final LegacyCondition ABSENT = new LegacyCondition(null, null, null, null);

    /** The service's name for an entry of Expected. */
    static final String EXPECTED = "ExpectedAttributeValue";

    /** The service's name for an entry of the other parameters. */
    static final String FILTER = "Condition";

    /** @param javaName {@link #EXPECTED} or {@link #FILTER}; members that the structure does not have are skipped */
    static LegacyCondition read(JsonReader in, String javaName) {
        if (!in.openStructure(JsonReader.Place.VALUE, javaName)) {
            return ABSENT;
        }
        boolean expected = javaName.equals(EXPECTED);
        String operator = null;
        List<ParsedItem> values = null;
        ParsedItem value = null;
        Boolean exists = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "ComparisonOperator" -> operator = in.string();
                case "AttributeValueList" -> values = readValues(in);
                case "Value" -> {
                    if (expected) {
                        value = ItemJsonReader.value(in);
                    } else {
                        in.skip();
                    }
                }
                case "Exists" -> {
                    if (expected) {
                        exists = in.bool();
                    } else {
                        in.skip();
                    }
                }
                default -> in.skip();
            }
        }
        return new LegacyCondition(operator, values, value, exists);
    }

    private static @Nullable List<ParsedItem> readValues(JsonReader in) {
        if (!in.openList()) {
            return null;
        }
        List<ParsedItem> values = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            values.add(ItemJsonReader.currentValue(in, token));
        }
        return values;
    }

    /** The operator; call after the constraints. */
    LegacyOperator requiredOperator() {
        return LegacyOperator.valueOf(Parameters.required(operator));
    }

    List<ParsedItem> valuesOrNone() {
        return values == null ? List.of() : values;
    }
}

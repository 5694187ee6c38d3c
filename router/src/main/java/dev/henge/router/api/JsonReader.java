package dev.henge.router.api;

import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads a request's JSON as the service does: members of any order, unknown members skipped, null the same as absent,
 * and the service's own texts when a value has the wrong JSON type.
 *
 * <p>The reader stands before a value; each method consumes that value whole, or opens it. The {@code current...}
 * methods take the token of a value whose first token was consumed by {@link #nextValue} or {@link #nextElement}.
 */
final class JsonReader {

    private final JsonParser parser;

    JsonReader(JsonParser parser) {
        this.parser = parser;
    }

    /** What the wrong JSON type is answered with, which depends on where the structure stands. */
    enum Place {
        /** The structure is a member of another structure. */
        FIELD("Unexpected field type"),
        /** The structure is an element of a list or a value of a map. */
        VALUE("Unexpected value type in payload");

        private final String mismatch;

        Place(String mismatch) {
            this.mismatch = mismatch;
        }
    }

    /** Opens the request's own structure. */
    void openRequest() {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw ApiException.serialization(null);
        }
    }

    /**
     * The name of the next member of the open structure or map; null when it ends here. Nothing may follow the
     * request's own structure.
     */
    @Nullable
    String nextMember() {
        String name = parser.nextName();
        if (name == null && parser.streamReadContext().inRoot() && parser.nextToken() != null) {
            throw ApiException.serialization(null);
        }
        return name;
    }

    /** Skips a value. */
    void skip() {
        parser.nextToken();
        parser.skipChildren();
    }

    /** Whether a value is there, whatever it is. Consumes it. */
    boolean presence() {
        boolean present = parser.nextToken() != JsonToken.VALUE_NULL;
        parser.skipChildren();
        return present;
    }

    @Nullable
    String string() {
        return currentString(parser.nextToken());
    }

    @Nullable
    String currentString(JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> parser.getString();
            case VALUE_NULL -> null;
            default -> throw scalarMismatch(token, "String");
        };
    }

    @Nullable
    Boolean bool() {
        return currentBool(parser.nextToken());
    }

    @Nullable
    Boolean currentBool(JsonToken token) {
        return switch (token) {
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_STRING -> throw ApiException.serialization("Unexpected token received from parser");
            default -> throw scalarMismatch(token, "Boolean");
        };
    }

    /** An integer; fractions are cut off as the service does. */
    @Nullable
    Integer integer() {
        Long value = number("Integer");
        return value == null ? null : Math.clamp(value, Integer.MIN_VALUE, Integer.MAX_VALUE);
    }

    @Nullable
    Long longInteger() {
        return number("Long");
    }

    private @Nullable Long number(String type) {
        JsonToken token = parser.nextToken();
        return switch (token) {
            case VALUE_NUMBER_INT -> {
                String digits = parser.getString();
                try {
                    yield Long.parseLong(digits);
                } catch (NumberFormatException outOfRange) {
                    yield digits.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE;
                }
            }
            case VALUE_NUMBER_FLOAT -> (long) Math.floor(parser.getDoubleValue());
            case VALUE_NULL -> null;
            default -> throw scalarMismatch(token, type);
        };
    }

    /** Decodes the base64 text of a binary value at the parser's current token. */
    byte @Nullable [] currentBlob(JsonToken token) {
        return switch (token) {
            case VALUE_STRING -> decode(parser.getString());
            case VALUE_NULL -> null;
            case START_ARRAY ->
                throw ApiException.serialization("Unrecognized collection type class java.nio.ByteBuffer");
            case START_OBJECT -> throw structureMismatch();
            default -> throw ApiException.serialization("only base-64-encoded strings are convertible to bytes");
        };
    }

    private static byte[] decode(String text) {
        if (text.length() % 4 != 0) {
            throw ApiException.serialization(
                    "Base64 encoded length is expected a multiple of 4 bytes but found: " + text.length());
        }
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException notBase64) {
            throw ApiException.serialization(describeBase64Fault(text));
        }
    }

    private static String describeBase64Fault(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean padding = c == '=' && i >= text.length() - 2;
            boolean legal =
                    (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/';
            if (!legal && !padding) {
                return "Invalid Base64 character: '" + c + "'";
            }
        }
        return "Invalid last non-pad Base64 character dectected";
    }

    /**
     * Opens a structure; false when it is null.
     *
     * @param javaName the service's name of the structure, for the error text
     */
    boolean openStructure(Place place, String javaName) {
        return currentStructure(parser.nextToken(), place, javaName);
    }

    boolean currentStructure(JsonToken token, Place place, String javaName) {
        return switch (token) {
            case START_OBJECT -> true;
            case VALUE_NULL -> false;
            case START_ARRAY ->
                throw ApiException.serialization(
                        "Unrecognized collection type class com.amazonaws.dynamodb.v20120810." + javaName);
            default -> throw ApiException.serialization(place.mismatch);
        };
    }

    /**
     * Opens a map; false when it is null.
     *
     * @param valueType the service's Java type of the values, for the error text
     */
    boolean openMap(String valueType) {
        return currentMap(parser.nextToken(), valueType);
    }

    boolean currentMap(JsonToken token, String valueType) {
        return switch (token) {
            case START_OBJECT -> true;
            case VALUE_NULL -> false;
            case START_ARRAY ->
                throw ApiException.serialization(
                        "Unrecognized collection type java.util.Map<java.lang.String, " + valueType + ">");
            default -> throw ApiException.serialization(Place.FIELD.mismatch);
        };
    }

    /** Opens a list; false when it is null. */
    boolean openList() {
        return currentList(parser.nextToken());
    }

    boolean currentList(JsonToken token) {
        return switch (token) {
            case START_ARRAY -> true;
            case VALUE_NULL -> false;
            case START_OBJECT -> throw structureMismatch();
            default -> throw ApiException.serialization(Place.FIELD.mismatch);
        };
    }

    /** Opens the next element of the open list; null when the list ends here. For {@code current...} methods. */
    @Nullable
    JsonToken nextElement() {
        JsonToken token = parser.nextToken();
        return token == JsonToken.END_ARRAY ? null : token;
    }

    /** The token of the value of the member just named; for {@code current...} methods. */
    JsonToken nextValue() {
        return parser.nextToken();
    }

    /** A list of strings; null elements stay null as "null" never occurs in what SDKs send. */
    @Nullable
    List<@Nullable String> strings() {
        if (!openList()) {
            return null;
        }
        List<@Nullable String> strings = new ArrayList<>();
        for (JsonToken token = nextElement(); token != null; token = nextElement()) {
            strings.add(currentString(token));
        }
        return strings;
    }

    /** A map from strings to strings; entries that are null are left out. */
    @Nullable
    Map<String, String> stringMap() {
        return map("java.lang.String", this::string);
    }

    /** A map from strings to strings in which entries may be null. */
    @Nullable
    Map<String, @Nullable String> nullableStringMap() {
        if (!openMap("java.lang.String")) {
            return null;
        }
        Map<String, @Nullable String> map = new LinkedHashMap<>();
        for (String name = nextMember(); name != null; name = nextMember()) {
            map.put(name, string());
        }
        return map;
    }

    /** A map whose values are read by {@code value}; entries that are null are left out, the last of a name wins. */
    <T> @Nullable Map<String, T> map(String valueType, Supplier<? extends @Nullable T> value) {
        if (!openMap(valueType)) {
            return null;
        }
        Map<String, T> map = new LinkedHashMap<>();
        for (String name = nextMember(); name != null; name = nextMember()) {
            T entry = value.get();
            if (entry != null) {
                map.put(name, entry);
            }
        }
        return map;
    }

    /** The text of the string at the parser's current token. */
    String currentText() {
        return parser.getString();
    }

    /** Skips the rest of the value at the parser's current token. */
    void skipCurrent() {
        parser.skipChildren();
    }

    private static ApiException structureMismatch() {
        return ApiException.serialization("Start of structure or map found where not expected");
    }

    private static ApiException scalarMismatch(JsonToken token, String type) {
        return switch (token) {
            case VALUE_NUMBER_INT -> ApiException.serialization("NUMBER_VALUE cannot be converted to " + type);
            case VALUE_NUMBER_FLOAT -> ApiException.serialization("DECIMAL_VALUE cannot be converted to " + type);
            case VALUE_TRUE -> ApiException.serialization("TRUE_VALUE cannot be converted to " + type);
            case VALUE_FALSE -> ApiException.serialization("FALSE_VALUE cannot be converted to " + type);
            case VALUE_STRING -> ApiException.serialization("STRING_VALUE cannot be converted to " + type);
            case START_ARRAY -> ApiException.serialization("Unrecognized collection type class java.lang." + type);
            case START_OBJECT -> structureMismatch();
            default -> ApiException.serialization(null);
        };
    }
}

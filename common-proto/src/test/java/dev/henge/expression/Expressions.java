package dev.henge.expression;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.BinarySet;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.BooleanValue;
import dev.henge.item.AttributeValue.ListValue;
import dev.henge.item.AttributeValue.MapValue;
import dev.henge.item.AttributeValue.NullValue;
import dev.henge.item.AttributeValue.NumberSet;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringSet;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.DynamoNumber;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The names, values and the item that the tests of this package share. */
final class Expressions {

    static final Map<String, String> NAMES = Map.of("#b", "b", "#c", "c", "#three", "[3]", "#name", "name");

    /** One value of each type, and a few more. */
    static final Map<String, AttributeValue> VALUES = values();

    /** One attribute of each type, named after it, and some nesting. */
    static final Map<String, AttributeValue> ITEM = item();

    private Expressions() {}

    static AttributeValue string(String text) {
        return new StringValue(text);
    }

    static AttributeValue number(String text) {
        return new NumberValue(DynamoNumber.parse(text));
    }

    static AttributeValue binary(int... bytes) {
        byte[] array = new byte[bytes.length];
        for (int index = 0; index < bytes.length; index++) {
            array[index] = (byte) bytes[index];
        }
        return new BinaryValue(ByteString.copyFrom(array));
    }

    static AttributeValue list(AttributeValue... elements) {
        return new ListValue(List.of(elements));
    }

    static AttributeValue map(String name, AttributeValue value) {
        return new MapValue(Map.of(name, value));
    }

    static AttributeValue stringSet(String... elements) {
        return new StringSet(set(Stream.of(elements)));
    }

    static AttributeValue numberSet(String... elements) {
        return new NumberSet(set(Stream.of(elements).map(DynamoNumber::parse)));
    }

    static AttributeValue binarySet(String... elements) {
        return new BinarySet(set(Stream.of(elements).map(ByteString::copyFromUtf8)));
    }

    private static <T> SequencedSet<T> set(Stream<T> elements) {
        return elements.collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static Map<String, AttributeValue> values() {
        Map<String, AttributeValue> values = new LinkedHashMap<>();
        values.put(":string", string("x"));
        values.put(":number", number("5"));
        values.put(":one", number("1"));
        values.put(":binary", binary(1));
        values.put(":bool", BooleanValue.TRUE);
        values.put(":null", NullValue.INSTANCE);
        values.put(":list", list(number("1")));
        values.put(":map", map("k", string("v")));
        values.put(":strings", stringSet("a"));
        values.put(":numbers", numberSet("1"));
        values.put(":binaries", binarySet("a"));
        values.put(":typeS", string("S"));
        return Collections.unmodifiableMap(values);
    }

    private static Map<String, AttributeValue> item() {
        Map<String, AttributeValue> map = new LinkedHashMap<>();
        map.put("k", string("v"));
        map.put("x", number("1"));
        map.put("d", map("e", number("7")));
        Map<String, AttributeValue> item = new LinkedHashMap<>();
        item.put("pk", string("p"));
        item.put("str", string("héllo"));
        item.put("num", number("5"));
        item.put("bin", binary(1, 255));
        item.put("bool", BooleanValue.TRUE);
        item.put("nil", NullValue.INSTANCE);
        item.put("lst", list(number("1"), string("x"), list(number("2")), number("3")));
        item.put("mp", new MapValue(map));
        item.put("strings", stringSet("a", "b"));
        item.put("numbers", numberSet("1", "2"));
        item.put("binaries", binarySet("a"));
        return Collections.unmodifiableMap(item);
    }

    static Placeholders placeholders() {
        return new Placeholders(NAMES, VALUES);
    }

    /** Parses and resolves; the message of the refusal, or null when there is none. */
    static @Nullable String refusal(ExpressionKind kind, String text) {
        try {
            switch (kind) {
                case CONDITION, FILTER, KEY_CONDITION ->
                    ExpressionParser.parseCondition(kind, text).resolve(placeholders());
                case UPDATE -> ExpressionParser.parseUpdate(text).resolve(placeholders());
                case PROJECTION -> ExpressionParser.parseProjection(text).resolve(placeholders());
            }
            return null;
        } catch (ExpressionException exception) {
            return exception.getMessage();
        }
    }
}

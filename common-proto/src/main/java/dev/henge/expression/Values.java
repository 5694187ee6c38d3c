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
import dev.henge.item.Utf8;
import java.util.Base64;
import java.util.Comparator;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Comparing and measuring attribute values as the service does. */
final class Values {

    private static final Comparator<ByteString> UNSIGNED = ByteString.unsignedLexicographicalComparator();

    private Values() {}

    /** Whether values of that type have an order: S, N and B. */
    static boolean isOrdered(String typeCode) {
        return typeCode.equals("S") || typeCode.equals("N") || typeCode.equals("B");
    }

    /** The order of two values, when both have the same ordered type. */
    static OptionalInt compare(AttributeValue left, AttributeValue right) {
        if (left instanceof StringValue(String leftText) && right instanceof StringValue(String rightText)) {
            return OptionalInt.of(Utf8.compare(leftText, rightText));
        }
        if (left instanceof NumberValue(DynamoNumber leftNumber)
                && right instanceof NumberValue(DynamoNumber rightNumber)) {
            return OptionalInt.of(leftNumber.compareTo(rightNumber));
        }
        if (left instanceof BinaryValue(ByteString leftBytes) && right instanceof BinaryValue(ByteString rightBytes)) {
            return OptionalInt.of(UNSIGNED.compare(leftBytes, rightBytes));
        }
        return OptionalInt.empty();
    }

    /**
     * What size() gives: the length of a string in UTF-16 code units (the API's documentation says "string length", and
     * DynamoDB Local answers 2 for a character outside the basic plane), of a binary in bytes, of a collection in
     * elements. Null for numbers, booleans and null.
     */
    static @Nullable AttributeValue size(AttributeValue value) {
        return switch (value) {
            case StringValue(var text) -> number(text.length());
            case BinaryValue(var bytes) -> number(bytes.size());
            case ListValue(var elements) -> number(elements.size());
            case MapValue(var entries) -> number(entries.size());
            case StringSet(var elements) -> number(elements.size());
            case NumberSet(var elements) -> number(elements.size());
            case BinarySet(var elements) -> number(elements.size());
            case NumberValue _, BooleanValue _, NullValue _ -> null;
        };
    }

    private static AttributeValue number(int value) {
        return new NumberValue(DynamoNumber.of(value));
    }

    /** Whether a string or binary holds a piece of its kind, or a set or list holds an element. */
    static boolean contains(AttributeValue container, AttributeValue content) {
        return switch (container) {
            case StringValue(var text) -> content instanceof StringValue(var piece) && Substrings.contains(text, piece);
            case BinaryValue(var bytes) ->
                content instanceof BinaryValue(var piece) && Substrings.contains(bytes, piece);
            case StringSet(var elements) -> content instanceof StringValue(var text) && elements.contains(text);
            case NumberSet(var elements) -> content instanceof NumberValue(var number) && elements.contains(number);
            case BinarySet(var elements) -> content instanceof BinaryValue(var bytes) && elements.contains(bytes);
            case ListValue(var elements) -> elements.contains(content);
            case MapValue _, NumberValue _, BooleanValue _, NullValue _ -> false;
        };
    }

    static boolean beginsWith(AttributeValue value, AttributeValue prefix) {
        if (value instanceof StringValue(String text)) {
            return prefix instanceof StringValue(String textPrefix) && text.startsWith(textPrefix);
        }
        if (value instanceof BinaryValue(ByteString bytes)) {
            return prefix instanceof BinaryValue(ByteString bytesPrefix) && bytes.startsWith(bytesPrefix);
        }
        return false;
    }

    /** As the service prints a bound of BETWEEN in its errors. */
    static String print(AttributeValue value) {
        String content =
                switch (value) {
                    case StringValue(var text) -> text;
                    case NumberValue(var number) -> number.toString();
                    case BinaryValue(var bytes) -> Base64.getEncoder().encodeToString(bytes.toByteArray());
                    case BooleanValue _, NullValue _, ListValue _, MapValue _, StringSet _, NumberSet _, BinarySet _ ->
                        throw new IllegalArgumentException("no bound: " + value.typeCode());
                };
        return "AttributeValue: {" + value.typeCode() + ":" + content + "}";
    }
}

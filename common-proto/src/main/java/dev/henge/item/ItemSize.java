package dev.henge.item;

import com.google.protobuf.ByteString;
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
import java.util.Map;

/**
 * Sizes in bytes as the service counts them for limits and capacity units (Developer Guide, "DynamoDB item sizes and
 * formats"): names and strings by UTF-8 bytes; a number one byte, plus one per pair of digits as cut at the decimal
 * point, plus one when negative; a binary its bytes; BOOL and NULL one; a list or map three plus one per element plus its
 * contents; a set its elements. From the tree and from the binary form the sizes are the same.
 */
public final class ItemSize {

    private static final int DOCUMENT_OVERHEAD = 3;
    private static final int ELEMENT_OVERHEAD = 1;

    private ItemSize() {}

    public static int ofItem(Map<String, AttributeValue> item) {
        int size = 0;
        for (Map.Entry<String, AttributeValue> attribute : item.entrySet()) {
            size += Utf8.length(attribute.getKey()) + ofValue(attribute.getValue());
        }
        return size;
    }

    public static int ofValue(AttributeValue value) {
        return switch (value) {
            case StringValue string -> Utf8.length(string.value());
            case NumberValue number -> number.value().sizeBytes();
            case BinaryValue binary -> binary.value().size();
            case BooleanValue bool -> 1;
            case NullValue nothing -> 1;
            case ListValue list -> {
                int size =
                        DOCUMENT_OVERHEAD + ELEMENT_OVERHEAD * list.elements().size();
                for (AttributeValue element : list.elements()) {
                    size += ofValue(element);
                }
                yield size;
            }
            case MapValue map ->
                DOCUMENT_OVERHEAD + ELEMENT_OVERHEAD * map.entries().size() + ofItem(map.entries());
            case StringSet set -> set.elements().stream().mapToInt(Utf8::length).sum();
            case NumberSet set ->
                set.elements().stream().mapToInt(DynamoNumber::sizeBytes).sum();
            case BinarySet set ->
                set.elements().stream().mapToInt(ByteString::size).sum();
        };
    }

    /**
     * Size of an item in the binary form.
     *
     * @throws CorruptItemException when it is none
     */
    public static int ofItem(byte[] item) {
        return ofItem(item, 0, item.length);
    }

    /**
     * Size of an item in the binary form.
     *
     * @throws CorruptItemException when it is none
     */
    public static int ofItem(ByteString item) {
        ByteSlice slice = ByteSlice.of(item);
        return ofItem(slice.buffer(), slice.offset(), slice.length());
    }

    /**
     * Size of an item in the binary form.
     *
     * @throws CorruptItemException when it is none
     */
    public static int ofItem(byte[] buffer, int offset, int length) {
        ByteCursor cursor = new ByteCursor(buffer, offset, length);
        ItemReader.skipVersion(cursor);
        return ofAttributes(cursor, cursor.end, 0, 0);
    }

    /**
     * Size of a value in the binary form.
     *
     * @throws CorruptItemException when it is none
     */
    public static int ofValue(byte[] value) {
        ByteCursor cursor = new ByteCursor(value, 0, value.length);
        int size = ofValue(cursor, cursor.end, 0);
        if (cursor.position != cursor.end) {
            throw cursor.corrupt("bytes after the value");
        }
        return size;
    }

    private static int ofAttributes(ByteCursor cursor, int limit, int overhead, int depth) {
        int size = 0;
        while (cursor.position < limit) {
            size += overhead + skipBytes(cursor, limit) + ofValue(cursor, limit, depth);
        }
        return size;
    }

    private static int ofValue(ByteCursor cursor, int limit, int depth) {
        if (cursor.position >= limit) {
            throw cursor.corrupt("value missing");
        }
        byte type = cursor.buffer[cursor.position++];
        return switch (type) {
            case ItemFormat.STRING, ItemFormat.BINARY -> skipBytes(cursor, limit);
            case ItemFormat.NUMBER -> ofNumber(cursor, limit);
            case ItemFormat.FALSE, ItemFormat.TRUE, ItemFormat.NULL -> 1;
            case ItemFormat.LIST, ItemFormat.MAP -> ofDocument(cursor, limit, type, depth + 1);
            case ItemFormat.STRING_SET, ItemFormat.NUMBER_SET, ItemFormat.BINARY_SET -> ofSet(cursor, limit, type);
            default -> throw cursor.corrupt("unknown type " + type);
        };
    }

    private static int ofDocument(ByteCursor cursor, int limit, byte type, int depth) {
        ItemReader.checkDepth(cursor, depth);
        int length = cursor.nextLength(limit);
        int end = cursor.position + length;
        if (type == ItemFormat.MAP) {
            return DOCUMENT_OVERHEAD + ofAttributes(cursor, end, ELEMENT_OVERHEAD, depth);
        }
        int size = DOCUMENT_OVERHEAD;
        while (cursor.position < end) {
            size += ELEMENT_OVERHEAD + ofValue(cursor, end, depth);
        }
        return size;
    }

    private static int ofSet(ByteCursor cursor, int limit, byte type) {
        int length = cursor.nextLength(limit);
        int end = cursor.position + length;
        int size = 0;
        while (cursor.position < end) {
            size += type == ItemFormat.NUMBER_SET ? ofNumber(cursor, end) : skipBytes(cursor, end);
        }
        return size;
    }

    private static int ofNumber(ByteCursor cursor, int limit) {
        int start = cursor.skipNumber(limit);
        return NumberEncoding.sizeBytes(cursor.buffer, start, cursor.position - start);
    }

    private static int skipBytes(ByteCursor cursor, int limit) {
        int length = cursor.nextLength(limit);
        cursor.position += length;
        return length;
    }
}

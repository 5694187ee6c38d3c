package dev.henge.item;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/**
 * Items and values as trees, to and from the binary form ({@link ItemFormat}). Lossless: attributes, map entries and set
 * elements keep their order; numbers come back equal. Strings must be well-formed: an unpaired surrogate becomes '?'.
 *
 * <p>Decoding throws {@link CorruptItemException} for anything that is no item or value.
 */
public final class ItemCodec {

    /** Lists and maps may be nested this deep in the binary form; the API's limit of 32 is the router's to enforce. */
    public static final int NESTING_MAX = 64;

    private ItemCodec() {}

    /**
     * The item in the binary form, attributes in the map's order.
     *
     * @throws IllegalArgumentException when nested deeper than {@link #NESTING_MAX}
     */
    public static byte[] encode(Map<String, AttributeValue> item) {
        return writerOf(item).toByteArray();
    }

    /** As {@link #encode}. */
    public static ByteString encodeToByteString(Map<String, AttributeValue> item) {
        return writerOf(item).toByteString();
    }

    private static ItemWriter writerOf(Map<String, AttributeValue> item) {
        ItemWriter writer = ItemWriter.ofTree();
        writer.beginItem();
        writer.attributes(item);
        return writer;
    }

    /**
     * One value in the binary form.
     *
     * @throws IllegalArgumentException when nested deeper than {@link #NESTING_MAX}
     */
    public static byte[] encodeValue(AttributeValue value) {
        ItemWriter writer = ItemWriter.ofTree();
        writer.value(value);
        return writer.toByteArray();
    }

    /** As {@link #encodeValue}. */
    public static ByteString encodeValueToByteString(AttributeValue value) {
        ItemWriter writer = ItemWriter.ofTree();
        writer.value(value);
        return writer.toByteString();
    }

    /** The attributes in their order, in a new map that is the caller's to change. */
    public static Map<String, AttributeValue> decode(byte[] item) {
        return decode(item, 0, item.length);
    }

    public static Map<String, AttributeValue> decode(ByteString item) {
        ByteSlice slice = ByteSlice.of(item);
        return decode(slice.buffer(), slice.offset(), slice.length());
    }

    public static Map<String, AttributeValue> decode(byte[] buffer, int offset, int length) {
        ByteCursor cursor = new ByteCursor(buffer, offset, length);
        ItemReader.skipVersion(cursor);
        return decodeAttributes(cursor, cursor.end, 0);
    }

    public static AttributeValue decodeValue(byte[] value) {
        return decodeValue(value, 0, value.length);
    }

    public static AttributeValue decodeValue(ByteString value) {
        ByteSlice slice = ByteSlice.of(value);
        return decodeValue(slice.buffer(), slice.offset(), slice.length());
    }

    public static AttributeValue decodeValue(byte[] buffer, int offset, int length) {
        ByteCursor cursor = new ByteCursor(buffer, offset, length);
        AttributeValue value = decodeValue(cursor, cursor.end, 0);
        if (cursor.position != cursor.end) {
            throw cursor.corrupt("bytes after the value");
        }
        return value;
    }

    /** The top-level attribute of that name, or null; steps over the others without decoding them. */
    public static @Nullable AttributeValue attribute(byte[] item, String name) {
        return attribute(item, 0, item.length, name);
    }

    /** As {@link #attribute(byte[], String)}. */
    public static @Nullable AttributeValue attribute(ByteString item, String name) {
        ByteSlice slice = ByteSlice.of(item);
        return attribute(slice.buffer(), slice.offset(), slice.length(), name);
    }

    private static @Nullable AttributeValue attribute(byte[] buffer, int offset, int length, String name) {
        byte[] wanted = name.getBytes(UTF_8);
        ByteCursor cursor = new ByteCursor(buffer, offset, length);
        ItemReader.skipVersion(cursor);
        while (cursor.position < cursor.end) {
            int nameLength = cursor.nextLength(cursor.end);
            int start = cursor.position;
            cursor.position += nameLength;
            if (Arrays.equals(buffer, start, start + nameLength, wanted, 0, wanted.length)) {
                return decodeValue(cursor, cursor.end, 0);
            }
            skipValue(cursor);
        }
        return null;
    }

    private static void skipValue(ByteCursor cursor) {
        byte type = cursor.next();
        switch (type) {
            case ItemFormat.FALSE, ItemFormat.TRUE, ItemFormat.NULL -> {}
            case ItemFormat.NUMBER -> cursor.skipNumber(cursor.end);
            case ItemFormat.STRING,
                    ItemFormat.BINARY,
                    ItemFormat.LIST,
                    ItemFormat.MAP,
                    ItemFormat.STRING_SET,
                    ItemFormat.NUMBER_SET,
                    ItemFormat.BINARY_SET -> {
                int length = cursor.nextLength(cursor.end);
                cursor.position += length;
            }
            default -> throw cursor.corrupt("unknown type " + type);
        }
    }

    private static SequencedMap<String, AttributeValue> decodeAttributes(ByteCursor cursor, int limit, int depth) {
        SequencedMap<String, AttributeValue> attributes = new LinkedHashMap<>();
        while (cursor.position < limit) {
            String name = decodeText(cursor, limit);
            AttributeValue value = decodeValue(cursor, limit, depth);
            if (attributes.put(name, value) != null) {
                throw cursor.corrupt("name twice: " + name);
            }
        }
        return attributes;
    }

    private static AttributeValue decodeValue(ByteCursor cursor, int limit, int depth) {
        if (cursor.position >= limit) {
            throw cursor.corrupt("value missing");
        }
        byte type = cursor.buffer[cursor.position++];
        return switch (type) {
            case ItemFormat.STRING -> new StringValue(decodeText(cursor, limit));
            case ItemFormat.NUMBER -> new NumberValue(decodeNumber(cursor, limit));
            case ItemFormat.BINARY -> new BinaryValue(decodeBytes(cursor, limit));
            case ItemFormat.FALSE -> BooleanValue.FALSE;
            case ItemFormat.TRUE -> BooleanValue.TRUE;
            case ItemFormat.NULL -> NullValue.INSTANCE;
            case ItemFormat.LIST -> new ListValue(decodeList(cursor, limit, depth + 1));
            case ItemFormat.MAP -> new MapValue(decodeMap(cursor, limit, depth + 1));
            case ItemFormat.STRING_SET ->
                new StringSet(FrozenSet.adopt(decodeSet(cursor, limit, ItemCodec::decodeText)));
            case ItemFormat.NUMBER_SET ->
                new NumberSet(FrozenSet.adopt(decodeSet(cursor, limit, ItemCodec::decodeNumber)));
            case ItemFormat.BINARY_SET ->
                new BinarySet(FrozenSet.adopt(decodeSet(cursor, limit, ItemCodec::decodeBytes)));
            default -> throw cursor.corrupt("unknown type " + type);
        };
    }

    private static List<AttributeValue> decodeList(ByteCursor cursor, int limit, int depth) {
        ItemReader.checkDepth(cursor, depth);
        int length = cursor.nextLength(limit);
        int end = cursor.position + length;
        List<AttributeValue> elements = new ArrayList<>();
        while (cursor.position < end) {
            elements.add(decodeValue(cursor, end, depth));
        }
        return elements;
    }

    private static Map<String, AttributeValue> decodeMap(ByteCursor cursor, int limit, int depth) {
        ItemReader.checkDepth(cursor, depth);
        int length = cursor.nextLength(limit);
        return FrozenMap.adopt(decodeAttributes(cursor, cursor.position + length, depth));
    }

    /** Decodes one element of a set, which ends before limit. */
    private interface ElementDecoder<E> {
        E decode(ByteCursor cursor, int limit);
    }

    private static <E> SequencedSet<E> decodeSet(ByteCursor cursor, int limit, ElementDecoder<E> decoder) {
        int length = cursor.nextLength(limit);
        int end = cursor.position + length;
        SequencedSet<E> elements = new LinkedHashSet<>();
        while (cursor.position < end) {
            if (!elements.add(decoder.decode(cursor, end))) {
                throw cursor.corrupt("element twice in a set");
            }
        }
        return elements;
    }

    private static String decodeText(ByteCursor cursor, int limit) {
        int length = cursor.nextLength(limit);
        String text = cursor.text(cursor.position, length);
        cursor.position += length;
        return text;
    }

    private static DynamoNumber decodeNumber(ByteCursor cursor, int limit) {
        int start = cursor.skipNumber(limit);
        return DynamoNumber.ofEncoded(Arrays.copyOfRange(cursor.buffer, start, cursor.position));
    }

    private static ByteString decodeBytes(ByteCursor cursor, int limit) {
        int length = cursor.nextLength(limit);
        ByteString bytes = ByteString.copyFrom(cursor.buffer, cursor.position, length);
        cursor.position += length;
        return bytes;
    }
}

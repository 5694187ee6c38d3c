package dev.henge.item;

import com.google.protobuf.ByteString;

/**
 * Walks the binary form and tells an {@link ItemVisitor}, without building values. Everything is bounds-checked before
 * it is told; UTF-8 is handed on as it is. A visitor may have been called for the parts before a fault.
 *
 * <p>All methods throw {@link CorruptItemException} for bytes that are no item or value, or nest deeper than
 * {@link ItemCodec#NESTING_MAX}.
 */
public final class ItemReader {

    private ItemReader() {}

    /** Tells the names and values of an item's attributes; no begin or end for the item itself. */
    public static void readItem(byte[] item, ItemVisitor visitor) {
        readItem(item, 0, item.length, visitor);
    }

    public static void readItem(byte[] buffer, int offset, int length, ItemVisitor visitor) {
        ByteCursor cursor = new ByteCursor(buffer, offset, length);
        skipVersion(cursor);
        readAttributes(cursor, cursor.end, visitor, 0);
    }

    public static void readItem(ByteString item, ItemVisitor visitor) {
        ByteSlice slice = ByteSlice.of(item);
        readItem(slice.buffer(), slice.offset(), slice.length(), visitor);
    }

    /** Tells one value. */
    public static void readValue(byte[] value, ItemVisitor visitor) {
        readValue(value, 0, value.length, visitor);
    }

    public static void readValue(byte[] buffer, int offset, int length, ItemVisitor visitor) {
        ByteCursor cursor = new ByteCursor(buffer, offset, length);
        readValue(cursor, cursor.end, visitor, 0);
        if (cursor.position != cursor.end) {
            throw cursor.corrupt("bytes after the value");
        }
    }

    public static void readValue(ByteString value, ItemVisitor visitor) {
        ByteSlice slice = ByteSlice.of(value);
        readValue(slice.buffer(), slice.offset(), slice.length(), visitor);
    }

    static void skipVersion(ByteCursor cursor) {
        byte version = cursor.next();
        if (version != ItemFormat.VERSION) {
            throw new CorruptItemException("item of unknown version " + version);
        }
    }

    private static void readAttributes(ByteCursor cursor, int limit, ItemVisitor visitor, int depth) {
        while (cursor.position < limit) {
            int length = cursor.nextLength(limit);
            int start = cursor.position;
            cursor.position += length;
            visitor.name(cursor.buffer, start, length);
            readValue(cursor, limit, visitor, depth);
        }
    }

    private static void readValue(ByteCursor cursor, int limit, ItemVisitor visitor, int depth) {
        if (cursor.position >= limit) {
            throw cursor.corrupt("value missing");
        }
        byte type = cursor.buffer[cursor.position++];
        switch (type) {
            case ItemFormat.STRING -> {
                int length = cursor.nextLength(limit);
                visitor.string(cursor.buffer, cursor.position, length);
                cursor.position += length;
            }
            case ItemFormat.NUMBER -> readNumber(cursor, limit, visitor);
            case ItemFormat.BINARY -> {
                int length = cursor.nextLength(limit);
                visitor.binary(cursor.buffer, cursor.position, length);
                cursor.position += length;
            }
            case ItemFormat.FALSE -> visitor.bool(false);
            case ItemFormat.TRUE -> visitor.bool(true);
            case ItemFormat.NULL -> visitor.nullValue();
            case ItemFormat.LIST, ItemFormat.MAP -> readDocument(cursor, limit, type, visitor, depth + 1);
            case ItemFormat.STRING_SET, ItemFormat.NUMBER_SET, ItemFormat.BINARY_SET ->
                readSet(cursor, limit, type, visitor);
            default -> throw cursor.corrupt("unknown type " + type);
        }
    }

    private static void readNumber(ByteCursor cursor, int limit, ItemVisitor visitor) {
        int start = cursor.skipNumber(limit);
        visitor.number(cursor.buffer, start, cursor.position - start);
    }

    private static void readDocument(ByteCursor cursor, int limit, byte type, ItemVisitor visitor, int depth) {
        checkDepth(cursor, depth);
        int length = cursor.nextLength(limit);
        int end = cursor.position + length;
        if (type == ItemFormat.MAP) {
            visitor.beginMap();
            readAttributes(cursor, end, visitor, depth);
            visitor.endMap();
            return;
        }
        visitor.beginList();
        while (cursor.position < end) {
            readValue(cursor, end, visitor, depth);
        }
        visitor.endList();
    }

    private static void readSet(ByteCursor cursor, int limit, byte type, ItemVisitor visitor) {
        int setLength = cursor.nextLength(limit);
        int end = cursor.position + setLength;
        if (type == ItemFormat.NUMBER_SET) {
            visitor.beginNumberSet();
            while (cursor.position < end) {
                readNumber(cursor, end, visitor);
            }
            visitor.endSet();
            return;
        }
        boolean strings = type == ItemFormat.STRING_SET;
        if (strings) {
            visitor.beginStringSet();
        } else {
            visitor.beginBinarySet();
        }
        while (cursor.position < end) {
            int length = cursor.nextLength(end);
            if (strings) {
                visitor.string(cursor.buffer, cursor.position, length);
            } else {
                visitor.binary(cursor.buffer, cursor.position, length);
            }
            cursor.position += length;
        }
        visitor.endSet();
    }

    static void checkDepth(ByteCursor cursor, int depth) {
        if (depth > ItemCodec.NESTING_MAX) {
            throw cursor.corrupt("nested deeper than " + ItemCodec.NESTING_MAX);
        }
    }
}

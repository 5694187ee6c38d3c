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
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Appends an item or one value in the binary form, part by part, without a tree. An item is {@link #beginItem()} and
 * then, for each attribute, {@link #name} and a value; it has no end. A value alone is just the value. A list holds
 * values, a map names and values, a set strings, numbers or binaries of its kind.
 *
 * <p>Calls out of that order are a fault of the caller: {@link IllegalStateException}. A name given twice to one item or
 * map, or an element twice to one set, throws {@link DuplicateEntryException} at once (numbers by value); the writer is
 * then only good for {@link #reset()}. Not for use by several threads.
 */
public final class ItemWriter {

    private static final int LENGTH_BYTES_MAX = 5;
    /** Scope kinds besides the container types of {@link ItemFormat}. */
    private static final byte SCOPE_VALUE = 0;

    private static final byte SCOPE_ITEM = -1;

    private byte[] buffer;
    private int size;
    /** Kinds of the open scopes; [0] is the item or the single value. */
    private final byte[] kinds = new byte[ItemCodec.NESTING_MAX + 2];
    /** Where the contents of the open scopes begin, after one byte kept for the length. */
    private final int[] starts = new int[ItemCodec.NESTING_MAX + 2];
    /** Numbers of the open scopes, never used twice, for finding duplicates. */
    private final int[] scopes = new int[ItemCodec.NESTING_MAX + 2];

    private int depth;
    private int nextScope;
    private boolean named;
    /** Null where the source of the parts, a map or set, holds nothing twice. */
    private final @Nullable EntryTable seen;

    public ItemWriter() {
        this(256);
    }

    /** @param capacityBytes how much to keep room for at first */
    public ItemWriter(int capacityBytes) {
        this(capacityBytes, new EntryTable());
    }

    private ItemWriter(int capacityBytes, @Nullable EntryTable seen) {
        this.buffer = new byte[Math.max(capacityBytes, 16)];
        this.seen = seen;
        reset();
    }

    /** A writer for trees, which doesn't look for duplicates. */
    static ItemWriter ofTree() {
        return new ItemWriter(256, null);
    }

    /** Makes the writer empty again, and keeps its memory. */
    public ItemWriter reset() {
        size = 0;
        depth = 0;
        kinds[0] = SCOPE_VALUE;
        nextScope = 1;
        named = false;
        if (seen != null) {
            seen.clear();
        }
        return this;
    }

    /** Begins an item; must come first. */
    public ItemWriter beginItem() {
        if (size != 0 || kinds[0] != SCOPE_VALUE) {
            throw new IllegalStateException("an item begins an empty writer");
        }
        put(ItemFormat.VERSION);
        kinds[0] = SCOPE_ITEM;
        scopes[0] = 0;
        return this;
    }

    /** The name of the next attribute or map entry. */
    public ItemWriter name(String name) {
        int start = beginName();
        putText(name);
        return endName(start);
    }

    /** The name of the next attribute or map entry, in well-formed UTF-8. */
    public ItemWriter name(byte[] utf8, int offset, int length) {
        int start = beginName();
        putBytes(utf8, offset, length);
        return endName(start);
    }

    private int beginName() {
        if (!isNamedScope(kinds[depth]) || named) {
            throw new IllegalStateException("no name expected here");
        }
        return size;
    }

    private ItemWriter endName(int start) {
        if (seen != null && !seen.add(buffer, start, size, scopes[depth])) {
            throw new DuplicateEntryException(false, "name twice: " + lastEntry(start));
        }
        named = true;
        return this;
    }

    private static boolean isNamedScope(byte kind) {
        return kind == SCOPE_ITEM || kind == ItemFormat.MAP;
    }

    /** S, or an element of a string set. */
    public ItemWriter string(String value) {
        boolean element = beginScalar(ItemFormat.STRING, ItemFormat.STRING_SET);
        int start = size;
        putText(value);
        return endScalar(element, start);
    }

    /** S, or an element of a string set, in well-formed UTF-8. */
    public ItemWriter string(byte[] utf8, int offset, int length) {
        boolean element = beginScalar(ItemFormat.STRING, ItemFormat.STRING_SET);
        int start = size;
        putBytes(utf8, offset, length);
        return endScalar(element, start);
    }

    /** N, or an element of a number set. */
    public ItemWriter number(DynamoNumber value) {
        boolean element = beginScalar(ItemFormat.NUMBER, ItemFormat.NUMBER_SET);
        int start = size;
        byte[] encoded = value.encoded();
        putRaw(encoded, 0, encoded.length);
        return endScalar(element, start);
    }

    /**
     * N, or an element of a number set, from the text of a request.
     *
     * @throws InvalidNumberException as {@link DynamoNumber#parse}; nothing is written then
     */
    public ItemWriter number(String text) {
        return number(DynamoNumber.parse(text));
    }

    /** B, or an element of a binary set. */
    public ItemWriter binary(byte[] value, int offset, int length) {
        boolean element = beginScalar(ItemFormat.BINARY, ItemFormat.BINARY_SET);
        int start = size;
        putBytes(value, offset, length);
        return endScalar(element, start);
    }

    /** B, or an element of a binary set. */
    public ItemWriter binary(ByteString value) {
        ByteSlice slice = ByteSlice.of(value);
        return binary(slice.buffer(), slice.offset(), slice.length());
    }

    public ItemWriter bool(boolean value) {
        beginValue(value ? ItemFormat.TRUE : ItemFormat.FALSE);
        return this;
    }

    public ItemWriter nullValue() {
        beginValue(ItemFormat.NULL);
        return this;
    }

    /**
     * L; values follow.
     *
     * @throws IllegalArgumentException when nested deeper than {@link ItemCodec#NESTING_MAX}
     */
    public ItemWriter beginList() {
        return begin(ItemFormat.LIST);
    }

    public ItemWriter endList() {
        return end(ItemFormat.LIST);
    }

    /**
     * M; names and values follow.
     *
     * @throws IllegalArgumentException when nested deeper than {@link ItemCodec#NESTING_MAX}
     */
    public ItemWriter beginMap() {
        return begin(ItemFormat.MAP);
    }

    public ItemWriter endMap() {
        return end(ItemFormat.MAP);
    }

    public ItemWriter beginStringSet() {
        return begin(ItemFormat.STRING_SET);
    }

    public ItemWriter beginNumberSet() {
        return begin(ItemFormat.NUMBER_SET);
    }

    public ItemWriter beginBinarySet() {
        return begin(ItemFormat.BINARY_SET);
    }

    /** Ends the set begun last, of whichever kind. */
    public ItemWriter endSet() {
        if (!isSet(kinds[depth])) {
            throw new IllegalStateException("no set is open");
        }
        return end(kinds[depth]);
    }

    /** A whole value. */
    public ItemWriter value(AttributeValue value) {
        return switch (value) {
            case StringValue string -> string(string.value());
            case NumberValue number -> number(number.value());
            case BinaryValue binary -> binary(binary.value());
            case BooleanValue bool -> bool(bool.value());
            case NullValue nothing -> nullValue();
            case ListValue list -> {
                beginList();
                for (AttributeValue element : list.elements()) {
                    value(element);
                }
                yield endList();
            }
            case MapValue map -> beginMap().attributes(map.entries()).endMap();
            case StringSet set -> {
                beginStringSet();
                set.elements().forEach(this::string);
                yield endSet();
            }
            case NumberSet set -> {
                beginNumberSet();
                set.elements().forEach(this::number);
                yield endSet();
            }
            case BinarySet set -> {
                beginBinarySet();
                set.elements().forEach(this::binary);
                yield endSet();
            }
        };
    }

    /** Attributes of the item, or entries of the map, that is open. */
    public ItemWriter attributes(Map<String, AttributeValue> attributes) {
        for (Map.Entry<String, AttributeValue> attribute : attributes.entrySet()) {
            name(attribute.getKey()).value(attribute.getValue());
        }
        return this;
    }

    /** A whole value that is in the binary form already; it is trusted. */
    public ItemWriter encodedValue(byte[] encoded, int offset, int length) {
        checkValue();
        putRaw(encoded, offset, length);
        return this;
    }

    /** Bytes written so far; lengths of open lists, maps and sets may add to them. */
    public int sizeBytes() {
        return size;
    }

    /** A copy of what was written, which must be complete. */
    public byte[] toByteArray() {
        checkComplete();
        return Arrays.copyOf(buffer, size);
    }

    /** A copy of what was written, which must be complete. */
    public ByteString toByteString() {
        checkComplete();
        return ByteString.copyFrom(buffer, 0, size);
    }

    private void checkComplete() {
        if (depth != 0 || named || size == 0) {
            throw new IllegalStateException("not complete");
        }
    }

    private static boolean isSet(byte kind) {
        return kind == ItemFormat.STRING_SET || kind == ItemFormat.NUMBER_SET || kind == ItemFormat.BINARY_SET;
    }

    /** Checks that a value may stand here. */
    private void checkValue() {
        byte kind = kinds[depth];
        if (isNamedScope(kind)) {
            if (!named) {
                throw new IllegalStateException("a name goes before a value");
            }
            named = false;
            return;
        }
        if (isSet(kind) || (kind == SCOPE_VALUE && size != 0)) {
            throw new IllegalStateException("no such value expected here");
        }
    }

    private void beginValue(byte type) {
        checkValue();
        put(type);
    }

    /** Returns whether the scalar is an element of the open set, which has no type byte. */
    private boolean beginScalar(byte type, byte setType) {
        if (kinds[depth] == setType) {
            return true;
        }
        beginValue(type);
        return false;
    }

    private ItemWriter endScalar(boolean element, int start) {
        if (element && seen != null && !seen.add(buffer, start, size, scopes[depth])) {
            throw new DuplicateEntryException(true, "element twice in a set");
        }
        return this;
    }

    private ItemWriter begin(byte type) {
        if (depth >= ItemCodec.NESTING_MAX && (depth > ItemCodec.NESTING_MAX || !isSet(type))) {
            throw new IllegalArgumentException("nested deeper than " + ItemCodec.NESTING_MAX);
        }
        beginValue(type);
        // Most lengths fit into one byte; a longer one moves the contents.
        put((byte) 0);
        depth++;
        kinds[depth] = type;
        starts[depth] = size;
        scopes[depth] = nextScope++;
        return this;
    }

    private ItemWriter end(byte type) {
        if (depth == 0 || kinds[depth] != type || named) {
            throw new IllegalStateException("nothing of that kind to end here");
        }
        int start = starts[depth];
        int length = size - start;
        depth--;
        int more = varintLength(length) - 1;
        if (more > 0) {
            reserve(more);
            System.arraycopy(buffer, start, buffer, start + more, length);
        }
        size = start - 1;
        putVarint(length);
        size += length;
        return this;
    }

    private String lastEntry(int start) {
        ByteCursor cursor = new ByteCursor(buffer, start, size - start);
        int length = cursor.nextLength(size);
        return new String(buffer, cursor.position, length, UTF_8);
    }

    private void reserve(int more) {
        if (more > buffer.length - size) {
            long doubled = Math.min(2L * buffer.length, Integer.MAX_VALUE - 8L);
            buffer = Arrays.copyOf(buffer, (int) Math.max(doubled, Math.addExact(size, more)));
        }
    }

    private void put(byte value) {
        reserve(1);
        buffer[size++] = value;
    }

    private void putText(String text) {
        byte[] utf8 = text.getBytes(UTF_8);
        putBytes(utf8, 0, utf8.length);
    }

    private void putBytes(byte[] bytes, int offset, int length) {
        reserve(LENGTH_BYTES_MAX);
        putVarint(length);
        putRaw(bytes, offset, length);
    }

    private void putRaw(byte[] bytes, int offset, int length) {
        reserve(length);
        System.arraycopy(bytes, offset, buffer, size, length);
        size += length;
    }

    /** Room for it has been reserved. */
    private void putVarint(int value) {
        int rest = value;
        while (rest > 0x7F) {
            buffer[size++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        buffer[size++] = (byte) rest;
    }

    private static int varintLength(int value) {
        int bits = Integer.SIZE - Integer.numberOfLeadingZeros(value | 1);
        return (bits + 6) / 7;
    }
}

package dev.henge.item;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue.BooleanValue;
import dev.henge.item.AttributeValue.ListValue;
import dev.henge.item.AttributeValue.MapValue;
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
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

final class ItemCodecTest {

    @Provide
    Arbitrary<Map<String, AttributeValue>> items() {
        return Values.items();
    }

    @Provide
    Arbitrary<AttributeValue> values() {
        return Values.values(2);
    }

    @Property(tries = 500)
    void bringsAnItemBackInItsOrder(@ForAll("items") Map<String, AttributeValue> item) {
        byte[] encoded = ItemCodec.encode(item);
        Map<String, AttributeValue> decoded = ItemCodec.decode(encoded);
        assertThat(decoded).isEqualTo(item);
        assertThat(new ArrayList<>(decoded.keySet())).isEqualTo(new ArrayList<>(item.keySet()));
        // Order inside the values too: the same bytes again.
        assertThat(ItemCodec.encode(decoded)).isEqualTo(encoded);
        assertThat(ItemCodec.encodeToByteString(item).toByteArray()).isEqualTo(encoded);
    }

    @Property(tries = 500)
    void bringsAValueBack(@ForAll("values") AttributeValue value) {
        byte[] encoded = ItemCodec.encodeValue(value);
        assertThat(ItemCodec.decodeValue(encoded)).isEqualTo(value);
        ByteString half = ByteString.copyFrom(encoded, 0, encoded.length / 2);
        ByteString rope =
                half.concat(ByteString.copyFrom(encoded, encoded.length / 2, encoded.length - encoded.length / 2));
        assertThat(ItemCodec.decodeValue(rope)).isEqualTo(value);
    }

    @Property(tries = 500)
    void copiesThroughReaderAndWriter(@ForAll("items") Map<String, AttributeValue> item) {
        byte[] encoded = ItemCodec.encode(item);
        CopyingVisitor copy = new CopyingVisitor();
        ItemReader.readItem(encoded, copy);
        assertThat(copy.writer.toByteArray()).isEqualTo(encoded);
        ByteString padded = ByteString.copyFrom(new byte[] {9})
                .concat(ByteString.copyFrom(encoded))
                .substring(1);
        CopyingVisitor second = new CopyingVisitor();
        ItemReader.readItem(padded, second);
        assertThat(second.writer.toByteArray()).isEqualTo(encoded);
    }

    @Property(tries = 500)
    void countsTheSameSizeFromTreeAndBytes(@ForAll("items") Map<String, AttributeValue> item) {
        assertThat(ItemSize.ofItem(ItemCodec.encode(item))).isEqualTo(ItemSize.ofItem(item));
        assertThat(ItemSize.ofItem(ItemCodec.encodeToByteString(item))).isEqualTo(ItemSize.ofItem(item));
        for (AttributeValue value : item.values()) {
            assertThat(ItemSize.ofValue(ItemCodec.encodeValue(value))).isEqualTo(ItemSize.ofValue(value));
        }
    }

    @Property(tries = 300)
    void findsEachAttributeAlone(@ForAll("items") Map<String, AttributeValue> item) {
        byte[] encoded = ItemCodec.encode(item);
        item.forEach(
                (name, value) -> assertThat(ItemCodec.attribute(encoded, name)).isEqualTo(value));
        assertThat(ItemCodec.attribute(encoded, "no such name")).isNull();
    }

    @Property(tries = 3000)
    void neverFailsButWithCorruptItemWhenBytesChange(
            @ForAll("items") Map<String, AttributeValue> item,
            @ForAll @IntRange(max = 1_000_000) int where,
            @ForAll byte change,
            @ForAll @IntRange(max = 1_000_000) int cut,
            @ForAll boolean truncate) {
        byte[] encoded = ItemCodec.encode(item);
        encoded[where % encoded.length] = change;
        byte[] bad = truncate ? Arrays.copyOf(encoded, cut % encoded.length) : encoded;
        boolean decoded = succeeds(() -> ItemCodec.decode(bad));
        succeeds(() -> ItemCodec.decodeValue(bad));
        succeeds(() -> ItemCodec.attribute(bad, "a"));
        boolean sized = succeeds(() -> ItemSize.ofItem(bad));
        boolean read = succeeds(() -> ItemReader.readItem(bad, new SilentVisitor()));
        assertThat(sized).isEqualTo(read);
        if (decoded) {
            assertThat(sized).isTrue();
            assertThat(ItemSize.ofItem(bad)).isEqualTo(ItemSize.ofItem(ItemCodec.decode(bad)));
        }
    }

    @Property(tries = 3000)
    void neverFailsButWithCorruptItemOnAnyBytes(@ForAll byte[] bytes) {
        byte[] item = bytes.clone();
        if (item.length > 0) {
            item[0] = ItemFormat.VERSION;
        }
        succeeds(() -> ItemCodec.decode(item));
        succeeds(() -> ItemSize.ofItem(item));
        succeeds(() -> ItemReader.readItem(item, new SilentVisitor()));
    }

    private static boolean succeeds(Runnable action) {
        try {
            action.run();
            return true;
        } catch (CorruptItemException e) {
            return false;
        }
    }

    @Test
    void isCompact() {
        Map<String, AttributeValue> item = new LinkedHashMap<>();
        item.put("id", new StringValue("abc"));
        item.put("n", new NumberValue(DynamoNumber.of(42)));
        // version; 1 + 2 name, type, length, 3; 1 + 1 name, type, 2
        assertThat(ItemCodec.encode(item)).hasSize(1 + 8 + 5);
        assertThat(ItemCodec.encode(Map.of())).hasSize(1);
    }

    @Test
    void movesTheContentsOfListsLongerThanOneLengthByteHolds() {
        for (int length : new int[] {0, 124, 125, 126, 127, 128, 16_380, 16_384, 2_097_152}) {
            AttributeValue inner = new ListValue(List.of(new StringValue("x".repeat(length))));
            AttributeValue outer = new MapValue(Map.of("name", inner));
            assertThat(ItemCodec.decodeValue(ItemCodec.encodeValue(outer))).isEqualTo(outer);
        }
    }

    @Test
    void decodesASetInAnyOrderAsEqual() {
        StringSet set = new StringSet(new LinkedHashSet<>(List.of("b", "a")));
        assertThat(set).isEqualTo(new StringSet(new LinkedHashSet<>(List.of("a", "b"))));
        assertThat(set).hasSameHashCodeAs(new StringSet(new LinkedHashSet<>(List.of("a", "b"))));
        NumberSet numbers = new NumberSet(new LinkedHashSet<>(List.of(DynamoNumber.parse("1.0"), DynamoNumber.of(2))));
        assertThat(numbers)
                .isEqualTo(new NumberSet(new LinkedHashSet<>(List.of(DynamoNumber.of(2), DynamoNumber.of(1)))));
        assertThat(((StringSet) ItemCodec.decodeValue(ItemCodec.encodeValue(set))).elements())
                .containsExactly("b", "a");
    }

    @Test
    void refusesDeeperNestingThanItReads() {
        AttributeValue value = BooleanValue.TRUE;
        for (int depth = 0; depth < ItemCodec.NESTING_MAX; depth++) {
            value = new ListValue(List.of(value));
        }
        AttributeValue deepest = value;
        assertThat(ItemCodec.decodeValue(ItemCodec.encodeValue(deepest))).isEqualTo(deepest);
        assertThatThrownBy(() -> ItemCodec.encodeValue(new ListValue(List.of(deepest))))
                .isInstanceOf(IllegalArgumentException.class);
        byte[] nested = new byte[60_000];
        for (int index = 0; index < 10_000; index++) {
            nested[6 * index] = ItemFormat.LIST;
            int left = nested.length - 6 * index - 6;
            for (int part = 0; part < 5; part++) {
                nested[6 * index + 1 + part] = (byte) (((left >>> (7 * part)) & 0x7F) | (part < 4 ? 0x80 : 0));
            }
        }
        assertThatThrownBy(() -> ItemCodec.decodeValue(nested)).hasMessageContaining("nested deeper than 64");
        assertThatThrownBy(() -> ItemSize.ofValue(nested)).hasMessageContaining("nested deeper than 64");
        assertThatThrownBy(() -> ItemReader.readValue(nested, new SilentVisitor()))
                .hasMessageContaining("nested deeper than 64");
    }

    @Test
    void allowsASetAtTheDeepestLevel() {
        AttributeValue value = new StringSet(new LinkedHashSet<>(List.of("a")));
        for (int depth = 0; depth < ItemCodec.NESTING_MAX; depth++) {
            value = new ListValue(List.of(value));
        }
        assertThat(ItemCodec.decodeValue(ItemCodec.encodeValue(value))).isEqualTo(value);
    }

    @Test
    void refusesMalformedUtf8ButTakesARealReplacementCharacter() {
        byte[] replaced = ItemCodec.encodeValue(new StringValue("\uFFFD"));
        assertThat(ItemCodec.decodeValue(replaced)).isEqualTo(new StringValue("\uFFFD"));
        byte[] malformed = {ItemFormat.STRING, 2, (byte) 0xC3, 'a'};
        assertThatThrownBy(() -> ItemCodec.decodeValue(malformed)).isInstanceOf(CorruptItemException.class);
    }

    @Test
    void refusesAnUnknownVersion() {
        assertThatThrownBy(() -> ItemCodec.decode(new byte[] {2})).hasMessage("item of unknown version 2");
        assertThatThrownBy(() -> ItemCodec.decode(new byte[0])).isInstanceOf(CorruptItemException.class);
    }

    @Test
    void givesTheCallerItsOwnMap() {
        Map<String, AttributeValue> decoded = ItemCodec.decode(ItemCodec.encode(Map.of("a", BooleanValue.TRUE)));
        decoded.put("b", BooleanValue.FALSE);
        assertThat(decoded).hasSize(2);
    }

    @Test
    void keepsValuesFromChanging() {
        Map<String, AttributeValue> source = new LinkedHashMap<>(Map.of("a", BooleanValue.TRUE));
        MapValue map = new MapValue(source);
        source.clear();
        assertThat(map.entries()).hasSize(1);
        assertThatThrownBy(() -> map.entries().clear()).isInstanceOf(UnsupportedOperationException.class);
        LinkedHashSet<String> elements = new LinkedHashSet<>(List.of("a"));
        StringSet set = new StringSet(elements);
        elements.clear();
        assertThat(set.elements()).containsExactly("a");
        assertThatThrownBy(() -> set.elements().remove("a")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> set.elements().removeFirst()).isInstanceOf(UnsupportedOperationException.class);
    }

    /** Copies what it is told into a writer. */
    private static final class CopyingVisitor implements ItemVisitor {
        private final ItemWriter writer = new ItemWriter(16).beginItem();
        private final byte[] text = new byte[DynamoNumber.TEXT_LENGTH_MAX + 3];

        @Override
        public void name(byte[] buffer, int offset, int length) {
            writer.name(buffer, offset, length);
        }

        @Override
        public void string(byte[] buffer, int offset, int length) {
            writer.string(buffer, offset, length);
        }

        @Override
        public void number(byte[] buffer, int offset, int length) {
            int textLength = DynamoNumber.writeText(buffer, offset, length, text, 3);
            String number = new String(text, 3, textLength, UTF_8);
            assertThat(DynamoNumber.ofSlice(buffer, offset, length)).hasToString(number);
            writer.number(number);
        }

        @Override
        public void binary(byte[] buffer, int offset, int length) {
            writer.binary(buffer, offset, length);
        }

        @Override
        public void bool(boolean value) {
            writer.bool(value);
        }

        @Override
        public void nullValue() {
            writer.nullValue();
        }

        @Override
        public void beginList() {
            writer.beginList();
        }

        @Override
        public void endList() {
            writer.endList();
        }

        @Override
        public void beginMap() {
            writer.beginMap();
        }

        @Override
        public void endMap() {
            writer.endMap();
        }

        @Override
        public void beginStringSet() {
            writer.beginStringSet();
        }

        @Override
        public void beginNumberSet() {
            writer.beginNumberSet();
        }

        @Override
        public void beginBinarySet() {
            writer.beginBinarySet();
        }

        @Override
        public void endSet() {
            writer.endSet();
        }
    }

    /** Reads every byte it is shown. */
    private static final class SilentVisitor implements ItemVisitor {
        @SuppressWarnings("UnusedVariable") // only to read the bytes
        private int sum;

        private void touch(byte[] buffer, int offset, int length) {
            for (int index = offset; index < offset + length; index++) {
                sum += buffer[index];
            }
        }

        @Override
        public void name(byte[] buffer, int offset, int length) {
            touch(buffer, offset, length);
        }

        @Override
        public void string(byte[] buffer, int offset, int length) {
            touch(buffer, offset, length);
        }

        @Override
        public void number(byte[] buffer, int offset, int length) {
            sum += DynamoNumber.writeText(buffer, offset, length, new byte[DynamoNumber.TEXT_LENGTH_MAX], 0);
        }

        @Override
        public void binary(byte[] buffer, int offset, int length) {
            touch(buffer, offset, length);
        }

        @Override
        public void bool(boolean value) {}

        @Override
        public void nullValue() {}

        @Override
        public void beginList() {}

        @Override
        public void endList() {}

        @Override
        public void beginMap() {}

        @Override
        public void endMap() {}

        @Override
        public void beginStringSet() {}

        @Override
        public void beginNumberSet() {}

        @Override
        public void beginBinarySet() {}

        @Override
        public void endSet() {}
    }
}

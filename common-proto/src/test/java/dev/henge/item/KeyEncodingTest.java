package dev.henge.item;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.BooleanValue;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringValue;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class KeyEncodingTest {

    @Provide
    Arbitrary<String> strings() {
        return Values.strings();
    }

    @Provide
    Arbitrary<ByteString> binaries() {
        return Values.binaries();
    }

    @Provide
    Arbitrary<BigDecimal> decimals() {
        return Values.decimals();
    }

    @Provide
    Arbitrary<AttributeValue> keys() {
        return Arbitraries.oneOf(
                Values.strings().map(StringValue::new),
                Values.numbers().map(NumberValue::new),
                Values.binaries().map(BinaryValue::new));
    }

    @Property(tries = 3000)
    void ordersStringsByUtf8(@ForAll("strings") String left, @ForAll("strings") String right) {
        int expected = Integer.signum(Arrays.compareUnsigned(left.getBytes(UTF_8), right.getBytes(UTF_8)));
        assertThat(order(new StringValue(left), new StringValue(right))).isEqualTo(expected);
        assertThat(Integer.signum(Utf8.compare(left, right))).isEqualTo(expected);
    }

    @Property(tries = 3000)
    void ordersNumbersByValue(@ForAll("decimals") BigDecimal left, @ForAll("decimals") BigDecimal right) {
        assertThat(order(number(left), number(right))).isEqualTo(left.compareTo(right));
    }

    @Property(tries = 3000)
    void ordersBinariesAsUnsignedBytes(@ForAll("binaries") ByteString left, @ForAll("binaries") ByteString right) {
        int expected =
                Integer.signum(ByteString.unsignedLexicographicalComparator().compare(left, right));
        assertThat(order(new BinaryValue(left), new BinaryValue(right))).isEqualTo(expected);
    }

    private static AttributeValue number(BigDecimal value) {
        return new NumberValue(DynamoNumber.of(value));
    }

    private static int order(AttributeValue left, AttributeValue right) {
        return Integer.signum(Arrays.compareUnsigned(KeyEncoding.encode(left), KeyEncoding.encode(right)));
    }

    @Property(tries = 3000)
    void ordersPairsByPartitionKeyAndThenSortKey(
            @ForAll("keys") AttributeValue partitionKey,
            @ForAll("keys") AttributeValue otherPartitionKey,
            @ForAll("keys") AttributeValue sortKey,
            @ForAll("keys") AttributeValue otherSortKey) {
        if (!sameType(partitionKey, otherPartitionKey) || !sameType(sortKey, otherSortKey)) {
            return;
        }
        int partitionOrder = order(partitionKey, otherPartitionKey);
        int expected = partitionOrder != 0 ? partitionOrder : order(sortKey, otherSortKey);
        assertThat(Integer.signum(Arrays.compareUnsigned(
                        ItemKeys.of(7, KeyEncoding.encode(partitionKey), KeyEncoding.encode(sortKey)),
                        ItemKeys.of(7, KeyEncoding.encode(otherPartitionKey), KeyEncoding.encode(otherSortKey)))))
                .isEqualTo(expected);
    }

    private static boolean sameType(AttributeValue left, AttributeValue right) {
        return left.typeCode().equals(right.typeCode());
    }

    @Property(tries = 3000)
    void takesAnItemKeyApart(
            @ForAll long token, @ForAll("keys") AttributeValue partitionKey, @ForAll("keys") AttributeValue sortKey) {
        KeyType partitionKeyType = KeyType.ofTypeCode(partitionKey.typeCode());
        KeyType sortKeyType = KeyType.ofTypeCode(sortKey.typeCode());
        byte[] encoded = KeyEncoding.encode(partitionKey);
        byte[] key = ItemKeys.of(token, encoded, KeyEncoding.encode(sortKey));
        assertThat(ItemKeys.decode(key, partitionKeyType, sortKeyType))
                .isEqualTo(new ItemKeys.Decoded(token, partitionKey, sortKey));
        assertThat(ItemKeys.token(key)).isEqualTo(token);
        byte[] simple = ItemKeys.of(token, encoded);
        assertThat(ItemKeys.decode(simple, partitionKeyType, null))
                .isEqualTo(new ItemKeys.Decoded(token, partitionKey, null));
        assertThat(ItemKeys.collectionPrefix(key, partitionKeyType)).isEqualTo(simple);
        assertThatThrownBy(() -> ItemKeys.decode(key, partitionKeyType, null)).isInstanceOf(CorruptItemException.class);
    }

    @Property
    void decodesNumbersInCanonicalForm(@ForAll("decimals") BigDecimal decimal) {
        AttributeValue value = KeyEncoding.decode(KeyEncoding.encode(number(decimal)), 0, KeyType.NUMBER)
                .value();
        assertThat(((NumberValue) value).value().value()).isEqualByComparingTo(decimal);
        assertThat(KeyEncoding.encode(value)).hasSizeLessThanOrEqualTo(NumberEncoding.BYTES_MAX);
    }

    @Property(tries = 3000)
    void findsExactlyWhatBeginsWithAPrefix(
            @ForAll("binaries") ByteString prefix, @ForAll("binaries") ByteString value) {
        byte[] start = KeyEncoding.prefix(new BinaryValue(prefix));
        byte[] end = KeyEncoding.successor(start);
        byte[] key = KeyEncoding.encode(new BinaryValue(value));
        boolean inRange =
                Arrays.compareUnsigned(start, key) <= 0 && (end == null || Arrays.compareUnsigned(key, end) < 0);
        assertThat(inRange).isEqualTo(value.startsWith(prefix));
    }

    @Property(tries = 3000)
    void findsExactlyWhatBeginsWithAString(@ForAll("strings") String prefix, @ForAll("strings") String value) {
        byte[] start = KeyEncoding.prefix(new StringValue(prefix));
        byte[] end = KeyEncoding.successor(start);
        byte[] key = KeyEncoding.encode(new StringValue(value));
        boolean inRange =
                Arrays.compareUnsigned(start, key) <= 0 && (end == null || Arrays.compareUnsigned(key, end) < 0);
        assertThat(inRange).isEqualTo(value.startsWith(prefix));
    }

    @Property(tries = 3000)
    void failsOnlyWithCorruptItemOnAnyBytes(@ForAll byte[] bytes, @ForAll KeyType type) {
        try {
            KeyEncoding.Decoded decoded = KeyEncoding.decode(bytes, 0, type);
            // What can be read at all is in the one form a value has.
            assertThat(KeyEncoding.encode(decoded.value())).isEqualTo(Arrays.copyOf(bytes, decoded.nextOffset()));
        } catch (CorruptItemException e) {
            assertThat(e).hasMessageContaining(" at ");
        }
    }

    @Test
    void writesToAStream() {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        KeyEncoding.encodeTo(new StringValue("a"), output);
        KeyEncoding.encodeTo(new NumberValue(DynamoNumber.ZERO), output);
        assertThat(output.toByteArray()).containsExactly('a', 0, 1, 0x80);
    }

    @Test
    void hasNoSuccessorAboveTheHighestPrefix() {
        assertThat(KeyEncoding.successor(new byte[0])).isNull();
        assertThat(KeyEncoding.successor(new byte[] {-1, -1})).isNull();
        assertThat(KeyEncoding.successor(new byte[] {5, -1, -1})).containsExactly(6);
        assertThat(KeyEncoding.successor(new byte[] {5, 0})).containsExactly(5, 1);
    }

    @Test
    void refusesOtherTypes() {
        assertThatThrownBy(() -> KeyEncoding.encode(BooleanValue.TRUE)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KeyEncoding.prefix(new NumberValue(DynamoNumber.ZERO)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> KeyType.ofTypeCode("SS")).isInstanceOf(IllegalArgumentException.class);
    }

    /** The form is for ever: what is on disk must stay readable and in order. */
    @Test
    void keepsTheBytesOfNumbers() {
        assertBytes("1", 0x81 + 65, 2);
        assertBytes("12.5", 0x81 + 65, 25, 100);
        assertBytes("-1", 0xFF ^ (0x81 + 65), 0xFF ^ 2);
        assertBytes("1E-130", 0x81, 2);
        assertBytes("1E121", 0x81 + 125, 20);
        assertBytes("1E122", 0xFF, 0, 2);
        assertBytes("1E125", 0xFF, 1, 20);
        assertBytes("-1E125", 0x00, 0xFE, 0xFF ^ 20);
    }

    private static void assertBytes(String number, int... expected) {
        byte[] bytes = KeyEncoding.encode(new NumberValue(DynamoNumber.parse(number)));
        int[] unsigned = new int[bytes.length];
        for (int index = 0; index < bytes.length; index++) {
            unsigned[index] = bytes[index] & 0xFF;
        }
        assertThat(unsigned).containsExactly(expected);
    }
}

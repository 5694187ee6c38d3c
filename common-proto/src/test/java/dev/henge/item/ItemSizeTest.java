package dev.henge.item;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.BooleanValue;
import dev.henge.item.AttributeValue.ListValue;
import dev.henge.item.AttributeValue.MapValue;
import dev.henge.item.AttributeValue.NullValue;
import dev.henge.item.AttributeValue.NumberSet;
import dev.henge.item.AttributeValue.NumberValue;
import dev.henge.item.AttributeValue.StringSet;
import dev.henge.item.AttributeValue.StringValue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Figures from the Developer Guide, "DynamoDB item sizes and formats". */
final class ItemSizeTest {

    @Provide
    Arbitrary<String> strings() {
        return Values.strings();
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1",
        "1, 2",
        "-1, 3",
        "42, 2",
        "-42, 3",
        "100, 2",
        "10, 2",
        "123, 3",
        "1234, 3",
        "0.5, 2",
        "1e125, 2",
        "-1e-130, 3",
        "12345678901234567890123456789012345678, 20",
    })
    void countsANumberByPairsOfDigits(String number, int size) {
        assertThat(ItemSize.ofValue(new NumberValue(DynamoNumber.parse(number))))
                .isEqualTo(size);
    }

    @Test
    void countsStringsAndBinariesByBytes() {
        assertThat(ItemSize.ofValue(new StringValue("aé€\uD83D\uDE00"))).isEqualTo(1 + 2 + 3 + 4);
        assertThat(ItemSize.ofValue(new BinaryValue(ByteString.copyFrom(new byte[5]))))
                .isEqualTo(5);
        assertThat(ItemSize.ofValue(BooleanValue.TRUE)).isEqualTo(1);
        assertThat(ItemSize.ofValue(NullValue.INSTANCE)).isEqualTo(1);
    }

    @Test
    void countsThreeAndOnePerElementForDocuments() {
        assertThat(ItemSize.ofValue(new ListValue(List.of()))).isEqualTo(3);
        assertThat(ItemSize.ofValue(new MapValue(Map.of()))).isEqualTo(3);
        assertThat(ItemSize.ofValue(new ListValue(List.of(new StringValue("abc"), BooleanValue.TRUE))))
                .isEqualTo(3 + 1 + 3 + 1 + 1);
        assertThat(ItemSize.ofValue(new MapValue(Map.of("key", new StringValue("abc")))))
                .isEqualTo(3 + 1 + 3 + 3);
    }

    @Test
    void countsASetAsItsElements() {
        assertThat(ItemSize.ofValue(new StringSet(new LinkedHashSet<>(List.of("ab", "c")))))
                .isEqualTo(3);
        assertThat(ItemSize.ofValue(
                        new NumberSet(new LinkedHashSet<>(List.of(DynamoNumber.of(1), DynamoNumber.of(-200))))))
                .isEqualTo(2 + 3);
    }

    @Test
    void countsNamesOfAnItem() {
        assertThat(ItemSize.ofItem(Map.of("née", new StringValue("x")))).isEqualTo(4 + 1);
    }

    @Property
    void countsUtf8BytesWithoutMakingThem(@ForAll("strings") String text) {
        assertThat(Utf8.length(text)).isEqualTo(text.getBytes(UTF_8).length);
    }

    @Property
    void countsUtf8BytesOfAnyCharacters(@ForAll String text) {
        assertThat(Utf8.length(text)).isEqualTo(text.getBytes(UTF_8).length);
    }
}

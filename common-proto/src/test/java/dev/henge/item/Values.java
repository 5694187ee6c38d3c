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
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Tuple;

/** Arbitrary values for property tests: small alphabets, so that prefixes and equal values are common. */
final class Values {

    private static final BigInteger MAX_COEFFICIENT = BigInteger.TEN.pow(38).subtract(BigInteger.ONE);

    private Values() {}

    /** Strings of NUL, ASCII, code points around the surrogates, and code points beyond the BMP. */
    static Arbitrary<String> strings() {
        Arbitrary<Integer> edges = Arbitraries.of(
                0, 1, 0x61, 0x62, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFD, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF);
        return edges.list().ofMaxSize(6).map(points -> points.stream()
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString());
    }

    static Arbitrary<ByteString> binaries() {
        return Arbitraries.of((byte) 0, (byte) 1, (byte) 0x7F, (byte) 0x80, (byte) 0xFE, (byte) 0xFF)
                .list()
                .ofMaxSize(6)
                .map(bytes -> {
                    ByteString.Output output = ByteString.newOutput();
                    bytes.forEach(output::write);
                    return output.toByteString();
                });
    }

    /** Numbers over the whole range, as exact decimals, not stripped; small ones and edges are common. */
    static Arbitrary<BigDecimal> decimals() {
        Arbitrary<BigDecimal> wide = Combinators.combine(
                        Arbitraries.bigIntegers().between(MAX_COEFFICIENT.negate(), MAX_COEFFICIENT),
                        Arbitraries.integers().between(-130, 125))
                .as((coefficient, exponent) -> {
                    int digits = coefficient.abs().toString().length();
                    return new BigDecimal(coefficient, digits - 1 - exponent);
                });
        Arbitrary<BigDecimal> small = Combinators.combine(
                        Arbitraries.integers().between(-2000, 2000),
                        Arbitraries.integers().between(-3, 3))
                .as((coefficient, scale) -> new BigDecimal(BigInteger.valueOf(coefficient), scale));
        Arbitrary<BigDecimal> edges = Arbitraries.of(
                        "0",
                        "1E-130",
                        "-1E-130",
                        "1.1E-130",
                        "9.9999999999999999999999999999999999999E-130",
                        "1E125",
                        "-1E125",
                        "1E124",
                        "1E123",
                        "1E122",
                        "1E121",
                        "-1E121",
                        "-1E122",
                        "9.99E125",
                        "9.9999999999999999999999999999999999999E+125",
                        "-9.9999999999999999999999999999999999999E+125",
                        "99999999999999999999999999999999999999",
                        "9223372036854775807",
                        "-9223372036854775808",
                        "999999999999999999",
                        "1000000000000000000")
                .map(BigDecimal::new);
        return Arbitraries.oneOf(wide, small, edges);
    }

    static Arbitrary<DynamoNumber> numbers() {
        return decimals().map(DynamoNumber::of);
    }

    static Arbitrary<AttributeValue> values(int depth) {
        // jqwik would otherwise multiply the edge cases of all levels.
        return valuesOf(depth).withoutEdgeCases();
    }

    private static Arbitrary<AttributeValue> valuesOf(int depth) {
        Arbitrary<AttributeValue> scalars = Arbitraries.oneOf(
                strings().map(StringValue::new),
                numbers().map(NumberValue::new),
                binaries().map(BinaryValue::new),
                Arbitraries.of(BooleanValue.TRUE, BooleanValue.FALSE, NullValue.INSTANCE),
                strings().list().ofMaxSize(4).map(list -> new StringSet(new LinkedHashSet<>(list))),
                numbers().list().ofMaxSize(4).map(list -> new NumberSet(new LinkedHashSet<>(list))),
                binaries().list().ofMaxSize(4).map(list -> new BinarySet(new LinkedHashSet<>(list))),
                Arbitraries.integers().between(100, 300).map(length -> new StringValue("x".repeat(length))));
        if (depth == 0) {
            return scalars;
        }
        Arbitrary<List<AttributeValue>> lists = values(depth - 1).list().ofMaxSize(4);
        Arbitrary<Map<String, AttributeValue>> maps =
                Arbitraries.maps(strings(), values(depth - 1)).ofMaxSize(4);
        return Arbitraries.frequencyOf(
                Tuple.of(3, scalars), Tuple.of(1, lists.map(ListValue::new)), Tuple.of(1, maps.map(MapValue::new)));
    }

    static Arbitrary<Map<String, AttributeValue>> items() {
        return Arbitraries.maps(strings(), values(2)).ofMaxSize(6).withoutEdgeCases();
    }
}

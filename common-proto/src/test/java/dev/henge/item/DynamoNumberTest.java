package dev.henge.item;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.math.BigDecimal;
import java.util.function.Supplier;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class DynamoNumberTest {

    private static final String OVERFLOW =
            "Number overflow. Attempting to store a number with magnitude larger than supported range";
    private static final String UNDERFLOW =
            "Number underflow. Attempting to store a number with magnitude smaller than supported range";
    private static final String DIGITS = "Attempting to store more than 38 significant digits in a Number";

    @Provide
    Arbitrary<BigDecimal> decimals() {
        return Values.decimals();
    }

    @Provide
    Arbitrary<DynamoNumber> numbers() {
        return Values.numbers();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1",
        "123, 123",
        "-5, -5",
        "0, 0",
        "10, 10",
        "100, 100",
        "1000, 1000",
        "007, 7",
        "001.23, 1.23",
        "00, 0",
        "+3, 3",
        "+0, 0",
        "1.0, 1",
        "1.10, 1.1",
        "100.000, 100",
        "0.0, 0",
        "0.10, 0.1",
        "1e3, 1000",
        "1E+3, 1000",
        "-3e2, -300",
        "1.5e2, 150",
        "1.23e4, 12300",
        "1e-3, 0.001",
        "5e-1, 0.5",
        "123e-2, 1.23",
        "1.23e-1, 0.123",
        "-0, 0",
        "-0.0, 0",
        "0e5, 0",
        "0e-500, 0",
        ".5, 0.5",
        "-.5, -0.5",
        "5., 5",
        "9.9e10, 99000000000",
        "1e20, 100000000000000000000",
        "1e-20, 0.00000000000000000001",
        "-273.15, -273.15",
        "0.05, 0.05",
        "12.05, 12.05",
        "1e+05, 100000",
        "1000500, 1000500",
        "0.0001000500, 0.00010005",
    })
    void printsAsTheServiceDoes(String text, String canonical) {
        assertThat(DynamoNumber.parse(text)).hasToString(canonical);
    }

    @Test
    void printsTheLargestAndTheSmallestPlain() {
        assertThat(DynamoNumber.parse("1E125")).hasToString("1" + "0".repeat(125));
        assertThat(DynamoNumber.parse("-9.9999999999999999999999999999999999999E125"))
                .hasToString("-" + "9".repeat(38) + "0".repeat(88));
        assertThat(DynamoNumber.parse("-9.9999999999999999999999999999999999999E-130")
                        .toString())
                .isEqualTo("-0." + "0".repeat(129) + "9".repeat(38))
                .hasSize(DynamoNumber.TEXT_LENGTH_MAX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "abc",
                "-",
                "+",
                ".",
                "-.",
                "e5",
                "1e",
                "1e+",
                "1e5.5",
                "1.2.3",
                "--1",
                "+-1",
                " 1",
                "1 ",
                "1_000",
                "0x10",
                "NaN",
                "Infinity",
                "-Infinity",
                "1f",
                "\u0661",
                "1e\u0661",
                "1\u0000"
            })
    void refusesWhatIsNoNumber(String text) {
        assertThatThrownBy(() -> DynamoNumber.parse(text))
                .isInstanceOf(InvalidNumberException.class)
                .hasMessage("The parameter cannot be converted to a numeric value: " + text);
    }

    @Test
    void refusesAnEmptyTextWithoutShowingIt() {
        assertThatThrownBy(() -> DynamoNumber.parse(""))
                .hasMessage("The parameter cannot be converted to a numeric value");
    }

    @ParameterizedTest
    @CsvSource({
        "123456789012345678901234567890123456789, " + DIGITS,
        "-1.23456789012345678901234567890123456789, " + DIGITS,
        "1.23456789012345678901234567890123456789e126, " + DIGITS,
        "1e126, " + OVERFLOW,
        "-1e126, " + OVERFLOW,
        "11e125, " + OVERFLOW,
        "1e99999999999999999999999999, " + OVERFLOW,
        "1e-131, " + UNDERFLOW,
        "-1e-131, " + UNDERFLOW,
        "0.9e-130, " + UNDERFLOW,
        "1e-99999999999999999999999999, " + UNDERFLOW,
    })
    void refusesWhatIsOutOfRange(String text, String message) {
        assertThatThrownBy(() -> DynamoNumber.parse(text))
                .isInstanceOf(InvalidNumberException.class)
                .hasMessage(message);
    }

    @Test
    void takesLongTextsWithFewSignificantDigits() {
        assertThat(DynamoNumber.parse("0".repeat(1_000_000) + "1.5" + "0".repeat(1_000_000)))
                .hasToString("1.5");
        assertThat(DynamoNumber.parse("0." + "0".repeat(999_999) + "1e1000000")).hasToString("1");
        assertThat(DynamoNumber.parse("1" + "0".repeat(1_000_000) + "e-1000000"))
                .hasToString("1");
    }

    @Property
    void readsWhateverDecimalTextBack(@ForAll("decimals") BigDecimal decimal) {
        for (String text : new String[] {decimal.toString(), decimal.toPlainString(), decimal.toEngineeringString()}) {
            DynamoNumber number = DynamoNumber.parse(text);
            assertThat(number.value()).isEqualByComparingTo(decimal);
            assertThat(number.toString()).isEqualTo(plain(decimal));
            assertThat(number).isEqualTo(DynamoNumber.of(decimal)).hasSameHashCodeAs(DynamoNumber.of(decimal));
        }
    }

    private static String plain(BigDecimal decimal) {
        return decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toPlainString();
    }

    @Property
    void makesALongWhateverItIs(@ForAll long value) {
        assertThat(DynamoNumber.of(value)).hasToString(Long.toString(value));
        assertThat(DynamoNumber.of(value)).isEqualTo(DynamoNumber.of(BigDecimal.valueOf(value)));
    }

    @Property(tries = 3000)
    void ordersAndEqualsByValue(@ForAll("decimals") BigDecimal left, @ForAll("decimals") BigDecimal right) {
        DynamoNumber leftNumber = DynamoNumber.of(left);
        DynamoNumber rightNumber = DynamoNumber.of(right);
        assertThat(Integer.signum(leftNumber.compareTo(rightNumber))).isEqualTo(left.compareTo(right));
        assertThat(leftNumber.equals(rightNumber)).isEqualTo(left.compareTo(right) == 0);
    }

    @Property(tries = 3000)
    void addsAndSubtractsExactlyOrRefuses(@ForAll("decimals") BigDecimal left, @ForAll("decimals") BigDecimal right) {
        checkSum(left.add(right), () -> DynamoNumber.of(left).add(DynamoNumber.of(right)));
        checkSum(left.subtract(right), () -> DynamoNumber.of(left).subtract(DynamoNumber.of(right)));
    }

    private static void checkSum(BigDecimal exact, Supplier<DynamoNumber> sum) {
        BigDecimal stripped = exact.stripTrailingZeros();
        long exponent = (long) stripped.precision() - stripped.scale() - 1;
        boolean fits = exact.signum() == 0 || (stripped.precision() <= 38 && exponent >= -130 && exponent <= 125);
        if (fits) {
            assertThat(sum.get().value()).isEqualByComparingTo(exact);
            return;
        }
        assertThatThrownBy(sum::get).isInstanceOf(InvalidNumberException.class).hasMessageStartingWith("Number ");
    }

    @Test
    void refusesASumThatIsTooLargeOrTooPrecise() {
        DynamoNumber large = DynamoNumber.parse("9e125");
        assertThatThrownBy(() -> large.add(large)).hasMessage(OVERFLOW);
        DynamoNumber distant = DynamoNumber.parse("1e50");
        assertThatThrownBy(() -> distant.add(DynamoNumber.of(1))).hasMessage(OVERFLOW);
        DynamoNumber tiny = DynamoNumber.parse("1.1e-130");
        assertThatThrownBy(() -> tiny.subtract(DynamoNumber.parse("1e-130"))).hasMessage(UNDERFLOW);
    }

    @Test
    void addsAcrossTheRangeOfLong() {
        DynamoNumber most = DynamoNumber.of(Long.MAX_VALUE);
        assertThat(most.add(DynamoNumber.of(1))).hasToString("9223372036854775808");
        DynamoNumber eighteenDigits = DynamoNumber.of(999_999_999_999_999_999L);
        assertThat(eighteenDigits.add(DynamoNumber.of(1))).hasToString("1000000000000000000");
        assertThat(eighteenDigits.add(eighteenDigits)).hasToString("1999999999999999998");
    }
}

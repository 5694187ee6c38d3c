package dev.henge.item;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.math.BigDecimal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A number as DynamoDB keeps it: exact decimal, at most 38 significant digits, 0 or a magnitude of 1E-130 to
 * 9.9999999999999999999999999999999999999E+125. Equality, hash and order are numeric: 1.0 equals 1, and there is no
 * negative zero.
 *
 * <p>Kept in its encoded form (see {@link NumberEncoding}): comparing, printing, storing and counting its size need no
 * arithmetic; only sums of long numbers go through {@link BigDecimal}.
 */
public final class DynamoNumber implements Comparable<DynamoNumber> {

    /** Most bytes that {@link #writeText} writes. */
    public static final int TEXT_LENGTH_MAX = NumberEncoding.TEXT_LENGTH_MAX;

    public static final DynamoNumber ZERO = new DynamoNumber(NumberEncoding.encode(0));

    /** An exponent as large as this is out of range whatever the digits; larger ones need no exact value. */
    private static final long EXPONENT_CAP = 1L << 40;

    private final byte[] encoded;

    private DynamoNumber(byte[] encoded) {
        this.encoded = encoded;
    }

    /** The number of a valid encoded form, which is taken over. */
    static DynamoNumber ofEncoded(byte[] encoded) {
        return new DynamoNumber(encoded);
    }

    public static DynamoNumber of(long value) {
        return new DynamoNumber(NumberEncoding.encode(value));
    }

    /**
     * The number of that value.
     *
     * @throws InvalidNumberException when it has more than 38 significant digits or is out of range
     */
    public static DynamoNumber of(BigDecimal value) {
        return of(value, InvalidNumberException.TOO_MANY_DIGITS);
    }

    private static DynamoNumber of(BigDecimal value, String tooManyDigits) {
        if (value.signum() == 0) {
            return ZERO;
        }
        BigDecimal stripped = value.stripTrailingZeros();
        int precision = stripped.precision();
        if (precision > NumberEncoding.DIGITS_MAX) {
            throw new InvalidNumberException(tooManyDigits);
        }
        byte[] digits = stripped.unscaledValue().abs().toString().getBytes(ISO_8859_1);
        for (int index = 0; index < digits.length; index++) {
            digits[index] = (byte) (digits[index] - '0');
        }
        long exponent = (long) precision - 1 - stripped.scale();
        return new DynamoNumber(NumberEncoding.encode(stripped.signum() < 0, digits, precision, exponent));
    }

    /**
     * Reads the text of an N: an optional sign, ASCII digits with an optional point, an optional exponent; no spaces.
     * Leading and trailing zeros don't count as digits. Takes linear time and constant memory whatever the text.
     *
     * @throws InvalidNumberException with the service's text when it is no number, has more than 38 significant digits
     *     or is out of range
     */
    public static DynamoNumber parse(String text) {
        int length = text.length();
        if (length == 0) {
            throw new InvalidNumberException(InvalidNumberException.NOT_NUMERIC);
        }
        int position = 0;
        boolean negative = text.charAt(0) == '-';
        if (negative || text.charAt(0) == '+') {
            position++;
        }
        byte[] digits = new byte[NumberEncoding.DIGITS_MAX];
        int mantissaDigits = 0; // digits of the mantissa read so far
        int integerDigits = -1; // how many of them stand before the point; -1 until the point is met
        int firstIndex = -1; // index among them of the first that is not 0
        int lastIndex = -1; // and of the last
        for (; position < length; position++) {
            char unit = text.charAt(position);
            if (unit == '.' && integerDigits < 0) {
                integerDigits = mantissaDigits;
                continue;
            }
            if (unit < '0' || unit > '9') {
                break;
            }
            if (unit != '0') {
                lastIndex = mantissaDigits;
                if (firstIndex < 0) {
                    firstIndex = mantissaDigits;
                }
                int index = mantissaDigits - firstIndex;
                if (index < digits.length) {
                    digits[index] = (byte) (unit - '0');
                }
            }
            mantissaDigits++;
        }
        if (mantissaDigits == 0) {
            throw notNumeric(text);
        }
        long exponent = position == length ? 0 : parseExponent(text, position);
        if (firstIndex < 0) {
            return ZERO;
        }
        int count = lastIndex - firstIndex + 1;
        if (count > NumberEncoding.DIGITS_MAX) {
            throw new InvalidNumberException(InvalidNumberException.TOO_MANY_DIGITS);
        }
        long firstDigitExponent = exponent + (integerDigits < 0 ? mantissaDigits : integerDigits) - 1L - firstIndex;
        return new DynamoNumber(NumberEncoding.encode(negative, digits, count, firstDigitExponent));
    }

    private static long parseExponent(String text, int start) {
        int length = text.length();
        int position = start;
        if (text.charAt(position) != 'e' && text.charAt(position) != 'E') {
            throw notNumeric(text);
        }
        position++;
        boolean negative = position < length && text.charAt(position) == '-';
        if (negative || (position < length && text.charAt(position) == '+')) {
            position++;
        }
        if (position == length) {
            throw notNumeric(text);
        }
        long exponent = 0;
        for (; position < length; position++) {
            char unit = text.charAt(position);
            if (unit < '0' || unit > '9') {
                throw notNumeric(text);
            }
            exponent = Math.min(EXPONENT_CAP, exponent * 10 + (unit - '0'));
        }
        return negative ? -exponent : exponent;
    }

    private static InvalidNumberException notNumeric(String text) {
        return new InvalidNumberException(InvalidNumberException.NOT_NUMERIC + ": " + text);
    }

    /** The exact value, without trailing zeros. */
    public BigDecimal value() {
        return NumberEncoding.toBigDecimal(encoded);
    }

    public boolean isNegative() {
        return NumberEncoding.isNegative(encoded, 0);
    }

    /**
     * The exact sum.
     *
     * @throws InvalidNumberException when it is out of range, or has more than 38 significant digits: the service
     *     refuses such a sum rather than round it, and calls both an overflow
     */
    public DynamoNumber add(DynamoNumber other) {
        if (NumberEncoding.isShortInteger(encoded) && NumberEncoding.isShortInteger(other.encoded)) {
            return of(NumberEncoding.toLong(encoded) + NumberEncoding.toLong(other.encoded));
        }
        return of(value().add(other.value()), InvalidNumberException.OVERFLOW);
    }

    /** The exact difference; otherwise as {@link #add}. */
    public DynamoNumber subtract(DynamoNumber other) {
        if (NumberEncoding.isShortInteger(encoded) && NumberEncoding.isShortInteger(other.encoded)) {
            return of(NumberEncoding.toLong(encoded) - NumberEncoding.toLong(other.encoded));
        }
        return of(value().subtract(other.value()), InvalidNumberException.OVERFLOW);
    }

    /** The size the service counts for it, in bytes. */
    int sizeBytes() {
        return NumberEncoding.sizeBytes(encoded, 0, encoded.length);
    }

    /** The encoded form itself; not to be changed. */
    byte[] encoded() {
        return encoded;
    }

    /**
     * Writes the text of a number that an {@link ItemVisitor} was handed, without making a DynamoNumber.
     *
     * @param target has room for {@link #TEXT_LENGTH_MAX} bytes at targetOffset
     * @return how many ASCII bytes were written
     */
    public static int writeText(byte[] buffer, int offset, int length, byte[] target, int targetOffset) {
        return NumberEncoding.writeText(buffer, offset, length, target, targetOffset);
    }

    /** The number that an {@link ItemVisitor} was handed. */
    public static DynamoNumber ofSlice(byte[] buffer, int offset, int length) {
        if (NumberEncoding.length(buffer, offset, offset + length) != length) {
            throw new CorruptItemException("number of another length at " + offset);
        }
        return new DynamoNumber(Arrays.copyOfRange(buffer, offset, offset + length));
    }

    @Override
    public int compareTo(DynamoNumber other) {
        return Arrays.compareUnsigned(encoded, other.encoded);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof DynamoNumber number && Arrays.equals(encoded, number.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    /** The text the service prints: plain digits, no exponent, no superfluous zeros. */
    @Override
    public String toString() {
        byte[] text = new byte[TEXT_LENGTH_MAX];
        int length = NumberEncoding.writeText(encoded, 0, encoded.length, text, 0);
        return new String(text, 0, length, ISO_8859_1);
    }
}

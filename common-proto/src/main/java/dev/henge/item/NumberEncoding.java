package dev.henge.item;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The one form of a number: in memory, in items and in keys. It is canonical (equal numbers have equal bytes),
 * self-delimiting, and orders as unsigned bytes in numeric order.
 *
 * <p>A number is sign, base-100 exponent and pairs of decimal digits d1 d2 ... dn, worth 0.d1d2... times 100 to the
 * exponent plus one; neither the first nor the last pair is 0. Pairs are cut at the decimal point, so d1 may be a single
 * digit. The exponent lies in -65..62 (1E-130 has -65, 9.99E+125 has 62), 20 pairs at most.
 *
 * <p>Bytes of a positive number:
 *
 * <ul>
 *   <li>header: 0x81 + (exponent + 65) for exponents up to 60; 0xFF for 61 and 62, followed by a byte 0 or 1 that tells
 *       which (128 exponents of two signs and zero don't fit into one byte);
 *   <li>each pair as 2 * d + 1, the last one as 2 * d, so that a shorter number comes before a longer one that begins
 *       with it.
 * </ul>
 *
 * Zero is 0x80 alone. A negative number is the bitwise complement of its magnitude's bytes.
 */
final class NumberEncoding {

    static final int BYTES_MAX = 22;
    /** "-0." then 129 zeros, then 38 digits. */
    static final int TEXT_LENGTH_MAX = 170;

    static final int DIGITS_MAX = 38;
    static final int EXPONENT_MIN = -130;
    static final int EXPONENT_MAX = 125;

    private static final int ZERO = 0x80;
    private static final int FIRST_HEADER = 0x81;
    private static final int LAST_HEADER = 0xFF;
    private static final int PAIRS_MAX = 20;
    private static final int EXPONENT_100_MIN = -65;
    /** From this base-100 exponent on, the header has a second byte. */
    private static final int EXPONENT_100_WIDE = 61;

    private NumberEncoding() {}

    /**
     * @param digits significant digits, 0..9 each, neither the first nor the last is 0
     * @param count how many of them, 1..38
     * @param exponent decimal exponent of the first digit
     * @throws InvalidNumberException when the exponent is out of range
     */
    static byte[] encode(boolean negative, byte[] digits, int count, long exponent) {
        if (exponent > EXPONENT_MAX) {
            throw new InvalidNumberException(InvalidNumberException.OVERFLOW);
        }
        if (exponent < EXPONENT_MIN) {
            throw new InvalidNumberException(InvalidNumberException.UNDERFLOW);
        }
        int exponent100 = Math.floorDiv((int) exponent, 2);
        // With an even exponent the first pair holds one digit.
        int lead = (exponent & 1) == 0 ? 1 : 0;
        int pairs = (count + lead + 1) / 2;
        byte[] encoded = new byte[headerLength(exponent100) + pairs];
        int position = writeHeader(encoded, exponent100);
        for (int pair = 0; pair < pairs; pair++) {
            int tens = 2 * pair - lead;
            int value = (tens < 0 ? 0 : digits[tens] * 10) + (tens + 1 < count ? digits[tens + 1] : 0);
            encoded[position++] = (byte) (2 * value + (pair == pairs - 1 ? 0 : 1));
        }
        if (negative) {
            complement(encoded);
        }
        return encoded;
    }

    static byte[] encode(long value) {
        if (value == 0) {
            return new byte[] {(byte) ZERO};
        }
        // Counts down from a negative value: Long.MIN_VALUE has no positive counterpart.
        long rest = value < 0 ? value : -value;
        byte[] reversed = new byte[10];
        int count = 0;
        while (rest != 0) {
            reversed[count++] = (byte) -(rest % 100);
            rest /= 100;
        }
        int trailing = 0;
        while (reversed[trailing] == 0) {
            trailing++;
        }
        byte[] encoded = new byte[1 + count - trailing];
        int position = writeHeader(encoded, count - 1);
        for (int index = count - 1; index >= trailing; index--) {
            encoded[position++] = (byte) (2 * reversed[index] + (index == trailing ? 0 : 1));
        }
        if (value < 0) {
            complement(encoded);
        }
        return encoded;
    }

    private static int headerLength(int exponent100) {
        return exponent100 < EXPONENT_100_WIDE ? 1 : 2;
    }

    private static int writeHeader(byte[] encoded, int exponent100) {
        if (exponent100 < EXPONENT_100_WIDE) {
            encoded[0] = (byte) (FIRST_HEADER + exponent100 - EXPONENT_100_MIN);
            return 1;
        }
        encoded[0] = (byte) LAST_HEADER;
        encoded[1] = (byte) (exponent100 - EXPONENT_100_WIDE);
        return 2;
    }

    private static void complement(byte[] encoded) {
        for (int index = 0; index < encoded.length; index++) {
            encoded[index] = (byte) ~encoded[index];
        }
    }

    /**
     * Length of the number that begins at offset.
     *
     * @throws CorruptItemException when there is none, or not a canonical one, before end
     */
    static int length(byte[] buffer, int offset, int end) {
        if (offset >= end) {
            throw new CorruptItemException("number missing at " + offset);
        }
        if (isZero(buffer, offset)) {
            return 1;
        }
        int mask = mask(buffer, offset);
        int position = offset + 1;
        if (((buffer[offset] ^ mask) & 0xFF) == LAST_HEADER) {
            if (position >= end || ((buffer[position] ^ mask) & 0xFF) > 1) {
                throw new CorruptItemException("number with a bad exponent at " + offset);
            }
            position++;
        }
        int start = position;
        int pairsEnd = (int) Math.min(end, (long) start + PAIRS_MAX);
        while (position < pairsEnd) {
            int pair = (buffer[position++] ^ mask) & 0xFF;
            if (pair > 199) {
                throw new CorruptItemException("number with a bad digit pair at " + offset);
            }
            if ((pair & 1) == 0) {
                checkEnds(buffer, offset, start, position - 1, mask);
                return position - offset;
            }
        }
        throw new CorruptItemException("number without an end at " + offset);
    }

    private static void checkEnds(byte[] buffer, int offset, int first, int last, int mask) {
        int firstPair = ((buffer[first] ^ mask) & 0xFF) >> 1;
        int lastPair = ((buffer[last] ^ mask) & 0xFF) >> 1;
        if (firstPair == 0 || lastPair == 0) {
            throw new CorruptItemException("number not in canonical form at " + offset);
        }
        int digits = 2 * (last - first + 1) - (firstPair < 10 ? 1 : 0) - (lastPair % 10 == 0 ? 1 : 0);
        if (digits > DIGITS_MAX) {
            throw new CorruptItemException("number of more than 38 digits at " + offset);
        }
    }

    static boolean isZero(byte[] buffer, int offset) {
        return buffer[offset] == (byte) ZERO;
    }

    static boolean isNegative(byte[] buffer, int offset) {
        return (buffer[offset] & 0xFF) < ZERO;
    }

    private static int mask(byte[] buffer, int offset) {
        return isNegative(buffer, offset) ? 0xFF : 0;
    }

    private static boolean isWide(byte[] buffer, int offset) {
        return ((buffer[offset] ^ mask(buffer, offset)) & 0xFF) == LAST_HEADER;
    }

    /**
     * The size the service counts: a byte for the exponent, a byte per pair of digits, a byte for a minus.
     *
     * @param length as {@link #length} says
     */
    static int sizeBytes(byte[] buffer, int offset, int length) {
        return length - (isWide(buffer, offset) ? 1 : 0) + (isNegative(buffer, offset) ? 1 : 0);
    }

    private static int exponent100(byte[] buffer, int offset) {
        int mask = mask(buffer, offset);
        int header = (buffer[offset] ^ mask) & 0xFF;
        if (header < LAST_HEADER) {
            return header - FIRST_HEADER + EXPONENT_100_MIN;
        }
        return EXPONENT_100_WIDE + ((buffer[offset + 1] ^ mask) & 0xFF);
    }

    /** Whether the number is an integer of at most 18 digits, so that {@link #toLong} gives it exactly. */
    static boolean isShortInteger(byte[] encoded) {
        if (isZero(encoded, 0)) {
            return true;
        }
        int exponent100 = exponent100(encoded, 0);
        return exponent100 >= 0 && exponent100 < 9 && encoded.length - 1 <= exponent100 + 1;
    }

    /** The value of a number for which {@link #isShortInteger} holds. */
    static long toLong(byte[] encoded) {
        if (isZero(encoded, 0)) {
            return 0;
        }
        int mask = mask(encoded, 0);
        long magnitude = 0;
        for (int index = 1; index < encoded.length; index++) {
            magnitude = magnitude * 100 + (((encoded[index] ^ mask) & 0xFF) >> 1);
        }
        for (int missing = exponent100(encoded, 0) + 2 - encoded.length; missing > 0; missing--) {
            magnitude *= 100;
        }
        return mask == 0 ? magnitude : -magnitude;
    }

    static BigDecimal toBigDecimal(byte[] encoded) {
        if (isZero(encoded, 0)) {
            return BigDecimal.ZERO;
        }
        if (isShortInteger(encoded)) {
            return BigDecimal.valueOf(toLong(encoded)).stripTrailingZeros();
        }
        int header = isWide(encoded, 0) ? 2 : 1;
        int mask = mask(encoded, 0);
        byte[] digits = new byte[2 * PAIRS_MAX];
        int count = 0;
        for (int index = header; index < encoded.length; index++) {
            int pair = ((encoded[index] ^ mask) & 0xFF) >> 1;
            digits[count++] = (byte) ('0' + pair / 10);
            digits[count++] = (byte) ('0' + pair % 10);
        }
        int pairs = encoded.length - header;
        BigInteger magnitude = new BigInteger(new String(digits, 0, count, ISO_8859_1));
        int scale = 2 * (pairs - 1 - exponent100(encoded, 0));
        return new BigDecimal(mask == 0 ? magnitude : magnitude.negate(), scale).stripTrailingZeros();
    }

    /**
     * Writes the number as the service prints it: plain, no exponent, no superfluous zeros.
     *
     * @param buffer holds a valid number of the given length at offset
     * @param target has room for {@link #TEXT_LENGTH_MAX} bytes at targetOffset
     * @return how many ASCII bytes were written
     */
    static int writeText(byte[] buffer, int offset, int length, byte[] target, int targetOffset) {
        int at = targetOffset;
        if (isZero(buffer, offset)) {
            target[at] = '0';
            return 1;
        }
        int mask = mask(buffer, offset);
        if (mask != 0) {
            target[at++] = '-';
        }
        int exponent100 = exponent100(buffer, offset);
        int position = offset + (isWide(buffer, offset) ? 2 : 1);
        int end = offset + length;
        if (exponent100 < 0) {
            target[at++] = '0';
            target[at++] = '.';
            for (int zeros = 2 * (-exponent100 - 1); zeros > 0; zeros--) {
                target[at++] = '0';
            }
        }
        boolean first = true;
        for (int power = exponent100; position < end || power >= 0; power--) {
            int pair = position < end ? ((buffer[position++] ^ mask) & 0xFF) >> 1 : 0;
            if (power == -1 && exponent100 >= 0) {
                target[at++] = '.';
            }
            if (!first || exponent100 < 0 || pair >= 10) {
                target[at++] = (byte) ('0' + pair / 10);
            }
            first = false;
            if (power >= 0 || position < end || pair % 10 != 0) {
                target[at++] = (byte) ('0' + pair % 10);
            }
        }
        return at - targetOffset;
    }
}

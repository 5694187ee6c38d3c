package dev.henge.deploy;

import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A token as people read and write it: 16 hexadecimal digits.
 *
 * @param value unsigned
 */
record RingToken(long value) {

    private static final int DIGITS = 16;
    private static final int RADIX = 16;
    private static final Pattern FORM = Pattern.compile("[0-9a-fA-F]{1," + DIGITS + "}");

    /**
     * Reads a token, or the beginning of one: what is missing is zeros.
     *
     * @throws IllegalArgumentException whose message is fit for the person who wrote it
     */
    static RingToken parse(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "'" + text + "' is not a token of up to " + DIGITS + " hexadecimal digits");
        }
        return new RingToken(Long.parseUnsignedLong(text + "0".repeat(DIGITS - text.length()), RADIX));
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%016x", value);
    }
}

package dev.henge.item;

/** What the service counts and compares of a string: its UTF-8 bytes, without making them. */
public final class Utf8 {

    private Utf8() {}

    /** Number of UTF-8 bytes; an unpaired surrogate counts 1, as it is encoded as '?'. */
    public static int length(String text) {
        int length = text.length();
        int bytes = length;
        for (int index = 0; index < length; index++) {
            char unit = text.charAt(index);
            if (unit < 0x80) {
                continue;
            }
            if (unit < 0x800) {
                bytes += 1;
            } else if (!Character.isSurrogate(unit)) {
                bytes += 2;
            } else if (Character.isHighSurrogate(unit)
                    && index + 1 < length
                    && Character.isLowSurrogate(text.charAt(index + 1))) {
                // Two code units make four bytes.
                bytes += 2;
                index++;
            }
        }
        return bytes;
    }

    /**
     * Compares as DynamoDB does: by unsigned UTF-8 bytes, which is the order of code points. It differs from
     * {@link String#compareTo} where surrogates meet code units above them. Expects well-formed strings.
     */
    public static int compare(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int index = 0; index < common; index++) {
            char leftUnit = left.charAt(index);
            char rightUnit = right.charAt(index);
            if (leftUnit == rightUnit) {
                continue;
            }
            boolean leftSurrogate = Character.isSurrogate(leftUnit);
            if (leftSurrogate != Character.isSurrogate(rightUnit)) {
                // A surrogate is part of a code point above U+FFFF, so above any single code unit.
                return leftSurrogate ? 1 : -1;
            }
            return Character.compare(leftUnit, rightUnit);
        }
        return Integer.compare(left.length(), right.length());
    }
}

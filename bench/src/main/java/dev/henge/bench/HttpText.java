package dev.henge.bench;

import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;

/** Looks into the bytes of an HTTP head without making strings of them. */
final class HttpText {
    private HttpText() {}

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Finds the end of the head.
     *
     * @return where the CR LF of the empty line starts, or -1
     */
    static int blankLine(byte[] bytes, int from, int to) {
        for (int i = from; i + 3 < to; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i + 2;
            }
        }
        return -1;
    }

    /** Where the line's CR stands, or the end. */
    static int lineEnd(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] != '\r') {
            i++;
        }
        return i;
    }

    /** Whether the bytes start with a lower-case text, in whatever case they are. */
    static boolean startsWith(byte[] bytes, int from, int to, byte[] lowerCase) {
        if (to - from < lowerCase.length) {
            return false;
        }
        for (int i = 0; i < lowerCase.length; i++) {
            if (toLowerCase(bytes[from + i]) != lowerCase[i]) {
                return false;
            }
        }
        return true;
    }

    /** Whether a header's value, without the spaces around it, is a lower-case text, in whatever case it is. */
    static boolean valueIs(byte[] bytes, int from, int to, byte[] lowerCase) {
        int start = skipSpaces(bytes, from, to);
        int end = to;
        while (end > start && bytes[end - 1] == ' ') {
            end--;
        }
        return end - start == lowerCase.length && startsWith(bytes, start, end, lowerCase);
    }

    /** Reads a decimal number of up to 18 digits with spaces around it. */
    static long number(byte[] bytes, int from, int to) throws ProtocolException {
        int i = skipSpaces(bytes, from, to);
        int digits = 0;
        long value = 0;
        while (i < to && bytes[i] >= '0' && bytes[i] <= '9') {
            value = value * 10 + (bytes[i] - '0');
            digits++;
            i++;
        }
        if (digits == 0 || digits > 18 || skipSpaces(bytes, i, to) != to) {
            throw new ProtocolException(
                    "not a number: '" + new String(bytes, from, to - from, StandardCharsets.ISO_8859_1) + "'");
        }
        return value;
    }

    /** Whether a range holds a text. */
    static boolean contains(byte[] bytes, int from, int to, byte[] text) {
        int last = to - text.length;
        for (int i = from; i <= last; i++) {
            if (bytes[i] == text[0] && matches(bytes, i, text)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(byte[] bytes, int from, byte[] text) {
        for (int i = 1; i < text.length; i++) {
            if (bytes[from + i] != text[i]) {
                return false;
            }
        }
        return true;
    }

    private static int skipSpaces(byte[] bytes, int from, int to) {
        int i = from;
        while (i < to && bytes[i] == ' ') {
            i++;
        }
        return i;
    }

    private static int toLowerCase(byte character) {
        return character >= 'A' && character <= 'Z' ? character + ('a' - 'A') : character;
    }
}

package dev.henge.router.api;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Percent-encoding as Signature Version 4 has it ("Create a signed AWS API request", UriEncode): everything but letters,
 * digits, hyphen, underscore, full stop and tilde is encoded, with capital digits. Request targets come with one character
 * for each byte.
 */
final class UriCoding {

    private static final char[] HEX_DIGITS = "0123456789ABCDEF".toCharArray();

    private UriCoding() {}

    /** The path of a request target: what is before the query, and behind the authority if there is one. */
    static String pathOf(String uri) {
        int question = uri.indexOf('?');
        String path = question < 0 ? uri : uri.substring(0, question);
        int scheme = path.indexOf("://");
        if (scheme < 0 || path.startsWith("/")) {
            return path;
        }
        int slash = path.indexOf('/', scheme + 3);
        return slash < 0 ? "" : path.substring(slash);
    }

    /** The path as it is signed: without dot segments and doubled slashes, and encoded once more than it was sent. */
    static String canonicalPath(String path) {
        if (path.isEmpty() || path.equals("/")) {
            return "/";
        }
        StringBuilder canonical = new StringBuilder(path.length() + 16);
        String normal = withoutDotSegments(path);
        for (int i = 0; i < normal.length(); i++) {
            char character = normal.charAt(i);
            if (character == '/') {
                canonical.append('/');
            } else {
                encode(canonical, character);
            }
        }
        return canonical.toString();
    }

    /** RFC 3986, 5.2.4, and empty segments go as well. */
    private static String withoutDotSegments(String path) {
        Deque<String> kept = new ArrayDeque<>();
        int from = 0;
        while (from <= path.length()) {
            int slash = path.indexOf('/', from);
            int to = slash < 0 ? path.length() : slash;
            String segment = path.substring(from, to);
            switch (segment) {
                case "", "." -> {
                    // Says nothing.
                }
                case ".." -> kept.pollLast();
                default -> kept.addLast(segment);
            }
            from = to + 1;
        }
        StringBuilder normal = new StringBuilder(path.length());
        for (Iterator<String> segments = kept.iterator(); segments.hasNext(); ) {
            normal.append('/').append(segments.next());
        }
        if (path.endsWith("/") || normal.isEmpty()) {
            normal.append('/');
        }
        return normal.toString();
    }

    /** Part of a query, encoded in the one canonical way however it was sent. A plus stands for a space. */
    static String canonicalQueryPart(String raw) {
        int plain = 0;
        while (plain < raw.length() && isUnreserved(raw.charAt(plain))) {
            plain++;
        }
        if (plain == raw.length()) {
            return raw;
        }
        StringBuilder canonical = new StringBuilder(raw.length() + 16);
        int at = 0;
        while (at < raw.length()) {
            int escaped = escapedAt(raw, at);
            if (escaped >= 0) {
                encode(canonical, (char) escaped);
                at += 3;
            } else {
                encode(canonical, raw.charAt(at) == '+' ? ' ' : raw.charAt(at));
                at++;
            }
        }
        return canonical.toString();
    }

    /** What a canonical part of a query stands for, a character for each byte. */
    static String decode(String canonical) {
        if (canonical.indexOf('%') < 0) {
            return canonical;
        }
        StringBuilder bytes = new StringBuilder(canonical.length());
        int at = 0;
        while (at < canonical.length()) {
            int escaped = escapedAt(canonical, at);
            bytes.append(escaped >= 0 ? (char) escaped : canonical.charAt(at));
            at += escaped >= 0 ? 3 : 1;
        }
        return bytes.toString();
    }

    /** The byte that is escaped at this place; -1 when there is none, or what follows the percent sign are no digits. */
    private static int escapedAt(String text, int at) {
        if (text.charAt(at) != '%' || at + 2 >= text.length()) {
            return -1;
        }
        int high = Character.digit(text.charAt(at + 1), 16);
        int low = Character.digit(text.charAt(at + 2), 16);
        return high < 0 || low < 0 ? -1 : high << 4 | low;
    }

    private static void encode(StringBuilder out, char octet) {
        if (isUnreserved(octet)) {
            out.append(octet);
        } else {
            out.append('%').append(HEX_DIGITS[octet >> 4 & 0xf]).append(HEX_DIGITS[octet & 0xf]);
        }
    }

    private static boolean isUnreserved(char character) {
        return character >= 'a' && character <= 'z'
                || character >= 'A' && character <= 'Z'
                || character >= '0' && character <= '9'
                || character == '-'
                || character == '_'
                || character == '.'
                || character == '~';
    }
}

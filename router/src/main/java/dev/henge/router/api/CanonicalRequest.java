package dev.henge.router.api;

import dev.henge.router.http.HttpCall;
import java.util.Locale;

/**
 * The canonical form of a request that Signature Version 4 signs ("Create a signed AWS API request", step 1). Which headers
 * are in it, and in which order, is what the signature says. Each character stands for one byte, as in the request's head.
 */
final class CanonicalRequest {

    private CanonicalRequest() {}

    /** @param bodyHash SHA-256 of the body, in hexadecimal digits */
    static String of(HttpCall call, ClaimedSignature claimed, String bodyHash) {
        StringBuilder canonical = new StringBuilder(512);
        canonical.append(call.method()).append('\n');
        canonical.append(UriCoding.canonicalPath(UriCoding.pathOf(call.uri()))).append('\n');
        claimed.query().appendCanonical(canonical, claimed.inQuery() ? "X-Amz-Signature" : null);
        canonical.append('\n');
        String names = claimed.signedHeaders().toLowerCase(Locale.ROOT);
        int from = 0;
        while (from <= names.length()) {
            int semicolon = names.indexOf(';', from);
            int to = semicolon < 0 ? names.length() : semicolon;
            appendHeader(canonical, call, names.substring(from, to));
            from = to + 1;
        }
        return canonical
                .append('\n')
                .append(names)
                .append('\n')
                .append(bodyHash)
                .toString();
    }

    private static void appendHeader(StringBuilder canonical, HttpCall call, String name) {
        canonical.append(name).append(':');
        boolean first = true;
        for (String value : call.headers(name)) {
            if (!first) {
                canonical.append(',');
            }
            first = false;
            appendTrimmed(canonical, value);
        }
        canonical.append('\n');
    }

    /** Without spaces at the ends, and with one for several between. */
    private static void appendTrimmed(StringBuilder canonical, String value) {
        boolean space = false;
        boolean begun = false;
        for (int i = 0; i < value.length(); i++) {
            char character = value.charAt(i);
            if (isSpace(character)) {
                space = true;
                continue;
            }
            if (space && begun) {
                canonical.append(' ');
            }
            space = false;
            begun = true;
            canonical.append(character);
        }
    }

    private static boolean isSpace(char character) {
        return character == ' ' || character >= '\t' && character <= '\r';
    }
}

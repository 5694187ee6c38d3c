package dev.henge.router.api;

import dev.henge.item.DynamoNumber;
import dev.henge.item.ItemVisitor;

/**
 * Turns the parts of an item into the JSON of its attributes, without the braces around them: names and strings are
 * copied from UTF-8 to UTF-8, numbers printed, binaries in base64; no values are built.
 */
final class ItemJsonWriter implements ItemVisitor {

    private static final byte[] HEX = ascii("0123456789abcdef");
    private static final byte[] BASE64 = ascii("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    private static final byte[] STRING_VALUE = ascii("{\"S\":\"");
    private static final byte[] NUMBER_VALUE = ascii("{\"N\":\"");
    private static final byte[] BINARY_VALUE = ascii("{\"B\":\"");
    private static final byte[] END_SCALAR = ascii("\"}");
    private static final byte[] TRUE_VALUE = ascii("{\"BOOL\":true}");
    private static final byte[] FALSE_VALUE = ascii("{\"BOOL\":false}");
    private static final byte[] NULL_VALUE = ascii("{\"NULL\":true}");
    private static final byte[] BEGIN_LIST = ascii("{\"L\":[");
    private static final byte[] BEGIN_MAP = ascii("{\"M\":{");
    private static final byte[] BEGIN_STRING_SET = ascii("{\"SS\":[");
    private static final byte[] BEGIN_NUMBER_SET = ascii("{\"NS\":[");
    private static final byte[] BEGIN_BINARY_SET = ascii("{\"BS\":[");
    private static final byte[] END_LIST = ascii("]}");
    private static final byte[] END_MAP = ascii("}}");

    private final ReplyBuffer out;
    private boolean comma;
    private boolean inSet;

    ItemJsonWriter(ReplyBuffer out) {
        this.out = out;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }

    /** To be called before each item. */
    void reset() {
        comma = false;
        inSet = false;
    }

    @Override
    public void name(byte[] buffer, int offset, int length) {
        separate();
        quoted(buffer, offset, length);
        out.put(':');
        comma = false;
    }

    @Override
    public void string(byte[] buffer, int offset, int length) {
        separate();
        if (inSet) {
            quoted(buffer, offset, length);
            return;
        }
        out.write(STRING_VALUE);
        escaped(buffer, offset, length);
        out.write(END_SCALAR);
    }

    @Override
    public void number(byte[] buffer, int offset, int length) {
        separate();
        if (inSet) {
            out.put('"');
        } else {
            out.write(NUMBER_VALUE);
        }
        int at = out.reserve(DynamoNumber.TEXT_LENGTH_MAX);
        out.advance(DynamoNumber.writeText(buffer, offset, length, out.bytes(), at));
        if (inSet) {
            out.put('"');
        } else {
            out.write(END_SCALAR);
        }
    }

    @Override
    public void binary(byte[] buffer, int offset, int length) {
        separate();
        if (inSet) {
            out.put('"');
            base64(buffer, offset, length);
            out.put('"');
            return;
        }
        out.write(BINARY_VALUE);
        base64(buffer, offset, length);
        out.write(END_SCALAR);
    }

    @Override
    public void bool(boolean value) {
        separate();
        out.write(value ? TRUE_VALUE : FALSE_VALUE);
    }

    @Override
    public void nullValue() {
        separate();
        out.write(NULL_VALUE);
    }

    @Override
    public void beginList() {
        open(BEGIN_LIST);
    }

    @Override
    public void endList() {
        shut(END_LIST);
    }

    @Override
    public void beginMap() {
        open(BEGIN_MAP);
    }

    @Override
    public void endMap() {
        shut(END_MAP);
    }

    @Override
    public void beginStringSet() {
        open(BEGIN_STRING_SET);
        inSet = true;
    }

    @Override
    public void beginNumberSet() {
        open(BEGIN_NUMBER_SET);
        inSet = true;
    }

    @Override
    public void beginBinarySet() {
        open(BEGIN_BINARY_SET);
        inSet = true;
    }

    @Override
    public void endSet() {
        inSet = false;
        shut(END_LIST);
    }

    private void open(byte[] text) {
        separate();
        out.write(text);
        comma = false;
    }

    private void shut(byte[] text) {
        out.write(text);
        comma = true;
    }

    /** Sets a name or value off from what stands before it in the same object or array. */
    private void separate() {
        if (comma) {
            out.put(',');
        }
        comma = true;
    }

    private void quoted(byte[] utf8, int offset, int length) {
        out.put('"');
        escaped(utf8, offset, length);
        out.put('"');
    }

    /** Copies runs of bytes that may stand as they are, and escapes what may not. */
    private void escaped(byte[] utf8, int offset, int length) {
        int end = offset + length;
        int start = offset;
        for (int i = offset; i < end; i++) {
            byte b = utf8[i];
            // Bytes of multi-byte characters are negative.
            if (b < 0 || (b >= 0x20 && b != '"' && b != '\\')) {
                continue;
            }
            out.write(utf8, start, i - start);
            start = i + 1;
            escape(b);
        }
        out.write(utf8, start, end - start);
    }

    private void escape(byte b) {
        out.put('\\');
        switch (b) {
            case '"', '\\' -> out.put(b);
            case '\n' -> out.put('n');
            case '\r' -> out.put('r');
            case '\t' -> out.put('t');
            case '\b' -> out.put('b');
            case '\f' -> out.put('f');
            default -> {
                out.put('u');
                out.put('0');
                out.put('0');
                out.put(HEX[b >> 4]);
                out.put(HEX[b & 0xF]);
            }
        }
    }

    private void base64(byte[] bytes, int offset, int length) {
        int at = out.reserve((length + 2) / 3 * 4);
        byte[] target = out.bytes();
        int from = offset;
        int to = at;
        for (int whole = length / 3; whole > 0; whole--) {
            int bits = (bytes[from] & 0xFF) << 16 | (bytes[from + 1] & 0xFF) << 8 | (bytes[from + 2] & 0xFF);
            from += 3;
            target[to++] = BASE64[bits >>> 18];
            target[to++] = BASE64[bits >>> 12 & 63];
            target[to++] = BASE64[bits >>> 6 & 63];
            target[to++] = BASE64[bits & 63];
        }
        int rest = length % 3;
        if (rest > 0) {
            int bits = (bytes[from] & 0xFF) << 16 | (rest == 2 ? (bytes[from + 1] & 0xFF) << 8 : 0);
            target[to++] = BASE64[bits >>> 18];
            target[to++] = BASE64[bits >>> 12 & 63];
            target[to++] = rest == 2 ? BASE64[bits >>> 6 & 63] : (byte) '=';
            target[to++] = '=';
        }
        out.advance(to - at);
    }
}

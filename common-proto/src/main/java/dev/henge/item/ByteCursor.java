package dev.henge.item;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/** A checked read position in a byte array; whatever does not fit is a {@link CorruptItemException}. */
final class ByteCursor {

    final byte[] buffer;
    final int end;
    int position;

    ByteCursor(byte[] buffer, int offset, int length) {
        if (offset < 0 || length < 0 || length > buffer.length - offset) {
            throw new IndexOutOfBoundsException("no " + length + " bytes at " + offset + " in " + buffer.length);
        }
        this.buffer = buffer;
        this.position = offset;
        this.end = offset + length;
    }

    byte next() {
        if (position >= end) {
            throw corrupt("bytes end early");
        }
        return buffer[position++];
    }

    /** A varint length; that many bytes are there before limit. */
    int nextLength(int limit) {
        int length = nextVarint(limit);
        if (length > limit - position) {
            throw corrupt("length " + length + " with " + (limit - position) + " bytes left");
        }
        return length;
    }

    private int nextVarint(int limit) {
        int value = 0;
        for (int shift = 0; shift < 32 && position < limit; shift += 7) {
            byte part = buffer[position++];
            if (shift == 28 && (part & 0xF8) != 0) {
                break;
            }
            value |= (part & 0x7F) << shift;
            if (part >= 0) {
                return value;
            }
        }
        throw corrupt("no length");
    }

    /** Steps over a number and returns where it began. */
    int skipNumber(int limit) {
        int start = position;
        position += NumberEncoding.length(buffer, start, limit);
        return start;
    }

    String text(int offset, int length) {
        String text = new String(buffer, offset, length, UTF_8);
        // Malformed bytes decode to U+FFFD; where one turns up, see whether it was there before.
        if (text.indexOf('\uFFFD') >= 0 && !sameBytes(text.getBytes(UTF_8), offset, length)) {
            throw new CorruptItemException("malformed UTF-8 at " + offset);
        }
        return text;
    }

    private boolean sameBytes(byte[] bytes, int offset, int length) {
        return Arrays.equals(bytes, 0, bytes.length, buffer, offset, offset + length);
    }

    CorruptItemException corrupt(String what) {
        return new CorruptItemException(what + " at " + position);
    }
}

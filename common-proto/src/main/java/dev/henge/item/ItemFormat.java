package dev.henge.item;

/**
 * The binary form of items and values.
 *
 * <pre>
 * item     = version (1 byte) attribute*           up to the end of the bytes
 * attribute= name value
 * name     = length (varint) UTF-8 bytes
 * value    = type (1 byte) payload
 * payload  = S, B: length (varint) bytes
 *            N:    number, see {@link NumberEncoding}
 *            FALSE, TRUE, NULL: nothing
 *            L:    length (varint) value*
 *            M:    length (varint) attribute*
 *            SS, BS: length (varint) (length (varint) bytes)*
 *            NS:   length (varint) number*
 * </pre>
 *
 * Lengths are in bytes, so a value can be stepped over without looking into it. A varint is little-endian, seven bits a
 * byte, the high bit set on all but the last. A single value stands for itself, without a version. Type bytes are for
 * ever: what was stored must stay readable.
 */
final class ItemFormat {

    static final byte VERSION = 1;

    static final byte STRING = 1;
    static final byte NUMBER = 2;
    static final byte BINARY = 3;
    static final byte FALSE = 4;
    static final byte TRUE = 5;
    static final byte NULL = 6;
    static final byte LIST = 7;
    static final byte MAP = 8;
    static final byte STRING_SET = 9;
    static final byte NUMBER_SET = 10;
    static final byte BINARY_SET = 11;

    private ItemFormat() {}
}

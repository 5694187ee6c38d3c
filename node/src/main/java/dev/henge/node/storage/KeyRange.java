package dev.henge.node.storage;

/** The keys of {@code [start, end)}, ordered as unsigned bytes. */
@SuppressWarnings("ArrayRecordComponent") // compared and printed nowhere
public record KeyRange(byte[] start, byte[] end) {

    public boolean contains(byte[] key) {
        return java.util.Arrays.compareUnsigned(start, key) <= 0 && java.util.Arrays.compareUnsigned(key, end) < 0;
    }
}

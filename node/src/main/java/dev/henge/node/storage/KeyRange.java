package dev.henge.node.storage;

import java.util.Arrays;

/** The keys of {@code [start, end)}, ordered as unsigned bytes. */
public record KeyRange(byte[] start, byte[] end) {

    public boolean contains(byte[] key) {
        return Arrays.compareUnsigned(start, key) <= 0 && Arrays.compareUnsigned(key, end) < 0;
    }
}

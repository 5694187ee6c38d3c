package dev.henge.membership;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * A contiguous part of the ring.
 *
 * @param start first token, unsigned
 * @param end token behind the last, 0 for the end of the ring
 */
public record TokenRange(long start, long end) {

    /** Cuts the ring into equal ranges, in order, without gap or overlap. */
    public static List<TokenRange> cut(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("the ring is cut into at least 1 partition, not " + count);
        }
        List<TokenRange> ranges = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            ranges.add(new TokenRange(boundary(i, count), i == count - 1 ? 0 : boundary(i + 1, count)));
        }
        return List.copyOf(ranges);
    }

    private static long boundary(int i, int count) {
        return BigInteger.ONE
                .shiftLeft(64)
                .multiply(BigInteger.valueOf(i))
                .divide(BigInteger.valueOf(count))
                .longValue();
    }

    public boolean contains(long token) {
        return Tokens.inRange(token, start, end);
    }
}

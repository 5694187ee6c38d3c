package dev.henge.router.api;

import java.math.BigInteger;

/**
 * The part of the ring that one worker of a parallel scan reads.
 *
 * @param start first token, unsigned
 * @param end token after the last; 0 is the end of the ring
 */
record Segment(long start, long end) {

    static final Segment WHOLE = new Segment(0, 0);

    private static final BigInteger RING = BigInteger.ONE.shiftLeft(Long.SIZE);

    /** The {@code index}-th of {@code count} parts of the ring that are as equal as can be. */
    static Segment of(int index, int count) {
        return new Segment(boundary(index, count), boundary(index + 1L, count));
    }

    private static long boundary(long index, int count) {
        return RING.multiply(BigInteger.valueOf(index))
                .divide(BigInteger.valueOf(count))
                .longValue();
    }

    boolean contains(long token) {
        return Long.compareUnsigned(token, start) >= 0 && (end == 0 || Long.compareUnsigned(token, end) < 0);
    }

    /** The nearer of this segment's end and another end; 0 is the end of the ring, the farthest there is. */
    long endWithin(long otherEnd) {
        // As the end of the ring is one past the largest token, comparing what goes before gives the right order.
        return Long.compareUnsigned(end - 1, otherEnd - 1) <= 0 ? end : otherEnd;
    }
}

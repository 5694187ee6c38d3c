package dev.henge.membership;

import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;

/** Tokens: places on the ring, unsigned 64-bit numbers. */
public final class Tokens {

    // Part of the stored format: another hash would find no item again.
    private static final Hasher64 HASHER = Hashing.xxh3_64();

    private Tokens() {}

    /**
     * The token of the items of one table that share a partition key.
     *
     * @param tableId the catalog's id of the table, which spreads equal keys of different tables
     * @param encodedPartitionKey the partition key in the order-preserving key encoding
     */
    public static long of(long tableId, byte[] encodedPartitionKey) {
        return HASHER.hashStream()
                .putLong(tableId)
                .putBytes(encodedPartitionKey)
                .getAsLong();
    }

    /** The place of a node's virtual token. */
    static long ofVirtualNode(String node, int ordinal) {
        return HASHER.hashStream().putString(node).putInt(ordinal).getAsLong();
    }

    /** The token at the start of an item key. */
    public static long ofItemKey(byte[] itemKey) {
        if (itemKey.length < Long.BYTES) {
            throw new IllegalArgumentException("an item key has at least 8 bytes, not " + itemKey.length);
        }
        long token = 0;
        for (int i = 0; i < Long.BYTES; i++) {
            token = token << 8 | (itemKey[i] & 0xFF);
        }
        return token;
    }

    /** Whether a token lies in {@code [start, end)}, where {@code end} 0 is the end of the ring. */
    public static boolean inRange(long token, long start, long end) {
        return Long.compareUnsigned(token, start) >= 0 && (end == 0 || Long.compareUnsigned(token, end) < 0);
    }
}

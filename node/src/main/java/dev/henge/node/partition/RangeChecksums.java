package dev.henge.node.partition;

import com.dynatrace.hash4j.hashing.HashStream64;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import dev.henge.membership.TokenRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Checksums of all that a replica holds as of one applied index: a leaf for each sub-range of the partition's tokens, one for
 * its private keys, and a root over them (a Merkle tree of two levels; Dynamo paper, 4.7). XXH3 finds what disks and bugs
 * do; it is no defence against one who forges data.
 *
 * @param index the applied index
 * @param leaves {@link #LEAVES} of them, the last for the private keys
 * @param keys how many keys were read
 * @param bytes how many bytes of keys and values
 */
record RangeChecksums(long index, long root, List<Long> leaves, long keys, long bytes) {

    static final int TOKEN_LEAVES = 256;
    static final int LEAVES = TOKEN_LEAVES + 1;
    static final int PRIVATE_LEAF = TOKEN_LEAVES;

    private static final Hasher64 HASHER = Hashing.xxh3_64();

    RangeChecksums {
        leaves = List.copyOf(leaves);
    }

    /** The leaves that differ. */
    List<Integer> differing(RangeChecksums other) {
        List<Integer> differing = new ArrayList<>();
        for (int leaf = 0; leaf < LEAVES; leaf++) {
            if (!leaves.get(leaf).equals(other.leaves.get(leaf))) {
                differing.add(leaf);
            }
        }
        return differing;
    }

    /** The leaf that an item belongs to. */
    static int leafOf(TokenRange tokens, long token) {
        long offset = token - tokens.start();
        return (int) Long.divideUnsigned(offset, leafTokens(tokens));
    }

    /** Tokens per leaf; the last may have fewer. */
    private static long leafTokens(TokenRange tokens) {
        long last = tokens.end() - tokens.start() - 1; // as unsigned numbers; the whole ring has 2^64 tokens
        return Long.divideUnsigned(last, TOKEN_LEAVES) + 1;
    }

    /** The leaf's tokens, for people. */
    static String nameOf(TokenRange tokens, int leaf) {
        if (leaf == PRIVATE_LEAF) {
            return "what the partition keeps for itself";
        }
        long width = leafTokens(tokens);
        long first = tokens.start() + leaf * width;
        boolean isLast = Long.compareUnsigned(tokens.end() - 1 - first, width) < 0;
        long last = isLast ? tokens.end() - 1 : first + width - 1;
        return String.format(Locale.ROOT, "tokens %016x to %016x", first, last);
    }

    /** Adds keys up, in the order of the storage. */
    static final class Builder {
        private final HashStream64 stream = HASHER.hashStream();
        private final long[] leaves = new long[LEAVES];
        private int leaf = -1;
        private long keys;
        private long bytes;

        void add(int leafOfKey, byte[] key, byte[] value) {
            if (leafOfKey != leaf) {
                closeLeaf();
                leaf = leafOfKey;
            }
            stream.putInt(key.length).putBytes(key).putInt(value.length).putBytes(value);
            keys++;
            bytes += key.length + value.length;
        }

        /** A leaf is entered once for each table; what it held before stays in its hash. */
        private void closeLeaf() {
            if (leaf >= 0) {
                leaves[leaf] = HASHER.hashLongLongToLong(leaves[leaf], stream.getAsLong());
                stream.reset();
            }
        }

        RangeChecksums build(long index) {
            closeLeaf();
            leaf = -1;
            stream.reset();
            List<Long> all = new ArrayList<>(LEAVES);
            for (long each : leaves) {
                all.add(each);
            }
            long root = stream.putLong(index).putLongs(leaves).getAsLong();
            stream.reset();
            return new RangeChecksums(index, root, all, keys, bytes);
        }
    }
}

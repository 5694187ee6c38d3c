package dev.henge.item;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Item keys: token (8 bytes, big-endian), then the partition key and the sort key in {@link KeyEncoding}. */
public final class ItemKeys {

    public static final int TOKEN_BYTES = Long.BYTES;

    private ItemKeys() {}

    /** An item key's parts; no sort key where the table has none. */
    public record Decoded(
            long token,
            AttributeValue partitionKey,
            @Nullable AttributeValue sortKey) {}

    /** The key of an item of a table without a sort key; also the prefix that all items of an item collection share. */
    public static byte[] of(long token, byte[] partitionKey) {
        return ByteBuffer.allocate(TOKEN_BYTES + partitionKey.length)
                .putLong(token)
                .put(partitionKey)
                .array();
    }

    /** The key of an item of a table with a sort key; or, with part of a sort key, a prefix of keys. */
    public static byte[] of(long token, byte[] partitionKey, byte[] sortKey) {
        return ByteBuffer.allocate(TOKEN_BYTES + partitionKey.length + sortKey.length)
                .putLong(token)
                .put(partitionKey)
                .put(sortKey)
                .array();
    }

    /**
     * The token of an item key.
     *
     * @throws CorruptItemException when the key is too short
     */
    public static long token(byte[] key) {
        if (key.length < TOKEN_BYTES) {
            throw new CorruptItemException("item key of " + key.length + " bytes");
        }
        return ByteBuffer.wrap(key).getLong();
    }

    /**
     * The part of an item key that all items of its item collection share: token and partition key.
     *
     * @throws CorruptItemException when it is no such key
     */
    public static byte[] collectionPrefix(byte[] key, KeyType partitionKeyType) {
        token(key);
        return Arrays.copyOf(key, KeyEncoding.skip(key, TOKEN_BYTES, partitionKeyType));
    }

    /**
     * The parts of an item key.
     *
     * @param sortKeyType null for a table without a sort key
     * @throws CorruptItemException when it is no key of such a table
     */
    public static Decoded decode(byte[] key, KeyType partitionKeyType, @Nullable KeyType sortKeyType) {
        long token = token(key);
        KeyEncoding.Decoded partitionKey = KeyEncoding.decode(key, TOKEN_BYTES, partitionKeyType);
        int end = partitionKey.nextOffset();
        AttributeValue sortKey = null;
        if (sortKeyType != null) {
            KeyEncoding.Decoded decoded = KeyEncoding.decode(key, end, sortKeyType);
            sortKey = decoded.value();
            end = decoded.nextOffset();
        }
        if (end != key.length) {
            throw new CorruptItemException("bytes after the item key at " + end);
        }
        return new Decoded(token, partitionKey.value(), sortKey);
    }
}

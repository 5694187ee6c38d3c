package dev.henge.router.api;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.item.KeyPart;
import dev.henge.item.Utf8;
import dev.henge.membership.Tokens;
import dev.henge.proto.KeyAttribute;
import org.jspecify.annotations.Nullable;

/**
 * The key of one item, checked against the table's key schema.
 *
 * @param token the item's place on the ring
 * @param bytes the item key: token, partition key, sort key
 */
record ItemKey(long token, ByteString bytes) {

    private static final int PARTITION_KEY_BYTES_MAX = 2048;
    private static final int SORT_KEY_BYTES_MAX = 1024;
    static final String NO_MATCH = "The provided key element does not match the schema";

    /** The key that a request gives as Key. */
    static ItemKey ofKey(TableSchema table, ParsedItem key) {
        if (key.attributeCount() != table.keyAttributeCount()) {
            throw ApiException.validation(NO_MATCH);
        }
        AttributeValue partitionKey = keyValue(key.bytes(), KeyPart.of(table.partitionKey()));
        AttributeValue sortKey = table.sortKey() == null ? null : keyValue(key.bytes(), KeyPart.of(table.sortKey()));
        return of(table, partitionKey, sortKey);
    }

    static AttributeValue keyValue(ByteString key, KeyPart part) {
        AttributeValue value = ItemCodec.attribute(key, part.name());
        if (value == null || !value.typeCode().equals(part.type().typeCode())) {
            throw ApiException.validation(NO_MATCH);
        }
        return value;
    }

    /** The key that stands among the attributes of an item to be put. */
    static ItemKey ofItem(TableSchema table, ByteString item) {
        AttributeValue partitionKey = itemKeyValue(item, table.partitionKey());
        AttributeValue sortKey = table.sortKey() == null ? null : itemKeyValue(item, table.sortKey());
        return of(table, partitionKey, sortKey);
    }

    /** The same of an item of a batch: what it lacks is refused in the words for a Key. */
    static ItemKey ofBatchedItem(TableSchema table, ByteString item) {
        AttributeValue partitionKey = keyValue(item, KeyPart.of(table.partitionKey()));
        AttributeValue sortKey = table.sortKey() == null ? null : keyValue(item, KeyPart.of(table.sortKey()));
        return of(table, partitionKey, sortKey);
    }

    private static AttributeValue itemKeyValue(ByteString item, KeyAttribute attribute) {
        AttributeValue value = ItemCodec.attribute(item, attribute.getName());
        if (value == null) {
            throw ApiException.invalidParameter("Missing the key " + attribute.getName() + " in the item");
        }
        if (!value.typeCode().equals(attribute.getType())) {
            throw ApiException.invalidParameter("Type mismatch for key " + attribute.getName() + " expected: "
                    + attribute.getType() + " actual: " + value.typeCode());
        }
        return value;
    }

    private static ItemKey of(TableSchema table, AttributeValue partitionKey, @Nullable AttributeValue sortKey) {
        checkPartitionKey(table.partitionKey().getName(), partitionKey);
        byte[] encodedPartitionKey = KeyEncoding.encode(partitionKey);
        long token = Tokens.of(table.id(), encodedPartitionKey);
        if (sortKey == null) {
            return new ItemKey(token, wrap(ItemKeys.of(token, encodedPartitionKey)));
        }
        if (table.sortKey() != null) {
            checkSortKey(table.sortKey().getName(), sortKey);
        }
        return new ItemKey(token, wrap(ItemKeys.of(token, encodedPartitionKey, KeyEncoding.encode(sortKey))));
    }

    static void checkPartitionKey(String attribute, AttributeValue value) {
        if (checkedSize(attribute, value) > PARTITION_KEY_BYTES_MAX) {
            throw ApiException.invalidParameter("Size of hashkey has exceeded the maximum size limit of2048 bytes");
        }
    }

    static void checkSortKey(String attribute, AttributeValue value) {
        if (checkedSize(attribute, value) > SORT_KEY_BYTES_MAX) {
            throw ApiException.invalidParameter(
                    "Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
        }
    }

    /** The size of a key value in bytes, which must not be 0; numbers are small whatever they are. */
    private static int checkedSize(String attribute, AttributeValue value) {
        int size;
        String kind;
        if (value instanceof StringValue string) {
            size = Utf8.length(string.value());
            kind = "string";
        } else if (value instanceof BinaryValue binary) {
            size = binary.value().size();
            kind = "binary";
        } else {
            return 1;
        }
        if (size == 0) {
            throw ApiException.validation(
                    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain"
                            + " an empty " + kind + " value. Key: " + attribute);
        }
        return size;
    }

    /** Gives an array away as a ByteString without copying it. */
    static ByteString wrap(byte[] bytes) {
        return UnsafeByteOperations.unsafeWrap(bytes);
    }
}

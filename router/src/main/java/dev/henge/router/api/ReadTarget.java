package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.index.IndexDefinition;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.KeyEncoding;
import dev.henge.item.KeyPart;
import dev.henge.membership.Tokens;
import dev.henge.proto.Condition;
import dev.henge.proto.Fetch;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What Query and Scan read: a table, or one of its indexes, whose entries are kept as the items of a table are.
 *
 * @param index null for the table itself
 * @param partitionKey one part for a table or local index, up to four for a global one
 * @param sortKey no part where there is none
 * @param baseKey what follows in the key of an index's entry: parts of the base item's key; empty for a table
 */
record ReadTarget(
        TableSchema table,
        @Nullable IndexDefinition index,
        List<KeyPart> partitionKey,
        List<KeyPart> sortKey,
        List<KeyPart> baseKey) {

    /**
     * The table, or its index of that name.
     *
     * @throws ApiException when it has none of that name
     */
    static ReadTarget of(TableSchema table, @Nullable String indexName) {
        if (indexName == null) {
            return new ReadTarget(table, null, table.partitionKeyParts(), table.sortKeyParts(), List.of());
        }
        IndexDefinition index = table.index(indexName);
        if (index == null) {
            throw ApiException.validation("The table does not have the specified index: " + indexName);
        }
        if (table.isBackfilling(index)) {
            throw ApiException.validation("Cannot read from backfilling global secondary index: " + indexName);
        }
        return new ReadTarget(table, index, index.partitionKey(), index.sortKey(), index.baseKey());
    }

    /** The number under which its items are kept. */
    long id() {
        return index == null ? table.id() : index.id();
    }

    /** The token of all items with that partition key; a local index has those of its table. */
    long token(byte[] encodedPartitionKey) {
        return Tokens.of(index == null || index.isLocal() ? table.id() : index.id(), encodedPartitionKey);
    }

    /** All that the key of an item or entry is made of, in order. */
    private List<KeyPart> keyParts() {
        List<KeyPart> parts = new ArrayList<>(partitionKey);
        parts.addAll(sortKey);
        parts.addAll(baseKey);
        return parts;
    }

    /** How many attributes an ExclusiveStartKey or LastEvaluatedKey has; one may be in several parts of the key. */
    int keyAttributeCount() {
        return (int) keyParts().stream().map(KeyPart::name).distinct().count();
    }

    /** The key that an ExclusiveStartKey names; its attributes must be those of the key and no others. */
    ItemKey startKey(ParsedItem startKey) {
        if (index == null) {
            return ItemKey.ofKey(table, startKey);
        }
        if (startKey.attributeCount() != keyAttributeCount()) {
            throw ApiException.validation(ItemKey.NO_MATCH);
        }
        byte[] encodedPartitionKey = encoded(partitionKey, startKey.bytes());
        List<KeyPart> rest = new ArrayList<>(sortKey);
        rest.addAll(baseKey);
        long token = token(encodedPartitionKey);
        return new ItemKey(
                token, ItemKey.wrap(ItemKeys.of(token, encodedPartitionKey, encoded(rest, startKey.bytes()))));
    }

    private static byte[] encoded(List<KeyPart> parts, ByteString key) {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        for (KeyPart part : parts) {
            KeyEncoding.encodeTo(ItemKey.keyValue(key, part), encoded);
        }
        return encoded.toByteArray();
    }

    /** The attributes of a LastEvaluatedKey, as an item in the binary form. */
    byte[] keyAttributes(ByteString itemKey) {
        byte[] bytes = itemKey.toByteArray();
        Map<String, AttributeValue> attributes = new LinkedHashMap<>();
        int offset = ItemKeys.TOKEN_BYTES;
        for (KeyPart part : keyParts()) {
            KeyEncoding.Decoded decoded = KeyEncoding.decode(bytes, offset, part.type());
            attributes.put(part.name(), decoded.value());
            offset = decoded.nextOffset();
        }
        return ItemCodec.encode(attributes);
    }

    /** Whether what it holds of an item is the whole item. */
    boolean hasAllAttributes() {
        return index == null || index.projectsAll();
    }

    /** Whether what it holds of an item has these attributes, as far as the item has them. */
    boolean hasAll(Set<String> attributes) {
        return index == null || attributes.stream().allMatch(index::projects);
    }

    /** Where the items of a local index's entries are. */
    Fetch fetch() {
        Fetch.Builder fetch = Fetch.newBuilder().setTable(table.id());
        table.partitionKeyParts().forEach(part -> fetch.addKeyAttributes(part.name()));
        table.sortKeyParts().forEach(part -> fetch.addKeyAttributes(part.name()));
        return fetch.build();
    }

    /** A filter of Query may only read what an index has; one of Scan finds what the index has not to be missing. */
    void checkFilterOfQuery(Condition filter) {
        if (index == null) {
            return;
        }
        List<String> missing = Paths.read(filter).stream()
                .filter(attribute -> !index.projects(attribute))
                .sorted()
                .toList();
        if (!missing.isEmpty()) {
            throw ApiException.invalidParameter(
                    "Secondary index " + index.name() + " does not project one or more filter attributes: " + missing);
        }
    }

    /** What a read of it takes. */
    ConsumedCapacity consumed(double units) {
        ConsumedCapacity consumed = new ConsumedCapacity(table);
        if (index == null) {
            consumed.ofTable(units);
        } else {
            consumed.ofIndex(index, units);
        }
        return consumed;
    }

    /** What an index does not allow of a read, in the service's words. */
    void check(PageRequest request, PageRequest.@Nullable Select select) {
        if (index == null || index.isLocal()) {
            return;
        }
        if (request.consistent()) {
            throw ApiException.validation("Consistent reads are not supported on global secondary indexes");
        }
        if (select == PageRequest.Select.ALL_ATTRIBUTES && !index.projectsAll()) {
            throw ApiException.invalidParameter(
                    "Select type ALL_ATTRIBUTES is not supported for global secondary index " + index.name()
                            + " because its projection type is not ALL");
        }
        if (request.projection() != null) {
            List<String> missing = Paths.read(request.projection()).stream()
                    .filter(attribute -> !index.projects(attribute))
                    .toList();
            if (!missing.isEmpty()) {
                throw ApiException.invalidParameter(
                        "Global secondary index " + index.name() + " does not project " + missing);
            }
        }
    }
}

package dev.henge.index;

import dev.henge.item.AttributeValue;
import dev.henge.item.AttributeValue.BinaryValue;
import dev.henge.item.AttributeValue.StringValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.KeyEncoding;
import dev.henge.item.KeyPart;
import dev.henge.item.Utf8;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.TableRecord;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A secondary index of a table, ready to be asked what it makes of items. Immutable.
 *
 * <p>It is sparse: an item without all of the index's key attributes, each of the defined type, not empty and not too
 * large for a key, is not in it (DynamoDB developer guide, "Take advantage of sparse indexes").
 */
public final class IndexDefinition {

    /** Largest partition key of an index in bytes, all parts together. */
    public static final int PARTITION_KEY_BYTES_MAX = 2048;

    /** Largest sort key of an index in bytes, all parts together. */
    public static final int SORT_KEY_BYTES_MAX = 1024;

    private final IndexRecord record;
    private final List<KeyPart> partitionKey;
    private final List<KeyPart> sortKey;

    /** The base item's key attributes that follow in an entry's key. */
    private final List<KeyPart> baseKey;

    /** Names of the attributes that an entry has; null for all. */
    private final @Nullable Set<String> projected;

    private IndexDefinition(TableRecord table, IndexRecord record) {
        this.record = record;
        this.partitionKey = KeyPart.allOf(record.getPartitionKeyList());
        this.sortKey = KeyPart.allOf(record.getSortKeyList());
        this.baseKey = baseKey(table, isLocal());
        this.projected = projected(table);
    }

    /**
     * The index as the table's definition has it.
     *
     * @param record one of the table's
     */
    public static IndexDefinition of(TableRecord table, IndexRecord record) {
        return new IndexDefinition(table, record);
    }

    /** All indexes of a table that are not being deleted. */
    public static List<IndexDefinition> allOf(TableRecord table) {
        return table.getIndexesList().stream()
                .filter(record -> record.getStatus() != IndexRecord.Status.DELETING)
                .map(record -> of(table, record))
                .toList();
    }

    private static List<KeyPart> baseKey(TableRecord table, boolean local) {
        List<KeyPart> parts = new ArrayList<>();
        if (!local) {
            parts.add(KeyPart.of(table.getPartitionKey()));
        }
        if (table.hasSortKey()) {
            parts.add(KeyPart.of(table.getSortKey()));
        }
        return List.copyOf(parts);
    }

    private @Nullable Set<String> projected(TableRecord table) {
        if (record.getProjection() == IndexRecord.Projection.ALL) {
            return null;
        }
        Set<String> names = new HashSet<>(record.getIncludedList());
        partitionKey.forEach(part -> names.add(part.name()));
        sortKey.forEach(part -> names.add(part.name()));
        names.add(table.getPartitionKey().getName());
        if (table.hasSortKey()) {
            names.add(table.getSortKey().getName());
        }
        return Set.copyOf(names);
    }

    /** The number under which its entries are kept, as a table's items are. */
    public long id() {
        return record.getId();
    }

    public String name() {
        return record.getName();
    }

    /** Whether it shares its table's partition key, and so its tokens. */
    public boolean isLocal() {
        return record.getKind() == IndexRecord.Kind.LOCAL;
    }

    /** The index's own partition key, one to four attributes. */
    public List<KeyPart> partitionKey() {
        return partitionKey;
    }

    /** The index's own sort key, none to four attributes. */
    public List<KeyPart> sortKey() {
        return sortKey;
    }

    /** What follows the index's own key in an entry's key: the base item's key attributes that are not there yet. */
    public List<KeyPart> baseKey() {
        return baseKey;
    }

    /** Whether entries have that attribute, where the item has it. */
    public boolean projects(String attribute) {
        return projected == null || projected.contains(attribute);
    }

    /** Whether entries have all attributes of their items. */
    public boolean projectsAll() {
        return projected == null;
    }

    /** What the index holds of an item. */
    public Optional<IndexEntry> entryOf(ItemState state) {
        byte[] image = state.image();
        Map<String, AttributeValue> item = state.attributes();
        if (image == null || faultOf(item).isPresent()) {
            return Optional.empty();
        }
        byte[] ofPartition = encoded(partitionKey, item);
        byte[] ofSort = encoded(sortKey, item);
        byte[] ofBase = encoded(baseKey, item);
        if (ofPartition == null || ofSort == null || ofBase == null) {
            return Optional.empty();
        }
        ByteArrayOutputStream rest = new ByteArrayOutputStream(ofSort.length + ofBase.length);
        rest.writeBytes(ofSort);
        rest.writeBytes(ofBase);
        return Optional.of(new IndexEntry(ofPartition, rest.toByteArray(), projection(image, item)));
    }

    /** Null when an attribute is missing. */
    private static byte @Nullable [] encoded(List<KeyPart> parts, Map<String, AttributeValue> item) {
        ByteArrayOutputStream encoded = new ByteArrayOutputStream();
        for (KeyPart part : parts) {
            AttributeValue value = item.get(part.name());
            if (value == null) {
                return null;
            }
            KeyEncoding.encodeTo(value, encoded);
        }
        return encoded.toByteArray();
    }

    private byte[] projection(byte[] image, Map<String, AttributeValue> item) {
        if (projected == null) {
            return image;
        }
        Map<String, AttributeValue> entry = new LinkedHashMap<>(item);
        entry.keySet().retainAll(projected);
        return ItemCodec.encode(entry);
    }

    /**
     * Why an item that has a key attribute of this index can't be written; empty when it can, in the index or without a
     * place in it.
     */
    public Optional<IndexKeyFault> faultOf(Map<String, AttributeValue> item) {
        Optional<IndexKeyFault> fault = faultOf(partitionKey, PARTITION_KEY_BYTES_MAX, item);
        return fault.isPresent() ? fault : faultOf(sortKey, SORT_KEY_BYTES_MAX, item);
    }

    private Optional<IndexKeyFault> faultOf(List<KeyPart> parts, int bytesMax, Map<String, AttributeValue> item) {
        int sizeBytes = 0;
        for (KeyPart part : parts) {
            AttributeValue value = item.get(part.name());
            if (value == null) {
                continue;
            }
            if (!value.typeCode().equals(part.type().typeCode())) {
                return Optional.of(new IndexKeyFault.WrongType(
                        name(), part.name(), part.type().typeCode(), value.typeCode()));
            }
            int partBytes = sizeBytes(value);
            if (partBytes == 0) {
                return Optional.of(new IndexKeyFault.Empty(name(), part.name(), value instanceof BinaryValue));
            }
            sizeBytes += partBytes;
        }
        return sizeBytes > bytesMax
                ? Optional.of(new IndexKeyFault.TooLarge(name(), parts == partitionKey, bytesMax))
                : Optional.empty();
    }

    private static int sizeBytes(AttributeValue value) {
        return switch (value) {
            case StringValue string -> Utf8.length(string.value());
            case BinaryValue binary -> binary.value().size();
            default -> 1; // a number, whose size has a bound of its own
        };
    }
}

package dev.henge.router.api;

import com.google.protobuf.ByteString;
import dev.henge.index.IndexDefinition;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.KeyPart;
import dev.henge.proto.Condition;
import dev.henge.proto.DocumentPath;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import dev.henge.proto.Projection;
import dev.henge.proto.TableRecord;
import dev.henge.proto.Update;
import dev.henge.proto.UpdateAction;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table as the operations on items see it.
 *
 * @param indexesByName in the order in which the service names them in its errors
 */
record TableSchema(
        TableRecord record,
        KeyAttribute partitionKey,
        @Nullable KeyAttribute sortKey,
        Map<String, IndexDefinition> indexes,
        List<IndexDefinition> indexesByName) {

    static TableSchema of(TableRecord record) {
        List<IndexDefinition> indexes = IndexDefinition.allOf(record).stream()
                .sorted(Comparator.comparing(IndexDefinition::name))
                .toList();
        return new TableSchema(
                record,
                record.getPartitionKey(),
                record.hasSortKey() ? record.getSortKey() : null,
                indexes.stream().collect(Collectors.toMap(IndexDefinition::name, Function.identity())),
                indexes);
    }

    /** The index of that name; null when there is none that can be read. */
    @Nullable
    IndexDefinition index(String name) {
        return indexes.get(name);
    }

    /** The index of that number; null when there is none that can be read. */
    @Nullable
    IndexDefinition index(long id) {
        for (IndexDefinition index : indexes.values()) {
            if (index.id() == id) {
                return index;
            }
        }
        return null;
    }

    /** Whether an index is still filled with what the table held before it. */
    boolean isBackfilling(IndexDefinition index) {
        return record.getIndexesList().stream()
                .anyMatch(each -> each.getId() == index.id() && each.getStatus() == IndexRecord.Status.CREATING);
    }

    List<KeyPart> partitionKeyParts() {
        return List.of(KeyPart.of(partitionKey));
    }

    /** Empty where the table has no sort key. */
    List<KeyPart> sortKeyParts() {
        return sortKey == null ? List.of() : List.of(KeyPart.of(sortKey));
    }

    /** What writes tell the leader, so that it keeps up every index that the router knows of; 0 when there is none. */
    long epochForWrites() {
        return indexes.isEmpty() ? 0 : record.getEpoch();
    }

    /** Whether its item collections have a bound and a size to tell. */
    boolean hasLocalIndexes() {
        return indexes.values().stream().anyMatch(IndexDefinition::isLocal);
    }

    long id() {
        return record.getId();
    }

    String name() {
        return record.getName();
    }

    int keyAttributeCount() {
        return sortKey == null ? 1 : 2;
    }

    boolean isKeyAttribute(String name) {
        return partitionKey.getName().equals(name)
                || (sortKey != null && sortKey.getName().equals(name));
    }

    /** Refuses paths that lead into a key of the table or of an index, as keys are scalars. */
    void checkKeysAreScalars(@Nullable Projection projection) {
        if (projection != null) {
            projection.getPathsList().forEach(this::checkKeyIsScalar);
        }
    }

    void checkKeysAreScalars(Condition condition) {
        Paths.visit(condition, this::checkKeyIsScalar);
    }

    void checkKeysAreScalars(Update update) {
        Paths.visit(update, this::checkKeyIsScalar);
    }

    private void checkKeyIsScalar(DocumentPath path) {
        if (path.getElementsCount() == 1) {
            return;
        }
        String attribute = Paths.head(path);
        if (isKeyAttribute(attribute)) {
            throw notScalar("Key: " + attribute);
        }
        for (IndexDefinition index : indexes.values()) {
            if (isPart(attribute, index.partitionKey()) || isPart(attribute, index.sortKey())) {
                throw notScalar("IndexKey: " + attribute);
            }
        }
    }

    /**
     * Refuses an item that can't be put because of a key of an index. The leader would too, but a batch must not have begun
     * to write then, and a condition must not have been looked at.
     */
    void checkIndexKeys(ByteString item) {
        for (IndexDefinition index : indexesByName) {
            index.faultOf(indexKeys(index, item)).ifPresent(fault -> {
                throw ApiException.validation(fault.textOfPut());
            });
        }
    }

    private static Map<String, AttributeValue> indexKeys(IndexDefinition index, ByteString item) {
        Map<String, AttributeValue> keys = new HashMap<>();
        Stream.concat(index.partitionKey().stream(), index.sortKey().stream()).forEach(part -> {
            AttributeValue value = ItemCodec.attribute(item, part.name());
            if (value != null) {
                keys.put(part.name(), value);
            }
        });
        return keys;
    }

    /**
     * Refuses to set a key of an index to a literal of another type. What is computed is looked at where the item is, and
     * refused with another text.
     */
    void checkIndexKeyTypes(Update update) {
        if (indexes.isEmpty()) {
            return;
        }
        for (UpdateAction action : update.getActionsList()) {
            UpdateAction.Set set = action.getSet();
            if (set.getPath().getElementsCount() == 1 && set.getValue().hasLiteral()) {
                checkIndexKeyType(Paths.head(set.getPath()), set.getValue().getLiteral());
            }
        }
    }

    private void checkIndexKeyType(String attribute, ByteString literal) {
        indexesByName.forEach(index -> Stream.concat(index.partitionKey().stream(), index.sortKey().stream())
                .filter(part -> part.name().equals(attribute))
                .forEach(part -> {
                    String actual = ItemCodec.decodeValue(literal).typeCode();
                    if (!part.type().typeCode().equals(actual)) {
                        throw ApiException.invalidParameter("Type mismatch for Index Key " + attribute + " Expected: "
                                + part.type().typeCode() + " Actual: " + actual + " IndexName: "
                                + index.name());
                    }
                }));
    }

    private static boolean isPart(String attribute, List<KeyPart> parts) {
        return parts.stream().anyMatch(part -> part.name().equals(attribute));
    }

    private static ApiException notScalar(String key) {
        return ApiException.validation(
                "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: " + key);
    }
}

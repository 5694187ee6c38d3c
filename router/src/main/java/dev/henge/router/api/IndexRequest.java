package dev.henge.router.api;

import dev.henge.item.KeyPart;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.KeyAttribute;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/** An element of LocalSecondaryIndexes, as it was sent. */
record IndexRequest(
        @Nullable String name,
        @Nullable List<KeySchemaElement> keySchema,
        @Nullable IndexProjection projection) {

    private static final int LOCAL_MAX = 5;

    /** The list, or null when it is not there. */
    static @Nullable List<IndexRequest> readLocal(JsonReader in) {
        if (!in.openList()) {
            return null;
        }
        List<IndexRequest> indexes = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            if (in.currentStructure(token, JsonReader.Place.VALUE, "LocalSecondaryIndex")) {
                indexes.add(readOne(in));
            }
        }
        return indexes;
    }

    private static IndexRequest readOne(JsonReader in) {
        String indexName = null;
        List<KeySchemaElement> keySchema = null;
        IndexProjection projection = null;
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "IndexName" -> indexName = in.string();
                case "KeySchema" -> keySchema = KeySchemaElement.readAll(in);
                case "Projection" -> projection = IndexProjection.read(in);
                default -> in.skip();
            }
        }
        return new IndexRequest(indexName, keySchema, projection);
    }

    void checkConstraints(Constraints constraints, String path) {
        constraints.notNull(name, path + "indexName");
        constraints.name(name, path + "indexName");
        constraints.notNull(keySchema, path + "keySchema");
        if (keySchema != null) {
            KeySchemaElement.checkConstraints(constraints, keySchema, KeySchemaElement.COUNT_MAX, path + "keySchema");
        }
        constraints.notNull(projection, path + "projection");
        if (projection != null) {
            projection.checkConstraints(constraints, path + "projection.");
        }
    }

    /**
     * Checks what can't be told of one index alone.
     *
     * @param indexes none of which breaks a constraint of its own
     * @param partitionKey name of the table's
     * @param sortKey name of the table's, null when it has none
     * @param names gets those of the indexes
     * @return how many attributes their projections name
     */
    static int checkLocal(
            List<IndexRequest> indexes, String partitionKey, @Nullable String sortKey, Set<String> names) {
        if (indexes.isEmpty()) {
            throw ApiException.invalidParameter("List of LocalSecondaryIndexes is empty");
        }
        if (sortKey == null) {
            throw ApiException.invalidParameter(
                    "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex");
        }
        if (indexes.size() > LOCAL_MAX) {
            throw ApiException.invalidParameter(
                    "Number of LocalSecondaryIndexes exceeds per-table limit of " + LOCAL_MAX);
        }
        int included = 0;
        for (IndexRequest index : indexes) {
            checkNew(index.requiredName(), names);
            index.checkLocalKeys(partitionKey);
            included += index.requiredProjection().check(index.requiredName());
        }
        return included;
    }

    /** Checks that no index before has this name. */
    static void checkNew(String name, Set<String> names) {
        if (!names.add(name)) {
            throw ApiException.invalidParameter("Duplicate index name: " + name);
        }
    }

    private void checkLocalKeys(String partitionKey) {
        List<KeySchemaElement> keys = Objects.requireNonNull(keySchema);
        KeySchemaElement.check(keys);
        if (keys.size() < 2) {
            throw ApiException.invalidParameter("Index KeySchema does not have a range key for index: " + name);
        }
        if (!keys.getFirst().requiredName().equals(partitionKey)) {
            throw ApiException.invalidParameter("Index KeySchema does not have the same leading hash key as table"
                    + " KeySchema for index: " + name + ". index hash key: "
                    + keys.getFirst().requiredName()
                    + ", table hash key: " + partitionKey);
        }
    }

    String requiredName() {
        return Objects.requireNonNull(name);
    }

    private IndexProjection requiredProjection() {
        return Objects.requireNonNull(projection);
    }

    /** Names of the attributes in its key. */
    List<String> keyNames() {
        return Objects.requireNonNull(keySchema).stream()
                .map(KeySchemaElement::requiredName)
                .toList();
    }

    /** The index; the catalog gives it a number. */
    IndexRecord toLocalRecord(Map<String, KeyPart> definitions) {
        List<KeyAttribute> keys = keyNames().stream()
                .map(key -> attribute(Objects.requireNonNull(definitions.get(key))))
                .toList();
        IndexRecord.Builder record = IndexRecord.newBuilder()
                .setName(requiredName())
                .setKind(IndexRecord.Kind.LOCAL)
                .addPartitionKey(keys.getFirst())
                .addSortKey(keys.getLast());
        requiredProjection().addTo(record);
        return record.build();
    }

    static KeyAttribute attribute(KeyPart part) {
        return KeyAttribute.newBuilder()
                .setName(part.name())
                .setType(part.type().typeCode())
                .build();
    }
}

package dev.henge.router.api;

import dev.henge.catalog.TableChanges;
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

/** A global secondary index that is asked for, by CreateTable or UpdateTable, as it was sent. */
record GlobalIndexRequest(
        @Nullable String name,
        @Nullable List<KeySchemaElement> keySchema,
        @Nullable IndexProjection projection,
        IndexThroughputRequest throughput) {

    /** The list, or null when it is not there. */
    static @Nullable List<GlobalIndexRequest> readAll(JsonReader in) {
        if (!in.openList()) {
            return null;
        }
        List<GlobalIndexRequest> indexes = new ArrayList<>();
        for (JsonToken token = in.nextElement(); token != null; token = in.nextElement()) {
            if (in.currentStructure(token, JsonReader.Place.VALUE, "GlobalSecondaryIndex")) {
                indexes.add(readMembers(in));
            }
        }
        return indexes;
    }

    /** Reads the structure that was just opened. */
    static GlobalIndexRequest readMembers(JsonReader in) {
        String indexName = null;
        List<KeySchemaElement> keySchema = null;
        IndexProjection projection = null;
        IndexThroughputRequest throughput = IndexThroughputRequest.none();
        for (String name = in.nextMember(); name != null; name = in.nextMember()) {
            switch (name) {
                case "IndexName" -> indexName = in.string();
                case "KeySchema" -> keySchema = KeySchemaElement.readAll(in);
                case "Projection" -> projection = IndexProjection.read(in);
                default -> throughput = throughput.readMember(name, in);
            }
        }
        return new GlobalIndexRequest(indexName, keySchema, projection, throughput);
    }

    void checkConstraints(Constraints constraints, String path) {
        constraints.requiredName(name, path + "indexName");
        constraints.notNull(keySchema, path + "keySchema");
        if (keySchema != null) {
            KeySchemaElement.checkConstraints(constraints, keySchema, Integer.MAX_VALUE, path + "keySchema");
        }
        constraints.notNull(projection, path + "projection");
        if (projection != null) {
            projection.checkConstraints(constraints, path + "projection.");
        }
        throughput.checkConstraints(constraints, path);
    }

    /** Checks key and projection. Returns how many attributes the projection names. */
    int check(AttributeDefinitions definitions) {
        definitions.checkDefines(keyNames());
        KeySchemaElement.checkGlobal(Objects.requireNonNull(keySchema));
        return Objects.requireNonNull(projection).check(requiredName());
    }

    /**
     * Checks the indexes of a new table, none of which breaks a constraint.
     *
     * @param names of the table's local indexes; gets those of these
     * @return how many attributes their projections name
     */
    static int checkAll(List<GlobalIndexRequest> indexes, AttributeDefinitions definitions, Set<String> names) {
        if (indexes.isEmpty()) {
            throw ApiException.invalidParameter("List of GlobalSecondaryIndexes is empty");
        }
        int included = 0;
        for (GlobalIndexRequest index : indexes) {
            included += index.check(definitions);
            IndexRequest.checkNew(index.requiredName(), names);
        }
        if (indexes.size() > TableChanges.GLOBAL_INDEXES_MAX) {
            throw ApiException.invalidParameter(
                    "GlobalSecondaryIndex count exceeds the per-table limit of " + TableChanges.GLOBAL_INDEXES_MAX);
        }
        return included;
    }

    String requiredName() {
        return Objects.requireNonNull(name);
    }

    /** Names of the attributes in its key. */
    List<String> keyNames() {
        return KeySchemaElement.names(Objects.requireNonNull(keySchema));
    }

    /** The index; the catalog gives it a number. */
    IndexRecord toRecord(Map<String, KeyPart> definitions) {
        IndexRecord.Builder record =
                IndexRecord.newBuilder().setName(requiredName()).setKind(IndexRecord.Kind.GLOBAL);
        for (KeySchemaElement element : Objects.requireNonNull(keySchema)) {
            KeyAttribute attribute =
                    IndexRequest.attribute(Objects.requireNonNull(definitions.get(element.requiredName())));
            if (element.isHash()) {
                record.addPartitionKey(attribute);
            } else {
                record.addSortKey(attribute);
            }
        }
        Objects.requireNonNull(projection).addTo(record);
        throughput.addTo(record);
        return record.build();
    }
}

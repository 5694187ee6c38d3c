package dev.henge.chaos.oracle;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A table that exists during the whole run.
 *
 * @param name of the table
 * @param partitionKey always there
 * @param sortKey null where there is none
 * @param indexes local or global ones
 */
record OracleTable(String name, Key partitionKey, @Nullable Key sortKey, List<Index> indexes) {

    /** An attribute of a key; {@code type} is S, N or B. */
    record Key(String name, String type) {}

    /**
     * A secondary index.
     *
     * @param projection the Projection member of CreateTable
     */
    record Index(
            String name,
            boolean local,
            Key partitionKey,
            @Nullable Key sortKey,
            Map<String, Object> projection) {}

    /** The tables of a run. */
    static List<OracleTable> all(boolean globalIndexes) {
        List<OracleTable> tables = new ArrayList<>();
        Key pk = new Key("pk", "S");
        tables.add(new OracleTable("HashS", pk, null, List.of()));
        tables.add(new OracleTable("HashN", new Key("n", "N"), null, List.of()));
        tables.add(new OracleTable("HashB", new Key("b", "B"), null, List.of()));
        tables.add(new OracleTable("RangeS", pk, new Key("sk", "S"), List.of()));
        tables.add(new OracleTable("RangeN", pk, new Key("sk", "N"), List.of()));
        tables.add(new OracleTable("RangeB", new Key("pk", "N"), new Key("sk", "B"), List.of()));
        Map<String, Object> all = Json.object("ProjectionType", "ALL");
        Map<String, Object> keys = Json.object("ProjectionType", "KEYS_ONLY");
        Map<String, Object> include = Json.object("ProjectionType", "INCLUDE", "NonKeyAttributes", List.of("a", "m"));
        tables.add(new OracleTable(
                "Local",
                pk,
                new Key("sk", "S"),
                List.of(
                        new Index("by-n", true, pk, new Key("n", "N"), all),
                        new Index("by-s", true, pk, new Key("s", "S"), keys),
                        new Index("by-bin", true, pk, new Key("bin", "B"), include))));
        if (globalIndexes) {
            tables.add(new OracleTable(
                    "Global",
                    pk,
                    null,
                    List.of(
                            new Index("g-n", false, new Key("n", "N"), null, all),
                            new Index("g-s-n", false, new Key("s", "S"), new Key("n", "N"), include),
                            new Index("g-bin", false, new Key("bin", "B"), pk, keys))));
        }
        return List.copyOf(tables);
    }

    /** Those of {@link #all}, and that of {@link LargeRequests}. */
    static List<OracleTable> withLarge(List<OracleTable> tables) {
        List<OracleTable> all = new ArrayList<>(tables);
        all.add(LargeRequests.TABLE);
        return List.copyOf(all);
    }

    List<Key> keys() {
        return sortKey == null ? List.of(partitionKey) : List.of(partitionKey, sortKey);
    }

    /** Key attributes of the table and its indexes, by name. */
    Map<String, Key> allKeys() {
        Map<String, Key> all = new LinkedHashMap<>();
        keys().forEach(key -> all.put(key.name(), key));
        for (Index index : indexes) {
            all.put(index.partitionKey().name(), index.partitionKey());
            Key sort = index.sortKey();
            if (sort != null) {
                all.put(sort.name(), sort);
            }
        }
        return all;
    }

    boolean isKey(String attribute) {
        return keys().stream().anyMatch(key -> key.name().equals(attribute));
    }

    /** The parameters of CreateTable. */
    Map<String, Object> creation() {
        Map<String, Object> creation = Json.object(
                "TableName",
                name,
                "BillingMode",
                "PAY_PER_REQUEST",
                "AttributeDefinitions",
                allKeys().values().stream()
                        .map(key -> (Object) Json.object("AttributeName", key.name(), "AttributeType", key.type()))
                        .toList(),
                "KeySchema",
                schema(partitionKey, sortKey));
        addIndexes(creation, "LocalSecondaryIndexes", true);
        addIndexes(creation, "GlobalSecondaryIndexes", false);
        return creation;
    }

    private void addIndexes(Map<String, Object> creation, String member, boolean local) {
        List<Object> described = indexes.stream()
                .filter(index -> index.local() == local)
                .map(index -> (Object) Json.object(
                        "IndexName",
                        index.name(),
                        "KeySchema",
                        schema(index.partitionKey(), index.sortKey()),
                        "Projection",
                        index.projection()))
                .collect(Collectors.toList());
        if (!described.isEmpty()) {
            creation.put(member, described);
        }
    }

    private static List<Object> schema(Key partition, @Nullable Key sort) {
        List<Object> schema = new ArrayList<>();
        schema.add(Json.object("AttributeName", partition.name(), "KeyType", "HASH"));
        if (sort != null) {
            schema.add(Json.object("AttributeName", sort.name(), "KeyType", "RANGE"));
        }
        return schema;
    }
}

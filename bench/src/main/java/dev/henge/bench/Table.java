package dev.henge.bench;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.SplittableRandom;

/** A table of the bench's own, by its keys and indexes: made before a run and dropped after it. */
@SuppressWarnings("ImmutableEnumChecker") // The arrays are never written after construction.
enum Table {
    /** A partition key alone. */
    PLAIN(Items.TABLE, attribute(Items.KEY, "S"), key("HASH", Items.KEY), ""),

    /** A sort key too, and a number that differs with every put, which no index has: what to compare the next two with. */
    SORTED(Items.TABLE + "-sorted", Columns.SORTED, Columns.KEYS, ""),

    /** The same with a local index by that number, so that every put moves an entry. */
    LOCAL(
            Items.TABLE + "-local",
            Columns.RANKED,
            Columns.KEYS,
            index("Local", key("HASH", Items.KEY) + "," + key("RANGE", Items.RANK))),

    /** The same with a global index by that number. */
    GLOBAL(Items.TABLE + "-global", Columns.RANKED, Columns.KEYS, index("Global", key("HASH", Items.RANK)));

    private static final class Columns {
        static final String SORTED = attribute(Items.KEY, "S") + "," + attribute(Items.SORT_KEY, "N");
        static final String RANKED = SORTED + "," + attribute(Items.RANK, "N");
        static final String KEYS = key("HASH", Items.KEY) + "," + key("RANGE", Items.SORT_KEY);
    }

    private static final int RANK_BOUND = 1_000_000;
    private static final byte[] SORT_KEY = HttpText.ascii("\"},\"" + Items.SORT_KEY + "\":{\"N\":\"0\"}");
    private static final byte[] NO_SORT_KEY = HttpText.ascii("\"}");
    private static final byte[] RANK_START = HttpText.ascii(",\"" + Items.RANK + "\":{\"N\":\"");
    private static final byte[] RANK_END = HttpText.ascii("\"}");

    private final String tableName;
    private final String createRequest;
    private final byte[] putStart;
    private final byte[] keyStart;

    Table(String tableName, String attributes, String keys, String indexes) {
        this.tableName = tableName;
        this.createRequest = "{\"TableName\":\"" + tableName + "\",\"BillingMode\":\"PAY_PER_REQUEST\","
                + "\"AttributeDefinitions\":[" + attributes + "],\"KeySchema\":[" + keys + "]" + indexes + "}";
        this.putStart = start("Item");
        this.keyStart = start("Key");
    }

    private byte[] start(String member) {
        return HttpText.ascii(
                "{\"TableName\":\"" + tableName + "\",\"" + member + "\":{\"" + Items.KEY + "\":{\"S\":\"");
    }

    private static String attribute(String name, String type) {
        return "{\"AttributeName\":\"" + name + "\",\"AttributeType\":\"" + type + "\"}";
    }

    private static String key(String type, String name) {
        return "{\"AttributeName\":\"" + name + "\",\"KeyType\":\"" + type + "\"}";
    }

    private static String index(String kind, String keys) {
        return ",\"" + kind + "SecondaryIndexes\":[{\"IndexName\":\"by-" + Items.RANK + "\",\"KeySchema\":[" + keys
                + "],\"Projection\":{\"ProjectionType\":\"ALL\"}}]";
    }

    /** Its name on the server. */
    String tableName() {
        return tableName;
    }

    /** The body of CreateTable. */
    String createRequest() {
        return createRequest;
    }

    /** Writes the beginning of a PutItem, with all attributes but those that every table has. */
    void putItem(ByteBuffer out, int item, SplittableRandom random) {
        out.put(putStart);
        putKeyValues(out, item);
        if (this != PLAIN) {
            out.put(RANK_START);
            out.put(HttpText.ascii(Integer.toString(random.nextInt(RANK_BOUND))));
            out.put(RANK_END);
        }
    }

    /** Writes the beginning of a request with a Key, up to where the key's object ends. */
    void putKey(ByteBuffer out, int item) {
        out.put(keyStart);
        putKeyValues(out, item);
    }

    private void putKeyValues(ByteBuffer out, int item) {
        Items.putKey(out, item);
        out.put(this == PLAIN ? NO_SORT_KEY : SORT_KEY);
    }

    /**
     * Finds a table by the name that the command line takes.
     *
     * @throws IllegalArgumentException with a sentence for the user
     */
    static Table of(String name) {
        for (Table table : values()) {
            if (table.label().equals(name.toLowerCase(Locale.ROOT))) {
                return table;
            }
        }
        throw new IllegalArgumentException("'" + name + "' is not one of plain, sorted, local, global");
    }

    /** The name on the command line and in reports. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}

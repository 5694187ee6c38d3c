package dev.henge.node.storage;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Layout of the keys in the storage engine (ARCHITECTURE.md, "Keys and tokens"). All integers big-endian, unsigned.
 *
 * <ul>
 *   <li>{@code 0x01 | table (8) | item key}: an item; the item key begins with the item's token (8).
 *   <li>{@code 0x00 | partition (4) | kind (1) | ...}: what a partition keeps for itself, the same on all replicas.
 *   <li>{@code 0x02 | partition (4)}: the generation of this node's replica, which the others have not.
 * </ul>
 */
public final class StorageKeys {

    private static final byte PRIVATE = 0x00;
    private static final byte ITEM = 0x01;
    private static final byte AFTER_ITEMS = 0x02;
    private static final byte LOCAL = 0x02;

    private static final byte KIND_APPLIED = 1;
    private static final byte KIND_REQUEST = 2;
    private static final byte KIND_DROPPED_TABLE = 3;
    private static final byte KIND_CATALOG = 4;
    private static final byte KIND_INSTALLING = 5;
    private static final byte KIND_CONFIGURATION = 6;
    private static final byte KIND_TABLE = 7;
    private static final byte KIND_OUTBOX = 8;
    private static final byte KIND_INDEX_SOURCE = 9;
    private static final byte KIND_BACKFILL = 10;
    private static final byte KIND_STATISTICS = 11;
    private static final byte KIND_PLACEMENT = 12;
    private static final byte KIND_SCRUB = 16;
    private static final byte KIND_RANGE = 20;
    private static final byte KIND_RECOUNT = 21;
    private static final byte KIND_ESTIMATES = 22;
    private static final byte KIND_TAKEN_REQUEST = 23;
    private static final byte KIND_TAKEN_SOURCE = 24;

    private static final int ITEM_PREFIX_BYTES = 1 + Long.BYTES;
    private static final int PRIVATE_PREFIX_BYTES = 1 + Integer.BYTES + 1;

    private StorageKeys() {}

    /** Key of an item. {@code itemKey} is {@code token (8) | partition key | sort key}. */
    public static byte[] itemKey(long table, byte[] itemKey) {
        return ByteBuffer.allocate(ITEM_PREFIX_BYTES + itemKey.length)
                .put(ITEM)
                .putLong(table)
                .put(itemKey)
                .array();
    }

    /** The table of an item's storage key. */
    public static long tableOf(byte[] storageKey) {
        return ByteBuffer.wrap(checkItem(storageKey)).getLong(1);
    }

    /** The token of an item's storage key. */
    public static long tokenOf(byte[] storageKey) {
        return ByteBuffer.wrap(checkItem(storageKey)).getLong(ITEM_PREFIX_BYTES);
    }

    /** The item key (token, partition key, sort key) of an item's storage key. */
    public static byte[] itemKeyOf(byte[] storageKey) {
        return Arrays.copyOfRange(checkItem(storageKey), ITEM_PREFIX_BYTES, storageKey.length);
    }

    /** Items of a table whose token is in {@code [startToken, endToken)}; {@code endToken} 0 is the end of the ring. */
    public static KeyRange itemRange(long table, long startToken, long endToken) {
        byte[] start = ByteBuffer.allocate(ITEM_PREFIX_BYTES + Long.BYTES)
                .put(ITEM)
                .putLong(table)
                .putLong(startToken)
                .array();
        if (endToken == 0) {
            return new KeyRange(start, afterTable(table));
        }
        byte[] end = ByteBuffer.allocate(ITEM_PREFIX_BYTES + Long.BYTES)
                .put(ITEM)
                .putLong(table)
                .putLong(endToken)
                .array();
        return new KeyRange(start, end);
    }

    /** Items of a table whose item key begins with {@code prefix}. */
    public static KeyRange prefixRange(long table, byte[] prefix) {
        byte[] start = itemKey(table, prefix);
        int last = start.length - 1; // the first byte of all says that it is an item, so it is not 0xff
        while (start[last] == (byte) 0xff) {
            last--;
        }
        byte[] end = Arrays.copyOf(start, last + 1);
        end[last]++;
        return new KeyRange(start, end);
    }

    /** All items of a table. */
    public static KeyRange tableRange(long table) {
        return new KeyRange(itemKey(table, new byte[0]), afterTable(table));
    }

    /** Where a partition keeps the index and term it has applied. */
    public static byte[] appliedKey(int partition) {
        return privateKey(partition, KIND_APPLIED, 0).array();
    }

    /** Where a partition keeps the configuration of its group, as last applied. */
    public static byte[] configurationKey(int partition) {
        return privateKey(partition, KIND_CONFIGURATION, 0).array();
    }

    /**
     * Where a node keeps the generation of its replica of a partition. The node's own: in no snapshot, and no part of
     * {@link #privateRange}.
     */
    public static byte[] generationKey(int partition) {
        return ByteBuffer.allocate(1 + Integer.BYTES)
                .put(LOCAL)
                .putInt(partition)
                .array();
    }

    /** Stands while a snapshot is being taken in: what is there of the partition is not whole. */
    public static byte[] installingKey(int partition) {
        return privateKey(partition, KIND_INSTALLING, 0).array();
    }

    /** Where a partition keeps which nodes its group is to be on. */
    public static byte[] placementKey(int partition) {
        return privateKey(partition, KIND_PLACEMENT, 0).array();
    }

    /** Where a partition that was split, or split from another, keeps its range. */
    public static byte[] rangeKey(int partition) {
        return privateKey(partition, KIND_RANGE, 0).array();
    }

    /** Where a partition that counts its items anew notes how far it is. */
    public static byte[] recountKey(int partition) {
        return privateKey(partition, KIND_RECOUNT, 0).array();
    }

    /** Where a partition that counts its items anew keeps what it tells meanwhile. */
    public static byte[] estimatesKey(int partition) {
        return privateKey(partition, KIND_ESTIMATES, 0).array();
    }

    /** What becomes of one of a partition's private keys when another partition is split from it. */
    public enum Inheritance {
        /** The other one keeps the same, {@link #of} its own number. */
        SHARED,
        /** As {@link #SHARED}, but for what is not its part of it. */
        BACKFILL,
        /** It has its own, or none. */
        NONE
    }

    /** What becomes of a private key in a partition that is split from the key's. */
    public static Inheritance inheritance(byte[] privateKey) {
        byte kind = privateKey[PRIVATE_PREFIX_BYTES - 1];
        return switch (kind) {
            case KIND_REQUEST,
                    KIND_DROPPED_TABLE,
                    KIND_TABLE,
                    KIND_OUTBOX,
                    KIND_INDEX_SOURCE,
                    KIND_PLACEMENT,
                    KIND_SCRUB,
                    KIND_TAKEN_REQUEST,
                    KIND_TAKEN_SOURCE -> Inheritance.SHARED;
            case KIND_BACKFILL -> Inheritance.BACKFILL;
            case KIND_APPLIED, KIND_CONFIGURATION, KIND_STATISTICS, KIND_RANGE, KIND_RECOUNT, KIND_ESTIMATES ->
                Inheritance.NONE;
            default ->
                throw new IllegalStateException(
                        "nobody has said what becomes of keys of kind " + kind + " when a partition is split");
        };
    }

    /** The same private key of another partition. */
    public static byte[] of(int partition, byte[] privateKey) {
        byte[] key = privateKey.clone();
        ByteBuffer.wrap(key).putInt(1, partition);
        return key;
    }

    /** Where a partition notes the last scrub checkpoint it applied. */
    public static byte[] scrubKey(int partition) {
        return privateKey(partition, KIND_SCRUB, 0).array();
    }

    /** Where a partition remembers the request that the entry at {@code index} carried out. */
    public static byte[] requestKey(int partition, long index) {
        return numbered(partition, KIND_REQUEST, index);
    }

    /** All remembered requests of a partition, by index. */
    public static KeyRange requestRange(int partition) {
        return kindRange(partition, KIND_REQUEST);
    }

    /** Remembered requests of a partition with an index in {@code [fromIndex, toIndex)}. */
    public static KeyRange requestRange(int partition, long fromIndex, long toIndex) {
        return new KeyRange(requestKey(partition, fromIndex), requestKey(partition, toIndex));
    }

    /** The index of a {@link #requestKey}. */
    public static long requestIndexOf(byte[] requestKey) {
        return ByteBuffer.wrap(requestKey).getLong(PRIVATE_PREFIX_BYTES);
    }

    /** Where a partition remembers the request that an entry of another's log carried out, before that became part of it. */
    public static byte[] takenRequestKey(int partition, int source, long index) {
        return privateKey(partition, KIND_TAKEN_REQUEST, Integer.BYTES + Long.BYTES)
                .putInt(source)
                .putLong(index)
                .array();
    }

    /** All {@link #takenRequestKey} of a partition. */
    public static KeyRange takenRequestRange(int partition) {
        return kindRange(partition, KIND_TAKEN_REQUEST);
    }

    /** The source of a {@link #takenRequestKey}. */
    public static int takenRequestSourceOf(byte[] takenRequestKey) {
        return ByteBuffer.wrap(takenRequestKey).getInt(PRIVATE_PREFIX_BYTES);
    }

    /** The index in the source's log of a {@link #takenRequestKey}. */
    public static long takenRequestIndexOf(byte[] takenRequestKey) {
        return ByteBuffer.wrap(takenRequestKey).getLong(PRIVATE_PREFIX_BYTES + Integer.BYTES);
    }

    /** Where a partition notes that it took the index changes of a source to another place for some tokens than for the rest. */
    public static byte[] takenSourceKey(int partition, long startToken, long endToken, int source) {
        return privateKey(partition, KIND_TAKEN_SOURCE, 2 * Long.BYTES + Integer.BYTES)
                .putLong(startToken)
                .putLong(endToken)
                .putInt(source)
                .array();
    }

    /** All {@link #takenSourceKey} of a partition. */
    public static KeyRange takenSourceRange(int partition) {
        return kindRange(partition, KIND_TAKEN_SOURCE);
    }

    /** Where a partition notes that it dropped a table. */
    public static byte[] droppedTableKey(int partition, long table) {
        return numbered(partition, KIND_DROPPED_TABLE, table);
    }

    /** All tables that a partition dropped. */
    public static KeyRange droppedTableRange(int partition) {
        return kindRange(partition, KIND_DROPPED_TABLE);
    }

    /** The table of a {@link #droppedTableKey}. */
    public static long droppedTableOf(byte[] droppedTableKey) {
        return ByteBuffer.wrap(droppedTableKey).getLong(PRIVATE_PREFIX_BYTES);
    }

    /** Where a partition keeps the definition of a table, as its writes see it. */
    public static byte[] tableDefinitionKey(int partition, long table) {
        return numbered(partition, KIND_TABLE, table);
    }

    /** All definitions of tables that a partition keeps. */
    public static KeyRange tableDefinitionRange(int partition) {
        return kindRange(partition, KIND_TABLE);
    }

    /** Where a partition keeps what the entry at {@code index} of its log changes in global indexes. */
    public static byte[] outboxKey(int partition, long index) {
        return numbered(partition, KIND_OUTBOX, index);
    }

    /** All changes to global indexes that a partition has to hand on, by index in the log. */
    public static KeyRange outboxRange(int partition) {
        return kindRange(partition, KIND_OUTBOX);
    }

    /** The index of an {@link #outboxKey}. */
    public static long outboxIndexOf(byte[] outboxKey) {
        return ByteBuffer.wrap(outboxKey).getLong(PRIVATE_PREFIX_BYTES);
    }

    /** Where a partition notes how far it took the index changes of another. */
    public static byte[] indexSourceKey(int partition, int source) {
        return privateKey(partition, KIND_INDEX_SOURCE, Integer.BYTES)
                .putInt(source)
                .array();
    }

    /** How far a partition took the index changes of each other. */
    public static KeyRange indexSourceRange(int partition) {
        return kindRange(partition, KIND_INDEX_SOURCE);
    }

    /** The source of an {@link #indexSourceKey}. */
    public static int indexSourceOf(byte[] indexSourceKey) {
        return ByteBuffer.wrap(indexSourceKey).getInt(PRIVATE_PREFIX_BYTES);
    }

    /** Where a partition notes how far it is with filling an index. */
    public static byte[] backfillKey(int partition, long index) {
        return numbered(partition, KIND_BACKFILL, index);
    }

    /** How far a partition is with filling indexes. */
    public static KeyRange backfillRange(int partition) {
        return kindRange(partition, KIND_BACKFILL);
    }

    /** Where a partition counts what it holds of a table or index. */
    public static byte[] statisticsKey(int partition, long table) {
        return numbered(partition, KIND_STATISTICS, table);
    }

    /** What a partition holds of each table and index. */
    public static KeyRange statisticsRange(int partition) {
        return kindRange(partition, KIND_STATISTICS);
    }

    /** The table of a {@link #statisticsKey}. */
    public static long statisticsTableOf(byte[] statisticsKey) {
        return ByteBuffer.wrap(statisticsKey).getLong(PRIVATE_PREFIX_BYTES);
    }

    private static byte[] numbered(int partition, byte kind, long number) {
        return privateKey(partition, kind, Long.BYTES).putLong(number).array();
    }

    /** Where the system partition keeps a named part of the catalog. */
    public static byte[] catalogKey(int partition, String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        return privateKey(partition, KIND_CATALOG, bytes.length).put(bytes).array();
    }

    /** The whole catalog of the system partition. */
    public static KeyRange catalogRange(int partition) {
        return kindRange(partition, KIND_CATALOG);
    }

    /** Everything that a partition keeps for itself. */
    public static KeyRange privateRange(int partition) {
        byte[] start = ByteBuffer.allocate(1 + Integer.BYTES)
                .put(PRIVATE)
                .putInt(partition)
                .array();
        if (partition == -1) { // the last one, as an unsigned number
            return new KeyRange(start, new byte[] {ITEM});
        }
        byte[] end = ByteBuffer.allocate(1 + Integer.BYTES)
                .put(PRIVATE)
                .putInt(partition + 1)
                .array();
        return new KeyRange(start, end);
    }

    /** Ids of the tables that have items, ascending as unsigned numbers: one seek each, whatever their sizes. */
    public static List<Long> tablesIn(StorageEngine.View view) {
        List<Long> tables = new ArrayList<>();
        byte[] end = {AFTER_ITEMS};
        byte[] start = {ITEM};
        while (true) {
            try (StorageEngine.Cursor cursor = view.range(start, end, false)) {
                if (!cursor.valid()) {
                    return tables;
                }
                long table = tableOf(cursor.key());
                tables.add(table);
                start = afterTable(table);
            }
        }
    }

    /** Numbers of the partitions that keep anything for themselves, ascending: one seek each. */
    public static List<Integer> partitionsIn(StorageEngine.View view) {
        List<Integer> partitions = new ArrayList<>();
        byte[] start = {PRIVATE};
        byte[] end = {ITEM};
        while (true) {
            try (StorageEngine.Cursor cursor = view.range(start, end, false)) {
                if (!cursor.valid()) {
                    return partitions;
                }
                int partition = ByteBuffer.wrap(cursor.key()).getInt(1);
                partitions.add(partition);
                start = privateRange(partition).end();
            }
        }
    }

    private static byte[] afterTable(long table) {
        if (table == -1) { // the last one, as an unsigned number
            return new byte[] {AFTER_ITEMS};
        }
        return itemKey(table + 1, new byte[0]);
    }

    private static KeyRange kindRange(int partition, byte kind) {
        return new KeyRange(
                privateKey(partition, kind, 0).array(),
                privateKey(partition, (byte) (kind + 1), 0).array());
    }

    private static ByteBuffer privateKey(int partition, byte kind, int moreBytes) {
        return ByteBuffer.allocate(PRIVATE_PREFIX_BYTES + moreBytes)
                .put(PRIVATE)
                .putInt(partition)
                .put(kind);
    }

    private static byte[] checkItem(byte[] storageKey) {
        if (storageKey.length < ITEM_PREFIX_BYTES || storageKey[0] != ITEM) {
            throw new IllegalArgumentException("not the key of an item");
        }
        return storageKey;
    }
}

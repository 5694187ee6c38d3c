package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import dev.henge.index.IndexDefinition;
import dev.henge.index.ItemState;
import dev.henge.item.ItemKeys;
import dev.henge.item.ItemSize;
import dev.henge.membership.Tokens;
import dev.henge.node.partition.Replica;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.Catalog;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TableStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * What secondary indexes must come to: each holds what its definition makes of its table's items, and nothing else. Also that
 * what partitions have counted is what they hold. Looks at the first replica of each partition; all hold the same by then.
 */
final class Indexes {

    private final World world;
    private final Catalog catalog;

    Indexes(World world) {
        this.world = world;
        this.catalog = world.catalogs.newest();
    }

    /** Whether no index is being created or deleted, and none is behind its table. */
    static boolean areSettled(World world) {
        boolean changing = world.catalogs.newest().getTablesList().stream()
                .flatMap(table -> table.getIndexesList().stream())
                .anyMatch(index -> index.getStatus() != IndexRecord.Status.ACTIVE);
        return !changing
                && world.nodes.values().stream()
                        .flatMap(node -> node.replicas().stream())
                        .allMatch(replica -> replica.machine().outbox().isEmpty());
    }

    /** What is wrong, as text. */
    List<String> complaints() {
        List<String> complaints = new ArrayList<>();
        for (TableRecord table : catalog.getTablesList()) {
            if (table.getStatus() == TableRecord.Status.DELETING) {
                continue; // a request that came late: some partitions have dropped it, some not yet
            }
            Map<ByteString, byte[]> items = contents(table.getId(), complaints);
            for (IndexDefinition index : IndexDefinition.allOf(table)) {
                compare(table, index, projection(index, items), contents(index.id(), complaints), complaints);
            }
        }
        return complaints;
    }

    /** By item key. */
    private Map<ByteString, byte[]> contents(long table, List<String> complaints) {
        Map<ByteString, byte[]> contents = new HashMap<>();
        for (PartitionRecord partition : world.catalogs.dataPartitions()) {
            SimulatedNode node = world.node(partition.getReplicas(0));
            long items = 0;
            long bytes = 0;
            KeyRange range = StorageKeys.itemRange(table, partition.getStartToken(), partition.getEndToken());
            try (StorageEngine.View view = node.storage().view();
                    StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
                for (; cursor.valid(); cursor.next()) {
                    contents.put(ByteString.copyFrom(StorageKeys.itemKeyOf(cursor.key())), cursor.value());
                    items++;
                    bytes += ItemSize.ofItem(cursor.value());
                }
            }
            for (String name : partition.getReplicasList()) {
                checkCount(name, partition, table, items, bytes, complaints);
            }
        }
        return contents;
    }

    private void checkCount(
            String node, PartitionRecord partition, long table, long items, long bytes, List<String> complaints) {
        Replica replica = world.node(node).replica(partition.getId()).orElseThrow();
        TableStatistics counted = replica.machine().statistics(table);
        if (counted.getItems() != items || counted.getBytes() != bytes) {
            complaints.add(
                    "partition " + partition.getId() + " holds " + items + " items of " + bytes + " bytes of table "
                            + table + ", and " + node + " counted " + counted.getItems() + " of " + counted.getBytes());
        }
    }

    private static Map<ByteString, byte[]> projection(IndexDefinition index, Map<ByteString, byte[]> items) {
        Map<ByteString, byte[]> entries = new HashMap<>();
        items.forEach((key, image) -> index.entryOf(new ItemState(image)).ifPresent(entry -> {
            long token =
                    index.isLocal() ? Tokens.ofItemKey(key.toByteArray()) : Tokens.of(index.id(), entry.partitionKey());
            entries.put(ByteString.copyFrom(ItemKeys.of(token, entry.partitionKey(), entry.rest())), entry.item());
        }));
        return entries;
    }

    private static void compare(
            TableRecord table,
            IndexDefinition index,
            Map<ByteString, byte[]> expected,
            Map<ByteString, byte[]> held,
            List<String> complaints) {
        String where = "the " + index.name() + " index " + index.id() + " of table " + table.getId();
        expected.forEach((key, image) -> {
            byte[] entry = held.get(key);
            if (entry == null) {
                complaints.add(where + " lacks " + hex(key));
            } else if (!Arrays.equals(entry, image)) {
                complaints.add(where + " holds something else under " + hex(key));
            }
        });
        held.keySet().stream()
                .filter(key -> !expected.containsKey(key))
                .forEach(key -> complaints.add(where + " holds " + hex(key) + ", which no item has"));
    }

    private static String hex(ByteString key) {
        return HexFormat.of().formatHex(key.toByteArray());
    }
}

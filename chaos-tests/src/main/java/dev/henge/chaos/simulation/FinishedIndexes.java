package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.index.IndexDefinition;
import dev.henge.index.ItemState;
import dev.henge.item.ItemKeys;
import dev.henge.membership.Tokens;
import dev.henge.node.partition.Replica;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.Backfill;
import dev.henge.proto.Catalog;
import dev.henge.proto.Command;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.IndexChanges;
import dev.henge.proto.IndexMutation;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.ItemMutation;
import dev.henge.proto.ItemMutations;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.TableRecord;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/**
 * A global index that is added to a table in use is whole at the very moment at which the catalog first shows it ACTIVE: each
 * committed item has its entry there, but for what writes that came behind the backfill of the item's partition still have
 * to hand on.
 *
 * <p>Looks at the replica of each partition that has applied most. Where others have committed more than that one has applied,
 * the items and entries that it concerns are left out: who had applied it may have crashed since.
 */
final class FinishedIndexes {

    private final World world;
    private final Set<Long> beingFilled = new HashSet<>();

    FinishedIndexes(World world) {
        this.world = world;
    }

    /** To be called with each catalog when it is first applied anywhere, in the order of their epochs. */
    void applied(Catalog catalog) {
        for (TableRecord table : catalog.getTablesList()) {
            for (IndexRecord index : table.getIndexesList()) {
                if (index.getStatus() == IndexRecord.Status.CREATING) {
                    beingFilled.add(index.getId());
                } else if (beingFilled.remove(index.getId()) && index.getStatus() == IndexRecord.Status.ACTIVE) {
                    check(catalog, table, definition(table, index.getId()));
                }
            }
        }
    }

    private static IndexDefinition definition(TableRecord table, long index) {
        return IndexDefinition.allOf(table).stream()
                .filter(definition -> definition.id() == index)
                .findFirst()
                .orElseThrow();
    }

    private void check(Catalog catalog, TableRecord table, IndexDefinition index) {
        Entries entries = new Entries();
        dataPartitions(catalog).forEach(partition -> takeEntries(partition, index.id(), entries));
        dataPartitions(catalog).forEach(partition -> checkItems(partition, table, index, entries));
        world.counts.indexFinished();
    }

    private static Iterable<PartitionRecord> dataPartitions(Catalog catalog) {
        return catalog.getPartitionsList().stream().filter(partition -> partition.getId() != 0)::iterator;
    }

    /** What an index holds, as far as that is known. */
    private static final class Entries {
        final Map<ByteString, byte[]> held = new HashMap<>();

        /** Changed by what is committed and that nobody who is up has applied. */
        final Set<ByteString> changing = new HashSet<>();

        /** Partitions of which no replica is up and whole. */
        final Set<PartitionRecord> unknown = new HashSet<>();

        boolean mayHold(ByteString key) {
            long token = Tokens.ofItemKey(key.toByteArray());
            return changing.contains(key)
                    || unknown.stream()
                            .anyMatch(partition ->
                                    Tokens.inRange(token, partition.getStartToken(), partition.getEndToken()));
        }
    }

    /** A node and its replica of a partition. */
    private record Held(SimulatedNode node, Replica replica) {
        long appliedIndex() {
            return replica.machine().applied().index();
        }
    }

    private Optional<Held> mostApplied(PartitionRecord partition) {
        Held most = null;
        for (SimulatedNode node : world.nodes.values()) {
            Optional<Replica> replica = node.replica(partition.getId()).filter(Replica::usable);
            if (replica.isPresent()) {
                Held held = new Held(node, replica.get());
                most = most == null || held.appliedIndex() > most.appliedIndex() ? held : most;
            }
        }
        return Optional.ofNullable(most);
    }

    private void takeEntries(PartitionRecord partition, long index, Entries entries) {
        Optional<Held> receiver = mostApplied(partition);
        if (receiver.isEmpty()) {
            entries.unknown.add(partition);
            return;
        }
        forEachItem(receiver.get().node(), index, partition, entries.held::put);
        for (Command command : committedBehind(partition, receiver.get())) {
            for (IndexBatch batch : command.getIndexBatches().getBatchesList()) {
                batch.getChangesList().forEach(changes -> addKeys(changes, index, entries.changing));
            }
        }
    }

    private void checkItems(PartitionRecord partition, TableRecord table, IndexDefinition index, Entries entries) {
        Optional<Held> source = mostApplied(partition);
        if (source.isEmpty()) {
            return;
        }
        Set<ByteString> written = new HashSet<>();
        for (Command command : committedBehind(partition, source.get())) {
            mutations(command)
                    .filter(mutation -> mutation.getTable() == table.getId())
                    .forEach(mutation -> written.add(mutation.getKey()));
        }
        Set<ByteString> onTheWay = onTheWay(partition, source.get().node(), index.id());
        forEachItem(source.get().node(), table.getId(), partition, (key, image) -> {
            if (!written.contains(key)) {
                index.entryOf(new ItemState(image)).ifPresent(entry -> {
                    ByteString entryKey = ByteString.copyFrom(ItemKeys.of(
                            Tokens.of(index.id(), entry.partitionKey()), entry.partitionKey(), entry.rest()));
                    byte[] held = entries.held.get(entryKey);
                    if (!onTheWay.contains(entryKey)
                            && !entries.mayHold(entryKey)
                            && (held == null || !Arrays.equals(held, entry.item()))) {
                        throw new SimulationFailure("index " + index.id() + " of table " + table.getId()
                                + " shows as ACTIVE and " + (held == null ? "lacks " : "holds something else under ")
                                + HexFormat.of().formatHex(entryKey.toByteArray())
                                + ", an entry of an item in partition "
                                + partition.getId());
                    }
                });
            }
        });
    }

    private static Stream<ItemMutation> mutations(Command command) {
        Stream<ItemMutation> together = command.getMutations().getWritesList().stream()
                .filter(ItemMutations.Write::hasMutation)
                .map(ItemMutations.Write::getMutation);
        return command.hasMutation() ? Stream.of(command.getMutation()) : together;
    }

    /** Entries of the index that the partition's outbox changes, by writes that came behind the backfill. */
    private static Set<ByteString> onTheWay(PartitionRecord partition, SimulatedNode node, long index) {
        Set<ByteString> keys = new HashSet<>();
        KeyRange outbox = StorageKeys.outboxRange(partition.getId());
        try (StorageEngine.View view = node.storage().view();
                StorageEngine.Cursor cursor = view.range(outbox.start(), outbox.end(), false)) {
            byte[] backfill = view.get(StorageKeys.backfillKey(partition.getId(), index));
            long filledTo = backfill == null ? 0 : Backfill.parseFrom(backfill).getLastEntry();
            for (; cursor.valid(); cursor.next()) {
                if (StorageKeys.outboxIndexOf(cursor.key()) > filledTo) {
                    addKeys(IndexChanges.parseFrom(cursor.value()), index, keys);
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new SimulationFailure(node.name() + " has an outbox that can't be read", e);
        }
        return keys;
    }

    private static void addKeys(IndexChanges changes, long index, Set<ByteString> keys) {
        for (IndexMutation mutation : changes.getMutationsList()) {
            if (mutation.getIndex() == index) {
                keys.add(mutation.getRemovedKey());
                keys.add(mutation.getPutKey());
            }
        }
    }

    private Iterable<Command> committedBehind(PartitionRecord partition, Held held) {
        return world.invariants.committedBehind(partition.getId(), held.appliedIndex()).stream()
                .map(FinishedIndexes::parsed)::iterator;
    }

    private static Command parsed(ByteString payload) {
        try {
            return Command.parseFrom(payload);
        } catch (InvalidProtocolBufferException e) {
            throw new SimulationFailure("a committed entry can't be read", e);
        }
    }

    private static void forEachItem(
            SimulatedNode node, long table, PartitionRecord partition, BiConsumer<ByteString, byte[]> visitor) {
        KeyRange range = StorageKeys.itemRange(table, partition.getStartToken(), partition.getEndToken());
        try (StorageEngine.View view = node.storage().view();
                StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                visitor.accept(ByteString.copyFrom(StorageKeys.itemKeyOf(cursor.key())), cursor.value());
            }
        }
    }
}

package dev.henge.router;

import com.google.protobuf.ByteString;
import dev.henge.catalog.Numbering;
import dev.henge.catalog.TableChanges;
import dev.henge.cluster.ClusterClient;
import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.expression.ConditionEvaluator;
import dev.henge.expression.ExpressionException;
import dev.henge.expression.ProjectionEvaluator;
import dev.henge.expression.UpdateEvaluator;
import dev.henge.expression.UpdateResult;
import dev.henge.index.IndexChange;
import dev.henge.index.IndexDefinition;
import dev.henge.index.IndexEntry;
import dev.henge.index.ItemState;
import dev.henge.item.AttributeValue;
import dev.henge.item.ItemCodec;
import dev.henge.item.ItemKeys;
import dev.henge.item.ItemSize;
import dev.henge.item.KeyEncoding;
import dev.henge.membership.Tokens;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.Fetch;
import dev.henge.proto.FinishIndex;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.IndexWritten;
import dev.henge.proto.ItemRead;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.RangeRead;
import dev.henge.proto.ReadItem;
import dev.henge.proto.ReadRange;
import dev.henge.proto.Refusal;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TableStatistics;
import dev.henge.proto.UpdateTable;
import dev.henge.proto.WriteItem;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A whole cluster in one process and without replication: does to items what a partition's leader does, with the
 * production evaluators. Every call is atomic. Faults can be planted.
 */
public final class InMemoryCluster implements ClusterClient {

    private static final int ITEM_BYTES_MAX = 400 * 1024;

    private final TreeMap<ByteString, ByteString> items = new TreeMap<>(ByteString.unsignedLexicographicalComparator());
    private final Map<ByteString, ItemWritten> remembered = new HashMap<>();
    private Catalog catalog;
    private boolean keepsDeletedTables;
    private boolean holdsIndexes;
    private int examinedMax = Integer.MAX_VALUE;
    private int calls;
    private long collectionBytes;
    private Function<Object, ClusterException.@Nullable Code> faults = request -> null;

    /** @param partitions into how many equal partitions the ring is cut */
    public InMemoryCluster(int partitions) {
        Catalog.Builder builder =
                Catalog.newBuilder().setEpoch(1).setClusterId("test").setNextTableId(1);
        builder.addPartitions(PartitionRecord.newBuilder().setId(0));
        for (int i = 0; i < partitions; i++) {
            builder.addPartitions(PartitionRecord.newBuilder()
                    .setId(i + 1)
                    .setStartToken(boundary(i, partitions))
                    .setEndToken(boundary(i + 1, partitions)));
        }
        catalog = builder.build();
    }

    private static long boundary(int index, int count) {
        return java.math.BigInteger.ONE
                .shiftLeft(64)
                .multiply(java.math.BigInteger.valueOf(index))
                .divide(java.math.BigInteger.valueOf(count))
                .longValue();
    }

    /** From now on requests for which {@code faults} gives a code fail with it, and do nothing. */
    public synchronized void plant(Function<Object, ClusterException.@Nullable Code> faults) {
        this.faults = faults;
    }

    /** From now on a deleted table stays in the catalog as DELETING. */
    public synchronized void keepDeletedTables() {
        keepsDeletedTables = true;
    }

    /** From now on an index that is created or deleted stays so until {@link #finishIndexes}. */
    public synchronized void holdIndexes() {
        holdsIndexes = true;
    }

    /** Finishes what was begun with indexes, as the coordinator does once every partition has done its part. */
    public synchronized void finishIndexes() {
        for (TableRecord table : catalog.getTablesList()) {
            for (IndexRecord index : table.getIndexesList()) {
                finish(table, index);
            }
        }
    }

    private void finish(TableRecord table, IndexRecord index) {
        FinishIndex command = FinishIndex.newBuilder()
                .setTable(table.getId())
                .setIndex(index.getId())
                .setDone(index.getStatus())
                .build();
        TableChanges.finishIndex(Objects.requireNonNull(table(table.getName())), command, catalog.getEpoch() + 1)
                .ifPresent(finished -> {
                    if (index.getStatus() == IndexRecord.Status.DELETING) {
                        rows(index.getId()).clear();
                    }
                    replace(finished);
                });
    }

    private NavigableMap<ByteString, ByteString> rows(long table) {
        return items.subMap(stored(table, ByteString.EMPTY), true, stored(table + 1, ByteString.EMPTY), false);
    }

    private void fill(TableRecord table, IndexRecord record) {
        IndexDefinition index = IndexDefinition.of(table, record);
        Map<ByteString, ByteString> entries = new HashMap<>();
        rows(table.getId()).forEach((key, image) -> index.entryOf(state(image)).ifPresent(entry -> {
            long itemToken = Tokens.ofItemKey(key.substring(Long.BYTES).toByteArray());
            entries.put(entryKey(index, itemToken, entry), ByteString.copyFrom(entry.item()));
        }));
        items.putAll(entries);
    }

    private void replace(TableRecord changed) {
        List<TableRecord> tables = new ArrayList<>(catalog.getTablesList());
        tables.replaceAll(each -> each.getName().equals(changed.getName()) ? changed : each);
        catalog = catalog.toBuilder()
                .setEpoch(catalog.getEpoch() + 1)
                .clearTables()
                .addAllTables(tables)
                .build();
    }

    /** From now on a read of a range ends after so many items, as nodes may do. */
    public synchronized void examineAtMost(int items) {
        examinedMax = items;
    }

    /** From now on every item collection is said to be of this size. */
    public synchronized void claimCollectionBytes(long bytes) {
        collectionBytes = bytes;
    }

    /** Forgets the catalog, as a router that has just started; {@link #learnCatalog} gives it back. */
    public synchronized Catalog forgetCatalog() {
        Catalog known = catalog;
        catalog = Catalog.getDefaultInstance();
        return known;
    }

    public synchronized void learnCatalog(Catalog known) {
        catalog = known;
    }

    /** How many reads and writes were asked for. */
    public synchronized int calls() {
        return calls;
    }

    @Override
    public synchronized Catalog catalog() {
        if (!holdsIndexes) {
            finishIndexes();
        }
        return catalog;
    }

    @Override
    public synchronized PartitionRecord partitionOf(long token) {
        for (PartitionRecord partition : catalog.getPartitionsList()) {
            if (partition.getId() != 0 && Tokens.inRange(token, partition.getStartToken(), partition.getEndToken())) {
                return partition;
            }
        }
        throw new IllegalStateException("no partition owns the token " + token);
    }

    @Override
    public CompletableFuture<ItemRead> read(long token, ReadItem read, Deadline deadline) {
        return answer(read, () -> {
            requireToken(token, read.getKey());
            ByteString image = items.get(stored(read.getTable(), read.getKey()));
            if (image == null) {
                return ItemRead.getDefaultInstance();
            }
            ByteString shown = image;
            if (read.hasProjection()) {
                shown = ItemCodec.encodeToByteString(
                        ProjectionEvaluator.project(read.getProjection(), ItemCodec.decode(image)));
            }
            return ItemRead.newBuilder()
                    .setFound(true)
                    .setItem(shown)
                    .setSizeBytes(ItemSize.ofItem(image))
                    .build();
        });
    }

    @Override
    public CompletableFuture<ItemWritten> write(long token, WriteItem write, Deadline deadline) {
        return answer(write, () -> {
            requireToken(token, write.getKey());
            if (write.getRequestId().size() != 16) {
                throw new IllegalArgumentException("a request id has 16 bytes");
            }
            ItemWritten before = remembered.get(write.getRequestId());
            if (before != null) {
                return before;
            }
            ByteString old = items.get(stored(write.getTable(), write.getKey()));
            ItemWritten written = apply(write).toBuilder()
                    .setCollectionBytes(write.getReturnCollectionSize() ? collectionBytes : 0)
                    .addAllIndexes(
                            updateIndexes(token, write, old, items.get(stored(write.getTable(), write.getKey()))))
                    .build();
            remembered.put(write.getRequestId(), written);
            return written;
        });
    }

    @Override
    public List<CompletableFuture<ItemWritten>> writeAll(List<WriteItem> writes, Deadline deadline) {
        return writes.stream()
                .map(write -> write(Tokens.ofItemKey(write.getKey().toByteArray()), write, deadline))
                .toList();
    }

    private List<IndexWritten> updateIndexes(
            long token, WriteItem write, @Nullable ByteString old, @Nullable ByteString now) {
        List<IndexWritten> written = new ArrayList<>();
        TableRecord table = catalog.getTablesList().stream()
                .filter(candidate -> candidate.getId() == write.getTable())
                .findFirst()
                .orElseThrow();
        for (IndexChange change : IndexChange.between(IndexDefinition.allOf(table), state(old), state(now))) {
            IndexEntry removed = change.removed();
            if (removed != null) {
                items.remove(entryKey(change.index(), token, removed));
            }
            IndexEntry put = change.put();
            if (put != null) {
                items.put(entryKey(change.index(), token, put), ByteString.copyFrom(put.item()));
            }
            IndexEntry before = change.before();
            written.add(IndexWritten.newBuilder()
                    .setIndex(change.index().id())
                    .setOldSizeBytes(before == null ? 0 : before.sizeBytes())
                    .setNewSizeBytes(put == null ? 0 : put.sizeBytes())
                    .setMoved(removed != null && put != null)
                    .build());
        }
        return written;
    }

    private static ItemState state(@Nullable ByteString image) {
        return new ItemState(image == null ? null : image.toByteArray());
    }

    private static ByteString entryKey(IndexDefinition index, long itemToken, IndexEntry entry) {
        long token = index.isLocal() ? itemToken : Tokens.of(index.id(), entry.partitionKey());
        return stored(index.id(), ByteString.copyFrom(ItemKeys.of(token, entry.partitionKey(), entry.rest())));
    }

    private ItemWritten apply(WriteItem write) {
        ByteString key = stored(write.getTable(), write.getKey());
        ByteString oldImage = items.get(key);
        Map<String, AttributeValue> oldItem = oldImage == null ? Map.of() : ItemCodec.decode(oldImage);
        if (write.hasCondition() && !ConditionEvaluator.matches(write.getCondition(), oldItem)) {
            Refusal.Builder refusal = Refusal.newBuilder().setCode(Refusal.Code.CONDITION_FAILED);
            if (write.getReturnItemOnConditionFailure() && oldImage != null) {
                refusal.setHasItem(true).setItem(oldImage);
            }
            throw new ClusterException(ClusterException.Code.CONDITION_FAILED, refusal.build());
        }
        return switch (write.getActionCase()) {
            case PUT -> {
                items.put(key, write.getPut());
                yield written(write, oldImage, write.getPut(), null);
            }
            case DELETE -> {
                items.remove(key);
                yield written(write, oldImage, null, null);
            }
            case UPDATE -> {
                Map<String, AttributeValue> base =
                        oldImage == null ? ItemCodec.decode(write.getKeyAttributes()) : oldItem;
                UpdateResult result = UpdateEvaluator.apply(write.getUpdate(), base);
                ByteString newImage = ItemCodec.encodeToByteString(result.newItem());
                if (ItemSize.ofItem(newImage) > ITEM_BYTES_MAX) {
                    throw new ClusterException(
                            ClusterException.Code.INVALID, "Item size to update has exceeded the maximum allowed size");
                }
                items.put(key, newImage);
                yield written(write, oldImage, newImage, result);
            }
            case ACTION_NOT_SET -> throw new IllegalArgumentException("a write without an action");
        };
    }

    private static ItemWritten written(
            WriteItem write,
            @Nullable ByteString oldImage,
            @Nullable ByteString newImage,
            @Nullable UpdateResult result) {
        ItemWritten.Builder written = ItemWritten.newBuilder()
                .setOldSizeBytes(oldImage == null ? 0 : ItemSize.ofItem(oldImage))
                .setNewSizeBytes(newImage == null ? 0 : ItemSize.ofItem(newImage));
        ByteString returned =
                switch (write.getReturn()) {
                    case RETURN_NONE, UNRECOGNIZED -> null;
                    case RETURN_ALL_OLD -> oldImage;
                    case RETURN_ALL_NEW -> newImage;
                    case RETURN_UPDATED_OLD -> encodeUnlessEmpty(result == null ? Map.of() : result.updatedOld());
                    case RETURN_UPDATED_NEW -> encodeUnlessEmpty(result == null ? Map.of() : result.updatedNew());
                };
        if (returned != null) {
            written.setHasAttributes(true).setAttributes(returned);
        }
        return written.build();
    }

    private static @Nullable ByteString encodeUnlessEmpty(Map<String, AttributeValue> attributes) {
        return attributes.isEmpty() ? null : ItemCodec.encodeToByteString(attributes);
    }

    @Override
    public CompletableFuture<RangeRead> readRange(long token, ReadRange read, Deadline deadline) {
        return answer(read, () -> range(partitionOf(token), read));
    }

    private RangeRead range(PartitionRecord partition, ReadRange read) {
        ByteString start = max(read.getStart(), token(partition.getStartToken()));
        ByteString end = partition.getEndToken() == 0 ? ByteString.EMPTY : token(partition.getEndToken());
        if (!read.getEnd().isEmpty() && (end.isEmpty() || compare(read.getEnd(), end) < 0)) {
            end = read.getEnd();
        }
        ByteString from = stored(read.getTable(), start);
        ByteString to = end.isEmpty() ? stored(read.getTable() + 1, ByteString.EMPTY) : stored(read.getTable(), end);
        RangeRead.Builder answer = RangeRead.newBuilder();
        if (compare(from, to) >= 0) {
            return answer.build();
        }
        NavigableMap<ByteString, ByteString> range = items.subMap(from, true, to, false);
        List<Map.Entry<ByteString, ByteString>> entries =
                new ArrayList<>((read.getBackwards() ? range.descendingMap() : range).entrySet());
        int limit = read.getLimit() == 0 ? examinedMax : Math.min(read.getLimit(), examinedMax);
        int scanned = 0;
        int matched = 0;
        long bytes = 0;
        long fetchedBytes = 0;
        long fetchedBlocks = 0;
        for (Map.Entry<ByteString, ByteString> entry : entries) {
            Map<String, AttributeValue> item = ItemCodec.decode(entry.getValue());
            scanned++;
            bytes += ItemSize.ofItem(entry.getValue());
            if (!read.hasFilter() || ConditionEvaluator.matches(read.getFilter(), item)) {
                matched++;
                if (!read.getCountOnly()) {
                    ByteString whole = entry.getValue();
                    if (read.hasFetch()) {
                        whole = fetched(read.getFetch(), entry.getKey(), item);
                        fetchedBytes += ItemSize.ofItem(whole);
                        fetchedBlocks += Math.ceilDiv(ItemSize.ofItem(whole), 4096);
                    }
                    answer.addItems(
                            read.hasProjection()
                                    ? ItemCodec.encodeToByteString(
                                            ProjectionEvaluator.project(read.getProjection(), ItemCodec.decode(whole)))
                                    : whole);
                }
            }
            boolean more = scanned < entries.size();
            boolean bounded = scanned >= limit || read.getMaxBytes() > 0 && bytes + fetchedBytes >= read.getMaxBytes();
            if (bounded && (more || scanned >= limit)) {
                answer.setLastKey(entry.getKey().substring(Long.BYTES));
                break;
            }
        }
        return answer.setScannedCount(scanned)
                .setMatchedCount(matched)
                .setScannedBytes(bytes)
                .setFetchedBytes(fetchedBytes)
                .setFetchedBlocks(fetchedBlocks)
                .build();
    }

    private ByteString fetched(Fetch fetch, ByteString storedEntry, Map<String, AttributeValue> entry) {
        ByteString key = storedEntry.substring(Long.BYTES, 2 * Long.BYTES);
        for (String attribute : fetch.getKeyAttributesList()) {
            key = key.concat(ByteString.copyFrom(KeyEncoding.encode(Objects.requireNonNull(entry.get(attribute)))));
        }
        return Objects.requireNonNull(items.get(stored(fetch.getTable(), key)));
    }

    @Override
    public CompletableFuture<List<TableStatistics>> statistics(List<Long> numbers, Deadline deadline) {
        return answer(numbers, () -> numbers.stream()
                .map(number -> {
                    Collection<ByteString> items = rows(number).values();
                    return TableStatistics.newBuilder()
                            .setItems(items.size())
                            .setBytes(items.stream().mapToLong(ItemSize::ofItem).sum())
                            .build();
                })
                .toList());
    }

    @Override
    public CompletableFuture<CatalogOutcome> submit(CatalogCommand command, Deadline deadline) {
        return answer(command, () -> switch (command.getKindCase()) {
            case CREATE_TABLE -> create(command.getCreateTable().getTable());
            case DELETE_TABLE -> delete(command.getDeleteTable().getName());
            case UPDATE_TABLE -> update(command.getUpdateTable());
            case TAG_TABLE ->
                change(command.getTagTable().getName(), table -> TableChanges.tag(table, command.getTagTable()));
            default -> throw new IllegalArgumentException("no such command here: " + command.getKindCase());
        });
    }

    private CatalogOutcome create(TableRecord wanted) {
        TableRecord there = table(wanted.getName());
        if (there != null) {
            return outcome(CatalogOutcome.Code.TABLE_EXISTS, there);
        }
        TableRecord table = TableChanges.created(wanted, catalog.getNextTableId(), catalog.getEpoch() + 1);
        catalog = catalog.toBuilder()
                .setEpoch(table.getEpoch())
                .setNextTableId(table.getId() + TableChanges.numbersOf(table))
                .addTables(table)
                .build();
        return outcome(CatalogOutcome.Code.OK, table);
    }

    private CatalogOutcome delete(String name) {
        TableRecord table = table(name);
        if (table == null) {
            return CatalogOutcome.newBuilder()
                    .setCode(CatalogOutcome.Code.TABLE_NOT_FOUND)
                    .setEpoch(catalog.getEpoch())
                    .build();
        }
        CatalogOutcome refusal = TableChanges.refusalOfDelete(table).orElse(null);
        if (refusal != null) {
            return outcome(refusal.getCode(), table).toBuilder()
                    .setMessage(refusal.getMessage())
                    .build();
        }
        TableRecord deleting =
                table.toBuilder().setStatus(TableRecord.Status.DELETING).build();
        Map<String, TableRecord> tables = new LinkedHashMap<>();
        catalog.getTablesList().forEach(each -> tables.put(each.getName(), each));
        tables.remove(name);
        if (keepsDeletedTables) {
            tables.put(name, deleting);
        }
        items.subMap(stored(table.getId(), ByteString.EMPTY), stored(table.getId() + 1, ByteString.EMPTY))
                .clear();
        catalog = catalog.toBuilder()
                .setEpoch(catalog.getEpoch() + 1)
                .clearTables()
                .addAllTables(tables.values())
                .build();
        return outcome(CatalogOutcome.Code.OK, deleting);
    }

    private CatalogOutcome update(UpdateTable command) {
        Numbering numbering = new Numbering(catalog.getNextTableId(), catalog.getEpoch() + 1);
        CatalogOutcome outcome = change(command.getName(), table -> TableChanges.update(table, command, numbering));
        if (outcome.getCode() == CatalogOutcome.Code.OK) {
            catalog = catalog.toBuilder()
                    .setNextTableId(numbering.nextId() + TableChanges.numbersOf(command))
                    .build();
            outcome.getTable().getIndexesList().stream()
                    .filter(index -> index.getId() == numbering.nextId())
                    .forEach(index -> fill(outcome.getTable(), index));
        }
        return outcome;
    }

    private CatalogOutcome change(String name, Function<TableRecord, CatalogOutcome> change) {
        TableRecord table = table(name);
        if (table == null) {
            return CatalogOutcome.newBuilder()
                    .setCode(CatalogOutcome.Code.TABLE_NOT_FOUND)
                    .setEpoch(catalog.getEpoch())
                    .build();
        }
        CatalogOutcome outcome = change.apply(table);
        if (outcome.getCode() == CatalogOutcome.Code.OK) {
            replace(outcome.getTable());
        }
        return outcome.toBuilder().setEpoch(catalog.getEpoch()).build();
    }

    private CatalogOutcome outcome(CatalogOutcome.Code code, TableRecord table) {
        return CatalogOutcome.newBuilder()
                .setCode(code)
                .setTable(table)
                .setEpoch(catalog.getEpoch())
                .build();
    }

    private @Nullable TableRecord table(String name) {
        return catalog.getTablesList().stream()
                .filter(table -> table.getName().equals(name))
                .findFirst()
                .orElse(null);
    }

    private synchronized <T> CompletableFuture<T> answer(Object request, Supplier<T> work) {
        calls++;
        ClusterException.Code fault = faults.apply(request);
        if (fault != null) {
            return CompletableFuture.failedFuture(new ClusterException(fault, "planted"));
        }
        try {
            return CompletableFuture.completedFuture(work.get());
        } catch (ClusterException e) {
            return CompletableFuture.failedFuture(e);
        } catch (ExpressionException e) {
            return CompletableFuture.failedFuture(
                    new ClusterException(ClusterException.Code.INVALID, String.valueOf(e.getMessage())));
        }
    }

    private static void requireToken(long token, ByteString key) {
        if (Tokens.ofItemKey(key.toByteArray()) != token) {
            throw new IllegalArgumentException("the key has another token");
        }
    }

    private static ByteString stored(long table, ByteString key) {
        return token(table).concat(key);
    }

    private static ByteString token(long token) {
        return ByteString.copyFrom(
                java.nio.ByteBuffer.allocate(Long.BYTES).putLong(token).flip());
    }

    private static ByteString max(ByteString a, ByteString b) {
        return compare(a, b) >= 0 ? a : b;
    }

    private static int compare(ByteString a, ByteString b) {
        return ByteString.unsignedLexicographicalComparator().compare(a, b);
    }

    @Override
    public void close() {}
}

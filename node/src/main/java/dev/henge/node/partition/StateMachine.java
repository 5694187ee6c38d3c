package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.index.IndexDefinition;
import dev.henge.membership.TokenRange;
import dev.henge.membership.Tokens;
import dev.henge.node.catalog.CatalogState;
import dev.henge.node.index.Backfills;
import dev.henge.node.index.IndexSources;
import dev.henge.node.index.Outbox;
import dev.henge.node.log.AppliedStates;
import dev.henge.node.replication.Member;
import dev.henge.node.storage.KeyRange;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.Backfill;
import dev.henge.proto.BackfillIndex;
import dev.henge.proto.BehindSeal;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.Command;
import dev.henge.proto.Configuration;
import dev.henge.proto.DropTable;
import dev.henge.proto.HeldRange;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.IndexChanges;
import dev.henge.proto.IndexMutation;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.ItemMutation;
import dev.henge.proto.ItemMutations;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.ItemsWritten;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionSplit;
import dev.henge.proto.Placement;
import dev.henge.proto.RememberedRequest;
import dev.henge.proto.ScrubCheckpoint;
import dev.henge.proto.Seal;
import dev.henge.proto.SplitPoint;
import dev.henge.proto.TableDropped;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TableStatistics;
import dev.henge.proto.TakeRange;
import dev.henge.proto.TakenChanges;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a partition's log makes: items, remembered requests, dropped tables and, in the system partition, the catalog.
 * Deterministic: replicas at the same applied index hold the same.
 *
 * <p>Each call of {@link #apply} is one batch of the storage, with the applied index in it, so after a crash the storage
 * says by itself where the log has to go on.
 */
public final class StateMachine {

    /**
     * One entry to apply.
     *
     * @param command null for the entry that opens a term
     */
    public record CommittedEntry(
            long index, long term, @Nullable Command command) {

        /** Whether its outcome is remembered. */
        boolean isRequest() {
            return command != null && !command.getRequestId().isEmpty();
        }
    }

    /** How far the log is applied; what the storage holds under the partition's applied key. */
    public record Applied(long index, long term, long timestampMillis) {
        static final Applied NOTHING = new Applied(0, 0, 0);

        byte[] toBytes() {
            return ByteBuffer.allocate(3 * Long.BYTES)
                    .putLong(index)
                    .putLong(term)
                    .putLong(timestampMillis)
                    .array();
        }

        static Applied of(byte @Nullable [] bytes) {
            if (bytes == null) {
                return NOTHING;
            }
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new Applied(buffer.getLong(), buffer.getLong(), buffer.getLong());
        }
    }

    /** A replica that lags by more splits than this takes a snapshot, and the others' replicas come to it as snapshots too. */
    private static final int SPLITS_KEPT_MAX = 32;

    private static final String CATALOG = "catalog";

    private final int partition;
    private final Member self;
    private final Configuration founders;
    private final StorageEngine storage;

    /** What it is of the ring while its own log has not said. */
    private HeldRange first;

    private volatile HeldRange range;
    private @Nullable SplitOff splitOff;

    /** What has become part of this partition, as of its seal, by the entries that were applied last. */
    private @Nullable HeldRange taken;

    private volatile Applied applied = Applied.NOTHING;
    private final StoredRequests requests;
    private Set<Long> droppedTables = new HashSet<>();
    private Map<Long, DefinedTable> definedTables = new HashMap<>();
    private final Outbox outbox;
    private final IndexSources indexSources;
    private final Backfills backfills;
    private final Statistics statistics;
    private CatalogState catalog = CatalogState.EMPTY;
    private @Nullable Configuration configuration;
    private boolean installing;
    private @Nullable StorageException unreadable;
    private ScrubCheckpoint lastScrub = ScrubCheckpoint.getDefaultInstance();
    private Placement placement = Placement.getDefaultInstance();

    /** As the other one, of a partition that is never split. */
    public StateMachine(int partition, TokenRange tokens, StorageEngine storage) {
        this(partition, OwnRange.of(tokens, 0), new Member("nobody", 0), List.of(), storage);
    }

    /**
     * Opens the partition's state as the storage has it; when that can't be read, see {@link #unreadable}.
     *
     * @param first what the partition is of the ring, while its own log has not said
     * @param self the member whose state it is
     * @param founders members that the group began with
     */
    StateMachine(int partition, HeldRange first, Member self, List<String> founders, StorageEngine storage) {
        this.partition = partition;
        this.first = first;
        this.range = first;
        this.self = self;
        this.founders = Configuration.newBuilder().addAllVoters(founders).build();
        this.storage = storage;
        this.requests = new StoredRequests(partition, storage);
        this.outbox = new Outbox(partition);
        this.indexSources = new IndexSources(partition);
        this.backfills = new Backfills(partition);
        this.statistics = new Statistics(partition);
        try {
            load();
        } catch (StorageException e) {
            if (!e.damage()) {
                throw e;
            }
            reset();
            unreadable = e;
        }
    }

    private void reset() {
        applied = Applied.NOTHING;
        requests.letGo();
        droppedTables = new HashSet<>();
        definedTables = new HashMap<>();
        catalog = CatalogState.EMPTY;
        installing = false;
        unreadable = null;
        lastScrub = ScrubCheckpoint.getDefaultInstance();
        placement = Placement.getDefaultInstance();
        range = first;
    }

    /**
     * How far a partition's log is applied in what the storage holds durably.
     *
     * @param durable a storage of which nothing can be lost any more: just opened, or just flushed
     * @return empty when nothing is, or when the state is not whole because a snapshot was being taken in
     */
    public static Optional<AppliedStates.Applied> durablyApplied(StorageEngine durable, int partition) {
        try (StorageEngine.View view = durable.view()) {
            byte[] applied = view.get(StorageKeys.appliedKey(partition));
            if (applied == null || view.get(StorageKeys.installingKey(partition)) != null) {
                return Optional.empty();
            }
            Applied last = Applied.of(applied);
            return Optional.of(new AppliedStates.Applied(last.index(), last.term()));
        }
    }

    private void load() {
        reset();
        try (StorageEngine.View view = storage.view()) {
            applied = Applied.of(view.get(StorageKeys.appliedKey(partition)));
            installing = view.get(StorageKeys.installingKey(partition)) != null;
            byte[] members = view.get(StorageKeys.configurationKey(partition));
            configuration = members == null ? null : Configuration.parseFrom(members);
            byte[] stored = view.get(StorageKeys.catalogKey(partition, CATALOG));
            catalog = stored == null ? CatalogState.EMPTY : new CatalogState(Catalog.parseFrom(stored));
            byte[] scrub = view.get(StorageKeys.scrubKey(partition));
            lastScrub = scrub == null ? ScrubCheckpoint.getDefaultInstance() : ScrubCheckpoint.parseFrom(scrub);
            range = OwnRange.stored(view, partition).orElse(first);
            byte[] placed = view.get(StorageKeys.placementKey(partition));
            placement = placed == null ? Placement.getDefaultInstance() : Placement.parseFrom(placed);
            forEach(
                    view,
                    StorageKeys.droppedTableRange(partition),
                    (key, value) -> droppedTables.add(StorageKeys.droppedTableOf(key)));
            forEach(
                    view,
                    StorageKeys.tableDefinitionRange(partition),
                    (key, value) -> define(TableRecord.parseFrom(value)));
            outbox.load(view, range.getOriginsList());
            indexSources.load(view);
            backfills.load(view);
            statistics.load(view);
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException("the stored state of partition " + partition + " can't be read", e);
        }
    }

    /** Reads one key and its value. */
    interface Visitor {
        void visit(byte[] key, byte[] value) throws InvalidProtocolBufferException;
    }

    static void forEach(StorageEngine.View view, KeyRange range, Visitor visitor)
            throws InvalidProtocolBufferException {
        try (StorageEngine.Cursor cursor = view.range(range.start(), range.end(), false)) {
            for (; cursor.valid(); cursor.next()) {
                visitor.visit(cursor.key(), cursor.value());
            }
        }
    }

    public Applied applied() {
        return applied;
    }

    /** Whether a snapshot's installation was begun and not finished: the state is not usable. */
    public boolean installing() {
        return installing;
    }

    /** Why the state could not be read when it was opened; it is empty then, and not to be used. Null when it was read. */
    @Nullable
    StorageException unreadable() {
        return unreadable;
    }

    /** When the last scrub that was applied was begun, by a leader's wall clock; 0 for never. */
    long lastScrubWallMillis() {
        return lastScrub.getWallMillis();
    }

    Optional<RememberedRequest> remembered(ByteString requestId) {
        return requests.memory().find(requestId);
    }

    /** A request that was made when the partition's time stood here, or later, is remembered if it was carried out. */
    long remembersSinceMillis() {
        return requests.memory().reachesBackToMillis();
    }

    /** Whether what it remembers takes memory. */
    boolean remembersInMemory() {
        return requests.isInMemory();
    }

    /** Lets the memory of what it remembers go if it was not used since the last call. */
    void rest() {
        requests.letGoUnlessAsked();
    }

    boolean isDropped(long table) {
        return droppedTables.contains(table);
    }

    /** The table as the partition's log has defined it; empty for one that it has not, as for all without indexes. */
    Optional<DefinedTable> definedTable(long table) {
        return Optional.ofNullable(definedTables.get(table));
    }

    /** What is still to be handed on to global indexes. */
    public Outbox outbox() {
        return outbox;
    }

    Backfills backfills() {
        return backfills;
    }

    /** How far the index changes of another partition were taken: the index in its log; 0 for none. */
    long indexChangesTakenFrom(int source) {
        return indexSources.takenTo(source);
    }

    /** Items and entries of indexes together, as the service counts their sizes. */
    long sizeBytes() {
        return statistics.totalBytes();
    }

    /** What the partition holds of a table or index. */
    public TableStatistics statistics(long table) {
        return statistics.of(table);
    }

    /** The catalog as applied; meaningful in the system partition alone. */
    public CatalogState catalog() {
        return catalog;
    }

    /** The group's configuration as last applied; null when the group has the one that it began with. */
    @Nullable
    Configuration configuration() {
        return configuration;
    }

    /** Which nodes the group is to be on, as last applied; without nodes while nobody has said. */
    public Placement placement() {
        return placement;
    }

    /** The tokens that the partition has. Any thread may ask. */
    public TokenRange tokens() {
        return OwnRange.tokens(range.getRange());
    }

    /** The partition's range and where its log begins. Any thread may ask. */
    public HeldRange range() {
        return range;
    }

    /** What the last entries that were applied made of the partition, once. */
    Optional<SplitOff> takeSplitOff() {
        Optional<SplitOff> taken = Optional.ofNullable(splitOff);
        splitOff = null;
        return taken;
    }

    /** Which partition the last entries that were applied have made part of this one, once. */
    Optional<HeldRange> takeTaken() {
        Optional<HeldRange> told = Optional.ofNullable(taken);
        taken = null;
        return told;
    }

    /** Whether it is part of another partition, and nothing of it changes any more. Any thread may ask. */
    public boolean isSealed() {
        return range.hasSeal();
    }

    /** Whether an entry says what was done before. */
    boolean hasTaken(TakeRange take) {
        return take.getMerge().getEpoch() <= range.getRange().getEpoch();
    }

    /** Whether its items are to be counted anew. */
    public boolean counts() {
        return statistics.counts();
    }

    byte @Nullable [] item(long table, byte[] itemKey) {
        return storage.get(StorageKeys.itemKey(table, itemKey));
    }

    /**
     * Applies entries that follow the applied one, in order.
     *
     * @throws StorageException when the storage fails; nothing was applied then
     * @throws IllegalStateException when there is a command that this program does not know; nothing was applied then
     */
    public void apply(List<CommittedEntry> entries) {
        UnknownCommands.refuse(partition, entries);
        if (entries.stream().anyMatch(CommittedEntry::isRequest)) {
            requests.memory(); // what can't be read is found before anything is changed
        }
        WriteBatch batch = new WriteBatch();
        Applied position = applied;
        for (CommittedEntry entry : entries) {
            if (entry.index() != position.index() + 1) {
                throw new IllegalStateException("partition " + partition + " can't apply entry " + entry.index()
                        + " after entry " + position.index());
            }
            Command command = entry.command();
            long timestampMillis = position.timestampMillis();
            if (command != null) {
                timestampMillis = Math.max(timestampMillis, command.getTimestampMillis());
                if (command.hasConfiguration()) {
                    applyConfiguration(entry.index(), command.getConfiguration(), batch);
                } else {
                    boolean wasSealed = range.hasSeal();
                    applyCommand(entry, timestampMillis, command, batch);
                    if (!wasSealed) {
                        outbox.trim(command.getTrimOutboxTo(), batch);
                    }
                    if (taken != null) {
                        timestampMillis =
                                Math.max(timestampMillis, taken.getSeal().getTimestampMillis());
                    }
                }
            }
            position = new Applied(entry.index(), entry.term(), timestampMillis);
        }
        statistics.write(batch);
        batch.put(StorageKeys.appliedKey(partition), position.toBytes());
        try {
            storage.write(batch);
        } catch (StorageException e) {
            taken = null;
            splitOff = null;
            load(); // what is remembered in memory has run ahead of the storage
            throw e;
        }
        applied = position;
        if (taken != null) {
            load();
        }
    }

    /**
     * For one that keeps the log alone: notes how far it has come, and who the group's members are, and nothing else. The
     * state counts as one that is being installed, so nothing that needs items, or may do without the log because of them,
     * ever takes it for whole.
     *
     * @param members as of that entry, with the index of their own; null when they have not changed
     */
    void passTo(long index, long term, @Nullable Configuration members) {
        if (index < applied.index()) {
            throw new IllegalStateException(
                    "partition " + partition + " can't go back from entry " + applied.index() + " to entry " + index);
        }
        WriteBatch batch = new WriteBatch();
        if (members != null) {
            batch.put(StorageKeys.configurationKey(partition), members.toByteArray());
        }
        Applied position = new Applied(index, term, applied.timestampMillis());
        batch.put(StorageKeys.appliedKey(partition), position.toBytes());
        batch.put(StorageKeys.installingKey(partition), new byte[0]);
        storage.write(batch);
        installing = true;
        if (members != null) {
            configuration = members;
        }
        applied = position;
    }

    /** What a replica may lack that has come to the same seal; empty while there is none. */
    Optional<BehindSeal> behindSeal() {
        Seal seal = range.getSeal();
        return isSealed()
                ? Optional.of(BehindSeal.newBuilder()
                        .setSealIndex(seal.getIndex())
                        .setSealTerm(seal.getTerm())
                        .setConfiguration(configuration == null ? founders : configuration)
                        .setPlacement(placement)
                        .build())
                : Optional.empty();
    }

    /** Whether this has come to the seal that is meant: nothing is behind it but what the message says. */
    boolean isSealedAs(BehindSeal behind) {
        Seal seal = range.getSeal();
        return isSealed() && seal.getIndex() == behind.getSealIndex() && seal.getTerm() == behind.getSealTerm();
    }

    /**
     * Goes on to a later entry of a partition that has ended ({@link #isSealedAs}). All that this one holds stays where it is.
     */
    void passBehindSeal(long index, long term, BehindSeal behind) {
        WriteBatch batch = new WriteBatch();
        Applied position = new Applied(index, term, applied.timestampMillis());
        batch.put(
                StorageKeys.configurationKey(partition),
                behind.getConfiguration().toByteArray());
        batch.put(StorageKeys.placementKey(partition), behind.getPlacement().toByteArray());
        batch.put(StorageKeys.appliedKey(partition), position.toBytes());
        storage.write(batch);
        configuration = behind.getConfiguration();
        placement = behind.getPlacement();
        applied = position;
    }

    /** Whether an entry has to be a batch of its own, as it reads what the entries before it have written. */
    static boolean appliesAlone(Command command) {
        return command.hasBackfillIndex()
                || command.hasCountItems()
                || command.hasSplit()
                || command.hasSeal()
                || command.hasTake();
    }

    private void applyCommand(CommittedEntry entry, long timestampMillis, Command command, WriteBatch batch) {
        long index = entry.index();
        if (range.hasSeal() && !command.hasPlacement()) {
            return; // what it holds is another partition's
        }
        switch (command.getKindCase()) {
            case MUTATION, MUTATIONS, CATALOG, DROP_TABLE, REFUSAL, UNCHANGED ->
                applyRequest(index, timestampMillis, command, batch);
            case SCRUB -> {
                lastScrub = command.getScrub();
                batch.put(StorageKeys.scrubKey(partition), lastScrub.toByteArray());
            }
            case PLACEMENT -> {
                if (command.getPlacement().getEpoch() > placement.getEpoch()) {
                    placement = command.getPlacement();
                    batch.put(StorageKeys.placementKey(partition), placement.toByteArray());
                }
            }
            case DEFINE_TABLE -> defineTable(command.getDefineTable().getTable(), batch);
            case BACKFILL_INDEX -> backfill(index, command.getBackfillIndex(), batch);
            case INDEX_BATCHES ->
                command.getIndexBatches().getBatchesList().forEach(one -> applyIndexBatch(one, batch));
            case SPLIT -> split(entry, timestampMillis, command.getSplit(), batch);
            case SEAL -> seal(entry, timestampMillis, command.getSeal(), batch);
            case TAKE -> take(entry, timestampMillis, command.getTake(), batch);
            case COUNT_ITEMS -> statistics.count(command.getCountItems(), tokens(), storage, batch);
            case OUTBOX_TRIM -> {} // Command.trim_outbox_to says it all
            case CONFIGURATION -> throw new IllegalStateException("a configuration is applied elsewhere");
            case KIND_NOT_SET -> throw new IllegalStateException("unknown commands are refused before");
        }
    }

    /** What a client waits for: its outcome is remembered. */
    private void applyRequest(long index, long timestampMillis, Command command, WriteBatch batch) {
        ByteString requestId = command.getRequestId();
        if (requests.memory().contains(requestId)) {
            return;
        }
        RememberedRequest.Builder request =
                RememberedRequest.newBuilder().setRequestId(requestId).setTimestampMillis(timestampMillis);
        switch (command.getKindCase()) {
            case MUTATION -> {
                IndexChanges.Builder toHandOn = IndexChanges.newBuilder().setSourceIndex(index);
                applyMutation(command.getMutation(), command.getOutcome(), toHandOn, batch);
                handOn(toHandOn, batch);
                request.setItemWritten(command.getOutcome());
            }
            case MUTATIONS -> {
                applyMutations(index, command.getMutations(), batch);
                request.setItemsWritten(outcomes(command.getMutations()));
            }
            case CATALOG -> request.setCatalog(applyCatalog(command.getCatalog(), batch));
            case DROP_TABLE -> {
                dropTable(command.getDropTable(), batch);
                request.setTableDropped(TableDropped.getDefaultInstance());
            }
            case REFUSAL -> request.setRefusal(command.getRefusal());
            case UNCHANGED -> request.setItemWritten(command.getOutcome());
            case SCRUB,
                    PLACEMENT,
                    DEFINE_TABLE,
                    BACKFILL_INDEX,
                    INDEX_BATCHES,
                    OUTBOX_TRIM,
                    SPLIT,
                    SEAL,
                    TAKE,
                    COUNT_ITEMS,
                    CONFIGURATION,
                    KIND_NOT_SET -> throw new IllegalStateException("not a request: " + command.getKindCase());
        }
        requests.add(index, request.build(), batch);
    }

    private void split(CommittedEntry entry, long timestampMillis, PartitionSplit split, WriteBatch batch) {
        if (split.getEpoch() <= range.getRange().getEpoch()) {
            return;
        }
        SplitOff made = SplitOff.apply(
                partition,
                entry.index(),
                entry.term(),
                timestampMillis,
                split,
                range,
                configuration == null ? founders : configuration,
                self,
                outbox.firstIndexOr(Long.MAX_VALUE),
                storage,
                batch);
        statistics.beginRecount(split.getChild(), made.here(), batch);
        range = range.toBuilder()
                .setRange(range.getRange().toBuilder()
                        .setEndToken(split.getToken())
                        .setEpoch(split.getEpoch()))
                .clearSplits()
                .addAllSplits(range.getSplitsList()
                        .subList(Math.max(0, range.getSplitsCount() - SPLITS_KEPT_MAX + 1), range.getSplitsCount()))
                .addSplits(SplitPoint.newBuilder().setIndex(entry.index()).setTerm(entry.term()))
                .build();
        batch.put(StorageKeys.rangeKey(partition), range.toByteArray());
        splitOff = made;
    }

    private void seal(CommittedEntry entry, long timestampMillis, PartitionMerge merge, WriteBatch batch) {
        if (merge.getEpoch() <= range.getRange().getEpoch()) {
            return;
        }
        range = range.toBuilder()
                .setSeal(Seal.newBuilder()
                        .setIndex(entry.index())
                        .setTerm(entry.term())
                        .setMerge(merge)
                        .setTimestampMillis(timestampMillis))
                .build();
        batch.put(StorageKeys.rangeKey(partition), range.toByteArray());
    }

    /**
     * Takes what another partition's replica on this node holds, which is {@link Taking#isReady sealed}. Items stand where they
     * stood; the rest is put together in the storage, and read from there.
     */
    private void take(CommittedEntry entry, long timestampMillis, TakeRange take, WriteBatch batch) {
        if (hasTaken(take)) {
            return;
        }
        if (!Taking.isReady(take, storage)) {
            throw new IllegalStateException("partition " + partition + " can't take partition "
                    + take.getMerge().getRight() + ", whose replica here has not come to its end");
        }
        int right = take.getMerge().getRight();
        StateMachine other = new StateMachine(right, HeldRange.getDefaultInstance(), self, List.of(), storage);
        if (other.unreadable != null) {
            throw other.unreadable;
        }
        Seal seal = other.range.getSeal();
        Taking.joinRequests(
                partition,
                requests.memory(),
                timestampMillis,
                right,
                other.requests.memory(),
                seal.getTimestampMillis(),
                batch);
        Set<Long> dropped = new HashSet<>(droppedTables);
        dropped.addAll(other.droppedTables);
        for (long table : dropped) {
            dropWhereItIsNot(table, droppedTables, tokens(), batch);
            dropWhereItIsNot(table, other.droppedTables, other.tokens(), batch);
            batch.put(StorageKeys.droppedTableKey(partition, table), new byte[0]);
        }
        List<TableRecord> tables = new ArrayList<>();
        List<TakenChanges> changes;
        try (StorageEngine.View view = storage.view()) {
            for (TableRecord table :
                    Taking.newestDefinitions(view, partition, right).values()) {
                byte[] key = StorageKeys.tableDefinitionKey(partition, table.getId());
                if (dropped.contains(table.getId())) {
                    batch.delete(key);
                } else {
                    tables.add(table);
                    batch.put(key, table.toByteArray());
                }
            }
            changes = other.outbox.toHandOver(view);
        } catch (InvalidProtocolBufferException e) {
            throw new StorageException("the outbox of partition " + right + " can't be read", e);
        }
        if (!changes.isEmpty()) {
            outbox.add(
                    IndexChanges.newBuilder()
                            .setSourceIndex(entry.index())
                            .addAllTaken(changes)
                            .build(),
                    batch);
        }
        Taking.joinBackfills(
                partition,
                backfills,
                other.backfills,
                other.tokens(),
                tables,
                dropped,
                !changes.isEmpty(),
                entry.index(),
                batch);
        indexSources.join(other.indexSources, tokens(), other.tokens(), batch);
        statistics.join(other.statistics, dropped, batch);
        if (!Taking.isReady(take, storage)) {
            throw new IllegalStateException("partition " + partition + " can't take partition " + right
                    + ", whose replica here was erased meanwhile; after a restart it asks for a snapshot");
        }
        HeldRange joined = Taking.joined(range, other.range, take, entry.index(), entry.term());
        batch.put(StorageKeys.rangeKey(partition), joined.toByteArray());
        batch.put(
                StorageKeys.rangeKey(right),
                other.range.toBuilder().setTaken(true).build().toByteArray());
        taken = other.range;
    }

    private static void dropWhereItIsNot(long table, Set<Long> droppedThere, TokenRange tokens, WriteBatch batch) {
        if (!droppedThere.contains(table)) {
            KeyRange gone = StorageKeys.itemRange(table, tokens.start(), tokens.end());
            batch.deleteRange(gone.start(), gone.end());
        }
    }

    /** Nobody may write over what another partition's replica holds. */
    private void checkOwn(ByteString itemKey) {
        if (!tokens().contains(Tokens.ofItemKey(itemKey.toByteArray()))) {
            throw new IllegalStateException(
                    "partition " + partition + " has in its log a write of another partition's item");
        }
    }

    private void applyConfiguration(long index, Configuration members, WriteBatch batch) {
        configuration = members.toBuilder().setIndex(index).build();
        batch.put(StorageKeys.configurationKey(partition), configuration.toByteArray());
    }

    /** What the one who asked for the writes is told. */
    static ItemsWritten outcomes(ItemMutations mutations) {
        ItemsWritten.Builder outcomes = ItemsWritten.newBuilder();
        mutations.getWritesList().forEach(write -> outcomes.addOutcomes(write.getOutcome()));
        return outcomes.build();
    }

    private void applyMutations(long index, ItemMutations mutations, WriteBatch batch) {
        IndexChanges.Builder toHandOn = IndexChanges.newBuilder().setSourceIndex(index);
        for (ItemMutations.Write write : mutations.getWritesList()) {
            if (write.hasMutation()) {
                applyMutation(write.getMutation(), write.getOutcome().getWritten(), toHandOn, batch);
            }
        }
        handOn(toHandOn, batch);
    }

    /** All that one entry changes in global indexes goes on together. */
    private void handOn(IndexChanges.Builder changes, WriteBatch batch) {
        if (changes.getMutationsCount() > 0) {
            outbox.add(changes.build(), batch);
        }
    }

    private void applyMutation(
            ItemMutation mutation, ItemWritten outcome, IndexChanges.Builder toHandOn, WriteBatch batch) {
        if (droppedTables.contains(mutation.getTable())) {
            return;
        }
        checkOwn(mutation.getKey());
        byte[] key = StorageKeys.itemKey(mutation.getTable(), mutation.getKey().toByteArray());
        if (mutation.getDeleted()) {
            batch.delete(key);
        } else {
            batch.put(key, mutation.getItem().toByteArray());
        }
        statistics.replaced(
                mutation.getTable(), mutation.getKey(), outcome.getOldSizeBytes(), outcome.getNewSizeBytes());
        if (mutation.getIndexesCount() > 0) {
            applyToIndexes(mutation, toHandOn, batch);
        }
    }

    private void applyToIndexes(ItemMutation mutation, IndexChanges.Builder toHandOn, WriteBatch batch) {
        for (IndexMutation change : mutation.getIndexesList()) {
            boolean takesItem =
                    !change.getPutKey().isEmpty() && change.getItem().isEmpty();
            IndexMutation whole =
                    takesItem ? change.toBuilder().setItem(mutation.getItem()).build() : change;
            if (change.getLocal()) {
                applyToIndex(whole, batch);
            } else if (!droppedTables.contains(change.getIndex())
                    && !backfills.awaits(change.getIndex(), mutation.getKey())) {
                toHandOn.addMutations(whole);
            }
        }
    }

    private void applyToIndex(IndexMutation change, WriteBatch batch) {
        if (droppedTables.contains(change.getIndex())) {
            return;
        }
        if (!change.getRemovedKey().isEmpty()) {
            checkOwn(change.getRemovedKey());
            batch.delete(StorageKeys.itemKey(
                    change.getIndex(), change.getRemovedKey().toByteArray()));
        }
        if (!change.getPutKey().isEmpty()) {
            checkOwn(change.getPutKey());
            batch.put(
                    StorageKeys.itemKey(change.getIndex(), change.getPutKey().toByteArray()),
                    change.getItem().toByteArray());
        }
        if (change.getRemovedKey().isEmpty() || change.getPutKey().isEmpty()) {
            ByteString key = change.getRemovedKey().isEmpty() ? change.getPutKey() : change.getRemovedKey();
            statistics.replaced(change.getIndex(), key, change.getRemovedBytes(), change.getPutBytes());
        } else {
            statistics.replaced(change.getIndex(), change.getRemovedKey(), change.getRemovedBytes(), 0);
            statistics.replaced(change.getIndex(), change.getPutKey(), 0, change.getPutBytes());
        }
    }

    private void applyIndexBatch(IndexBatch changes, WriteBatch batch) {
        int source = changes.getSource();
        long takenTo = indexSources.takenTo(source);
        for (IndexChanges ofEntry : changes.getChangesList()) {
            if (ofEntry.getSourceIndex() > takenTo) {
                ofEntry.getMutationsList().forEach(change -> notTaken(change, source, ofEntry.getSourceIndex())
                        .ifPresent(rest -> applyToIndex(rest, batch)));
                takenTo = ofEntry.getSourceIndex();
            }
        }
        if (takenTo > indexSources.takenTo(source)) {
            indexSources.take(source, takenTo, batch);
        }
    }

    /** What of a change was not taken before; of what became part of this partition it may have been, of the rest not. */
    private Optional<IndexMutation> notTaken(IndexMutation change, int source, long sourceIndex) {
        if (indexSources.isEven()) {
            return Optional.of(change);
        }
        boolean removes = isNews(change.getRemovedKey(), source, sourceIndex);
        boolean puts = isNews(change.getPutKey(), source, sourceIndex);
        IndexMutation.Builder rest = change.toBuilder();
        if (!removes) {
            rest.clearRemovedKey()
                    .setRemovedBytes(puts && change.getRemovedKey().isEmpty() ? change.getRemovedBytes() : 0);
        }
        if (!puts) {
            rest.clearPutKey()
                    .clearItem()
                    .setPutBytes(removes && change.getPutKey().isEmpty() ? change.getPutBytes() : 0);
        }
        return removes || puts ? Optional.of(rest.build()) : Optional.empty();
    }

    private boolean isNews(ByteString key, int source, long sourceIndex) {
        return !key.isEmpty() && sourceIndex > indexSources.takenTo(source, Tokens.ofItemKey(key.toByteArray()));
    }

    private void backfill(long entryIndex, BackfillIndex command, WriteBatch batch) {
        Backfill at = backfills.find(command.getIndex()).orElse(null);
        DefinedTable table = definedTables.get(command.getTable());
        if (at == null || at.getDone() || table == null) {
            return;
        }
        IndexDefinition index = table.index(command.getIndex()).orElse(null);
        if (index == null) {
            return;
        }
        BackfillStep step = BackfillStep.of(at, command, entryIndex, index, tokens(), storage);
        if (!step.mutations().isEmpty()) {
            outbox.add(
                    IndexChanges.newBuilder()
                            .setSourceIndex(entryIndex)
                            .addAllMutations(step.mutations())
                            .build(),
                    batch);
        }
        backfills.put(step.next(), batch);
    }

    private void defineTable(TableRecord table, WriteBatch batch) {
        DefinedTable known = definedTables.get(table.getId());
        if (droppedTables.contains(table.getId()) || (known != null && known.epoch() >= table.getEpoch())) {
            return;
        }
        define(table);
        batch.put(StorageKeys.tableDefinitionKey(partition, table.getId()), table.toByteArray());
        followBackfills(table, batch);
    }

    private void followBackfills(TableRecord table, WriteBatch batch) {
        Set<Long> filling = new HashSet<>();
        for (IndexRecord index : table.getIndexesList()) {
            boolean dropped = droppedTables.contains(index.getId());
            if (index.getKind() == IndexRecord.Kind.GLOBAL
                    && index.getStatus() == IndexRecord.Status.CREATING
                    && !dropped) {
                filling.add(index.getId());
                if (backfills.find(index.getId()).isEmpty()) {
                    backfills.put(
                            Backfill.newBuilder()
                                    .setTable(table.getId())
                                    .setIndex(index.getId())
                                    .build(),
                            batch);
                }
            }
        }
        List<Long> filled = backfills
                .ofTable(table.getId())
                .map(Backfill::getIndex)
                .filter(index -> !filling.contains(index))
                .toList();
        filled.forEach(index -> backfills.forget(index, batch));
    }

    private void define(TableRecord table) {
        definedTables.put(table.getId(), DefinedTable.of(table));
    }

    private CatalogOutcome applyCatalog(CatalogCommand command, WriteBatch batch) {
        CatalogState.Transition transition = catalog.apply(command);
        catalog = transition.next();
        batch.put(StorageKeys.catalogKey(partition, CATALOG), catalog.catalog().toByteArray());
        return transition.outcome();
    }

    private void dropTable(DropTable drop, WriteBatch batch) {
        dropItems(drop.getTable(), batch);
        drop.getIndexesList().forEach(index -> dropItems(index, batch));
        if (definedTables.remove(drop.getTable()) != null) {
            batch.delete(StorageKeys.tableDefinitionKey(partition, drop.getTable()));
        }
    }

    /** Of a table or an index, whose number takes no writes from now on. */
    private void dropItems(long table, WriteBatch batch) {
        KeyRange items = StorageKeys.itemRange(table, tokens().start(), tokens().end());
        batch.deleteRange(items.start(), items.end());
        batch.put(StorageKeys.droppedTableKey(partition, table), new byte[0]);
        droppedTables.add(table);
        statistics.forget(table, batch);
        backfills.forget(table, batch);
    }

    /** The key ranges that make up this partition in a view: its private part, then its tokens of each table. */
    public static List<KeyRange> ranges(int partition, TokenRange tokens, StorageEngine.View view) {
        List<KeyRange> ranges = new ArrayList<>();
        ranges.add(StorageKeys.privateRange(partition));
        if (partition != 0) {
            StorageKeys.tablesIn(view)
                    .forEach(table -> ranges.add(StorageKeys.itemRange(table, tokens.start(), tokens.end())));
        }
        return ranges;
    }

    List<KeyRange> ranges(StorageEngine.View view) {
        return ranges(partition, tokens(), view);
    }

    /**
     * What throws the state away.
     *
     * @param ranges what is emptied
     * @param batch empties it, and puts the mark that says so
     */
    record Clearing(List<KeyRange> ranges, WriteBatch batch) {}

    /**
     * Throws the state away, but for what is known of the group's members, and marks it so that a crash does not leave a
     * half-filled one in use. The mark holds once the storage is flushed.
     */
    Clearing beginInstallation() {
        return beginInstallation(range.getRange());
    }

    /** As the other one, for a state of this range: what it and the present one have is thrown away. */
    Clearing beginInstallation(PartitionRange incoming) {
        TokenRange all = union(tokens(), OwnRange.tokens(incoming));
        WriteBatch batch = new WriteBatch();
        List<KeyRange> ranges;
        byte[] members;
        try (StorageEngine.View view = storage.view()) {
            ranges = ranges(partition, all, view);
            members = view.get(StorageKeys.configurationKey(partition));
        }
        ranges.forEach(range -> batch.deleteRange(range.start(), range.end()));
        if (members != null) {
            // Whoever does not know who the members are can't promise a leader anything, and its group needs that it
            // does.
            batch.put(StorageKeys.configurationKey(partition), members);
        }
        batch.put(StorageKeys.installingKey(partition), incoming.toByteArray());
        storage.write(batch);
        first = HeldRange.newBuilder().setRange(incoming).build(); // unless the state that comes says more
        load();
        return new Clearing(ranges, batch);
    }

    /** Of two ranges of one partition, which overlap. */
    static TokenRange union(TokenRange one, TokenRange other) {
        long start = Long.compareUnsigned(one.start(), other.start()) <= 0 ? one.start() : other.start();
        // The end of the ring is one past the largest token.
        long end = Long.compareUnsigned(one.end() - 1, other.end() - 1) >= 0 ? one.end() : other.end();
        return new TokenRange(start, end);
    }

    /**
     * Ends the installation: what was taken in is the state from now on. Durable once the storage is flushed.
     *
     * @param index of the last entry that it must hold
     */
    void endInstallation(long index, long term) {
        storage.write(new WriteBatch().delete(StorageKeys.installingKey(partition)));
        load();
        if (applied.index() != index || applied.term() != term) {
            throw new IllegalStateException("partition " + partition + ": a snapshot of entry " + index + " of term "
                    + term + " held the state as of " + applied);
        }
    }
}

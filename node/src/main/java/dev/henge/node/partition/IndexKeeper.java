package dev.henge.node.partition;

import dev.henge.index.IndexDefinition;
import dev.henge.node.index.OutboxShipper;
import dev.henge.node.storage.StorageEngine;
import dev.henge.proto.Backfill;
import dev.henge.proto.BackfillIndex;
import dev.henge.proto.Command;
import dev.henge.proto.DataResponse;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.IndexBatchApplied;
import dev.henge.proto.IndexBatches;
import dev.henge.proto.IndexPrepared;
import dev.henge.proto.OutboxTrim;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PrepareIndex;
import dev.henge.proto.Refusal;
import dev.henge.proto.TableDefinition;
import dev.henge.proto.TableRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * What a leader does for secondary indexes: keeps the tables' definitions in step with the log, hands changes on to global
 * indexes, takes those of others, fills new ones. Belongs to the replica's event loop.
 */
final class IndexKeeper {

    /** A table whose global indexes are further behind than this takes no writes that concern them. */
    static final long OUTBOX_BYTES_MAX = 8 << 20;

    static final int OUTBOX_ENTRIES_MAX = 16_384;

    /** A backfill goes on while less than this waits to be handed on. */
    private static final long BACKFILL_OUTBOX_BYTES_MAX = 1 << 20;

    private static final int BACKFILL_ITEMS = 256;
    private static final int BACKFILL_BYTES = 256 << 10;

    /** What has arrived is forgotten with the next command of whatever kind; without one, after this time. */
    private static final long TRIM_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final long GATHER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long GATHERED_BYTES_MAX = 256 << 10;

    /** As soon as so much waits, what of it has arrived is forgotten at once. */
    private static final int TRIM_ENTRIES = 1024;

    private static final long TRIM_BYTES = 512 << 10;

    /** What the replica does for it. */
    interface Host {

        /** Whether it leads, and has applied what leaders before it committed. */
        boolean ready();

        long partitionTimeMillis();

        /** False when there is no room, which the responder is told. */
        boolean append(Command command, Responder responder);

        /** The index in the log of what was appended last. */
        long lastAppended();

        /** Whether all entries that these changes concern are the partition's. */
        boolean has(IndexBatch batch);

        /** Whether these are all changes of their entries that concern the partition, as it is and is about to be. */
        boolean coversAll(IndexBatch batch);

        /** Whether a write would be refused now. */
        boolean full();
    }

    private final StateMachine machine;
    private final InFlight inFlight;
    private final ReplicaEnvironment environment;
    private final Host host;
    private final OutboxShipper shipper;

    /** Entries that go on with a backfill, not applied yet, by the index that they fill. */
    private final Map<Long, Long> backfillsUnderWay = new HashMap<>();

    /** What came from sources and is not appended yet, and who waits for it. */
    private final List<IndexBatch> gathered = new ArrayList<>();

    private final List<Responder> gatheredFrom = new ArrayList<>();
    private long gatheredBytes;

    /** What comes before this waits for more; what comes after a while of nothing does not wait. */
    private long gatherUntilNanos;

    private boolean shipping;
    private long trimProposedTo;

    /** Since when something could be forgotten; {@code Long.MAX_VALUE} while nothing can. */
    private long trimmableSinceNanos = Long.MAX_VALUE;

    IndexKeeper(
            int partition,
            StateMachine machine,
            InFlight inFlight,
            StorageEngine storage,
            ReplicaEnvironment environment,
            Host host) {
        this.machine = machine;
        this.inFlight = inFlight;
        this.environment = environment;
        this.host = host;
        this.shipper = new OutboxShipper(partition, machine.outbox(), storage, new ShipperPort());
    }

    /**
     * The indexes that a write to the table has to keep up. Where the node's catalog defines the table anew, the partition
     * is told so by an entry of its own first, so that every later leader knows it too.
     *
     * @param epoch of the table as the sender of the write knows it
     * @param told the table as the sender knows it, where it has said so; else the default instance
     * @return empty when this node knows an older one
     */
    Optional<List<IndexDefinition>> indexesOf(long table, long epoch, TableRecord told) {
        DefinedTable defined = inFlight.definedTable(table)
                .or(() -> machine.definedTable(table))
                .orElse(null);
        TableRecord newest = environment
                .table(table)
                .filter(known -> known.getEpoch() >= told.getEpoch())
                .orElse(told.getEpoch() == 0 ? null : told);
        long definedEpoch = defined == null ? 0 : defined.epoch();
        long newestEpoch = newest == null ? 0 : newest.getEpoch();
        if (Math.max(definedEpoch, newestEpoch) < epoch) {
            return Optional.empty();
        }
        if (newest != null && newestEpoch > definedEpoch && (defined != null || newest.getIndexesCount() > 0)) {
            appendDefinition(newest);
            return Optional.of(DefinedTable.of(newest).indexes());
        }
        return Optional.of(defined == null ? List.of() : defined.indexes());
    }

    /** A bound that is reached refuses the write that comes behind it, and it is tried again with the next. */
    private void appendDefinition(TableRecord table) {
        host.append(
                command()
                        .setDefineTable(TableDefinition.newBuilder().setTable(table))
                        .build(),
                response -> {});
    }

    private Command.Builder command() {
        return Command.newBuilder().setTimestampMillis(host.partitionTimeMillis());
    }

    /** Whether global indexes are so far behind that writes which concern them have to wait. */
    boolean behind() {
        return machine.outbox().sizeBytes() >= OUTBOX_BYTES_MAX
                || machine.outbox().entryCount() >= OUTBOX_ENTRIES_MAX;
    }

    // ---- handing on --------------------------------------------------------------------------------------------

    /** After entries were applied, after a handover that came to nothing, after an answer. */
    void advance() {
        if (!host.ready()) {
            return;
        }
        takeGatheredWhenDue();
        if (machine.outbox().isEmpty() && machine.backfills().isEmpty()) {
            trimmableSinceNanos = Long.MAX_VALUE;
            return;
        }
        shipping = true;
        shipper.pump();
        noteTrimmable();
        if (machine.outbox().entryCount() >= TRIM_ENTRIES || machine.outbox().sizeBytes() >= TRIM_BYTES) {
            trim();
        }
        goOnWithBackfills();
    }

    /** At {@link #nextTickNanos}. */
    void onTick(long nowNanos) {
        if (nowNanos < nextTickNanos()) {
            return;
        }
        advance();
        if (trimmableSinceNanos != Long.MAX_VALUE && nowNanos >= trimmableSinceNanos + TRIM_NANOS) {
            trimmableSinceNanos = nowNanos; // where there is no room for it, it is tried again after as long
            trim();
        }
    }

    private void trim() {
        if (trimmableTo() > 0 && !host.full()) {
            host.append(command().setOutboxTrim(OutboxTrim.getDefaultInstance()).build(), response -> {});
        }
    }

    long nextTickNanos() {
        if (!host.ready()) {
            return Long.MAX_VALUE;
        }
        long gatherNanos = gathered.isEmpty() ? Long.MAX_VALUE : gatherUntilNanos;
        if (!shipping) {
            return gatherNanos;
        }
        long trimNanos = trimmableSinceNanos == Long.MAX_VALUE ? Long.MAX_VALUE : trimmableSinceNanos + TRIM_NANOS;
        return Math.min(gatherNanos, Math.min(trimNanos, shipper.nextPumpNanos()));
    }

    /** Leadership is lost. */
    void stop() {
        forgetGathered().forEach(responder -> responder.respond(Refusals.notLeader(null)));
        shipping = false;
        shipper.stop();
        backfillsUnderWay.clear();
        trimProposedTo = 0;
        trimmableSinceNanos = Long.MAX_VALUE;
    }

    private void noteTrimmable() {
        boolean trimmable = trimmableTo() > 0;
        if (!trimmable) {
            trimmableSinceNanos = Long.MAX_VALUE;
        } else if (trimmableSinceNanos == Long.MAX_VALUE) {
            trimmableSinceNanos = environment.nanoTime();
        }
    }

    /** Up to where the next command may forget what has arrived; 0 when there is nothing. */
    long trimmableTo() {
        long arrivedTo = shipper.arrivedTo();
        return arrivedTo > trimProposedTo && machine.outbox().firstIndexOr(Long.MAX_VALUE) <= arrivedTo ? arrivedTo : 0;
    }

    /** A command that forgets up to an index was appended. */
    void trimProposed(long toIndex) {
        trimProposedTo = toIndex;
        trimmableSinceNanos = Long.MAX_VALUE;
    }

    private final class ShipperPort implements OutboxShipper.Port {
        @Override
        public OptionalInt partitionOf(long token) {
            return environment.partitionOf(token);
        }

        @Override
        public Optional<PartitionRange> rangeOf(int partition) {
            return environment.rangeOf(partition);
        }

        @Override
        public long mapEpoch() {
            return environment.mapEpoch();
        }

        @Override
        public CompletableFuture<Void> send(int receiver, IndexBatch batch) {
            return environment.sendIndexBatch(receiver, batch);
        }

        @Override
        public void post(Runnable task) {
            environment.post(() -> {
                task.run();
                advance();
            });
        }

        @Override
        public long nanoTime() {
            return environment.nanoTime();
        }
    }

    // ---- taking what others hand on ------------------------------------------------------------------------------

    void take(IndexBatch batch, Responder responder) {
        // First of all: how far the source was taken says nothing of what is another partition's.
        if (!host.has(batch) || !host.coversAll(batch)) {
            responder.respond(Refusals.of(
                    Refusal.Code.OUT_OF_RANGE, "the batch was sorted by another range than the partition has by now"));
            return;
        }
        long last = batch.getChangesCount() == 0
                ? 0
                : batch.getChanges(batch.getChangesCount() - 1).getSourceIndex();
        if (last <= machine.indexChangesTakenFrom(batch.getSource())) {
            responder.respond(taken());
            return;
        }
        gathered.add(batch);
        gatheredFrom.add(responder);
        gatheredBytes += batch.getSerializedSize();
        takeGatheredWhenDue();
    }

    /** One entry of the log for what came within some milliseconds, from whichever sources. */
    private void takeGatheredWhenDue() {
        long nowNanos = environment.nanoTime();
        if (gathered.isEmpty() || (nowNanos < gatherUntilNanos && gatheredBytes < GATHERED_BYTES_MAX)) {
            return;
        }
        gatherUntilNanos = nowNanos + GATHER_NANOS;
        takeGathered();
    }

    /** Appends what waits. */
    void takeGathered() {
        if (gathered.isEmpty()) {
            return;
        }
        Command command = command()
                .setIndexBatches(IndexBatches.newBuilder().addAllBatches(gathered))
                .build();
        List<Responder> waiting = forgetGathered();
        host.append(command, answer -> waiting.forEach(responder -> responder.respond(answer.clone())));
    }

    private List<Responder> forgetGathered() {
        List<Responder> waiting = List.copyOf(gatheredFrom);
        gathered.clear();
        gatheredFrom.clear();
        gatheredBytes = 0;
        return waiting;
    }

    static DataResponse.Builder taken() {
        return DataResponse.newBuilder().setIndexBatchApplied(IndexBatchApplied.getDefaultInstance());
    }

    // ---- filling new indexes -------------------------------------------------------------------------------------

    void prepare(PrepareIndex prepare, Responder responder) {
        if (machine.isDropped(prepare.getTable()) || machine.isDropped(prepare.getIndex())) {
            responder.respond(prepared(true, 0));
            return;
        }
        if (indexesOf(prepare.getTable(), prepare.getTableEpoch(), TableRecord.getDefaultInstance())
                .isEmpty()) {
            responder.respond(Refusals.catalogBehind());
            return;
        }
        // Where there was no room to go on, as on a full disk, nothing else may come that would.
        goOnWithBackfills();
        Backfill backfill = machine.backfills().find(prepare.getIndex()).orElse(null);
        if (backfill == null) {
            boolean past = machine.definedTable(prepare.getTable())
                    .filter(defined -> defined.epoch() >= prepare.getTableEpoch())
                    .isPresent();
            // Defined so that it needs no filling any more, or not defined yet: that is on its way.
            responder.respond(prepared(past, 0));
            return;
        }
        boolean arrived = machine.outbox().firstIndexOr(Long.MAX_VALUE) > backfill.getLastEntry();
        responder.respond(prepared(backfill.getDone() && arrived, backfill.getItems()));
    }

    private static DataResponse.Builder prepared(boolean done, long items) {
        return DataResponse.newBuilder()
                .setIndexPrepared(IndexPrepared.newBuilder().setDone(done).setItems(items));
    }

    private void goOnWithBackfills() {
        backfillsUnderWay.values().removeIf(entry -> entry <= machine.applied().index());
        machine.backfills()
                .unfinished()
                .filter(backfill -> !backfillsUnderWay.containsKey(backfill.getIndex()))
                .toList()
                .forEach(this::goOnWith);
    }

    private void goOnWith(Backfill backfill) {
        if (host.full() || machine.outbox().sizeBytes() >= BACKFILL_OUTBOX_BYTES_MAX) {
            return; // comes again with the next answer, or the next entry
        }
        BackfillIndex next = BackfillIndex.newBuilder()
                .setTable(backfill.getTable())
                .setIndex(backfill.getIndex())
                .setItemsMax(BACKFILL_ITEMS)
                .setBytesMax(BACKFILL_BYTES)
                .build();
        if (host.append(command().setBackfillIndex(next).build(), response -> {})) {
            backfillsUnderWay.put(backfill.getIndex(), host.lastAppended());
        }
    }

    /** Nothing was done. */
    static DataResponse.Builder tooFarBehind(int partition) {
        return Refusals.of(
                Refusal.Code.OVERLOADED,
                "the global secondary indexes of partition " + partition + " are too far behind");
    }
}

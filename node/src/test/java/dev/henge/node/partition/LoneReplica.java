package dev.henge.node.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import dev.henge.node.index.Outbox;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.liveness.PeerSupport;
import dev.henge.node.log.LogOptions;
import dev.henge.node.log.SimulatedDisk;
import dev.henge.node.log.SpaceLevel;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.replication.RaftConfig;
import dev.henge.node.snapshot.SnapshotOptions;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.InMemoryEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.Catalog;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.TableRecord;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** A replica that is the whole of its group, on a clock that the test moves: it leads at once and commits at each sync. */
final class LoneReplica implements ReplicaEnvironment {

    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final int partition;
    private final WriteAheadLog log;
    private final Replica replica;
    private final SnapshotResources snapshotResources;
    private final Deque<Runnable> posted = new ArrayDeque<>();
    private final DamageMarks marks = new NoDamageMarks();
    private final Map<Long, TableRecord> tables = new HashMap<>();
    private final List<IndexBatch> indexBatches = new ArrayList<>();
    private boolean indexBatchesHeld;
    private final long itemCollectionBytesMax;
    private long nowNanos = 1;

    LoneReplica() throws IOException {
        this(1);
    }

    LoneReplica(int partition) throws IOException {
        this(partition, ITEM_COLLECTION_BYTES_MAX);
    }

    LoneReplica(int partition, long itemCollectionBytesMax) throws IOException {
        this.partition = partition;
        this.itemCollectionBytesMax = itemCollectionBytesMax;
        log = WriteAheadLog.open(new SimulatedDisk(), LogOptions.DEFAULTS, broken -> {
            throw broken;
        });
        InMemoryEngine storage = new InMemoryEngine();
        snapshotResources = new SnapshotResources(SnapshotOptions.ofRate(SnapshotOptions.BYTES_PER_SECOND), storage);
        replica = new Replica(
                partition,
                TokenRange.cut(1).getFirst(),
                1,
                RaftConfig.ofDefaults("n1", List.of("n1"), true),
                log.partition(partition),
                storage,
                this);
        replica.onTick();
        settle();
    }

    /** Asks and lets everything happen that follows. */
    DataResponse ask(DataRequest.Builder request) {
        AtomicReference<DataResponse> answer = new AtomicReference<>();
        replica.submit(request.setPartition(partition).setEpoch(1).build(), response -> answer.set(response.build()));
        settle();
        DataResponse given = answer.get();
        if (given == null) {
            throw new AssertionError("no answer to " + request);
        }
        return given;
    }

    /** Reads as {@link #ask} writes. */
    DataResponse read(DataRequest.Builder request) {
        AtomicReference<DataResponse> answer = new AtomicReference<>();
        replica.read(request.setPartition(partition).setEpoch(1).build(), response -> answer.set(response.build()));
        settle();
        DataResponse given = answer.get();
        if (given == null) {
            throw new AssertionError("no answer to " + request);
        }
        return given;
    }

    /** What is free on its disk has changed. */
    void spaceLevel(SpaceLevel level) {
        log.spaceLevel(level);
    }

    /** Whether what it remembers of requests takes memory. */
    boolean remembersInMemory() {
        return replica.machine().remembersInMemory();
    }

    Outbox outbox() {
        return replica.machine().outbox();
    }

    long lastIndex() {
        return replica.log().lastIndex();
    }

    void passSeconds(long seconds) {
        nowNanos += TimeUnit.SECONDS.toNanos(seconds);
        replica.onTick();
        settle();
    }

    /** Lets everything happen that needs no time, and what is put off for some milliseconds alone. */
    private void settle() {
        settleNow();
        while (replica.nextTickNanos() <= nowNanos + MOMENT_NANOS) {
            nowNanos = Math.max(nowNanos, replica.nextTickNanos());
            replica.onTick();
            settleNow();
        }
    }

    private void settleNow() {
        do {
            while (!posted.isEmpty()) {
                posted.removeFirst().run();
            }
            replica.endTurn();
            replica.onDurable(log.sync());
            replica.endTurn();
        } while (!posted.isEmpty() || replica.awaitsSync());
    }

    @Override
    public long nanoTime() {
        return nowNanos;
    }

    @Override
    public long itemCollectionBytesMax() {
        return itemCollectionBytesMax;
    }

    @Override
    public long randomBelow(long bound) {
        return 0;
    }

    @Override
    public void runSliced(SlicedTask task) {
        while (task.runSlice() >= 0) {
            // Goes on until it is done.
        }
    }

    /** The node's catalog has the table so from now on. */
    void know(TableRecord table) {
        tables.put(table.getId(), table);
    }

    @Override
    public Optional<TableRecord> table(long id) {
        return Optional.ofNullable(tables.get(id));
    }

    /** Keeps what this partition hands on from arriving, until told otherwise; then it comes at the next retry. */
    void holdIndexBatches(boolean hold) {
        indexBatchesHeld = hold;
    }

    /** All that it has handed on. */
    List<IndexBatch> indexBatches() {
        return indexBatches;
    }

    @Override
    public List<String> nodesOf(int partition) {
        return List.of();
    }

    @Override
    public OptionalInt partitionOf(long token) {
        return OptionalInt.of(partition);
    }

    @Override
    public CompletableFuture<Void> sendIndexBatch(int receiver, IndexBatch batch) {
        indexBatches.add(batch);
        if (indexBatchesHeld) {
            return CompletableFuture.failedFuture(new IllegalStateException("held"));
        }
        CompletableFuture<Void> taken = new CompletableFuture<>();
        DataRequest request = DataRequest.newBuilder()
                .setPartition(receiver)
                .setEpoch(1)
                .setIndexBatch(batch)
                .build();
        posted.addLast(() -> replica.submit(request, response -> {
            assertThat(response.hasIndexBatchApplied()).isTrue();
            taken.complete(null);
        }));
        return taken;
    }

    @Override
    public DamageMarks damageMarks() {
        return marks;
    }

    @Override
    public void storageDamaged(StorageException cause) {
        throw cause;
    }

    /** There are no others, and its disk is in order. */
    @Override
    public NodeSupport support() {
        return new NodeSupport() {
            @Override
            public PeerSupport peer(String node) {
                throw new AssertionError("there is nobody to support");
            }

            @Override
            public long incarnation() {
                return 1;
            }

            @Override
            public boolean diskProves() {
                return true;
            }
        };
    }

    @Override
    public void send(String node, PeerMessage message) {
        throw new AssertionError("there is nobody to send to");
    }

    @Override
    public void runInBackground(Runnable task) {
        posted.addLast(task);
    }

    @Override
    public void post(Runnable task) {
        posted.addLast(task);
    }

    @Override
    public SnapshotResources snapshotResources() {
        return snapshotResources;
    }

    @Override
    public void catalogApplied(Catalog catalog) {}

    @Override
    public void fail(Throwable cause) {
        throw new AssertionError(cause);
    }
}

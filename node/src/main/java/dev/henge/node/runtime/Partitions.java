package dev.henge.node.runtime;

import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.membership.TokenRange;
import dev.henge.node.catalog.CatalogHolder;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.log.CorruptLogException;
import dev.henge.node.log.LogDamage;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.partition.DamageMarks;
import dev.henge.node.partition.Replica;
import dev.henge.node.partition.ReplicaEnvironment;
import dev.henge.node.partition.ReplicaIdentity;
import dev.henge.node.partition.Responder;
import dev.henge.node.partition.SlicedTask;
import dev.henge.node.partition.StateMachine;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.RaftConfig;
import dev.henge.node.replication.Role;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.Catalog;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.Refusal;
import dev.henge.proto.TableRecord;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The replicas this node holds, each on its event loop, and the way to them for requests and messages. */
final class Partitions {

    private static final Logger log = LoggerFactory.getLogger(Partitions.class);

    static final int SYSTEM = 0;

    private static final Duration INDEX_BATCH_TIMEOUT = Duration.ofSeconds(5);

    /** A replica and the loop that owns it. */
    record Hosted(PartitionRecord record, Replica replica, EventLoop loop) {
        void post(Consumer<Replica> action) {
            loop.post(replica, action);
        }
    }

    private final String self;
    private final List<EventLoop> loops;
    private final WriteAheadLog writeAheadLog;
    private final StorageEngine storage;
    private final PeerLinks peers;
    private final NodeSupport support;
    private final CatalogHolder catalogs;
    private final Executor readers;
    private final DamageMarks damageMarks;
    private final Generations generations;
    private final SlicedTaskRunner slicedTasks;
    private final NodeMeters meters;
    private final LongAdder snapshotSentBytes = new LongAdder();
    private final LongAdder snapshotReceivedBytes = new LongAdder();
    private final SnapshotResources snapshotResources;
    private final long itemCollectionBytesMax;
    private final Consumer<Throwable> onFault;
    private final Map<Integer, Hosted> hosted = new ConcurrentHashMap<>();

    /** Partitions whose replica here was damaged, and why; of no use until the others took it in as a new member. */
    private final Map<Integer, LogDamage> damaged = new ConcurrentHashMap<>();

    /** Partitions whose log is being mended: not open, but known. */
    private final Map<Integer, PartitionRecord> mending = new ConcurrentHashMap<>();

    private @Nullable RoutedClusterClient sharedClient;

    Partitions(
            String self,
            List<EventLoop> loops,
            WriteAheadLog writeAheadLog,
            StorageEngine storage,
            PeerLinks peers,
            NodeSupport support,
            CatalogHolder catalogs,
            Executor readers,
            DamageMarks damageMarks,
            Generations generations,
            SlicedTaskRunner slicedTasks,
            NodeMeters meters,
            SnapshotResources snapshotResources,
            long itemCollectionBytesMax,
            Consumer<Throwable> onFault) {
        this.self = self;
        this.loops = List.copyOf(loops);
        this.writeAheadLog = writeAheadLog;
        this.storage = storage;
        this.peers = peers;
        this.support = support;
        this.catalogs = catalogs;
        this.readers = readers;
        this.damageMarks = damageMarks;
        this.generations = generations;
        this.slicedTasks = slicedTasks;
        this.meters = meters;
        this.snapshotResources = snapshotResources;
        this.itemCollectionBytesMax = itemCollectionBytesMax;
        this.onFault = onFault;
    }

    /** Opens this node's replicas of the partitions in the map that it does not have open yet. */
    synchronized void follow(Catalog catalog) {
        for (PartitionRecord partition : catalog.getPartitionsList()) {
            boolean known = hosted.containsKey(partition.getId())
                    || mending.containsKey(partition.getId())
                    || damaged.containsKey(partition.getId());
            if (partition.getReplicasList().contains(self) && !known) {
                open(partition);
            }
        }
    }

    synchronized void open(PartitionRecord partition) {
        open(partition, false);
    }

    private synchronized void open(PartitionRecord partition, boolean succeedsAbandoned) {
        PartitionLog partitionLog = writeAheadLog.partition(partition.getId());
        Optional<LogDamage> damage = partitionLog.damage();
        damage.ifPresent(found -> damaged.put(partition.getId(), found));
        Member before;
        Member member;
        try {
            before = ReplicaIdentity.of(partition.getId(), self, storage);
            member = ReplicaIdentity.recover(partitionLog, self, storage, bound -> ThreadLocalRandom.current()
                    .nextLong(bound));
        } catch (StorageException e) {
            if (!e.damage()) {
                throw e;
            }
            // Not opened: the storage is replaced, and the node starts again.
            onFault.accept(e);
            return;
        }
        generations.note(partition.getId(), member.generation());
        if (!member.equals(before)) {
            log.error(
                    "this node's replica of partition {} is damaged; it takes no part any more, until the others take it in"
                            + " as {}: {}",
                    partition.getId(),
                    member,
                    damage.isPresent() ? damage.get().toString() : "the storage is gone");
        }
        EventLoop loop = loops.get(partition.getId() % loops.size());
        Environment environment = new Environment(loop);
        Replica replica;
        try {
            replica = makeReplica(partition, member, partitionLog, environment);
        } catch (CorruptLogException e) {
            // Sound when the log was recovered, and no more.
            mending.put(partition.getId(), partition);
            startMending(partition, e, false);
            return;
        }
        environment.replica = replica;
        if (succeedsAbandoned) {
            replica.succeedsAbandoned();
        }
        // In this order: once it is found, messages for it are posted, which the loop takes only for replicas of its
        // own.
        loop.adopt(replica);
        hosted.put(partition.getId(), new Hosted(partition, replica, loop));
        log.debug("opened partition {} with replicas {}", partition.getId(), partition.getReplicasList());
    }

    private Replica makeReplica(
            PartitionRecord partition, Member member, PartitionLog partitionLog, Environment environment) {
        return new Replica(
                partition.getId(),
                new TokenRange(partition.getStartToken(), partition.getEndToken()),
                partition.getEpoch(),
                RaftConfig.ofDefaults(
                        member.name(),
                        partition.getReplicasList(),
                        partition.getReplicasList().getFirst().equals(self)),
                partitionLog,
                storage,
                environment);
    }

    /**
     * A replica could not read back its log, and its loop has let go of it. Where the storage has applied what is lost, a
     * new replica goes on from there, as the member it was, and lets its followers elect if it led them. Else the replica
     * is damaged; if it led, the node stops, which is what its followers notice.
     */
    synchronized void onCorrupt(Replica replica, CorruptLogException corrupt) {
        Hosted lost = hosted.remove(replica.partition());
        if (lost == null || lost.replica() != replica) {
            throw new IllegalStateException("partition " + replica.partition() + " is not open here", corrupt);
        }
        mending.put(replica.partition(), lost.record());
        boolean led = replica.core().role() == Role.LEADER || self.equals(replica.leader());
        replica.still().thenRun(() -> startMending(lost.record(), corrupt, led));
    }

    private void startMending(PartitionRecord partition, CorruptLogException corrupt, boolean led) {
        log.error("{}", corrupt.getMessage());
        Thread.ofPlatform().name("mender").start(() -> {
            try {
                storage.flush();
                writeAheadLog.mend(corrupt, StateMachine.durablyApplied(storage, partition.getId()));
                if (led && writeAheadLog.partition(partition.getId()).damage().isPresent()) {
                    // Its followers wait for it as long as this node is up. A start begins with the damage known.
                    onFault.accept(corrupt);
                    return;
                }
                reopen(partition);
            } catch (RuntimeException e) {
                onFault.accept(e);
            }
        });
    }

    private synchronized void reopen(PartitionRecord record) {
        mending.remove(record.getId());
        open(record, true);
    }

    /** Partitions whose replica here was damaged, and why. */
    Map<Integer, LogDamage> damaged() {
        return Map.copyOf(damaged);
    }

    Optional<Hosted> find(int partition) {
        return Optional.ofNullable(hosted.get(partition));
    }

    Collection<Hosted> all() {
        return hosted.values();
    }

    long snapshotSentBytes() {
        return snapshotSentBytes.sum();
    }

    long snapshotReceivedBytes() {
        return snapshotReceivedBytes.sum();
    }

    void onMessage(String from, PeerMessage message) {
        if (message.hasSnapshotPiece()) {
            snapshotReceivedBytes.add(message.getSerializedSize());
        }
        Hosted target = hosted.get(message.getPartition());
        if (target != null) {
            target.loop().offer(target.replica(), replica -> replica.onMessage(from, message));
        }
    }

    /** Hands over what this node leads; completes when that is done or given up, with the number that others lead now. */
    CompletableFuture<Integer> handOver() {
        return Handover.of(hosted.values());
    }

    void onPeerUnreachable(String node) {
        hosted.values().forEach(target -> target.post(replica -> replica.onPeerUnreachable(node)));
    }

    /** Takes a request of a router or node. */
    void onRequest(DataRequest request, Responder caller) {
        long startedNanos = MonotonicClock.nanoTime();
        Responder responder = response -> {
            meters.answered(request.getOperationCase(), response, MonotonicClock.nanoTime() - startedNanos);
            caller.respond(response);
        };
        Hosted target = hosted.get(request.getPartition());
        if (target == null) {
            responder.respond(refusal(
                    Refusal.Code.UNKNOWN_PARTITION,
                    "node " + self + " has no replica of partition " + request.getPartition()));
            return;
        }
        switch (request.getOperationCase()) {
            case READ_ITEM -> guarded(() -> target.replica().read(request, responder), responder);
            case READ_RANGE -> readInBackground(target.replica(), request, responder);
            case WRITE_ITEM, CATALOG, DROP_TABLE, INDEX_BATCH, PREPARE_INDEX, READ_STATISTICS -> {
                if (!target.loop().offer(target.replica(), replica -> replica.submit(request, responder))) {
                    responder.respond(refusal(Refusal.Code.OVERLOADED, "node " + self + " has too much to do"));
                }
            }
            case OPERATION_NOT_SET ->
                responder.respond(refusal(Refusal.Code.INTERNAL, "node " + self + " does not know this operation"));
        }
    }

    private void readInBackground(Replica replica, DataRequest request, Responder responder) {
        try {
            readers.execute(() -> guarded(() -> replica.read(request, responder), responder));
        } catch (RejectedExecutionException e) {
            responder.respond(refusal(Refusal.Code.OVERLOADED, "node " + self + " has too many reads to do"));
        }
    }

    private void guarded(Runnable read, Responder responder) {
        try {
            read.run();
        } catch (RuntimeException e) {
            log.error("a read failed", e);
            responder.respond(refusal(Refusal.Code.INTERNAL, "node " + self + " can't read: " + e.getMessage()));
        }
    }

    private static DataResponse.Builder refusal(Refusal.Code code, String message) {
        return DataResponse.newBuilder()
                .setRefusal(Refusal.newBuilder().setCode(code).setMessage(message));
    }

    /** A client of the whole cluster that knows what this node knows. */
    RoutedClusterClient client() {
        RoutedClusterClient client = RoutedClusterClient.withCatalogOf(catalogs.current());
        catalogs.listen(client::offer);
        return client;
    }

    /** The one that all replicas share; made when it is first needed. */
    private synchronized RoutedClusterClient sharedClient() {
        RoutedClusterClient known = sharedClient;
        if (known == null) {
            known = client();
            sharedClient = known;
        }
        return known;
    }

    private CompletableFuture<Void> deliverHere(Hosted receiver, IndexBatch batch) {
        CompletableFuture<Void> taken = new CompletableFuture<>();
        DataRequest request = DataRequest.newBuilder()
                .setPartition(receiver.record().getId())
                .setEpoch(receiver.record().getEpoch())
                .setIndexBatch(batch)
                .build();
        onRequest(request, response -> {
            if (response.hasIndexBatchApplied()) {
                taken.complete(null);
            } else {
                taken.completeExceptionally(new IllegalStateException(
                        "refused: " + response.getRefusal().getCode()));
            }
        });
        return taken.orTimeout(INDEX_BATCH_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** The world of one replica. */
    private final class Environment implements ReplicaEnvironment {
        private final EventLoop loop;
        private volatile @Nullable Replica replica;

        Environment(EventLoop loop) {
            this.loop = loop;
        }

        @Override
        public long nanoTime() {
            return MonotonicClock.nanoTime();
        }

        @Override
        public long randomBelow(long bound) {
            return ThreadLocalRandom.current().nextLong(bound);
        }

        @Override
        public long itemCollectionBytesMax() {
            return itemCollectionBytesMax;
        }

        @Override
        public NodeSupport support() {
            return support;
        }

        @Override
        public void send(String node, PeerMessage message) {
            if (message.hasSnapshotPiece()) {
                snapshotSentBytes.add(message.getSerializedSize());
            }
            peers.enqueue(node, message);
        }

        @Override
        public void runInBackground(Runnable task) {
            Thread.ofVirtual().name("background").start(task);
        }

        @Override
        public void runSliced(SlicedTask task) {
            slicedTasks.submit(task);
        }

        @Override
        public Optional<TableRecord> table(long id) {
            return catalogs.table(id);
        }

        @Override
        public OptionalInt partitionOf(long token) {
            return sharedClient().knownPartitionOf(token).stream()
                    .mapToInt(PartitionRecord::getId)
                    .findFirst();
        }

        @Override
        public CompletableFuture<Void> sendIndexBatch(int partition, IndexBatch batch) {
            Hosted receiver = hosted.get(partition);
            if (receiver != null && self.equals(receiver.replica().leader())) {
                return deliverHere(receiver, batch);
            }
            return sharedClient().takeIndexBatch(partition, batch, Deadline.after(INDEX_BATCH_TIMEOUT));
        }

        @Override
        public DamageMarks damageMarks() {
            return damageMarks;
        }

        @Override
        public void storageDamaged(StorageException cause) {
            onFault.accept(cause);
        }

        @Override
        public void post(Runnable task) {
            Replica owner = replica;
            if (owner == null) {
                throw new IllegalStateException("the replica is not open yet");
            }
            loop.post(owner, same -> task.run());
        }

        @Override
        public SnapshotResources snapshotResources() {
            return snapshotResources;
        }

        @Override
        public void catalogApplied(Catalog catalog) {
            // Listeners open replicas and send to watchers: not on a replica's own turn.
            runInBackground(() -> catalogs.offer(catalog));
        }

        @Override
        public void fail(Throwable cause) {
            onFault.accept(cause);
        }
    }
}

package dev.henge.node.runtime;

import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.membership.TokenRange;
import dev.henge.node.catalog.CatalogHolder;
import dev.henge.node.catalog.Merges;
import dev.henge.node.catalog.Placements;
import dev.henge.node.catalog.Splits;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.log.CorruptLogException;
import dev.henge.node.log.LogDamage;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.partition.DamageMarks;
import dev.henge.node.partition.HeldRanges;
import dev.henge.node.partition.OperationKind;
import dev.henge.node.partition.OwnRange;
import dev.henge.node.partition.Predecessor;
import dev.henge.node.partition.Replica;
import dev.henge.node.partition.ReplicaEnvironment;
import dev.henge.node.partition.ReplicaIdentity;
import dev.henge.node.partition.Responder;
import dev.henge.node.partition.SlicedTask;
import dev.henge.node.partition.StateMachine;
import dev.henge.node.replication.Member;
import dev.henge.node.replication.RaftConfig;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.StorageKeys;
import dev.henge.proto.Catalog;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.HeldRange;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.PlaceReplicas;
import dev.henge.proto.Refusal;
import dev.henge.proto.ReplicasPlaced;
import dev.henge.proto.TableRecord;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The replicas this node holds, each on its event loop, and the way to them for requests and messages. */
final class Partitions {

    private static final Logger log = LoggerFactory.getLogger(Partitions.class);

    static final int SYSTEM = 0;

    private static final Duration INDEX_BATCH_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration RETIREMENT_TIMEOUT = Duration.ofSeconds(2);

    /** A replica and the loop that owns it. */
    record Hosted(PartitionRecord record, Replica replica, EventLoop loop, LoadMeter load, SizeMeter sizes) {
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
    private final NodeDirectory nodes;
    private final LongAdder snapshotSentBytes = new LongAdder();
    private final LongAdder snapshotReceivedBytes = new LongAdder();
    private final SnapshotResources snapshotResources;
    private final long itemCollectionBytesMax;
    private final Consumer<Throwable> onFault;
    private final Map<Integer, Hosted> hosted = new ConcurrentHashMap<>();
    private final HeldRanges held = new HeldRanges();
    private boolean storedHeld;

    /** Partitions whose tokens another replica of this node holds: of one that they were split from, which does not know yet. */
    private final Set<Integer> waiting = ConcurrentHashMap.newKeySet();

    /** Partitions whose replica here was damaged, and why; of no use until the others took it in as a new member. */
    private final Map<Integer, LogDamage> damaged = new ConcurrentHashMap<>();

    /** Partitions whose log is being mended: not open, but known. */
    private final Map<Integer, PartitionRecord> mending = new ConcurrentHashMap<>();

    /** Replicas that were given up in this life of the node, by partition, until others have taken their places. */
    private final Map<Integer, Predecessor> predecessors = new ConcurrentHashMap<>();

    /** Partitions that have moved away and are being erased. */
    private final Set<Integer> erasing = ConcurrentHashMap.newKeySet();

    /** What is to be run once it is durable that a partition was taken. */
    private final Map<Integer, Runnable> takenDurable = new ConcurrentHashMap<>();

    /** Up to which catalog no partitions are here that were forgotten. */
    private long sweptEpoch;

    private final Object sharedClientLock = new Object();
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
            NodeDirectory nodes,
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
        this.nodes = nodes;
        this.snapshotResources = snapshotResources;
        this.itemCollectionBytesMax = itemCollectionBytesMax;
        this.onFault = onFault;
    }

    /**
     * Opens this node's replicas of the partitions in the map that it does not have open yet; also those that it is no longer
     * to have: until their groups have let them go they may be needed.
     */
    synchronized void follow(Catalog catalog) {
        if (!holdsStored()) {
            return;
        }
        // Those that hold something first: what they hold nobody else may. Asked once: splits and erasures go on
        // meanwhile.
        Map<Boolean, List<PartitionRecord>> byState = Merges.partitionsWithMerged(catalog)
                .collect(Collectors.partitioningBy(partition -> hasState(partition.getId())));
        open(catalog, byState.getOrDefault(true, List.of()));
        open(catalog, byState.getOrDefault(false, List.of()));
    }

    private void open(Catalog catalog, List<PartitionRecord> partitions) {
        for (PartitionRecord partition : partitions) {
            boolean inMap = Merges.survivorOf(catalog, partition.getId()).isEmpty();
            if (!isInUse(partition.getId())
                    && ((inMap && Placements.nodesOf(partition).contains(self)) || isHere(partition.getId()))) {
                open(partition);
            }
        }
    }

    /** What the storage has is held before any replica is opened; false when it can't be read. */
    private boolean holdsStored() {
        if (storedHeld) {
            return true;
        }
        try {
            held.takeStored(storage);
            storedHeld = true;
        } catch (StorageException e) {
            if (!e.damage()) {
                throw e;
            }
            onFault.accept(e);
        }
        return storedHeld;
    }

    /** Whether all replicas that this node has by the map are open, or known to be damaged. */
    boolean hasOpened(Catalog catalog) {
        return catalog.getPartitionsList().stream()
                .filter(partition -> partition.getReplicasList().contains(self))
                .allMatch(partition -> isKnown(partition.getId())
                        || OwnRange.taken(storage, partition.getId()).isPresent());
    }

    private boolean isKnown(int partition) {
        return isInUse(partition) || damaged.containsKey(partition);
    }

    private boolean isInUse(int partition) {
        return hosted.containsKey(partition) || mending.containsKey(partition) || erasing.contains(partition);
    }

    /** What can't be read is something: whoever opens it finds out that it is damaged. */
    private boolean hasState(int partition) {
        try {
            return storage.get(StorageKeys.appliedKey(partition)) != null;
        } catch (StorageException e) {
            if (!e.damage()) {
                throw e;
            }
            return true;
        }
    }

    private boolean isHere(int partition) {
        return !writeAheadLog.partition(partition).isEmpty()
                || storage.get(StorageKeys.appliedKey(partition)) != null
                || storage.get(StorageKeys.installingKey(partition)) != null;
    }

    /**
     * Asks about replicas that the map has elsewhere, about those that hear of no leader, and about all while their partition
     * moves: one that was let go may be wanted again, as a new member. Erases the ones that their groups have let go.
     */
    void retire() {
        if (!waiting.isEmpty()) {
            follow(catalogs.current());
        }
        retireMerged(catalogs.current());
        for (PartitionRecord partition : catalogs.current().getPartitionsList()) {
            Hosted target = hosted.get(partition.getId());
            if (target == null) {
                continue;
            }
            boolean listed = Placements.has(partition, self, target.replica().keepsLogAlone());
            boolean moves = partition.getTargetCount() > 0;
            if (listed && !target.replica().mayBeLetGo(moves)) {
                continue;
            }
            sharedClient()
                    .place(partition.getId(), PlaceReplicas.getDefaultInstance(), Deadline.after(RETIREMENT_TIMEOUT))
                    .thenAccept(group -> retire(target, group));
        }
    }

    private void retire(Hosted target, ReplicasPlaced group) {
        target.loop().releaseIf(target.replica(), replica -> replica.isLetGo(group), () -> {
            int partition = target.record().getId();
            log.info("partition {} has gone on without this node's replica, which is erased", partition);
            erasing.add(partition);
            hosted.remove(partition, target);
            target.replica().still().thenRun(() -> Thread.ofPlatform()
                    .name("eraser")
                    .start(() -> erase(target.record(), target.replica().tokens())));
        });
    }

    /** Those that became part of others, and are of no more use. */
    private void retireMerged(Catalog catalog) {
        for (PartitionRecord survivor : catalog.getPartitionsList()) {
            for (PartitionRecord merged : survivor.getMergedList()) {
                boolean mayBeTaken = hosted.containsKey(survivor.getId())
                        || (Placements.nodesOf(survivor).contains(self) && !waiting.contains(survivor.getId()));
                if (!mayBeTaken) {
                    letGo(merged.getId());
                }
            }
        }
        if (sweptEpoch < catalog.getEpoch()) {
            sweptEpoch = catalog.getEpoch();
            sweep(catalog);
        }
    }

    private void sweep(Catalog catalog) {
        Set<Integer> here = new TreeSet<>(hosted.keySet());
        try (StorageEngine.View view = storage.view()) {
            here.addAll(StorageKeys.partitionsIn(view));
        }
        writeAheadLog.partitions().stream()
                .filter(partition -> !writeAheadLog.partition(partition).isEmpty())
                .forEach(here::add);
        List<Integer> gone = here.stream()
                .filter(partition -> Merges.isGone(catalog, partition))
                .toList();
        for (int partition : gone) {
            if (hosted.containsKey(partition)) {
                letGo(partition);
            }
            if (isInUse(partition)) {
                sweptEpoch = 0; // comes again
            } else {
                ReplicaIdentity.eraseTaken(writeAheadLog.partition(partition), storage);
                ReplicaIdentity.forget(partition, storage);
                held.release(partition);
            }
        }
    }

    /** Erases a replica of a partition that is part of another one. */
    private void letGo(int partition) {
        Hosted target = hosted.get(partition);
        if (target == null) {
            return;
        }
        target.loop().releaseIf(target.replica(), replica -> true, () -> {
            log.info("partition {} is part of another one, and this node's replica of it is erased", partition);
            erasing.add(partition);
            hosted.remove(partition, target);
            HeldRange range = target.replica().machine().range();
            target.replica()
                    .still()
                    .thenRun(() -> Thread.ofPlatform().name("eraser").start(() -> eraseMerged(partition, range)));
        });
    }

    /** Another replica of this node has taken all that one has, which may be open, or be opened just now. */
    private void eraseTaken(int partition) {
        synchronized (this) {
            if (hosted.containsKey(partition)) {
                letGo(partition);
                return;
            }
            if (isInUse(partition)) {
                return;
            }
            erasing.add(partition);
        }
        eraseMerged(partition, HeldRange.getDefaultInstance());
    }

    private void eraseMerged(int partition, HeldRange range) {
        try {
            inheritBefore(partition);
            if (OwnRange.taken(storage, partition).isPresent()) {
                ReplicaIdentity.eraseTaken(writeAheadLog.partition(partition), storage);
            } else {
                ReplicaIdentity.eraseForSnapshot(writeAheadLog.partition(partition), range, storage);
            }
            damageMarks.clear(partition);
            damaged.remove(partition);
            held.release(partition);
            erasing.remove(partition);
            tellDurable(partition);
            follow(catalogs.current());
        } catch (RuntimeException e) {
            onFault.accept(e);
        }
    }

    /** What was taken of the partition is durable. */
    private void tellDurable(int taken) {
        Runnable durable = takenDurable.remove(taken);
        if (durable != null) {
            durable.run();
        }
    }

    private void erase(PartitionRecord partition, TokenRange tokens) {
        try {
            inheritBefore(partition.getId());
            ReplicaIdentity.erase(
                    writeAheadLog.partition(partition.getId()),
                    tokens,
                    self,
                    storage,
                    bound -> ThreadLocalRandom.current().nextLong(bound));
            damageMarks.clear(partition.getId());
            damaged.remove(partition.getId());
            held.release(partition.getId());
            erasing.remove(partition.getId());
            follow(catalogs.current());
        } catch (RuntimeException e) {
            onFault.accept(e);
        }
    }

    /** Those that were split from a replica here, which has not come to that and goes. */
    private void inheritBefore(int erased) {
        Catalog catalog = catalogs.current();
        catalog.getPartitionsList().stream()
                .filter(child -> child.getParent() != 0 && child.getId() != erased)
                .filter(child -> Placements.nodesOf(child).contains(self))
                .forEach(child -> ReplicaIdentity.inherit(child, catalog, storage));
    }

    synchronized void open(PartitionRecord partition) {
        open(partition, partition.getReplicasList().getFirst().equals(self));
    }

    /** A replica of this node has been split, and the other partition's first state is in the storage. */
    private synchronized void openSplitOff(PartitionRecord child, boolean leadsFirst) {
        if (!hosted.containsKey(child.getId())) {
            open(child, leadsFirst);
        }
    }

    private synchronized void open(PartitionRecord partition, boolean preferredFirstLeader) {
        PartitionLog partitionLog = writeAheadLog.partition(partition.getId());
        if (OwnRange.taken(storage, partition.getId()).isPresent()) {
            if (isHere(partition.getId())) {
                ReplicaIdentity.eraseTaken(partitionLog, storage);
            }
            tellDurable(partition.getId());
            return;
        }
        Optional<LogDamage> damage = partitionLog.damage();
        damage.ifPresent(found -> damaged.put(partition.getId(), found));
        Member before;
        Member member;
        PartitionRange range;
        try {
            boolean toBeReplaced = damageMarks.reason(partition.getId()).isPresent();
            range = OwnRange.toOpen(partition, partitionLog, storage, toBeReplaced);
            if (partition.getId() != SYSTEM && !held.take(partition.getId(), OwnRange.tokens(range))) {
                waiting.add(partition.getId());
                return;
            }
            waiting.remove(partition.getId());
            ReplicaIdentity.inherit(partition, catalogs.current(), storage);
            before = ReplicaIdentity.of(partition.getId(), self, storage);
            member = ReplicaIdentity.recover(
                    partitionLog,
                    self,
                    storage,
                    Placements.joins(partition, self),
                    Placements.keepsLogAlone(partition, self),
                    bound -> ThreadLocalRandom.current().nextLong(bound));
            OwnRange.awaitSnapshotWhereSplit(partition, range, storage);
        } catch (StorageException e) {
            if (!e.damage()) {
                throw e;
            }
            // Not opened: the storage is replaced, and the node starts again.
            onFault.accept(e);
            return;
        }
        generations.note(partition.getId(), member.generation());
        boolean joins = Placements.joins(partition, self) || Placements.keepsLogAlone(partition, self);
        boolean harmed = damage.isPresent() || !joins;
        if (!member.equals(before) && harmed) {
            log.error(
                    "this node's replica of partition {} is damaged; it takes no part any more, until the others take it in"
                            + " as {}: {}",
                    partition.getId(),
                    member,
                    damage.isPresent() ? damage.get().toString() : "the storage is gone");
        }
        EventLoop loop = loops.get(partition.getId() % loops.size());
        Environment environment = new Environment(partition.getId(), loop);
        Replica replica;
        try {
            RaftConfig config =
                    RaftConfig.ofDefaults(member.name(), Placements.foundersOf(partition), preferredFirstLeader);
            replica = new Replica(
                    partition.getId(),
                    OwnRange.tokens(range),
                    range.getEpoch(),
                    config,
                    partitionLog,
                    storage,
                    environment);
        } catch (CorruptLogException e) {
            // Sound when the log was recovered, and no more.
            mending.put(partition.getId(), partition);
            startMending(partition, e);
            return;
        }
        environment.replica = replica;
        Predecessor predecessor = predecessors.remove(partition.getId());
        if (predecessor != null) {
            replica.succeeds(predecessor);
        }
        // In this order: once it is found, messages for it are posted, which the loop takes only for replicas of its
        // own.
        loop.adopt(replica);
        hosted.put(partition.getId(), new Hosted(partition, replica, loop, new LoadMeter(), new SizeMeter()));
        log.debug("opened partition {} with replicas {}", partition.getId(), partition.getReplicasList());
    }

    /**
     * A replica could not read back its log, and its loop has let go of it. Where the storage has applied what is lost, a
     * new replica goes on from there, as the member it was. Else the replica is damaged, and the new one is a new member. In
     * both cases it lets the followers elect that the one before it may have had.
     */
    synchronized void onCorrupt(Replica replica, CorruptLogException corrupt) {
        Hosted lost = hosted.remove(replica.partition());
        if (lost == null || lost.replica() != replica) {
            throw new IllegalStateException("partition " + replica.partition() + " is not open here", corrupt);
        }
        mending.put(replica.partition(), lost.record());
        predecessors.put(replica.partition(), replica.asPredecessor());
        replica.still().thenRun(() -> startMending(lost.record(), corrupt));
    }

    private void startMending(PartitionRecord partition, CorruptLogException corrupt) {
        log.error("{}", corrupt.getMessage());
        Thread.ofPlatform().name("mender").start(() -> {
            try {
                storage.flush();
                writeAheadLog.mend(corrupt, StateMachine.durablyApplied(storage, partition.getId()));
                reopen(partition);
            } catch (RuntimeException e) {
                onFault.accept(e);
            }
        });
    }

    private synchronized void reopen(PartitionRecord record) {
        mending.remove(record.getId());
        open(record, record.getReplicasList().getFirst().equals(self));
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
    CompletableFuture<Handover.Result> handOver(long giveUpNanos) {
        return Handover.of(hosted.values(), giveUpNanos);
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
            responder.respond(notHere(request));
            return;
        }
        target.load().note(request);
        switch (OperationKind.of(request)) {
            case READ -> {
                if (request.hasReadRange()) {
                    readInBackground(target.replica(), request, responder);
                } else {
                    guarded(() -> target.replica().read(request, responder), responder);
                }
            }
            case WRITE, INDEX, CONTENTS, GROUP -> {
                if (!target.loop().offer(target.replica(), replica -> replica.submit(request, responder))) {
                    responder.respond(refusal(Refusal.Code.OVERLOADED, "node " + self + " has too much to do"));
                }
            }
            case UNKNOWN ->
                responder.respond(refusal(Refusal.Code.INTERNAL, "node " + self + " does not know this operation"));
        }
    }

    private DataResponse.Builder notHere(DataRequest request) {
        boolean hasKeys = OperationKind.of(request).hasKeys();
        return (hasKeys ? OwnRange.taken(storage, request.getPartition()) : Optional.<HeldRange>empty())
                .filter(HeldRange::hasSeal)
                .map(taken -> DataResponse.newBuilder()
                        .setRefusal(Refusal.newBuilder()
                                .setCode(Refusal.Code.STALE_EPOCH)
                                .setMessage("the partition map is out of date")
                                .setMerge(taken.getSeal().getMerge())))
                .orElseGet(() -> refusal(
                        Refusal.Code.UNKNOWN_PARTITION,
                        "node " + self + " has no replica of partition " + request.getPartition()));
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
        RoutedClusterClient client = RoutedClusterClient.withCatalogOf(catalogs.current(), nodes::addressOf);
        catalogs.listen(client::offer);
        return client;
    }

    /** The one that all replicas share; made when it is first needed. */
    private RoutedClusterClient sharedClient() {
        // Not this object's own lock, under which replicas are opened: event loops come here.
        synchronized (sharedClientLock) {
            RoutedClusterClient known = sharedClient;
            if (known == null) {
                known = client();
                sharedClient = known;
            }
            return known;
        }
    }

    private CompletableFuture<Void> deliverHere(Hosted receiver, IndexBatch batch) {
        CompletableFuture<Void> taken = new CompletableFuture<>();
        DataRequest request = DataRequest.newBuilder()
                .setPartition(receiver.record().getId())
                .setEpoch(receiver.replica().epoch())
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
        private final int partition;
        private final EventLoop loop;
        private volatile @Nullable Replica replica;

        Environment(int partition, EventLoop loop) {
            this.partition = partition;
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
        public List<String> nodesOf(int moved) {
            return Placements.nodesOf(catalogs.current(), moved);
        }

        @Override
        public OptionalInt partitionOf(long token) {
            return sharedClient().knownPartitionOf(token).stream()
                    .mapToInt(PartitionRecord::getId)
                    .findFirst();
        }

        @Override
        public long mapEpoch() {
            return sharedClient().mapVersion();
        }

        @Override
        public CompletableFuture<Void> sendIndexBatch(int to, IndexBatch batch) {
            Hosted receiver = hosted.get(to);
            if (receiver != null && self.equals(receiver.replica().leader())) {
                // Where it is refused, the client learns why.
                return deliverHere(receiver, batch).exceptionallyCompose(refused -> sharedClient()
                        .takeIndexBatch(to, batch, Deadline.after(INDEX_BATCH_TIMEOUT)));
            }
            return sharedClient().takeIndexBatch(to, batch, Deadline.after(INDEX_BATCH_TIMEOUT));
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
        public boolean hold(TokenRange tokens) {
            return partition == SYSTEM || held.take(partition, tokens);
        }

        @Override
        public void split(TokenRange kept, PartitionRecord child, boolean here, boolean leads) {
            held.split(partition, kept, here ? Optional.of(child) : Optional.empty());
            // Not on the replica's own turn: replicas are opened under a lock.
            runInBackground(() -> openingReplicas(() -> {
                if (here) {
                    openSplitOff(child, leads);
                } else {
                    follow(catalogs.current());
                }
            }));
        }

        @Override
        public Optional<PartitionRange> rangeOf(int other) {
            return sharedClient().knownPartition(other).map(Splits::rangeOf);
        }

        @Override
        public boolean couldHold(TokenRange tokens, List<Integer> without) {
            return partition == SYSTEM || held.couldTake(partition, tokens, without);
        }

        @Override
        public boolean giveWay(List<Integer> partitions) {
            partitions.forEach(Partitions.this::letGo);
            return partitions.stream().noneMatch(other -> isInUse(other) || held.holds(other));
        }

        @Override
        public void proveSealed(int other, long index, long term) {
            Hosted target = hosted.get(other);
            if (target != null) {
                target.post(replica -> replica.proveCommitted(index, term));
            }
        }

        @Override
        public void took(int taken, TokenRange tokens, Runnable durable) {
            held.join(partition, tokens, taken);
            takenDurable.put(taken, () -> post(durable));
            runInBackground(() -> openingReplicas(() -> eraseTaken(taken)));
        }

        @Override
        public void snapshotInstalled() {
            runInBackground(() -> openingReplicas(() -> follow(catalogs.current())));
        }

        private void openingReplicas(Runnable task) {
            try {
                task.run();
            } catch (RuntimeException e) {
                onFault.accept(e);
            }
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

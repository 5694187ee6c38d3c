package dev.henge.node.runtime;

import dev.henge.catalog.ClusterVersion;
import dev.henge.cluster.CatalogSources;
import dev.henge.cluster.CatalogWatcher;
import dev.henge.cluster.Channels;
import dev.henge.membership.TokenRange;
import dev.henge.membership.gossip.MemberLoad;
import dev.henge.node.ClusterEntry;
import dev.henge.node.DataDirectory;
import dev.henge.node.NodeConfig;
import dev.henge.node.NodePlace;
import dev.henge.node.StartupException;
import dev.henge.node.StorageReplacedException;
import dev.henge.node.catalog.CatalogHolder;
import dev.henge.node.catalog.Merges;
import dev.henge.node.catalog.Nodes;
import dev.henge.node.catalog.Placements;
import dev.henge.node.liveness.LivenessConfig;
import dev.henge.node.log.AppliedStates;
import dev.henge.node.log.CorruptLogException;
import dev.henge.node.log.Disk;
import dev.henge.node.log.DiskProbe;
import dev.henge.node.log.FileSystemDisk;
import dev.henge.node.log.LogDamage;
import dev.henge.node.log.LogOptions;
import dev.henge.node.log.LogSyncer;
import dev.henge.node.log.SegmentArchive;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.partition.OwnRange;
import dev.henge.node.partition.Replica;
import dev.henge.node.partition.ReplicaIdentity;
import dev.henge.node.partition.ScrubResult;
import dev.henge.node.partition.StateMachine;
import dev.henge.node.snapshot.SnapshotOptions;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.RocksDbEngine;
import dev.henge.node.storage.RocksDbOptions;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.node.storage.StorageKeys;
import dev.henge.node.storage.WriteBatch;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.NodeStatusRequest;
import dev.henge.proto.PeerHello;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.PeerStatus;
import dev.henge.proto.ReplicaStatus;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of a node and how they hang together. Opened, it has recovered and answers requests; started, it also speaks to
 * the other nodes.
 */
public final class NodeRuntime implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NodeRuntime.class);

    private static final int LOOPS = 2;
    private static final int READERS = 4;
    private static final int READS_WAITING_MAX = 4096;
    private static final long PROBE_END_MILLIS_MAX = 1000;
    private static final long HANDOVER_MILLIS_MAX = 10_000;
    private static final long RETIREMENT_MILLIS = 1_000;
    private static final long SCRUB_BYTES_PER_SECOND = 64L << 20;

    private final NodeConfig config;
    private final NodePlace place;
    private final long startedNanos = MonotonicClock.nanoTime();
    private final DataDirectory directory;
    private final FileDamageMarks damageMarks;
    private final StorageKeeper storageKeeper;
    private final Generations generations;
    private final RocksDbEngine storage;
    private final NodeMeters meters;
    private final Consumer<Throwable> onFault;
    private final int storagesSetAside;
    private final AtomicBoolean condemned = new AtomicBoolean();
    private final WriteAheadLog writeAheadLog;
    private @Nullable LogSyncer syncer;
    private final CatalogHolder catalogs = new CatalogHolder();
    private final CatalogFile catalogFile;
    private final NodeDirectory nodes;
    private final PeerGate gate;
    private final PeerLinks peers;
    private final DiskProbe probe;
    private final ExecutorService prober;
    private final SupportExchange support;
    private final SupportTimer supportTimer;
    private final List<EventLoop> loops = new ArrayList<>();
    private final ExecutorService readers;
    private final Partitions partitions;
    private final Coordinator coordinator;
    private final Planning planning;
    private final DiskSpaceWatcher diskSpace;
    private final Checkpointer checkpointer;
    private final SlicedTaskRunner slicedTasks;
    private final Scrubber scrubber;
    private final ScheduledExecutorService retirements;
    private final Map<String, ManagedChannel> watchChannels = new ConcurrentHashMap<>();
    private final CatalogWatcher watcher;
    private final Registrar registrar;
    private @Nullable NodeGossip gossip;
    private long diskBytes;
    private boolean closed;

    private NodeRuntime(NodeConfig config, NodeMeters meters, UnaryOperator<Disk> logDisk, Consumer<Throwable> onFault)
            throws StartupException {
        this.config = config;
        this.place = config.place();
        this.meters = meters;
        directory = DataDirectory.open(config.dataDirectory(), place.cluster(), place.name());
        damageMarks = openDamageMarks();
        storageKeeper = new StorageKeeper(
                directory, RocksDbOptions.withCache(config.limits().cacheBytes()), damageMarks, Clock.systemUTC());
        storage = storageKeeper.open();
        storagesSetAside = storageKeeper.setAsideCount();
        this.onFault = onFault;
        generations = openGenerations();
        Disk disk = logDisk.apply(openDisk());
        writeAheadLog = openLog(new MeteredDisk(disk, meters::logSynced), this::fault);
        beginAnewWhereVotesAreForgotten();
        markStatesLostWithTheStorage();
        probe = openProbe(disk);
        Map<String, String> founders =
                config.entry() instanceof ClusterEntry.Founding founding ? founding.founders() : Map.of();
        catalogFile = new CatalogFile(directory.path().resolve("catalog"));
        catalogFile.read(directory.identity().clusterId()).ifPresent(catalogs::offer);
        nodes = new NodeDirectory(place.name(), founders, catalogs);
        gate = new PeerGate(place.name(), place.cluster(), founders.keySet(), catalogs);
        peers = new PeerLinks(
                this::hello,
                this::onPeerUnreachable,
                reason ->
                        onFault.accept(new IllegalStateException("the other nodes do not let this one in: " + reason)));
        for (int i = 0; i < LOOPS; i++) {
            loops.add(new EventLoop(place.name() + "-loop-" + i, peers::flush, this::onCorruptLog, this::fault));
        }
        readers = new ThreadPoolExecutor(
                READERS,
                READERS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(READS_WAITING_MAX),
                Thread.ofPlatform().daemon().name(place.name() + "-reader-", 0).factory());
        slicedTasks = new SlicedTaskRunner(place.name() + "-checksums", SCRUB_BYTES_PER_SECOND, this::fault);
        prober = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name(place.name() + "-disk-probe").factory());
        support = new SupportExchange(
                LivenessConfig.DEFAULTS,
                place.name(),
                nodes.others().keySet(),
                MonotonicClock::nanoTime,
                bound -> ThreadLocalRandom.current().nextLong(bound),
                new SupportPort());
        supportTimer = new SupportTimer(place.name() + "-support", support, this::fault);
        partitions = new Partitions(
                place.name(),
                loops,
                writeAheadLog,
                storage,
                peers,
                support,
                catalogs,
                readers,
                damageMarks,
                generations,
                slicedTasks,
                meters,
                nodes,
                openSnapshots(),
                config.limits().itemCollectionBytesMax(),
                this::fault);
        scrubber = new Scrubber(
                place.name(),
                partitions,
                storage,
                config.limits().scrubInterval(),
                System::currentTimeMillis,
                this::fault);
        retirements = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name(place.name() + "-retirements").factory());
        planning = new Planning(place.name(), partitions, statuses());
        coordinator = new Coordinator(founding(config), partitions, this::instanceOf, statuses());
        registrar = new Registrar(
                said(),
                place.cluster(),
                catalogs,
                partitions::client,
                reason ->
                        onFault.accept(new IllegalStateException("the cluster does not take this node in: " + reason)));
        diskSpace = watchDiskSpace();
        checkpointer = new Checkpointer(
                writeAheadLog, storage, partitions, config.limits().logBytesMax(), diskSpace::level, this::fault);
        catalogs.listen(catalog -> checkIdentity(catalog, onFault));
        catalogs.listen(catalog -> followNodes());
        catalogs.listen(partitions::follow);
        catalogs.listen(catalog -> coordinator.wake());
        catalogs.listen(catalog -> planning.wake());
        catalogs.listen(catalog -> registrar.wake());
        boolean begins = catalogs.current().getEpoch() == 0;
        if (begins && CoordinatorStep.systemReplicas(founders).contains(place.name())) {
            partitions.open(CoordinatorStep.systemPartition(founders));
        }
        followNodes();
        // Also where the system partition has a replica: that may be damaged, and the others wait for the catalog.
        watcher = new CatalogWatcher(
                this::sources,
                address -> watchChannels.computeIfAbsent(address, Channels::open),
                () -> catalogs.current().getEpoch(),
                true,
                catalogs::offer);
    }

    private static CoordinatorStep.Founding founding(NodeConfig config) {
        return switch (config.entry()) {
            case ClusterEntry.Founding founding ->
                new CoordinatorStep.Founding(
                        config.place().cluster(),
                        founding.founders(),
                        founding.partitions(),
                        config.clusterVersionMax());
            case ClusterEntry.Joining joining -> CoordinatorStep.Founding.NONE;
        };
    }

    /** What this node says of itself. */
    private NodeRecord said() {
        return NodeRecord.newBuilder()
                .setName(place.name())
                .setInstanceId(directory.identity().instanceId())
                .setAddress(place.address())
                .setZone(place.zone())
                .setWeight(place.weight())
                .setVersion(version())
                .setHighestClusterVersion(config.clusterVersionMax())
                .build();
    }

    private static String version() {
        return Optional.ofNullable(NodeRuntime.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    private CatalogSources sources() {
        return CatalogSources.of(
                        catalogs.current(), nodes::addressOf, config.entry().seeds())
                .without(place.address());
    }

    /** Keeps up the streams to the other nodes, and the exchange of support. */
    private void followNodes() {
        Map<String, String> others = nodes.others();
        others.keySet().forEach(support::peer);
        peers.follow(others);
        Set<String> watchable = Set.copyOf(sources().all());
        watchChannels.entrySet().removeIf(channel -> {
            boolean gone = !watchable.contains(channel.getKey());
            if (gone) {
                channel.getValue().shutdownNow();
            }
            return gone;
        });
    }

    private void onMembers() {
        NodeGossip running = gossip;
        if (running != null && nodes.hear(running.members())) {
            followNodes();
        }
    }

    private MemberLoad load() {
        List<Partitions.Hosted> hosted = List.copyOf(partitions.all());
        long leaders = hosted.stream()
                .filter(each -> each.replica().status().getRole() == ReplicaStatus.Role.LEADER)
                .count();
        return new MemberLoad(
                storage.sizeBytes() + writeAheadLog.liveBytes(),
                diskBytes,
                hosted.size(),
                (int) leaders,
                0,
                catalogs.current().getEpoch());
    }

    /**
     * @param logDisk put before the disk of the write-ahead log; the identity but in tests
     * @param onFault told once when the node can't go on
     */
    public static NodeRuntime open(
            NodeConfig config, NodeMeters meters, UnaryOperator<Disk> logDisk, Consumer<Throwable> onFault)
            throws StartupException {
        return new NodeRuntime(config, meters, logDisk, onFault);
    }

    /** Whether the node knows its partitions and every replica that is not being rebuilt knows a leader. */
    public boolean ready() {
        Catalog catalog = catalogs.current();
        return Nodes.find(catalog, place.name()).isPresent()
                && partitions.hasOpened(catalog)
                && partitions.all().stream()
                        .map(hosted -> hosted.replica())
                        .allMatch(replica -> replica.leader() != null || !replica.usable());
    }

    public NodeNumbers numbers() {
        long leaders = 0;
        long rebuilding = 0;
        long lagMax = 0;
        for (Partitions.Hosted hosted : partitions.all()) {
            ReplicaStatus replica = hosted.replica().status();
            leaders += replica.getRole() == ReplicaStatus.Role.LEADER ? 1 : 0;
            rebuilding += replica.getInstallingSnapshot() ? 1 : 0;
            lagMax = Math.max(lagMax, replica.getCommitIndex() - replica.getAppliedIndex());
        }
        Map<String, Long> scrubRuns = new HashMap<>();
        for (ScrubResult.Outcome outcome : ScrubResult.Outcome.values()) {
            scrubRuns.put(outcome.name(), scrubber.count(outcome));
        }
        Map<String, Long> storageNumbers = new HashMap<>();
        NodeNumbers.STORAGE_PROPERTIES
                .values()
                .forEach(property -> storageNumbers.put(property, storage.number(property)));
        return new NodeNumbers(
                partitions.all().size(),
                leaders,
                damageMarks.all().size(),
                rebuilding,
                damageMarks.markedCount(),
                damageMarks.clearedCount(),
                storagesSetAside,
                lagMax,
                loops.stream().mapToLong(EventLoop::waiting).max().orElse(0),
                peers.status().stream().filter(PeerStatus::getConnected).count(),
                writeAheadLog.liveBytes(),
                partitions.snapshotSentBytes(),
                partitions.snapshotReceivedBytes(),
                scrubRuns,
                scrubber.mismatchCount(),
                scrubber.bytesCompared(),
                scrubber.lastDoneWallMillis() / 1000.0,
                storageNumbers);
    }

    public List<BindableService> services() {
        return List.of(
                new ReplicationService(gate, this::hello, this::onMessage),
                new DataPlaneService(partitions::onRequest),
                new AdminService(catalogs, this::status, scrubber));
    }

    /** @throws StartupException when the gossip's port is taken */
    public void start() throws StartupException {
        gossip = NodeGossip.start(
                place,
                UUID.fromString(directory.identity().instanceId()),
                version(),
                directory.identity().clusterId(),
                config.entry().seeds(),
                this::load,
                this::onMembers);
        syncer = LogSyncer.start(writeAheadLog, position -> {
            loops.forEach(loop -> loop.durable(position));
            support.onSynced();
        });
        // The log was synced when it was opened.
        support.onSynced();
        loops.forEach(EventLoop::start);
        peers.connect();
        supportTimer.start();
        coordinator.start();
        planning.start();
        registrar.start();
        diskSpace.start();
        checkpointer.start();
        scrubber.start();
        retirements.scheduleWithFixedDelay(this::retire, RETIREMENT_MILLIS, RETIREMENT_MILLIS, TimeUnit.MILLISECONDS);
    }

    private NodeStatuses statuses() {
        return new NodeStatuses(place.name(), nodes::addressOf, this::status);
    }

    private void retire() {
        try {
            partitions.retire();
        } catch (RuntimeException e) {
            fault(e);
        }
    }

    /** Stops the node; or, when it is the storage that is damaged, has it replaced. */
    private void fault(Throwable cause) {
        if (!(cause instanceof StorageException damaged) || !damaged.damage()) {
            onFault.accept(cause);
            return;
        }
        if (!condemned.compareAndSet(false, true)) {
            return;
        }
        Map<Integer, TokenRange> hosted = new TreeMap<>();
        hosted.put(Partitions.SYSTEM, new TokenRange(0, 0));
        Merges.partitionsWithMerged(catalogs.current())
                .filter(record -> partitions.find(record.getId()).isPresent()
                        || Placements.nodesOf(record).contains(place.name()))
                .forEach(record -> hosted.put(
                        record.getId(),
                        partitions
                                .find(record.getId())
                                .map(open -> open.replica().tokens())
                                .orElse(new TokenRange(record.getStartToken(), record.getEndToken()))));
        try {
            storageKeeper.condemn(String.valueOf(damaged.getMessage()), hosted);
        } catch (IOException e) {
            damaged.addSuppressed(e);
            onFault.accept(damaged);
            return;
        }
        onFault.accept(new StorageReplacedException("its storage is damaged: " + damaged.getMessage(), damaged));
    }

    private FileDamageMarks openDamageMarks() throws StartupException {
        try {
            return FileDamageMarks.open(directory.damaged());
        } catch (IOException | NumberFormatException e) {
            throw new StartupException("The directory " + directory.damaged() + " can't be read: " + e.getMessage(), e);
        }
    }

    private Generations openGenerations() throws StartupException {
        try {
            Generations noted = Generations.open(directory.path().resolve("generations"));
            try {
                noted.restore(storage);
            } catch (StorageException e) {
                if (!e.damage()) {
                    throw e;
                }
                // It will be replaced, and then has none of them.
                log.warn("the storage can't be read throughout: {}", e.getMessage());
            }
            return noted;
        } catch (IOException | StorageException e) {
            throw new StartupException(
                    "node " + place.name() + " can't recover which replicas it has: " + e.getMessage(), e);
        }
    }

    /** What can't be read counts as not applied: the replica finds out by itself that it is damaged. */
    private Optional<AppliedStates.Applied> durablyApplied(int partition) {
        try {
            return StateMachine.durablyApplied(storage, partition);
        } catch (StorageException e) {
            if (!e.damage()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /**
     * A storage that has applied entries beside a log that has never voted: the log was removed or emptied. Such a replica
     * has forgotten what it promised and what it acknowledged; it must not go on as the member it was, or acknowledged
     * writes could be lost with its help.
     */
    private void beginAnewWhereVotesAreForgotten() {
        List<Integer> forgotten = new ArrayList<>();
        try (StorageEngine.View view = storage.view()) {
            for (int partition : StorageKeys.partitionsIn(view)) {
                boolean applied = view.get(StorageKeys.appliedKey(partition)) != null;
                boolean neverVoted = !writeAheadLog.partitions().contains(partition)
                        || (writeAheadLog.partition(partition).hardState().term() == 0
                                && writeAheadLog.partition(partition).damage().isEmpty());
                if (applied && neverVoted && !wasJustSplitOff(view, partition)) {
                    forgotten.add(partition);
                }
            }
        } catch (StorageException e) {
            if (!e.damage()) {
                throw e;
            }
            // The replicas will find out themselves, one by one.
            log.warn("the storage can't be read throughout: {}", e.getMessage());
        }
        for (int partition : forgotten) {
            log.error(
                    "the log of partition {} is gone: this node's replica has forgotten its votes and begins anew, as a"
                            + " member that the others must take in",
                    partition);
            ReplicaIdentity.beginAnew(
                    partition,
                    place.name(),
                    storage,
                    1 + ThreadLocalRandom.current().nextLong(Long.MAX_VALUE));
        }
    }

    /** A crash may come between a split and the first thing that the new replica writes into its log. */
    private boolean wasJustSplitOff(StorageEngine.View view, int partition) {
        OptionalInt parent = OwnRange.foundedBy(view, partition);
        return parent.isPresent()
                && writeAheadLog.partition(parent.getAsInt()).hardState().term() > 0;
    }

    /**
     * A state that went with a storage that was replaced is to be rebuilt from a snapshot; the log beside it is sound, so
     * the replica stays the member it was. Without the mark it would be taken for one that has forgotten who it is.
     */
    private void markStatesLostWithTheStorage() {
        if (!storageKeeper.replaced()) {
            return;
        }
        WriteBatch marks = new WriteBatch();
        for (int partition : writeAheadLog.partitions()) {
            boolean known = storage.get(StorageKeys.appliedKey(partition)) != null
                    || storage.get(StorageKeys.installingKey(partition)) != null;
            if (!known && writeAheadLog.partition(partition).baseIndex() > 0) {
                marks.put(StorageKeys.installingKey(partition), new byte[0]);
            }
        }
        if (!marks.isEmpty()) {
            storage.write(marks);
            storage.flush();
        }
    }

    private PeerHello hello() {
        return PeerHello.newBuilder()
                .setCluster(place.cluster())
                .setClusterId(directory.identity().clusterId())
                .setNode(place.name())
                .setInstanceId(directory.identity().instanceId())
                .build();
    }

    private Optional<String> instanceOf(String node) {
        return node.equals(place.name()) ? Optional.of(directory.identity().instanceId()) : gate.instanceSeen(node);
    }

    private Disk openDisk() throws StartupException {
        try {
            return config.ephemeral()
                    ? FileSystemDisk.openUnsynced(directory.log())
                    : FileSystemDisk.open(directory.log());
        } catch (IOException e) {
            throw cannotOpenLog(e);
        }
    }

    private DiskProbe openProbe(Disk disk) throws StartupException {
        try {
            return DiskProbe.open(disk);
        } catch (IOException e) {
            throw cannotOpenLog(e);
        }
    }

    private WriteAheadLog openLog(Disk disk, Consumer<Throwable> onFault) throws StartupException {
        try {
            WriteAheadLog opened = WriteAheadLog.open(
                    disk,
                    LogOptions.ofHeap(Runtime.getRuntime().maxMemory()),
                    SegmentArchive.NONE,
                    this::durablyApplied,
                    onFault::accept);
            opened.damagedPlaces().forEach(place -> log.error("the write-ahead log is damaged: {}", place));
            return opened;
        } catch (IOException e) {
            throw cannotOpenLog(e);
        }
    }

    private SnapshotResources openSnapshots() throws StartupException {
        try {
            return new SnapshotResources(SnapshotOptions.ofRate(config.limits().snapshotBytesPerSecond()), storage);
        } catch (IOException e) {
            throw new StartupException(
                    "node " + place.name() + " can't clear its old snapshots away: " + e.getMessage(), e);
        }
    }

    private DiskSpaceWatcher watchDiskSpace() throws StartupException {
        try {
            diskBytes = Files.getFileStore(directory.storage()).getTotalSpace();
            long logDiskBytes = Files.getFileStore(directory.log()).getTotalSpace();
            return new DiskSpaceWatcher(
                    FileSystemDisk.open(directory.log()),
                    FileSystemDisk.open(directory.storage()),
                    writeAheadLog,
                    storage,
                    DiskSpace.of(config.limits().cacheBytes() / 2, Math.min(logDiskBytes, diskBytes)));
        } catch (IOException e) {
            throw new StartupException(
                    "node " + place.name() + " can't tell what is free on its disk: " + e.getMessage(), e);
        }
    }

    private StartupException cannotOpenLog(IOException e) {
        return new StartupException(
                "node " + place.name() + " can't open its log in " + directory.log() + ": " + e.getMessage(), e);
    }

    /** The cluster this node belongs to, and its own place in it, must be those that the data directory is from. */
    private void checkIdentity(Catalog catalog, Consumer<Throwable> onFault) {
        String instance = directory.identity().instanceId();
        if (!catalog.getClusterName().isEmpty() && !catalog.getClusterName().equals(place.cluster())) {
            onFault.accept(new IllegalStateException("the cluster of the other nodes is named \""
                    + catalog.getClusterName() + "\", not \"" + place.cluster()
                    + "\"; check --cluster and the addresses"));
            return;
        }
        if (catalog.getRemovedInstancesList().contains(instance)) {
            onFault.accept(new IllegalStateException("node " + place.name()
                    + " was removed from the cluster; to come in again it needs an empty data directory"));
            return;
        }
        if (ClusterVersion.of(catalog) > config.clusterVersionMax()) {
            onFault.accept(new IllegalStateException(
                    ClusterVersion.tooOld(place.name(), config.clusterVersionMax(), ClusterVersion.of(catalog))));
            return;
        }
        Optional<NodeRecord> known = Nodes.find(catalog, place.name());
        if (known.isEmpty()) {
            // Not in yet.
            return;
        }
        Optional<String> knownInstance = Nodes.instanceOf(catalog, place.name());
        if (knownInstance.isPresent() && !knownInstance.get().equals(instance)) {
            onFault.accept(new IllegalStateException("the cluster knows node " + place.name()
                    + " with another data directory (" + knownInstance.get() + ", this one is " + instance
                    + "); start it with that one, an empty one has forgotten what it acknowledged"));
            return;
        }
        try {
            directory.joinCluster(catalog.getClusterId());
        } catch (StartupException e) {
            onFault.accept(e);
            return;
        }
        catalogFile.keep(catalog);
        NodeGossip running = gossip;
        if (running != null) {
            running.joined(catalog.getClusterId());
        }
    }

    private void onCorruptLog(Replica replica, CorruptLogException corrupt) {
        partitions.onCorrupt(replica, corrupt);
    }

    private void onMessage(String from, PeerMessage message) {
        if (message.hasSupport()) {
            support.onMessage(from, message.getSupport());
            return;
        }
        partitions.onMessage(from, message);
    }

    private void probeDisk() {
        boolean succeeded = false;
        try {
            probe.run();
            succeeded = true;
        } catch (IOException e) {
            log.warn("the disk of the log could not be probed: {}", e.toString());
        }
        support.onProbed(succeeded);
    }

    private void onPeerUnreachable(String node) {
        partitions.onPeerUnreachable(node);
    }

    private NodeStatusReply status(NodeStatusRequest request) {
        Catalog catalog = catalogs.current();
        NodeStatusReply.Builder reply = NodeStatusReply.newBuilder()
                .setNode(place.name())
                .setInstanceId(directory.identity().instanceId())
                .setCluster(place.cluster())
                .setClusterId(catalog.getClusterId())
                .setAddress(place.address())
                .setVersion(version())
                .setUptimeMillis(TimeUnit.NANOSECONDS.toMillis(MonotonicClock.nanoTime() - startedNanos))
                .setCatalogEpoch(catalog.getEpoch())
                .addAllPeers(peers.status())
                .setLogBytes(writeAheadLog.liveBytes())
                .setDataBytes(storage.sizeBytes())
                .setStoragesSetAside(storagesSetAside)
                .setDiskSpace(diskSpace.level().name().toLowerCase(Locale.ROOT));
        Map<Integer, LogDamage> damaged = partitions.damaged();
        for (Partitions.Hosted hosted : partitions.all()) {
            ReplicaStatus status = hosted.replica().status();
            LogDamage damage = damaged.get(hosted.replica().partition());
            boolean takenIn = status.getVotersList().contains(status.getMember());
            ReplicaStatus told = damage != null && !takenIn
                    ? status.toBuilder().setDamage(damage.toString()).build()
                    : status;
            reply.addReplicas(
                    request.getWithLoad()
                            ? hosted.sizes().in(hosted.load().in(told), catalog, storage, MonotonicClock.nanoTime())
                            : told);
        }
        if (request.getWithLoad()) {
            addDisk(reply);
        }
        planning.report().ifPresent(reply::setCoordinator);
        NodeGossip running = gossip;
        if (running != null) {
            reply.addAllRouters(running.routers());
        }
        return reply.build();
    }

    /** Of the disks of the log and of the storage, the fuller one. */
    private void addDisk(NodeStatusReply.Builder reply) {
        try {
            DiskUse ofLog = DiskUse.of(Files.getFileStore(directory.log()));
            DiskUse ofStorage = DiskUse.of(Files.getFileStore(directory.storage()));
            DiskUse fuller = ofLog.share() > ofStorage.share() ? ofLog : ofStorage;
            reply.setDiskUsedBytes(fuller.usedBytes()).setDiskTotalBytes(fuller.totalBytes());
        } catch (IOException e) {
            log.warn("what is free on the node's disks is not known: {}", e.toString());
            reply.clearDiskUsedBytes().clearDiskTotalBytes();
        }
    }

    /**
     * Hands over the leadership of all partitions, so that clients hardly notice that this node stops. Afterwards it still
     * answers, and tells who leads. Returns once that is done, or after a time that is bounded.
     *
     * @return whether this node leads nothing any more
     */
    public boolean handOver() {
        long startedNanos = MonotonicClock.nanoTime();
        try {
            long giveUpNanos = startedNanos + TimeUnit.MILLISECONDS.toNanos(HANDOVER_MILLIS_MAX);
            Handover.Result result = partitions.handOver(giveUpNanos).get(HANDOVER_MILLIS_MAX, TimeUnit.MILLISECONDS);
            log.info(
                    "handed over the leadership of {} partitions in {} ms",
                    result.handedOver(),
                    TimeUnit.NANOSECONDS.toMillis(MonotonicClock.nanoTime() - startedNanos));
            if (result.kept() > 0) {
                log.info("nobody took over {} partitions that this node leads", result.kept());
            }
            return result.kept() == 0;
        } catch (TimeoutException e) {
            log.warn("this node stops and still leads partitions: nobody took them over in time");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a handover never fails", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (gossip != null) {
            gossip.close();
        }
        retirements.shutdownNow();
        planning.close();
        registrar.close();
        coordinator.close();
        watcher.close();
        watchChannels.values().forEach(ManagedChannel::shutdownNow);
        checkpointer.close();
        diskSpace.close();
        supportTimer.close();
        scrubber.close();
        slicedTasks.close();
        peers.close();
        loops.forEach(EventLoop::close);
        readers.shutdownNow();
        if (syncer != null) {
            syncer.close();
        }
        closeProbe();
        writeAheadLog.close();
        try {
            storage.close();
        } catch (StorageException e) {
            // What was not flushed is in the log.
            log.warn("the storage did not close well: {}", e.getMessage());
        }
        catalogFile.close();
        directory.close();
    }

    /** Does not wait for a disk that hangs: the probe has nothing to lose. */
    private void closeProbe() {
        prober.shutdown();
        try {
            if (prober.awaitTermination(PROBE_END_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
                probe.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            log.warn("the probe of the disk could not be closed: {}", e.toString());
        }
    }

    private final class SupportPort implements SupportExchange.Port {

        @Override
        public void send(String node, PeerMessage message) {
            peers.send(node, message);
        }

        @Override
        public void supportChanged(String node) {
            loops.forEach(loop -> loop.supportChanged(node));
        }

        @Override
        public void probeDisk() {
            try {
                prober.execute(NodeRuntime.this::probeDisk);
            } catch (RejectedExecutionException e) {
                log.debug("no probe of the disk: the node stops");
            }
        }
    }
}

package dev.henge.node.runtime;

import dev.henge.cluster.CatalogWatcher;
import dev.henge.cluster.Channels;
import dev.henge.node.DataDirectory;
import dev.henge.node.NodeConfig;
import dev.henge.node.StartupException;
import dev.henge.node.catalog.CatalogHolder;
import dev.henge.node.liveness.LivenessConfig;
import dev.henge.node.log.CorruptLogException;
import dev.henge.node.log.Disk;
import dev.henge.node.log.DiskProbe;
import dev.henge.node.log.FileSystemDisk;
import dev.henge.node.log.LogDamage;
import dev.henge.node.log.LogOptions;
import dev.henge.node.log.LogSyncer;
import dev.henge.node.log.SegmentArchive;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.partition.Replica;
import dev.henge.node.partition.StateMachine;
import dev.henge.node.snapshot.SnapshotOptions;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.RocksDbEngine;
import dev.henge.node.storage.RocksDbOptions;
import dev.henge.node.storage.StorageEngine;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PeerHello;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.ReplicaStatus;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
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
    private static final long HANDOVER_MILLIS_MAX = 5_000;

    private final NodeConfig config;
    private final long startedNanos = MonotonicClock.nanoTime();
    private final DataDirectory directory;
    private final StorageEngine storage;
    private final WriteAheadLog writeAheadLog;
    private @Nullable LogSyncer syncer;
    private final CatalogHolder catalogs = new CatalogHolder();
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
    private final DiskSpaceWatcher diskSpace;
    private final Checkpointer checkpointer;
    private final Map<String, ManagedChannel> watchChannels = new ConcurrentHashMap<>();
    private final CatalogWatcher watcher;
    private boolean closed;

    private NodeRuntime(NodeConfig config, UnaryOperator<Disk> logDisk, Consumer<Throwable> onFault)
            throws StartupException {
        this.config = config;
        directory = DataDirectory.open(config.dataDirectory(), config.cluster(), config.name());
        storage = RocksDbEngine.open(directory.storage(), RocksDbOptions.withCache(config.cacheBytes()));
        Disk disk = logDisk.apply(openDisk());
        writeAheadLog = openLog(disk, onFault);
        probe = openProbe(disk);
        gate = new PeerGate(config.cluster(), config.nodes().keySet(), catalogs);
        Map<String, String> others = config.nodes().entrySet().stream()
                .filter(node -> !node.getKey().equals(config.name()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        peers = new PeerLinks(
                others,
                this::hello,
                this::onPeerUnreachable,
                reason ->
                        onFault.accept(new IllegalStateException("the other nodes do not let this one in: " + reason)));
        for (int i = 0; i < LOOPS; i++) {
            loops.add(new EventLoop(config.name() + "-loop-" + i, peers::flush, this::onCorruptLog, onFault));
        }
        readers = new ThreadPoolExecutor(
                READERS,
                READERS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(READS_WAITING_MAX),
                Thread.ofPlatform().daemon().name(config.name() + "-reader-", 0).factory());
        prober = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name(config.name() + "-disk-probe").factory());
        support = new SupportExchange(
                LivenessConfig.DEFAULTS,
                config.name(),
                others.keySet(),
                MonotonicClock::nanoTime,
                bound -> ThreadLocalRandom.current().nextLong(bound),
                new SupportPort());
        supportTimer = new SupportTimer(config.name() + "-support", support, onFault);
        partitions = new Partitions(
                config.name(),
                loops,
                writeAheadLog,
                storage,
                peers,
                support,
                catalogs,
                readers,
                openSnapshots(),
                onFault);
        coordinator = new Coordinator(config.nodes(), config.partitions(), partitions, this::instanceOf);
        diskSpace = watchDiskSpace();
        checkpointer =
                new Checkpointer(writeAheadLog, storage, partitions, config.logBytesMax(), diskSpace::level, onFault);
        catalogs.listen(catalog -> checkIdentity(catalog, onFault));
        catalogs.listen(partitions::follow);
        catalogs.listen(catalog -> coordinator.wake());
        if (CoordinatorStep.systemReplicas(config.nodes()).contains(config.name())) {
            partitions.open(CoordinatorStep.systemPartition(config.nodes()));
        }
        // Also where the system partition has a replica: that may be damaged, and the others wait for the catalog.
        watcher = new CatalogWatcher(
                () -> List.copyOf(others.values()),
                address -> watchChannels.computeIfAbsent(address, Channels::open),
                () -> catalogs.current().getEpoch(),
                catalogs::offer);
    }

    /**
     * @param logDisk put before the disk of the write-ahead log; the identity but in tests
     * @param onFault told once when the node can't go on
     */
    public static NodeRuntime open(NodeConfig config, UnaryOperator<Disk> logDisk, Consumer<Throwable> onFault)
            throws StartupException {
        return new NodeRuntime(config, logDisk, onFault);
    }

    public List<BindableService> services() {
        return List.of(
                new ReplicationService(gate, this::hello, this::onMessage),
                new DataPlaneService(partitions::onRequest),
                new AdminService(catalogs, this::status));
    }

    public void start() {
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
        diskSpace.start();
        checkpointer.start();
    }

    private PeerHello hello() {
        return PeerHello.newBuilder()
                .setCluster(config.cluster())
                .setClusterId(directory.identity().clusterId())
                .setNode(config.name())
                .setInstanceId(directory.identity().instanceId())
                .build();
    }

    private Optional<String> instanceOf(String node) {
        return node.equals(config.name()) ? Optional.of(directory.identity().instanceId()) : gate.instanceSeen(node);
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
                    LogOptions.DEFAULTS,
                    SegmentArchive.NONE,
                    partition -> StateMachine.durablyApplied(storage, partition),
                    onFault::accept);
            opened.damagedPlaces().forEach(place -> log.error("the write-ahead log is damaged: {}", place));
            return opened;
        } catch (IOException e) {
            throw cannotOpenLog(e);
        }
    }

    private SnapshotResources openSnapshots() throws StartupException {
        try {
            return new SnapshotResources(SnapshotOptions.ofRate(config.snapshotBytesPerSecond()), storage);
        } catch (IOException e) {
            throw new StartupException(
                    "node " + config.name() + " can't clear its old snapshots away: " + e.getMessage(), e);
        }
    }

    private DiskSpaceWatcher watchDiskSpace() throws StartupException {
        try {
            long logDiskBytes = Files.getFileStore(directory.log()).getTotalSpace();
            long storageDiskBytes = Files.getFileStore(directory.storage()).getTotalSpace();
            return new DiskSpaceWatcher(
                    FileSystemDisk.open(directory.log()),
                    FileSystemDisk.open(directory.storage()),
                    writeAheadLog,
                    storage,
                    DiskSpace.of(config.cacheBytes() / 2, Math.min(logDiskBytes, storageDiskBytes)));
        } catch (IOException e) {
            throw new StartupException(
                    "node " + config.name() + " can't tell what is free on its disk: " + e.getMessage(), e);
        }
    }

    private StartupException cannotOpenLog(IOException e) {
        return new StartupException(
                "node " + config.name() + " can't open its log in " + directory.log() + ": " + e.getMessage(), e);
    }

    /** The cluster this node belongs to, and its own place in it, must be those that the data directory is from. */
    private void checkIdentity(Catalog catalog, Consumer<Throwable> onFault) {
        try {
            directory.joinCluster(catalog.getClusterId());
        } catch (StartupException e) {
            onFault.accept(e);
        }
        Optional<String> known = PeerGate.registeredInstance(catalog, config.name());
        if (known.isPresent() && !known.get().equals(directory.identity().instanceId())) {
            onFault.accept(new IllegalStateException("the cluster knows node " + config.name()
                    + " with another data directory (" + known.get() + ", this one is "
                    + directory.identity().instanceId()
                    + "); start it with that one, an empty one has forgotten what it acknowledged"));
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

    private NodeStatusReply status() {
        Catalog catalog = catalogs.current();
        NodeStatusReply.Builder reply = NodeStatusReply.newBuilder()
                .setNode(config.name())
                .setInstanceId(directory.identity().instanceId())
                .setCluster(config.cluster())
                .setClusterId(catalog.getClusterId())
                .setAddress(config.nodes().get(config.name()))
                .setVersion(Optional.ofNullable(getClass().getPackage().getImplementationVersion())
                        .orElse("development"))
                .setUptimeMillis(TimeUnit.NANOSECONDS.toMillis(MonotonicClock.nanoTime() - startedNanos))
                .setCatalogEpoch(catalog.getEpoch())
                .addAllPeers(peers.status())
                .setLogBytes(writeAheadLog.liveBytes())
                .setDataBytes(storage.sizeBytes())
                .setDiskSpace(diskSpace.level().name().toLowerCase(Locale.ROOT));
        Map<Integer, LogDamage> damaged = partitions.damaged();
        for (Partitions.Hosted hosted : partitions.all()) {
            ReplicaStatus status = hosted.replica().status();
            LogDamage damage = damaged.get(hosted.replica().partition());
            boolean takenIn = status.getVotersList().contains(status.getMember());
            reply.addReplicas(
                    damage != null && !takenIn
                            ? status.toBuilder().setDamage(damage.toString()).build()
                            : status);
        }
        return reply.build();
    }

    /**
     * Hands over the leadership of all partitions, so that clients hardly notice that this node stops. Afterwards it still
     * answers, and tells who leads. Returns once that is done, or after a time that is bounded.
     */
    public void handOver() {
        try {
            partitions.handOver().get(HANDOVER_MILLIS_MAX, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            log.warn("this node stops and still leads partitions: nobody took them over in time");
        } catch (ExecutionException e) {
            throw new IllegalStateException("a handover never fails", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        coordinator.close();
        watcher.close();
        watchChannels.values().forEach(ManagedChannel::shutdownNow);
        checkpointer.close();
        diskSpace.close();
        supportTimer.close();
        peers.close();
        loops.forEach(EventLoop::close);
        readers.shutdownNow();
        if (syncer != null) {
            syncer.close();
        }
        closeProbe();
        writeAheadLog.close();
        storage.close();
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

package dev.henge.node.runtime;

import dev.henge.cluster.CatalogWatcher;
import dev.henge.cluster.Channels;
import dev.henge.node.DataDirectory;
import dev.henge.node.NodeConfig;
import dev.henge.node.StartupException;
import dev.henge.node.catalog.CatalogHolder;
import dev.henge.node.log.Disk;
import dev.henge.node.log.FileSystemDisk;
import dev.henge.node.log.LogOptions;
import dev.henge.node.log.LogSyncer;
import dev.henge.node.log.WriteAheadLog;
import dev.henge.node.snapshot.SnapshotOptions;
import dev.henge.node.snapshot.SnapshotResources;
import dev.henge.node.storage.RocksDbEngine;
import dev.henge.node.storage.RocksDbOptions;
import dev.henge.node.storage.StorageEngine;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PeerHello;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a node and how they hang together. Opened, it has recovered and answers requests; started, it also speaks to
 * the other nodes.
 */
public final class NodeRuntime implements AutoCloseable {

    private static final int LOOPS = 2;
    private static final int READERS = 4;
    private static final int READS_WAITING_MAX = 4096;

    private final NodeConfig config;
    private final long startedNanos = MonotonicClock.nanoTime();
    private final DataDirectory directory;
    private final StorageEngine storage;
    private final WriteAheadLog writeAheadLog;
    private @Nullable LogSyncer syncer;
    private final CatalogHolder catalogs = new CatalogHolder();
    private final PeerGate gate;
    private final PeerLinks peers;
    private final List<EventLoop> loops = new ArrayList<>();
    private final ExecutorService readers;
    private final Partitions partitions;
    private final Coordinator coordinator;
    private final Checkpointer checkpointer;
    private final Map<String, ManagedChannel> watchChannels = new ConcurrentHashMap<>();
    private final Optional<CatalogWatcher> watcher;
    private boolean closed;

    private NodeRuntime(NodeConfig config, Consumer<Throwable> onFault) throws StartupException {
        this.config = config;
        directory = DataDirectory.open(config.dataDirectory(), config.cluster(), config.name());
        storage = RocksDbEngine.open(directory.storage(), RocksDbOptions.withCache(config.cacheBytes()));
        writeAheadLog = openLog(onFault);
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
            loops.add(new EventLoop(config.name() + "-loop-" + i, peers::flush, onFault));
        }
        readers = new ThreadPoolExecutor(
                READERS,
                READERS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(READS_WAITING_MAX),
                Thread.ofPlatform().daemon().name(config.name() + "-reader-", 0).factory());
        partitions = new Partitions(
                config.name(), loops, writeAheadLog, storage, peers, catalogs, readers, openSnapshots(), onFault);
        coordinator = new Coordinator(config.nodes(), config.partitions(), partitions, this::instanceOf);
        checkpointer = new Checkpointer(writeAheadLog, storage, partitions, config.logBytesMax(), onFault);
        catalogs.listen(catalog -> checkIdentity(catalog, onFault));
        catalogs.listen(partitions::follow);
        if (Coordinator.systemReplicas(config.nodes()).contains(config.name())) {
            partitions.open(Coordinator.systemPartition(config.nodes()));
            watcher = Optional.empty();
        } else {
            watcher = Optional.of(new CatalogWatcher(
                    () -> List.copyOf(others.values()),
                    address -> watchChannels.computeIfAbsent(address, Channels::open),
                    () -> catalogs.current().getEpoch(),
                    catalogs::offer));
        }
    }

    /** @param onFault told once when the node can't go on */
    public static NodeRuntime open(NodeConfig config, Consumer<Throwable> onFault) throws StartupException {
        return new NodeRuntime(config, onFault);
    }

    public List<BindableService> services() {
        return List.of(
                new ReplicationService(gate, this::hello, partitions::onMessage),
                new DataPlaneService(partitions::onRequest),
                new AdminService(catalogs, this::status));
    }

    public void start() {
        syncer = LogSyncer.start(writeAheadLog, position -> loops.forEach(loop -> loop.durable(position)));
        loops.forEach(EventLoop::start);
        peers.connect();
        coordinator.start();
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

    private WriteAheadLog openLog(Consumer<Throwable> onFault) throws StartupException {
        try {
            Disk disk = config.ephemeral()
                    ? FileSystemDisk.openUnsynced(directory.log())
                    : FileSystemDisk.open(directory.log());
            return WriteAheadLog.open(disk, LogOptions.DEFAULTS, onFault::accept);
        } catch (IOException e) {
            throw new StartupException(
                    "node " + config.name() + " can't open its log in " + directory.log() + ": " + e.getMessage(), e);
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
                .setDataBytes(storage.sizeBytes());
        partitions.all().forEach(hosted -> reply.addReplicas(hosted.replica().status()));
        return reply.build();
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        coordinator.close();
        watcher.ifPresent(CatalogWatcher::close);
        watchChannels.values().forEach(ManagedChannel::shutdownNow);
        checkpointer.close();
        peers.close();
        loops.forEach(EventLoop::close);
        readers.shutdownNow();
        if (syncer != null) {
            syncer.close();
        }
        writeAheadLog.close();
        storage.close();
        directory.close();
    }
}

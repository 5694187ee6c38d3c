package dev.henge.deploy;

import dev.henge.cluster.Deadline;
import dev.henge.cluster.gossip.RouterGossip;
import dev.henge.node.ClusterEntry;
import dev.henge.node.NodeConfig;
import dev.henge.node.NodeLimits;
import dev.henge.node.NodePlace;
import dev.henge.node.NodeServer;
import dev.henge.node.StartupException;
import dev.henge.router.RouterConfig;
import dev.henge.router.RouterServer;
import dev.henge.router.api.Signatures;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A whole cluster in this process: nodes that replicate to each other over loopback, and a router before them. What
 * {@code henge dev} runs, and what tests use. The router takes any well-formed signature.
 *
 * <p>With a data directory the cluster outlives the process; without one, everything is in a temporary directory that
 * {@link #close} deletes, and nothing is synced to disk.
 */
public final class EmbeddedCluster implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(EmbeddedCluster.class);
    private static final String LOOPBACK = "127.0.0.1";

    /** For a machine with much else to do; on an idle one it is done in less than a second. */
    private static final Duration READY_MAX = Duration.ofSeconds(60);

    private static final long READY_POLL_MILLIS = 10;

    private final Options options;
    private final Path dataDirectory;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final List<NodeServer> nodeServers = new ArrayList<>();
    private ClusterNodes nodes = new ClusterNodes(Map.of());
    private @Nullable RouterServer router;
    private boolean ready;

    /**
     * How an embedded cluster is made.
     *
     * @param cluster the cluster's name
     * @param dataDirectory where each node keeps its data, in a directory of its name; null for nowhere lasting
     * @param endpoint where the router listens; port 0 lets the system choose
     * @param nodeCount how many nodes; three is what Henge is made for
     * @param firstNodePort the first node's gRPC port, the others follow; where one is taken, or when this is 0, the
     *     system chooses
     * @param partitions how many partitions the ring is cut into when the cluster is first started
     * @param cacheBytes bound of each node's RocksDB cache and memtables
     */
    public record Options(
            String cluster,
            @Nullable Path dataDirectory,
            HostPort endpoint,
            int nodeCount,
            int firstNodePort,
            int partitions,
            long cacheBytes) {

        /** Three nodes, any free port, nothing kept. */
        public static Options ephemeral() {
            return new Options("henge", null, new HostPort(LOOPBACK, 0), 3, 0, 16, 32L << 20);
        }

        /** As {@link #ephemeral}, but with data kept. */
        public static Options keptIn(Path dataDirectory) {
            return new Options("henge", dataDirectory, new HostPort(LOOPBACK, 0), 3, 0, 16, 32L << 20);
        }

        public Options {
            if (nodeCount < 1 || nodeCount > 9) {
                throw new IllegalArgumentException("a cluster on one machine has 1 to 9 nodes, not " + nodeCount);
            }
        }
    }

    private EmbeddedCluster(Options options, Path dataDirectory) {
        this.options = options;
        this.dataDirectory = dataDirectory;
    }

    /**
     * Starts the nodes and the router, and waits until every partition, that of the catalog too, has a leader. Where one
     * finds none within a minute the cluster runs all the same, and {@link #ready} says so.
     *
     * @throws StartupException when a port is taken, or the data directory is not writable, in use, or another cluster's
     */
    public static EmbeddedCluster start(Options options) throws StartupException {
        EmbeddedCluster cluster = new EmbeddedCluster(options, directoryFor(options));
        try {
            cluster.startServers();
            cluster.ready = cluster.awaitLeaders();
            return cluster;
        } catch (StartupException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** A first request would wait for leaders in its own time, and could be given up before there are any. */
    private boolean awaitLeaders() throws StartupException {
        Deadline deadline = Deadline.after(READY_MAX);
        while (!nodeServers.stream().allMatch(NodeServer::ready)) {
            if (deadline.over()) {
                return false;
            }
            try {
                Thread.sleep(READY_POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new StartupException("interrupted while starting", e);
            }
        }
        return running().awaitLeaders(Duration.ofMillis(deadline.remainingMillis()));
    }

    /** Whether every partition had a leader when the cluster had started. */
    public boolean ready() {
        return ready;
    }

    private static Path directoryFor(Options options) throws StartupException {
        Path kept = options.dataDirectory();
        if (kept != null) {
            ClusterFile.prepare(kept, options.cluster(), options.nodeCount());
            return kept;
        }
        try {
            return Files.createTempDirectory("henge-dev-");
        } catch (IOException e) {
            throw new StartupException("can't make a temporary directory: " + e.getMessage(), e);
        }
    }

    private void startServers() throws StartupException {
        Ports.requireFree(options.endpoint(), "--port");
        nodes = chooseAddresses();
        List<Future<NodeServer>> starting = new ArrayList<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(options.nodeCount())) {
            nodes.addresses()
                    .forEach((name, address) ->
                            starting.add(executor.submit(() -> NodeServer.start(nodeConfig(name, address)))));
        }
        StartupException failure = null;
        for (Future<NodeServer> start : starting) {
            try {
                nodeServers.add(start.get());
            } catch (ExecutionException e) {
                failure = e.getCause() instanceof StartupException startup
                        ? startup
                        : new StartupException("a node can't start: " + e.getCause(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                failure = new StartupException("interrupted while starting", e);
            }
        }
        if (failure != null) {
            throw failure;
        }
        try {
            router = RouterServer.start(
                    new RouterConfig(
                            options.endpoint().toSocketAddress(),
                            nodes.addressTexts(),
                            RouterDefaults.REGION,
                            RouterDefaults.ACCOUNT_ID,
                            Duration.ofSeconds(RouterDefaults.TIMEOUT_SECONDS),
                            Signatures.ACCEPT_ANY),
                    Optional.of(joinRouter()),
                    new CompositeMeterRegistry());
        } catch (IOException e) {
            throw Ports.listenFailure(options.endpoint(), "--port", e);
        }
        if (options.dataDirectory() != null) {
            new ClusterFile(options.cluster(), nodes, endpoint()).write(dataDirectory);
        }
    }

    private RouterGossip joinRouter() throws IOException {
        return RouterGossip.start(
                new RouterGossip.Place(
                        options.cluster(),
                        "router",
                        "",
                        options.endpoint().port() == 0 ? "" : options.endpoint().toString(),
                        VersionCommand.version(),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
                nodes.addressTexts());
    }

    private NodeConfig nodeConfig(String name, HostPort address) {
        return new NodeConfig(
                NodePlace.of(options.cluster(), name, address.toString(), address.toSocketAddress()),
                new ClusterEntry.Founding(nodes.asText(), options.partitions()),
                dataDirectory.resolve(name),
                options.dataDirectory() == null,
                NodeLimits.ofCache(options.cacheBytes()));
    }

    /** Every node must know every address before the first of them listens. */
    private ClusterNodes chooseAddresses() throws StartupException {
        Map<String, HostPort> addresses = new LinkedHashMap<>();
        List<ServerSocket> reserved = new ArrayList<>();
        Set<Integer> taken = new HashSet<>(Set.of(options.endpoint().port()));
        try {
            for (int i = 1; i <= options.nodeCount(); i++) {
                int wanted = options.firstNodePort() == 0 ? 0 : options.firstNodePort() + i - 1;
                if (wanted == 0 || taken.contains(wanted) || !Ports.isFree(new HostPort(LOOPBACK, wanted))) {
                    ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    reserved.add(socket);
                    wanted = socket.getLocalPort();
                }
                taken.add(wanted);
                addresses.put("n" + i, new HostPort(LOOPBACK, wanted));
            }
        } catch (IOException e) {
            throw new StartupException("can't find free ports for the nodes: " + e.getMessage(), e);
        } finally {
            reserved.forEach(Ports::closeQuietly);
        }
        return new ClusterNodes(addresses);
    }

    /** Port of the HTTP endpoint. */
    public int port() {
        return running().port();
    }

    private RouterServer running() {
        RouterServer running = router;
        if (running == null) {
            throw new IllegalStateException("the cluster has not started");
        }
        return running;
    }

    /** The HTTP endpoint. */
    public HostPort endpoint() {
        return new HostPort(options.endpoint().host(), port());
    }

    /** The nodes and their gRPC addresses. */
    public ClusterNodes nodes() {
        return nodes;
    }

    /** Where the data is: a temporary directory when nothing is kept. */
    public Path dataDirectory() {
        return dataDirectory;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        RouterServer running = router;
        if (running != null) {
            running.close();
        }
        nodeServers.forEach(NodeServer::close);
        if (options.dataDirectory() == null) {
            deleteAll(dataDirectory);
        }
    }

    private static void deleteAll(Path directory) {
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                        throws IOException {
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            log.warn("can't delete {}: {}", directory, e.toString());
        }
    }
}

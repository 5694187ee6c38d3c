package dev.henge.node;

import dev.henge.cluster.Channels;
import dev.henge.node.log.Disk;
import dev.henge.node.runtime.NodeMeters;
import dev.henge.node.runtime.NodeNumbers;
import dev.henge.node.runtime.NodeRuntime;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running storage node. */
public final class NodeServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NodeServer.class);
    private static final long STOP_MILLIS_MAX = 10_000;

    /** Long enough for every busy router to ask once more; the others ask the next replica anyway. */
    private static final long FAREWELL_MILLIS = 250;

    private static final long NUMBERS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final NodeConfig config;
    private final NodeMeters meters;
    private final UnaryOperator<Disk> logDisk;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicReference<Throwable> fault = new AtomicReference<>();
    private volatile Running running;
    private volatile @Nullable CachedNumbers numbers;
    private boolean closed;

    /** One scrape asks for many of them at once. */
    private record CachedNumbers(long atNanos, NodeNumbers numbers) {}

    /** What a node consists of between two replacements of its storage. */
    private record Running(NodeRuntime runtime, Server server, AtomicBoolean replaced) {
        /** Hands over what the node leads, and stays for a moment to tell who asks it where to go. */
        void handOver() {
            runtime.handOver();
            server.shutdown();
            awaitTermination(server, FAREWELL_MILLIS);
        }

        void close() {
            server.shutdownNow();
            runtime.close();
        }
    }

    private NodeServer(NodeConfig config, MeterRegistry registry, UnaryOperator<Disk> logDisk) throws StartupException {
        this.config = config;
        this.logDisk = logDisk;
        this.meters = new NodeMeters(registry);
        // Who is to start it again must wait until it has started.
        synchronized (this) {
            this.running = open(config.place().listen());
            begin(running);
        }
        meters.watch(this::numbers);
    }

    private NodeNumbers numbers() {
        CachedNumbers cached = numbers;
        if (cached == null || System.nanoTime() - cached.atNanos() > NUMBERS_NANOS) {
            try {
                cached = new CachedNumbers(System.nanoTime(), running.runtime().numbers());
                numbers = cached;
            } catch (IllegalStateException e) {
                // Its storage is being replaced.
                if (cached == null) {
                    throw e;
                }
            }
        }
        return cached.numbers();
    }

    /** Whether the node has joined its cluster and every replica that can serve has a leader to serve it. */
    public boolean ready() {
        return running.runtime().ready();
    }

    /** Whether the node has stopped by itself, on a fault. */
    public boolean failed() {
        return fault.get() != null;
    }

    private Running open(InetSocketAddress listen) throws StartupException {
        AtomicBoolean replaced = new AtomicBoolean();
        NodeRuntime runtime = NodeRuntime.open(config, meters, logDisk, cause -> onFault(cause, replaced));
        NettyServerBuilder builder = NettyServerBuilder.forAddress(listen)
                .directExecutor()
                .maxInboundMessageSize(Channels.MESSAGE_BYTES_MAX)
                .flowControlWindow(4 << 20)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
        for (BindableService service : runtime.services()) {
            builder.addService(service);
        }
        Server server = builder.build();
        try {
            server.start();
        } catch (IOException e) {
            runtime.close();
            throw new StartupException(
                    "node " + config.place().name() + " can't listen on "
                            + listen.getHostString() + ":"
                            + listen.getPort() + ": the address is in use or not this machine's; stop what"
                            + " uses it or choose another with --listen",
                    e);
        }
        return new Running(runtime, server, replaced);
    }

    private static void begin(Running opened) throws StartupException {
        try {
            opened.runtime().start();
        } catch (StartupException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Opens the data directory, recovers, listens. Returns once the endpoint is open; leaders may still be elected.
     *
     * @throws StartupException when the address is taken, or the directory not writable, locked, or of another cluster
     */
    public static NodeServer start(NodeConfig config) throws StartupException {
        return start(config, new CompositeMeterRegistry());
    }

    /**
     * As {@link #start(NodeConfig)}.
     *
     * @param registry gets the node's metrics
     */
    public static NodeServer start(NodeConfig config, MeterRegistry registry) throws StartupException {
        return new NodeServer(config, registry, UnaryOperator.identity());
    }

    /** The same, on a disk of which the tests know how to break it. */
    static NodeServer start(NodeConfig config, UnaryOperator<Disk> logDisk) throws StartupException {
        return new NodeServer(config, new CompositeMeterRegistry(), logDisk);
    }

    private void onFault(Throwable cause, AtomicBoolean replaced) {
        if (cause instanceof StorageReplacedException) {
            if (replaced.compareAndSet(false, true)) {
                log.error("this node starts again to replace its storage: {}", cause.getMessage());
                Thread.ofPlatform().name("replace-storage").start(this::startAgain);
            }
            return;
        }
        stopOnFault(cause);
    }

    /** Ends all that runs and opens it again, as a restart of the process would. */
    private synchronized void startAgain() {
        if (closed) {
            return;
        }
        InetSocketAddress listen = new InetSocketAddress(config.place().listen().getAddress(), port());
        try {
            // What else it leads goes to others; what is damaged it leads no more.
            running.handOver();
            running.close();
            awaitTermination(running.server(), STOP_MILLIS_MAX);
            running = open(listen);
            begin(running);
            log.warn("this node runs again, with a new storage");
        } catch (StartupException | RuntimeException e) {
            stopOnFault(e);
        }
    }

    private static void awaitTermination(Server server, long millisMax) {
        try {
            server.awaitTermination(millisMax, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void stopOnFault(Throwable cause) {
        if (fault.compareAndSet(null, cause)) {
            log.error("this node stops: {}", cause.getMessage(), cause);
            Thread.ofPlatform().name("stop-on-fault").start(this::closeOnFault);
        }
    }

    /** What broke may make closing fail or block (a disk, above all), and must not keep the process from ending. */
    private void closeOnFault() {
        Running broken = running;
        stopped.countDown();
        if (broken == null) {
            return; // While it opened: who opens it hears of the fault by awaitStop.
        }
        broken.server().shutdownNow();
        try {
            broken.runtime().close();
        } catch (RuntimeException e) {
            log.warn("can't close cleanly after a fault", e);
        }
    }

    /** Port of the gRPC endpoint. */
    public int port() {
        return running.server().getPort();
    }

    /**
     * Waits until the node has stopped.
     *
     * @throws NodeFaultException when it stopped by itself, on a fault
     */
    public void awaitStop() throws InterruptedException {
        stopped.await();
        Throwable cause = fault.get();
        if (cause != null) {
            throw new NodeFaultException("this node stopped: " + cause.getMessage(), cause);
        }
    }

    /**
     * Hands over what this node leads, as when it stops; it goes on, and tells who leads.
     *
     * @return whether it leads nothing any more
     */
    synchronized boolean handOver() {
        return running.runtime().handOver();
    }

    /** Hands over what this node leads, unless it stops on a fault, and stops. */
    @Override
    public synchronized void close() {
        closed = true;
        if (fault.get() == null) {
            running.handOver();
        }
        try {
            running.close();
        } finally {
            stopped.countDown();
        }
    }
}

package dev.henge.node;

import dev.henge.cluster.Channels;
import dev.henge.node.log.Disk;
import dev.henge.node.runtime.NodeRuntime;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running storage node. */
public final class NodeServer implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(NodeServer.class);

    private final NodeRuntime runtime;
    private final Server server;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicReference<Throwable> fault = new AtomicReference<>();

    private NodeServer(NodeConfig config, UnaryOperator<Disk> logDisk) throws StartupException {
        runtime = NodeRuntime.open(config, logDisk, this::stopOnFault);
        NettyServerBuilder builder = NettyServerBuilder.forAddress(config.listen())
                .directExecutor()
                .maxInboundMessageSize(Channels.MESSAGE_BYTES_MAX)
                .flowControlWindow(4 << 20)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true);
        for (BindableService service : runtime.services()) {
            builder.addService(service);
        }
        server = builder.build();
        try {
            server.start();
        } catch (IOException e) {
            runtime.close();
            throw new StartupException(
                    "node " + config.name() + " can't listen on "
                            + config.listen().getHostString() + ":"
                            + config.listen().getPort() + ": the address is in use or not this machine's; stop what"
                            + " uses it or choose another with --listen",
                    e);
        }
        runtime.start();
    }

    /**
     * Opens the data directory, recovers, listens. Returns once the endpoint is open; leaders may still be elected.
     *
     * @throws StartupException when the address is taken, or the directory not writable, locked, or of another cluster
     */
    public static NodeServer start(NodeConfig config) throws StartupException {
        return start(config, UnaryOperator.identity());
    }

    /** The same, on a disk of which the tests know how to break it. */
    static NodeServer start(NodeConfig config, UnaryOperator<Disk> logDisk) throws StartupException {
        return new NodeServer(config, logDisk);
    }

    private void stopOnFault(Throwable cause) {
        if (fault.compareAndSet(null, cause)) {
            log.error("this node stops: {}", cause.getMessage(), cause);
            Thread.ofPlatform().name("stop-on-fault").start(this::close);
        }
    }

    /** Port of the gRPC endpoint. */
    public int port() {
        return server.getPort();
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

    /** Hands over what this node leads, unless it stops on a fault, and stops. */
    @Override
    public void close() {
        if (fault.get() == null) {
            runtime.handOver();
        }
        server.shutdownNow();
        runtime.close();
        stopped.countDown();
    }
}

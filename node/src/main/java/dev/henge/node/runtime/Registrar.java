package dev.henge.node.runtime;

import com.google.protobuf.ByteString;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.node.catalog.CatalogHolder;
import dev.henge.node.catalog.Nodes;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.RegisterNode;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the catalog say of this node what the node says of itself: brings a new node in, and makes known where one is that has
 * been started at another address. Runs in a virtual thread of its own.
 */
final class Registrar implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Registrar.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final long PAUSE_MILLIS = 500;

    private final NodeRecord self;
    private final String cluster;
    private final CatalogHolder catalogs;
    private final Supplier<RoutedClusterClient> clients;
    private final Consumer<String> onRefused;
    private final Semaphore wakeUps = new Semaphore(0);
    private final Thread thread;

    /**
     * @param self what the node says of itself
     * @param cluster the cluster's name
     * @param clients makes a client of the cluster, which this closes
     * @param onRefused gets the reason why the cluster does not want this node
     */
    Registrar(
            NodeRecord self,
            String cluster,
            CatalogHolder catalogs,
            Supplier<RoutedClusterClient> clients,
            Consumer<String> onRefused) {
        this.self = self;
        this.cluster = cluster;
        this.catalogs = catalogs;
        this.clients = clients;
        this.onRefused = onRefused;
        this.thread = Thread.ofVirtual().name("registrar").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** The catalog has changed. Any thread may call. */
    void wake() {
        wakeUps.release();
    }

    private boolean isDue() {
        Catalog catalog = catalogs.current();
        return catalog.getEpoch() > 0 && !Nodes.isAsSaid(catalog, self);
    }

    private void run() {
        try {
            awaitDue();
            try (RoutedClusterClient client = clients.get()) {
                while (true) {
                    register(client);
                    boolean ignored = wakeUps.tryAcquire(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                    awaitDue();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitDue() throws InterruptedException {
        while (!isDue()) {
            wakeUps.acquire();
        }
    }

    private void register(RoutedClusterClient client) throws InterruptedException {
        UUID id = UUID.randomUUID();
        CatalogCommand command = CatalogCommand.newBuilder()
                .setRequestId(ByteString.copyFrom(ByteBuffer.allocate(2 * Long.BYTES)
                        .putLong(id.getMostSignificantBits())
                        .putLong(id.getLeastSignificantBits())
                        .flip()))
                .setRegisterNode(RegisterNode.newBuilder().setNode(self).setClusterName(cluster))
                .build();
        try {
            CatalogOutcome outcome =
                    client.submit(command, Deadline.after(TIMEOUT)).get(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            switch (outcome.getCode()) {
                case OK -> log.info("the cluster knows this node as {} at {}", self.getName(), self.getAddress());
                case NODE_REFUSED -> onRefused.accept(outcome.getMessage());
                default -> log.warn("the cluster does not take this node in yet: {}", outcome.getMessage());
            }
        } catch (ExecutionException | TimeoutException e) {
            log.debug("the cluster does not answer yet: {}", e.toString());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}

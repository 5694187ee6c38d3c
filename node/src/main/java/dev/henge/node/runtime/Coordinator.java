package dev.henge.node.runtime;

import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.node.catalog.CatalogState;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DropTable;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs {@link CoordinatorStep}s one after the other in a thread of its own, for as long as the node lives. */
final class Coordinator implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Coordinator.class);

    private static final long PAUSE_MILLIS = 50;
    private static final Duration STEP_TIMEOUT = Duration.ofSeconds(5);

    private final Map<String, String> nodes;
    private final int partitionCount;
    private final Partitions partitions;
    private final Function<String, Optional<String>> instanceOf;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /**
     * @param nodes the cluster's first members, name to address
     * @param instanceOf the data directory's id of a node, once this node has seen it
     */
    Coordinator(
            Map<String, String> nodes,
            int partitionCount,
            Partitions partitions,
            Function<String, Optional<String>> instanceOf) {
        this.nodes = nodes;
        this.partitionCount = partitionCount;
        this.partitions = partitions;
        this.instanceOf = instanceOf;
        this.thread = Thread.ofVirtual().name("coordinator").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try (RoutedClusterClient client = partitions.client()) {
            CoordinatorStep step = new CoordinatorStep(nodes, partitionCount, new BlockingPort(client));
            while (!closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                try {
                    step.run().get();
                } catch (ExecutionException e) {
                    log.debug("the coordinator tries again: {}", e.toString());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }

    /** Waits in the coordinator's own thread for each thing, so that all of a step happens there. */
    private final class BlockingPort implements CoordinatorStep.Port {
        private final RoutedClusterClient client;

        BlockingPort(RoutedClusterClient client) {
            this.client = client;
        }

        private static <T> CompletableFuture<T> waitFor(CompletableFuture<T> future, Duration timeout) {
            try {
                return CompletableFuture.completedFuture(future.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
            } catch (ExecutionException | TimeoutException e) {
                return CompletableFuture.failedFuture(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return CompletableFuture.failedFuture(e);
            }
        }

        @Override
        public CompletableFuture<Optional<CatalogState>> catalogIfLeading() {
            Optional<Partitions.Hosted> system = partitions.find(Partitions.SYSTEM);
            if (system.isEmpty()) {
                return CompletableFuture.completedFuture(Optional.empty());
            }
            CompletableFuture<Optional<CatalogState>> catalog = new CompletableFuture<>();
            system.get()
                    .post(replica -> catalog.complete(
                            replica.leads() ? Optional.of(replica.machine().catalog()) : Optional.empty()));
            return waitFor(catalog, STEP_TIMEOUT);
        }

        @Override
        public Optional<String> instanceOf(String node) {
            return instanceOf.apply(node);
        }

        @Override
        public CompletableFuture<CatalogOutcome> submit(CatalogCommand command) {
            CompletableFuture<CatalogOutcome> outcome = new CompletableFuture<>();
            DataRequest request = DataRequest.newBuilder()
                    .setPartition(Partitions.SYSTEM)
                    .setEpoch(CoordinatorStep.SYSTEM_EPOCH)
                    // Its id is new and it is sent once, within this process: it can't have been forgotten.
                    .setKnownTimeMillis(Long.MAX_VALUE)
                    .setCatalog(command)
                    .build();
            partitions.onRequest(request, response -> {
                if (response.hasCatalog()) {
                    outcome.complete(response.getCatalog());
                } else {
                    outcome.completeExceptionally(new IllegalStateException(
                            "refused: " + response.getRefusal().getCode()));
                }
            });
            return waitFor(outcome, STEP_TIMEOUT);
        }

        @Override
        public CompletableFuture<Void> drop(Map<Integer, DropTable> dropsByPartition) {
            Deadline deadline = Deadline.after(STEP_TIMEOUT);
            CompletableFuture<?>[] drops = dropsByPartition.entrySet().stream()
                    .map(drop -> client.dropTable(drop.getKey(), drop.getValue(), deadline))
                    .toArray(CompletableFuture[]::new);
            return waitFor(CompletableFuture.allOf(drops), STEP_TIMEOUT.multipliedBy(2));
        }

        @Override
        public UUID newId() {
            return UUID.randomUUID();
        }
    }
}

package dev.henge.node.runtime;

import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.node.catalog.CatalogState;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DropTable;
import dev.henge.proto.IndexPrepared;
import dev.henge.proto.PrepareIndex;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs {@link CoordinatorStep}s one after the other in a thread of its own, for as long as the node lives. */
final class Coordinator implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Coordinator.class);

    /** Between two steps until there is a catalog, and after one that failed. */
    private static final long PAUSE_MILLIS = 50;

    /** Else: what changes in the catalog calls for a step by itself. */
    private static final long IDLE_PAUSE_MILLIS = 500;

    private static final Duration STEP_TIMEOUT = Duration.ofSeconds(5);

    private final Map<String, String> nodes;
    private final int partitionCount;
    private final Partitions partitions;
    private final Function<String, Optional<String>> instanceOf;
    private final Semaphore wakeUps = new Semaphore(0);
    private volatile boolean catalogSeen;
    private volatile boolean closed;
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

    /** The catalog has changed: there may be something to do. Any thread may call. */
    void wake() {
        catalogSeen = true;
        wakeUps.release();
    }

    private void run() {
        try (BlockingPort port = new BlockingPort()) {
            CoordinatorStep step = new CoordinatorStep(nodes, partitionCount, port);
            long pauseMillis = PAUSE_MILLIS;
            while (!closed) {
                // A change that comes while this step is under way calls for another one.
                boolean ignored = wakeUps.tryAcquire(pauseMillis, TimeUnit.MILLISECONDS);
                wakeUps.drainPermits();
                pauseMillis = catalogSeen ? IDLE_PAUSE_MILLIS : PAUSE_MILLIS;
                try {
                    step.run().get();
                    pauseMillis = step.underWay() ? PAUSE_MILLIS : pauseMillis;
                } catch (ExecutionException e) {
                    log.debug("the coordinator tries again: {}", e.toString());
                    pauseMillis = PAUSE_MILLIS;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    /** Waits in the coordinator's own thread for each thing, so that all of a step happens there. */
    private final class BlockingPort implements CoordinatorStep.Port, AutoCloseable {

        /** Made when it is first needed: it has timers of its own. */
        private @Nullable RoutedClusterClient client;

        private RoutedClusterClient client() {
            RoutedClusterClient known = client;
            if (known == null) {
                known = partitions.client();
                client = known;
            }
            return known;
        }

        @Override
        public void close() {
            if (client != null) {
                client.close();
            }
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
                    .map(drop -> client().dropTable(drop.getKey(), drop.getValue(), deadline))
                    .toArray(CompletableFuture[]::new);
            return waitFor(CompletableFuture.allOf(drops), STEP_TIMEOUT.multipliedBy(2));
        }

        @Override
        public CompletableFuture<Boolean> prepare(Map<Integer, PrepareIndex> preparationsByPartition) {
            Deadline deadline = Deadline.after(STEP_TIMEOUT);
            List<CompletableFuture<IndexPrepared>> answers = preparationsByPartition.entrySet().stream()
                    .map(prepare -> client().prepareIndex(prepare.getKey(), prepare.getValue(), deadline))
                    .toList();
            CompletableFuture<Boolean> filled = CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .thenApply(done ->
                            answers.stream().allMatch(answer -> answer.join().getDone()));
            return waitFor(filled, STEP_TIMEOUT.multipliedBy(2));
        }

        @Override
        public UUID newId() {
            return UUID.randomUUID();
        }
    }
}

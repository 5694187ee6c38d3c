package dev.henge.node.runtime;

import dev.henge.cluster.RoutedClusterClient;
import dev.henge.node.catalog.CatalogState;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.DataRequest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * This node's replica of the system partition, and the cluster, for a thread that coordinates: it waits for each thing, so that
 * all that follows happens in that thread. Of one thread alone.
 */
final class SystemReplica implements AutoCloseable {

    static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final Partitions partitions;

    /** Made when it is first needed: it has timers of its own. */
    private @Nullable RoutedClusterClient client;

    SystemReplica(Partitions partitions) {
        this.partitions = partitions;
    }

    RoutedClusterClient client() {
        RoutedClusterClient known = client;
        if (known == null) {
            known = partitions.client();
            client = known;
        }
        return known;
    }

    /** The same future, done: as it was, or failed when it takes too long. */
    static <T> CompletableFuture<T> waitFor(CompletableFuture<T> future, Duration timeout) {
        try {
            return CompletableFuture.completedFuture(future.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException e) {
            return CompletableFuture.failedFuture(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return CompletableFuture.failedFuture(e);
        }
    }

    /** The catalog as applied here; empty unless this replica leads. */
    CompletableFuture<Optional<CatalogState>> catalogIfLeading() {
        Optional<Partitions.Hosted> system = partitions.find(Partitions.SYSTEM);
        if (system.isEmpty()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        CompletableFuture<Optional<CatalogState>> catalog = new CompletableFuture<>();
        system.get()
                .post(replica -> catalog.complete(
                        replica.leads() ? Optional.of(replica.machine().catalog()) : Optional.empty()));
        return waitFor(catalog, TIMEOUT);
    }

    /** Hands it a command; fails when it is refused. */
    CompletableFuture<CatalogOutcome> submit(CatalogCommand command) {
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
        return waitFor(outcome, TIMEOUT);
    }

    @Override
    public void close() {
        if (client != null) {
            client.close();
        }
    }
}

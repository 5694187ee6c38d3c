package dev.henge.node.runtime;

import com.google.protobuf.ByteString;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.membership.Placement;
import dev.henge.membership.TokenRange;
import dev.henge.node.catalog.CatalogState;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DropTable;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.RegisterNode;
import dev.henge.proto.RemoveTable;
import dev.henge.proto.TableRecord;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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

/**
 * Does what the catalog asks to be done, while this node leads the system partition: makes the first partition map, learns
 * which data directory belongs to which node, drops the items of deleted tables.
 *
 * <p>Every step follows from the catalog alone and may be done twice, so the next coordinator goes on where this one ended.
 */
final class Coordinator implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Coordinator.class);

    static final int REPLICAS = 3;
    static final int SYSTEM_REPLICAS_MAX = 5;
    static final long SYSTEM_EPOCH = 1;

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

    /** The nodes that hold the system partition: the first five by name. */
    static List<String> systemReplicas(Map<String, String> nodes) {
        return nodes.keySet().stream().sorted().limit(SYSTEM_REPLICAS_MAX).toList();
    }

    static PartitionRecord systemPartition(Map<String, String> nodes) {
        return PartitionRecord.newBuilder()
                .setId(Partitions.SYSTEM)
                .addAllReplicas(systemReplicas(nodes))
                .setEpoch(SYSTEM_EPOCH)
                .build();
    }

    private void run() {
        try (RoutedClusterClient client = partitions.client()) {
            while (!closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
                try {
                    Optional<CatalogState> led = catalogIfLeading();
                    if (led.isPresent()) {
                        work(led.get(), client);
                    }
                } catch (ExecutionException | TimeoutException e) {
                    log.debug("the coordinator tries again: {}", e.toString());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Optional<CatalogState> catalogIfLeading()
            throws InterruptedException, ExecutionException, TimeoutException {
        Optional<Partitions.Hosted> system = partitions.find(Partitions.SYSTEM);
        if (system.isEmpty()) {
            return Optional.empty();
        }
        CompletableFuture<Optional<CatalogState>> catalog = new CompletableFuture<>();
        system.get()
                .post(replica -> catalog.complete(
                        replica.leads() ? Optional.of(replica.machine().catalog()) : Optional.empty()));
        return catalog.get(STEP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void work(CatalogState state, RoutedClusterClient client)
            throws InterruptedException, ExecutionException, TimeoutException {
        if (!state.bootstrapped()) {
            bootstrap();
            return;
        }
        for (NodeRecord node : state.catalog().getNodesList()) {
            Optional<String> instance = instanceOf.apply(node.getName());
            if (node.getInstanceId().isEmpty() && instance.isPresent()) {
                submit(CatalogCommand.newBuilder()
                        .setRegisterNode(RegisterNode.newBuilder()
                                .setNode(node.toBuilder().setInstanceId(instance.get()))));
            }
        }
        for (TableRecord table : state.catalog().getTablesList()) {
            if (table.getStatus() == TableRecord.Status.DELETING) {
                dropItems(table, state.catalog(), client);
                submit(CatalogCommand.newBuilder()
                        .setRemoveTable(RemoveTable.newBuilder().setId(table.getId())));
            }
        }
    }

    private void bootstrap() throws InterruptedException, ExecutionException, TimeoutException {
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder()
                .setClusterId(UUID.randomUUID().toString())
                .addPartitions(systemPartition(nodes));
        nodes.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(node -> bootstrap.addNodes(NodeRecord.newBuilder()
                        .setName(node.getKey())
                        .setAddress(node.getValue())
                        .setInstanceId(instanceOf.apply(node.getKey()).orElse(""))));
        List<TokenRange> ranges = TokenRange.cut(partitionCount);
        List<List<String>> placed = new Placement(List.copyOf(nodes.keySet())).preferenceLists(ranges, REPLICAS);
        for (int i = 0; i < ranges.size(); i++) {
            bootstrap.addPartitions(PartitionRecord.newBuilder()
                    .setId(i + 1)
                    .setStartToken(ranges.get(i).start())
                    .setEndToken(ranges.get(i).end())
                    .addAllReplicas(placed.get(i)));
        }
        CatalogOutcome outcome = submit(CatalogCommand.newBuilder().setBootstrap(bootstrap));
        log.info(
                "bootstrapped the cluster {} with {} partitions: {}",
                bootstrap.getClusterId(),
                partitionCount,
                outcome.getCode());
    }

    private static void dropItems(TableRecord table, Catalog catalog, RoutedClusterClient client)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<CompletableFuture<Void>> drops = new ArrayList<>();
        for (PartitionRecord partition : catalog.getPartitionsList()) {
            if (partition.getId() != Partitions.SYSTEM) {
                DropTable drop = DropTable.newBuilder()
                        .setRequestId(newRequestId())
                        .setTable(table.getId())
                        .build();
                drops.add(client.dropTable(partition.getId(), drop, Deadline.after(STEP_TIMEOUT)));
            }
        }
        CompletableFuture.allOf(drops.toArray(CompletableFuture[]::new))
                .get(STEP_TIMEOUT.toMillis() * 2, TimeUnit.MILLISECONDS);
    }

    private CatalogOutcome submit(CatalogCommand.Builder command)
            throws InterruptedException, ExecutionException, TimeoutException {
        CompletableFuture<CatalogOutcome> outcome = new CompletableFuture<>();
        DataRequest request = DataRequest.newBuilder()
                .setPartition(Partitions.SYSTEM)
                .setEpoch(SYSTEM_EPOCH)
                // Its id is new and it is sent once, within this process: it can't have been forgotten.
                .setKnownTimeMillis(Long.MAX_VALUE)
                .setCatalog(command.setRequestId(newRequestId()))
                .build();
        partitions.onRequest(request, response -> {
            if (response.hasCatalog()) {
                outcome.complete(response.getCatalog());
            } else {
                outcome.completeExceptionally(new IllegalStateException(
                        "refused: " + response.getRefusal().getCode()));
            }
        });
        return outcome.get(STEP_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static ByteString newRequestId() {
        UUID id = UUID.randomUUID();
        return ByteString.copyFrom(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip());
    }

    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
    }
}

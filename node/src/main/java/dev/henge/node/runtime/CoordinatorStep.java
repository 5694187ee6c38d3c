package dev.henge.node.runtime;

import com.google.protobuf.ByteString;
import dev.henge.membership.Placement;
import dev.henge.membership.TokenRange;
import dev.henge.node.catalog.CatalogState;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.DropTable;
import dev.henge.proto.FinishIndex;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PrepareIndex;
import dev.henge.proto.RegisterNode;
import dev.henge.proto.RemoveTable;
import dev.henge.proto.TableRecord;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the catalog asks to be done, while this node leads the system partition: makes the first partition map, learns which
 * data directory belongs to which node, drops the items of deleted tables and indexes, has new indexes filled.
 *
 * <p>Every step follows from the catalog alone and may be done twice, so the next coordinator goes on where this one ended.
 * Has no thread and no clock: {@link Coordinator} runs it in a thread, the simulation in virtual time.
 */
public final class CoordinatorStep {

    private static final Logger log = LoggerFactory.getLogger(CoordinatorStep.class);

    /** How many nodes hold a partition, where there are as many. */
    public static final int REPLICAS = 3;

    private static final int SYSTEM_REPLICAS_MAX = 5;
    /** Epoch of the system partition, which never changes. */
    public static final long SYSTEM_EPOCH = 1;

    /**
     * What a step needs of its node. Futures fail when it did not work out, also by taking too long: the next step tries
     * again.
     */
    public interface Port {

        /** The catalog as applied by this node's replica of the system partition; empty unless that leads. */
        CompletableFuture<Optional<CatalogState>> catalogIfLeading();

        /** The id of a node's data directory, once this node has seen it. */
        Optional<String> instanceOf(String node);

        /** Hands a command to this node's replica of the system partition. */
        CompletableFuture<CatalogOutcome> submit(CatalogCommand command);

        /** Asks the leaders of partitions to drop a table; completes when all have. */
        CompletableFuture<Void> drop(Map<Integer, DropTable> dropsByPartition);

        /** Asks the leaders of partitions to fill an index; completes with whether all have. */
        CompletableFuture<Boolean> prepare(Map<Integer, PrepareIndex> preparationsByPartition);

        /** An id nobody ever had. */
        UUID newId();
    }

    private final Map<String, String> nodes;
    private final int partitionCount;
    private final Port port;
    private volatile boolean underWay;

    /** @param nodes the cluster's first members, name to address */
    public CoordinatorStep(Map<String, String> nodes, int partitionCount, Port port) {
        this.nodes = nodes;
        this.partitionCount = partitionCount;
        this.port = port;
    }

    /** The nodes that hold the system partition: the first five by name. */
    static List<String> systemReplicas(Map<String, String> nodes) {
        return nodes.keySet().stream().sorted().limit(SYSTEM_REPLICAS_MAX).toList();
    }

    /** The system partition, which its replicas open before there is a catalog. */
    public static PartitionRecord systemPartition(Map<String, String> nodes) {
        return PartitionRecord.newBuilder()
                .setId(Partitions.SYSTEM)
                .addAllReplicas(systemReplicas(nodes))
                .setEpoch(SYSTEM_EPOCH)
                .build();
    }

    /** Does what there is to do; completes when it is done. One run at a time. */
    public CompletableFuture<Void> run() {
        underWay = false;
        return port.catalogIfLeading()
                .thenCompose(led -> led.map(this::work).orElseGet(() -> CompletableFuture.completedFuture(null)));
    }

    /** Whether the last run left something to partitions that should be looked at again soon. */
    public boolean underWay() {
        return underWay;
    }

    private CompletableFuture<Void> work(CatalogState state) {
        if (!state.bootstrapped()) {
            return bootstrap();
        }
        CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
        for (NodeRecord node : state.catalog().getNodesList()) {
            if (node.getInstanceId().isEmpty()) {
                done = done.thenCompose(before -> register(node));
            }
        }
        for (TableRecord table : state.catalog().getTablesList()) {
            if (table.getStatus() == TableRecord.Status.DELETING) {
                done = done.thenCompose(before -> drop(table, state.catalog()));
                continue;
            }
            for (IndexRecord index : table.getIndexesList()) {
                done = done.thenCompose(before -> goOnWith(table, index, state.catalog()));
            }
        }
        return done;
    }

    private CompletableFuture<Void> goOnWith(TableRecord table, IndexRecord index, Catalog catalog) {
        return switch (index.getStatus()) {
            case CREATING -> fill(table, index, catalog);
            case DELETING -> drop(index.getId(), List.of(), catalog).thenCompose(dropped -> finish(table, index));
            case ACTIVE, UPDATING, STATUS_UNSPECIFIED, UNRECOGNIZED -> CompletableFuture.completedFuture(null);
        };
    }

    private CompletableFuture<Void> fill(TableRecord table, IndexRecord index, Catalog catalog) {
        PrepareIndex prepare = PrepareIndex.newBuilder()
                .setTable(table.getId())
                .setIndex(index.getId())
                .setTableEpoch(table.getEpoch())
                .build();
        Map<Integer, PrepareIndex> preparations = new LinkedHashMap<>();
        dataPartitions(catalog).forEach(partition -> preparations.put(partition.getId(), prepare));
        underWay = true;
        return port.prepare(preparations)
                .thenCompose(filled -> filled ? finish(table, index) : CompletableFuture.completedFuture(null));
    }

    /** Has every partition drop what stands under a number, and under those of the indexes that go with it. */
    private CompletableFuture<Void> drop(long number, List<Long> indexes, Catalog catalog) {
        Map<Integer, DropTable> drops = new LinkedHashMap<>();
        dataPartitions(catalog)
                .forEach(partition -> drops.put(
                        partition.getId(),
                        DropTable.newBuilder()
                                .setRequestId(newRequestId())
                                .setTable(number)
                                .addAllIndexes(indexes)
                                .build()));
        return port.drop(drops);
    }

    private CompletableFuture<Void> finish(TableRecord table, IndexRecord index) {
        return submit(CatalogCommand.newBuilder()
                        .setFinishIndex(FinishIndex.newBuilder()
                                .setTable(table.getId())
                                .setIndex(index.getId())
                                .setDone(index.getStatus())))
                .thenApply(outcome -> null);
    }

    private static Stream<PartitionRecord> dataPartitions(Catalog catalog) {
        return catalog.getPartitionsList().stream().filter(partition -> partition.getId() != Partitions.SYSTEM);
    }

    private CompletableFuture<Void> register(NodeRecord node) {
        Optional<String> instance = port.instanceOf(node.getName());
        if (instance.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return submit(CatalogCommand.newBuilder()
                        .setRegisterNode(RegisterNode.newBuilder()
                                .setNode(node.toBuilder().setInstanceId(instance.get()))))
                .thenApply(outcome -> null);
    }

    private CompletableFuture<Void> drop(TableRecord table, Catalog catalog) {
        List<Long> indexes =
                table.getIndexesList().stream().map(IndexRecord::getId).toList();
        return drop(table.getId(), indexes, catalog)
                .thenCompose(dropped -> submit(CatalogCommand.newBuilder()
                        .setRemoveTable(RemoveTable.newBuilder().setId(table.getId()))))
                .thenApply(outcome -> null);
    }

    private CompletableFuture<Void> bootstrap() {
        Bootstrap.Builder bootstrap =
                Bootstrap.newBuilder().setClusterId(port.newId().toString()).addPartitions(systemPartition(nodes));
        nodes.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(node -> bootstrap.addNodes(NodeRecord.newBuilder()
                        .setName(node.getKey())
                        .setAddress(node.getValue())
                        .setInstanceId(port.instanceOf(node.getKey()).orElse(""))));
        List<TokenRange> ranges = TokenRange.cut(partitionCount);
        List<List<String>> placed = new Placement(List.copyOf(nodes.keySet())).preferenceLists(ranges, REPLICAS);
        for (int i = 0; i < ranges.size(); i++) {
            bootstrap.addPartitions(PartitionRecord.newBuilder()
                    .setId(i + 1)
                    .setStartToken(ranges.get(i).start())
                    .setEndToken(ranges.get(i).end())
                    .addAllReplicas(placed.get(i)));
        }
        return submit(CatalogCommand.newBuilder().setBootstrap(bootstrap)).thenApply(outcome -> {
            log.info(
                    "bootstrapped the cluster {} with {} partitions: {}",
                    bootstrap.getClusterId(),
                    partitionCount,
                    outcome.getCode());
            return null;
        });
    }

    private CompletableFuture<CatalogOutcome> submit(CatalogCommand.Builder command) {
        return port.submit(command.setRequestId(newRequestId()).build());
    }

    private ByteString newRequestId() {
        UUID id = port.newId();
        return ByteString.copyFrom(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip());
    }
}

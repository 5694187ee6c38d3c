package dev.henge.node.runtime;

import com.google.protobuf.ByteString;
import dev.henge.catalog.ClusterVersion;
import dev.henge.membership.Placement;
import dev.henge.membership.TokenRange;
import dev.henge.node.catalog.CatalogState;
import dev.henge.node.catalog.Merges;
import dev.henge.node.catalog.Placements;
import dev.henge.proto.Bootstrap;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogCommand;
import dev.henge.proto.CatalogOutcome;
import dev.henge.proto.DropTable;
import dev.henge.proto.FinishIndex;
import dev.henge.proto.FinishPlacement;
import dev.henge.proto.FinishSplit;
import dev.henge.proto.IndexRecord;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlaceReplicas;
import dev.henge.proto.PrepareIndex;
import dev.henge.proto.RaiseClusterVersion;
import dev.henge.proto.RangeSealed;
import dev.henge.proto.RangeTaken;
import dev.henge.proto.RemoveTable;
import dev.henge.proto.SealRange;
import dev.henge.proto.SplitRange;
import dev.henge.proto.TableRecord;
import dev.henge.proto.TakeRange;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the catalog asks to be done, while this node leads the system partition: makes the first partition map, has partitions
 * moved, split and merged, drops the items of deleted tables and indexes, has new indexes filled.
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

        /**
         * Tells the leaders of partitions on which nodes these are to be; completes with the partitions whose groups are.
         */
        CompletableFuture<Set<Integer>> place(Map<Integer, PlaceReplicas> placementsByPartition);

        /** As {@link #place}; completes with the partitions whose groups have taken note, be they there or not. */
        CompletableFuture<Set<Integer>> tell(Map<Integer, PlaceReplicas> placementsByPartition);

        /** Tells the leaders of partitions to split them; completes with the partitions that are. */
        CompletableFuture<Set<Integer>> split(Map<Integer, SplitRange> splitsByPartition);

        /** Tells the leader of the partition that goes in a merge to serve no more. */
        CompletableFuture<RangeSealed> seal(int partition, SealRange seal);

        /** Tells the leader of the partition that stays in a merge to take the other one, or asks whether it has. */
        CompletableFuture<RangeTaken> take(int partition, TakeRange take);

        /** Asks nodes how they stand; completes with the answers that came in time, by name. */
        CompletableFuture<Map<String, NodeStatusReply>> ask(List<NodeRecord> nodes);

        /** An id nobody ever had. */
        UUID newId();

        /** Unix time, for the record alone. */
        long wallMillis();
    }

    /**
     * What the cluster begins with.
     *
     * @param cluster its name
     * @param nodes its first members, name to address; none on a node that joins a cluster and never makes one
     * @param partitions how many partitions the ring is cut into
     * @param clusterVersion of the cluster that it makes
     */
    public record Founding(String cluster, Map<String, String> nodes, int partitions, int clusterVersion) {

        /** Of a node that never makes a cluster. */
        public static final Founding NONE = new Founding("", Map.of(), 0, ClusterVersion.LOWEST);
    }

    private final Founding founding;
    private final Port port;
    private final MergeSteps merges;
    private volatile boolean underWay;

    /** Up to which placement epoch groups are known to have taken note; a coordinator that is new asks once more. */
    private final Map<Integer, Long> told = new ConcurrentHashMap<>();

    public CoordinatorStep(Founding founding, Port port) {
        this.founding = founding;
        this.port = port;
        this.merges = new MergeSteps(port, this::submit);
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
            return founding.nodes().isEmpty() ? CompletableFuture.completedFuture(null) : bootstrap(founding.nodes());
        }
        CompletableFuture<Void> done = raiseVersion(state.catalog())
                .thenCompose(before -> place(state.catalog()))
                .thenCompose(before -> tell(state.catalog()))
                .thenCompose(before -> merges.run(state.catalog()))
                .thenAccept(left -> underWay |= left);
        boolean splits = state.catalog().getPartitionsList().stream().anyMatch(PartitionRecord::hasSplit);
        if (splits) {
            done = done.thenCompose(before -> split(state.catalog()));
        }
        if (splits || state.catalog().getPartitionsList().stream().anyMatch(PartitionRecord::hasMerge)) {
            // What is asked of all partitions must be asked of both halves, or of the whole: it waits until the map has
            // them.
            return done;
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

    /** Once the programs of all nodes know more than the cluster may use. */
    private CompletableFuture<Void> raiseVersion(Catalog catalog) {
        OptionalInt next = ClusterVersion.next(catalog);
        if (next.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return submit(CatalogCommand.newBuilder()
                        .setRaiseClusterVersion(RaiseClusterVersion.newBuilder().setTo(next.getAsInt())))
                .thenAccept(outcome -> log.info(
                        "raised the cluster's version from {} to {}: {}",
                        ClusterVersion.of(catalog),
                        next.getAsInt(),
                        outcome.getCode()));
    }

    private CompletableFuture<Void> place(Catalog catalog) {
        Map<Integer, PlaceReplicas> placements = new LinkedHashMap<>();
        catalog.getPartitionsList().stream()
                .filter(partition -> partition.getTargetCount() > 0)
                .forEach(partition -> placements.put(partition.getId(), Placements.wishOf(partition)));
        if (placements.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        underWay = true;
        return port.place(placements).thenCompose(placed -> {
            CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
            for (int partition : placed) {
                done = done.thenCompose(before -> submit(CatalogCommand.newBuilder()
                                .setFinishPlacement(FinishPlacement.newBuilder()
                                        .setPartition(partition)
                                        .setEndedMillis(port.wallMillis())
                                        .setPlacementEpoch(Objects.requireNonNull(placements.get(partition))
                                                .getEpoch())))
                        .thenApply(outcome -> null));
            }
            return done;
        });
    }

    /** Groups that do not move are told as well who is to keep their log in the place of lost replicas, and who no more. */
    private CompletableFuture<Void> tell(Catalog catalog) {
        Map<Integer, PlaceReplicas> placements = new LinkedHashMap<>();
        dataPartitions(catalog)
                // One that becomes part of another may have nobody left to tell.
                .filter(partition -> partition.getTargetCount() == 0
                        && !Merges.isRight(partition)
                        && partition.getPlacementEpoch() > told.getOrDefault(partition.getId(), 0L))
                .forEach(partition -> placements.put(partition.getId(), Placements.wishOf(partition)));
        if (placements.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        underWay = true;
        return port.tell(placements).thenAccept(noted -> {
            for (int partition : noted) {
                told.merge(
                        partition,
                        Objects.requireNonNull(placements.get(partition)).getEpoch(),
                        Math::max);
            }
        });
    }

    private CompletableFuture<Void> split(Catalog catalog) {
        Map<Integer, SplitRange> splits = new LinkedHashMap<>();
        dataPartitions(catalog)
                .filter(PartitionRecord::hasSplit)
                .forEach(partition -> splits.put(
                        partition.getId(),
                        SplitRange.newBuilder()
                                .setToken(partition.getSplit().getToken())
                                .setChild(partition.getSplit().getChild())
                                .setEpoch(partition.getSplit().getEpoch())
                                .build()));
        underWay = true;
        return port.split(splits).thenCompose(split -> {
            CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
            for (int partition : split) {
                done = done.thenCompose(before -> submit(CatalogCommand.newBuilder()
                                .setFinishSplit(FinishSplit.newBuilder()
                                        .setPartition(partition)
                                        .setEndedMillis(port.wallMillis())
                                        .setEpoch(Objects.requireNonNull(splits.get(partition))
                                                .getEpoch())))
                        .thenApply(outcome -> null));
            }
            return done;
        });
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

    private CompletableFuture<Void> drop(TableRecord table, Catalog catalog) {
        List<Long> indexes =
                table.getIndexesList().stream().map(IndexRecord::getId).toList();
        return drop(table.getId(), indexes, catalog)
                .thenCompose(dropped -> submit(CatalogCommand.newBuilder()
                        .setRemoveTable(RemoveTable.newBuilder().setId(table.getId()))))
                .thenApply(outcome -> null);
    }

    private CompletableFuture<Void> bootstrap(Map<String, String> nodes) {
        Bootstrap.Builder bootstrap = Bootstrap.newBuilder()
                .setClusterId(port.newId().toString())
                .setClusterName(founding.cluster())
                .setClusterVersion(founding.clusterVersion())
                .addPartitions(systemPartition(nodes));
        nodes.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(node -> bootstrap.addNodes(NodeRecord.newBuilder()
                        .setName(node.getKey())
                        .setAddress(node.getValue())
                        .setInstanceId(port.instanceOf(node.getKey()).orElse(""))));
        List<TokenRange> ranges = TokenRange.cut(founding.partitions());
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
                    founding.partitions(),
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

package dev.henge.node.catalog;

import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.FinishPlacement;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlacePartition;
import dev.henge.proto.PlaceReplicas;
import dev.henge.proto.TaskRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Which nodes have a partition, and are to have it. */
public final class Placements {

    private static final int REPLICAS_MAX = 7;

    private Placements() {}

    /** The nodes that have a replica of the partition, or are to have one, be it of the log alone. */
    public static List<String> nodesOf(PartitionRecord partition) {
        return Stream.concat(
                        fullNodesOf(partition).stream(),
                        partition.getLogReplicasList().stream().map(LogReplicaRecord::getNode))
                .distinct()
                .toList();
    }

    /** The nodes that have a replica with items, or are to have one. */
    static List<String> fullNodesOf(PartitionRecord partition) {
        return Stream.concat(partition.getReplicasList().stream(), partition.getTargetList().stream())
                .distinct()
                .toList();
    }

    /** Whether a node is to keep the partition's log, and no items. */
    public static boolean keepsLogAlone(PartitionRecord partition, String node) {
        return partition.getLogReplicasList().stream()
                        .anyMatch(replica -> replica.getNode().equals(node))
                && !fullNodesOf(partition).contains(node);
    }

    /** Whether a node is to have a replica of this kind. */
    public static boolean has(PartitionRecord partition, String node, boolean logAlone) {
        return logAlone
                ? keepsLogAlone(partition, node)
                : fullNodesOf(partition).contains(node);
    }

    /** What the group is told: where its replicas are to be, and who is to keep the log in the place of lost ones. */
    public static PlaceReplicas wishOf(PartitionRecord partition) {
        return PlaceReplicas.newBuilder()
                .addAllNodes(partition.getTargetCount() > 0 ? partition.getTargetList() : partition.getReplicasList())
                .addAllLogReplicas(partition.getLogReplicasList())
                .setEpoch(partition.getPlacementEpoch())
                .build();
    }

    /** The nodes that have a replica of the partition, or are to have one; none when the catalog does not know it. */
    public static List<String> nodesOf(Catalog catalog, int partition) {
        return find(catalog, partition).map(Placements::nodesOf).orElse(List.of());
    }

    public static Optional<PartitionRecord> find(Catalog catalog, int partition) {
        return catalog.getPartitionsList().stream()
                .filter(record -> record.getId() == partition)
                .findFirst();
    }

    /** The nodes whose replicas the partition's group began with. */
    public static List<String> foundersOf(PartitionRecord partition) {
        return partition.getFoundersCount() > 0 ? partition.getFoundersList() : partition.getReplicasList();
    }

    /**
     * Whether a node that has nothing of the partition is to have a new replica, as far as this record tells. A partition that
     * was split from another is there where that one is split; who has missed that begins as a new member.
     */
    public static boolean joins(PartitionRecord partition, String node) {
        return partition.getParent() != 0 || isNew(partition, node);
    }

    private static boolean isNew(PartitionRecord partition, String node) {
        return partition.getTargetList().contains(node)
                && !partition.getReplicasList().contains(node);
    }

    static Transition place(CatalogState state, PlacePartition command) {
        Optional<PartitionRecord> found = find(state.catalog(), command.getPartition());
        if (found.isEmpty()) {
            return Merges.missing(state, command.getPartition(), Code.INVALID_PLACEMENT);
        }
        PartitionRecord partition = found.get();
        List<String> wanted = command.getReplicasList();
        if (wanted.isEmpty() || wanted.size() > REPLICAS_MAX || new HashSet<>(wanted).size() != wanted.size()) {
            return invalid(state, "a partition has 1 to " + REPLICAS_MAX + " replicas, each on another node");
        }
        Optional<String> unknown = wanted.stream()
                .filter(node -> Nodes.find(state.catalog(), node).isEmpty())
                .findFirst();
        if (unknown.isPresent()) {
            return invalid(state, "no node of this cluster is named " + unknown.get());
        }
        if (command.getPlacementEpoch() != partition.getPlacementEpoch()) {
            return state.refuse(
                    Code.CONFLICT,
                    "the placement of partition " + partition.getId() + " was changed in the meantime",
                    Optional.empty());
        }
        if (command.getTurns() && partition.getTargetCount() == 0) {
            return state.refuse(
                    Code.CONFLICT, "partition " + partition.getId() + " does not move any more", Optional.empty());
        }
        if (command.hasTask() && Tasks.mustWait(state.catalog(), command.getTask())) {
            return state.refuse(Code.PAUSED, Tasks.PAUSED, Optional.empty());
        }
        if (partition.hasSplit()) {
            return state.refuse(Code.CONFLICT, "partition " + partition.getId() + " is being split", Optional.empty());
        }
        if (partition.hasMerge()) {
            return state.refuse(Code.CONFLICT, "partition " + partition.getId() + " is being merged", Optional.empty());
        }
        Catalog.Builder next = state.nextEpoch();
        Tasks.end(
                next, partition, TaskRecord.Outcome.OVERTAKEN, command.getTask().getStartedMillis());
        PartitionRecord.Builder placed = partition.toBuilder()
                .clearTask()
                .clearFounders()
                .addAllFounders(foundersOf(partition))
                .clearTarget()
                .addAllTarget(wanted)
                .setPlacementEpoch(next.getEpoch());
        // A node has one replica of a partition: where there are to be items, the log alone is not enough.
        LogReplicas.keepThose(placed, replica -> !wanted.contains(replica.getNode()));
        if (command.hasTask()) {
            placed.setTask(Tasks.begun(command.getTask(), partition.getId(), next.getEpoch()));
        }
        return replace(next, placed.build());
    }

    static Transition finish(CatalogState state, FinishPlacement command) {
        Optional<PartitionRecord> found = find(state.catalog(), command.getPartition());
        if (found.isEmpty()
                || found.get().getTargetCount() == 0
                || found.get().getPlacementEpoch() != command.getPlacementEpoch()) {
            return state.refuse(Code.OK, "", Optional.empty());
        }
        PartitionRecord partition = found.get();
        Catalog.Builder next = state.nextEpoch();
        Tasks.end(next, partition, TaskRecord.Outcome.DONE, command.getEndedMillis());
        PartitionRecord.Builder finished = partition.toBuilder()
                .clearTask()
                .clearReplicas()
                .addAllReplicas(partition.getTargetList())
                .clearTarget();
        // Whom they stood in for is replaced.
        if (LogReplicas.keepThose(
                finished, replica -> finished.getReplicasList().contains(replica.getInPlaceOf()))) {
            finished.setPlacementEpoch(next.getEpoch());
        }
        return replace(next, finished.build());
    }

    static Transition replace(Catalog.Builder next, PartitionRecord changed) {
        put(next, changed);
        return CatalogState.accept(next, Optional.empty());
    }

    /** Puts a record in the place of the one of its number. */
    static void put(Catalog.Builder next, PartitionRecord changed) {
        for (int place = 0; place < next.getPartitionsCount(); place++) {
            if (next.getPartitions(place).getId() == changed.getId()) {
                next.setPartitions(place, changed);
            }
        }
    }

    static Transition invalid(CatalogState state, String message) {
        return state.refuse(Code.INVALID_PLACEMENT, message, Optional.empty());
    }
}

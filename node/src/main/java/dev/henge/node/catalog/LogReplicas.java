package dev.henge.node.catalog;

import dev.henge.membership.plan.PartitionView;
import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.LogReplicaRecord;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PlaceLogReplica;
import dev.henge.proto.RetireLogReplica;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Which nodes are to keep a partition's log, and no items, in the place of replicas whose nodes are lost. */
final class LogReplicas {

    private LogReplicas() {}

    static Transition place(CatalogState state, PlaceLogReplica command) {
        Optional<PartitionRecord> found = Placements.find(state.catalog(), command.getPartition());
        if (found.isEmpty()) {
            return Merges.missing(state, command.getPartition(), Code.INVALID_PLACEMENT);
        }
        PartitionRecord partition = found.get();
        String node = command.getLogReplica().getNode();
        String lost = command.getLogReplica().getInPlaceOf();
        if (partition.getId() == 0) {
            return Placements.invalid(state, "the system partition has no log replicas");
        }
        if (Nodes.find(state.catalog(), node).isEmpty()) {
            return Placements.invalid(state, "no node of this cluster is named " + node);
        }
        List<String> nodes = Placements.nodesOf(partition);
        if (nodes.contains(node)) {
            return Placements.invalid(state, "partition " + partition.getId() + " has a replica on " + node);
        }
        if (!Placements.fullNodesOf(partition).contains(lost)) {
            return Placements.invalid(
                    state, "partition " + partition.getId() + " has no replica on " + lost + " to stand in for");
        }
        if (partition.hasSplit()) {
            return state.refuse(Code.CONFLICT, "partition " + partition.getId() + " is being split", Optional.empty());
        }
        if (partition.hasMerge() || partition.getMergedCount() > 0) {
            return state.refuse(
                    Code.CONFLICT,
                    "partition " + partition.getId() + " "
                            + Merges.whyNot(partition).orElseThrow(),
                    Optional.empty());
        }
        PartitionRecord.Builder placed = partition.toBuilder();
        // Where another node keeps the log in the same one's place, it goes: the group lets it when this one votes.
        keepThose(placed, replica -> !replica.getInPlaceOf().equals(lost));
        if (placed.getLogReplicasCount() >= PartitionView.logReplicasMax(partition.getReplicasCount())) {
            return state.refuse(
                    Code.CONFLICT,
                    "partition " + partition.getId()
                            + " has as many log replicas as it may have: a majority of those that"
                            + " vote must keep the items",
                    Optional.empty());
        }
        if (command.getPlacementEpoch() != partition.getPlacementEpoch()) {
            return state.refuse(
                    Code.CONFLICT,
                    "the placement of partition " + partition.getId() + " was changed in the meantime",
                    Optional.empty());
        }
        Catalog.Builder next = state.nextEpoch();
        return Placements.replace(
                next,
                placed.clearFounders()
                        .addAllFounders(Placements.foundersOf(partition))
                        .addLogReplicas(command.getLogReplica())
                        .setPlacementEpoch(next.getEpoch())
                        .build());
    }

    /** Accepted also where there is none, as whoever asked before may have been heard. */
    static Transition retire(CatalogState state, RetireLogReplica command) {
        Optional<PartitionRecord> found = Placements.find(state.catalog(), command.getPartition());
        if (found.isEmpty()) {
            return state.refuse(Code.OK, "", Optional.empty());
        }
        Catalog.Builder next = state.nextEpoch();
        PartitionRecord.Builder retired = found.get().toBuilder();
        if (!keepThose(retired, replica -> !replica.getNode().equals(command.getNode()))) {
            return state.refuse(Code.OK, "", Optional.empty());
        }
        return Placements.replace(
                next, retired.setPlacementEpoch(next.getEpoch()).build());
    }

    /** Drops the others; whether there were any. */
    static boolean keepThose(PartitionRecord.Builder partition, Predicate<LogReplicaRecord> kept) {
        List<LogReplicaRecord> left =
                partition.getLogReplicasList().stream().filter(kept).toList();
        boolean changed = left.size() < partition.getLogReplicasCount();
        partition.clearLogReplicas().addAllLogReplicas(left);
        return changed;
    }
}

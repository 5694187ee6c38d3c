package dev.henge.node.catalog;

import dev.henge.cluster.SplitHalves;
import dev.henge.membership.Tokens;
import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.BeginSplit;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.FinishSplit;
import dev.henge.proto.PartitionRange;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.PartitionSplit;
import dev.henge.proto.TaskRecord;
import java.util.Optional;

/** Which partitions there are: what splits make of the map. */
public final class Splits {

    private Splits() {}

    /** The range of a partition as the map has it. */
    public static PartitionRange rangeOf(PartitionRecord partition) {
        return PartitionRange.newBuilder()
                .setStartToken(partition.getStartToken())
                .setEndToken(partition.getEndToken())
                .setEpoch(partition.getEpoch())
                .build();
    }

    /** The range that a partition's log begins with, where that begins with its first entry. */
    public static PartitionRange firstRangeOf(PartitionRecord partition) {
        return partition.hasFirst() ? partition.getFirst() : rangeOf(partition);
    }

    /** The token in the middle of a partition's range. */
    public static long middleOf(PartitionRecord partition) {
        // The end of the ring is 0, and wraps around to the right length.
        long length = partition.getEndToken() - partition.getStartToken();
        return partition.getStartToken() + (length == 0 ? Long.MIN_VALUE : length >>> 1);
    }

    static Transition begin(CatalogState state, BeginSplit command) {
        Optional<PartitionRecord> found = Placements.find(state.catalog(), command.getPartition());
        if (found.isEmpty()) {
            return Merges.missing(state, command.getPartition(), Code.INVALID_SPLIT);
        }
        PartitionRecord partition = found.get();
        if (partition.getId() == 0) {
            return invalid(state, "the system partition can't be split");
        }
        if (command.getEpoch() != partition.getEpoch()) {
            return conflict(state, "the range of partition " + partition.getId() + " was changed in the meantime");
        }
        boolean inside = command.getToken() != partition.getStartToken()
                && Tokens.inRange(command.getToken(), partition.getStartToken(), partition.getEndToken());
        if (!inside) {
            return invalid(
                    state,
                    "the token " + Long.toHexString(command.getToken()) + " does not lie inside partition "
                            + partition.getId());
        }
        if (partition.hasSplit()) {
            return conflict(state, "partition " + partition.getId() + " is being split");
        }
        if (partition.hasMerge() || partition.getMergedCount() > 0) {
            return conflict(
                    state,
                    "partition " + partition.getId() + " "
                            + Merges.whyNot(partition).orElseThrow());
        }
        if (partition.getTargetCount() > 0) {
            return conflict(state, "partition " + partition.getId() + " is being moved");
        }
        if (partition.getLogReplicasCount() > 0) {
            // They have no state that another partition could begin with.
            return conflict(
                    state, "another node keeps the log of partition " + partition.getId() + " for a lost replica");
        }
        if (command.hasTask() && Tasks.mustWait(state.catalog(), command.getTask())) {
            return state.refuse(Code.PAUSED, Tasks.PAUSED, Optional.empty());
        }
        int child = nextId(state.catalog());
        Catalog.Builder next = state.nextEpoch().setNextPartitionId(child + 1);
        PartitionSplit split = PartitionSplit.newBuilder()
                .setToken(command.getToken())
                .setChild(child)
                .setEpoch(next.getEpoch())
                .build();
        PartitionRecord.Builder splitting =
                partition.toBuilder().setSplit(split).setFirst(firstRangeOf(partition));
        if (command.hasTask()) {
            splitting.setTask(Tasks.begun(command.getTask(), partition.getId(), next.getEpoch()));
        }
        Placements.put(next, splitting.build());
        return CatalogState.accept(next, Optional.empty());
    }

    static int nextId(Catalog catalog) {
        int highest = catalog.getPartitionsList().stream()
                .mapToInt(PartitionRecord::getId)
                .max()
                .orElse(0);
        return Math.max(catalog.getNextPartitionId(), highest + 1);
    }

    static Transition finish(CatalogState state, FinishSplit command) {
        Optional<PartitionRecord> found = Placements.find(state.catalog(), command.getPartition());
        if (found.isEmpty() || !found.get().hasSplit() || found.get().getSplit().getEpoch() != command.getEpoch()) {
            return state.refuse(Code.OK, "", Optional.empty());
        }
        PartitionRecord whole = found.get();
        SplitHalves halves = SplitHalves.of(whole);
        Catalog.Builder next = state.nextEpoch();
        Tasks.end(next, whole, TaskRecord.Outcome.DONE, command.getEndedMillis());
        Placements.put(next, halves.remaining());
        next.addPartitions(halves.child());
        return CatalogState.accept(next, Optional.empty());
    }

    private static Transition conflict(CatalogState state, String message) {
        return state.refuse(Code.CONFLICT, message, Optional.empty());
    }

    private static Transition invalid(CatalogState state, String message) {
        return state.refuse(Code.INVALID_SPLIT, message, Optional.empty());
    }
}

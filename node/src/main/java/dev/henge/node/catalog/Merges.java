package dev.henge.node.catalog;

import dev.henge.catalog.ClusterVersion;
import dev.henge.catalog.Feature;
import dev.henge.cluster.MergedPartition;
import dev.henge.node.catalog.CatalogState.Transition;
import dev.henge.proto.BeginMerge;
import dev.henge.proto.Catalog;
import dev.henge.proto.CatalogOutcome.Code;
import dev.henge.proto.FinishMerge;
import dev.henge.proto.PartitionMerge;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.SettleMerge;
import dev.henge.proto.TaskRecord;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Which partitions become one: what merges make of the map. The left one keeps its number and takes the right one's range. What
 * the right one was stays with the left one's record until all replicas of that have taken what it held ({@link #settle}): until
 * then its own replicas may be needed.
 */
public final class Merges {

    private Merges() {}

    /** Whether the partition is the one that goes, of two that are being merged. */
    public static boolean isRight(PartitionRecord partition) {
        return partition.hasMerge() && partition.getMerge().getRight() == partition.getId();
    }

    /** Whether the partition is the one that stays, of two that are being merged. */
    public static boolean isLeft(PartitionRecord partition) {
        return partition.hasMerge() && partition.getMerge().getLeft() == partition.getId();
    }

    /** Those of the map, and those that became part of one of them and may still be needed. */
    public static Stream<PartitionRecord> partitionsWithMerged(Catalog catalog) {
        return catalog.getPartitionsList().stream()
                .flatMap(partition -> Stream.concat(Stream.of(partition), partition.getMergedList().stream()));
    }

    /** The partition that another has become part of, as long as that one's replicas may still be needed. */
    public static Optional<PartitionRecord> survivorOf(Catalog catalog, int merged) {
        return catalog.getPartitionsList().stream()
                .filter(partition -> partition.getMergedList().stream().anyMatch(other -> other.getId() == merged))
                .findFirst();
    }

    /** Whether there was such a partition, and nobody needs anything of it any more. */
    public static boolean isGone(Catalog catalog, int partition) {
        boolean toCome = catalog.getPartitionsList().stream()
                .anyMatch(other -> other.hasSplit() && other.getSplit().getChild() == partition);
        return partition != 0
                && partition < catalog.getNextPartitionId()
                && !toCome
                && partitionsWithMerged(catalog).noneMatch(other -> other.getId() == partition);
    }

    static Transition begin(CatalogState state, BeginMerge command) {
        Catalog catalog = state.catalog();
        if (!Feature.MERGES.isAllowed(catalog)) {
            return conflict(
                    state,
                    "partitions can't be merged yet: that needs cluster version " + Feature.MERGES.since()
                            + ", and this one is at " + ClusterVersion.of(catalog));
        }
        Optional<PartitionRecord> left = Placements.find(catalog, command.getLeft());
        Optional<PartitionRecord> right = Placements.find(catalog, command.getRight());
        if (left.isEmpty() || right.isEmpty()) {
            return missing(state, left.isEmpty() ? command.getLeft() : command.getRight(), Code.INVALID_MERGE);
        }
        if (command.getLeft() == 0 || command.getRight() == 0) {
            return invalid(state, "the system partition can't be merged");
        }
        if (command.getLeftEpoch() != left.get().getEpoch()
                || command.getRightEpoch() != right.get().getEpoch()) {
            return conflict(state, "the range of one of the partitions was changed in the meantime");
        }
        // A single partition has the whole ring: it ends where it begins.
        if (command.getLeft() == command.getRight()
                || left.get().getEndToken() != right.get().getStartToken()
                || right.get().getStartToken() == 0) {
            return invalid(
                    state,
                    "partition " + command.getRight() + " does not begin where partition " + command.getLeft()
                            + " ends");
        }
        for (PartitionRecord partition : List.of(left.get(), right.get())) {
            Optional<String> busy = whyNot(partition);
            if (busy.isPresent()) {
                return conflict(state, "partition " + partition.getId() + " " + busy.get());
            }
        }
        if (!new HashSet<>(left.get().getReplicasList())
                .equals(new HashSet<>(right.get().getReplicasList()))) {
            return conflict(
                    state,
                    "partitions " + command.getLeft() + " and " + command.getRight()
                            + " are not on the same nodes: move one of them to where the other one is first");
        }
        if (command.hasTask() && Tasks.mustWait(catalog, command.getTask())) {
            return state.refuse(Code.PAUSED, Tasks.PAUSED, Optional.empty());
        }
        Catalog.Builder next = state.nextEpoch();
        // From now on, which numbers were ever given is not to be seen from the partitions that there are.
        next.setNextPartitionId(Splits.nextId(catalog));
        PartitionMerge merge = PartitionMerge.newBuilder()
                .setLeft(command.getLeft())
                .setRight(command.getRight())
                .setEpoch(next.getEpoch())
                .setLeftEpoch(command.getLeftEpoch())
                .setRightEpoch(command.getRightEpoch())
                .build();
        PartitionRecord.Builder stays =
                left.get().toBuilder().setMerge(merge).setFirst(Splits.firstRangeOf(left.get()));
        if (command.hasTask()) {
            stays.setTask(Tasks.begun(command.getTask(), command.getLeft(), next.getEpoch()));
        }
        Placements.put(next, stays.build());
        Placements.put(
                next,
                right.get().toBuilder()
                        .setMerge(merge)
                        .setFirst(Splits.firstRangeOf(right.get()))
                        .build());
        return CatalogState.accept(next, Optional.empty());
    }

    /** Why a partition can't be merged with another now, in words that follow its number. */
    public static Optional<String> whyNot(PartitionRecord partition) {
        if (partition.hasMerge()) {
            return Optional.of("is being merged");
        }
        if (partition.getMergedCount() > 0) {
            return Optional.of("was merged, and some of its replicas have not taken all of the other one yet");
        }
        if (partition.hasSplit()) {
            return Optional.of("is being split");
        }
        if (partition.getTargetCount() > 0) {
            return Optional.of("is being moved");
        }
        // They have no items, and can't say that they have taken any.
        return partition.getLogReplicasCount() > 0
                ? Optional.of("has its log kept by another node for a lost replica")
                : Optional.empty();
    }

    static Transition finish(CatalogState state, FinishMerge command) {
        Optional<PartitionRecord> found = Placements.find(state.catalog(), command.getLeft());
        if (found.isEmpty() || !isLeft(found.get()) || found.get().getMerge().getEpoch() != command.getEpoch()) {
            return state.refuse(Code.OK, "", Optional.empty());
        }
        PartitionRecord left = found.get();
        PartitionRecord right = Placements.find(state.catalog(), left.getMerge().getRight())
                .orElseThrow(() -> new IllegalStateException("both partitions of a merge are in the map"));
        Catalog.Builder next = state.nextEpoch();
        Tasks.end(next, left, TaskRecord.Outcome.DONE, command.getEndedMillis());
        Placements.put(next, MergedPartition.of(left, right, left.getMerge()));
        for (int place = 0; place < next.getPartitionsCount(); place++) {
            if (next.getPartitions(place).getId() == right.getId()) {
                next.removePartitions(place);
                break;
            }
        }
        return CatalogState.accept(next, Optional.empty());
    }

    /** Accepted also where there is nothing left of another, as whoever led before may have done it. */
    static Transition settle(CatalogState state, SettleMerge command) {
        Optional<PartitionRecord> found = Placements.find(state.catalog(), command.getPartition());
        if (found.isEmpty() || found.get().getMergedCount() == 0 || found.get().getEpoch() != command.getEpoch()) {
            return state.refuse(Code.OK, "", Optional.empty());
        }
        return Placements.replace(
                state.nextEpoch(), found.get().toBuilder().clearMerged().build());
    }

    /**
     * Refuses a change of a partition that there is not, or not any more.
     *
     * @param never the code for one that there never was
     */
    static Transition missing(CatalogState state, int partition, Code never) {
        boolean was = Integer.compareUnsigned(partition, state.catalog().getNextPartitionId()) < 0;
        return was
                ? conflict(state, "partition " + partition + " has become part of another one")
                : state.refuse(never, "there is no partition " + partition, Optional.empty());
    }

    private static Transition conflict(CatalogState state, String message) {
        return state.refuse(Code.CONFLICT, message, Optional.empty());
    }

    private static Transition invalid(CatalogState state, String message) {
        return state.refuse(Code.INVALID_MERGE, message, Optional.empty());
    }
}

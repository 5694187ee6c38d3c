package dev.henge.chaos.simulation;

import dev.henge.node.catalog.Tasks;
import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.TaskRecord;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What holds of tasks in every catalog: each stands beside the target that it began, changes a partition by one replica, leaves
 * no fewer than there are to be, and none is begun while the cluster is paused.
 */
final class TaskRules {

    private static final int REPLICAS = 3;

    private @Nullable Catalog last;

    /** By partition on the move, all nodes that it was to come to since it was last at rest. */
    private final Map<Integer, Set<String>> asked = new HashMap<>();

    /** Partitions on the move of which somebody wished more than one replica elsewhere since they were last at rest. */
    private final Set<Integer> wishedSeveral = new HashSet<>();

    /** To be called with each catalog when it is first applied anywhere, in the order of their epochs. */
    void applied(Catalog catalog) {
        Catalog before = last;
        last = catalog;
        if (catalog.getFinishedTasksCount() > Tasks.FINISHED_MAX) {
            throw new SimulationFailure("more finished tasks are kept than are to be");
        }
        for (PartitionRecord partition : catalog.getPartitionsList()) {
            note(partition);
            if (partition.hasTask()) {
                check(partition);
                boolean begun = partition.getTask().getId() == catalog.getEpoch();
                if (begun && before != null && before.getEpoch() + 1 == catalog.getEpoch()) {
                    checkBeginning(before, partition);
                }
            }
            asked.computeIfAbsent(partition.getId(), id -> new HashSet<>()).addAll(partition.getTargetList());
        }
    }

    private void note(PartitionRecord partition) {
        if (partition.getTargetCount() == 0) {
            asked.remove(partition.getId());
            wishedSeveral.remove(partition.getId());
        } else if (!partition.hasTask() && gone(partition).size() > 1) {
            wishedSeveral.add(partition.getId());
        }
    }

    private static Set<String> gone(PartitionRecord partition) {
        Set<String> gone = new HashSet<>(partition.getReplicasList());
        partition.getTargetList().forEach(gone::remove);
        return gone;
    }

    private void check(PartitionRecord partition) {
        TaskRecord task = partition.getTask();
        List<String> target = partition.getTargetList();
        boolean splits = task.getKind() == TaskRecord.Kind.SPLIT || task.getKind() == TaskRecord.Kind.OPERATOR_SPLIT;
        boolean merges = task.getKind() == TaskRecord.Kind.MERGE || task.getKind() == TaskRecord.Kind.OPERATOR_MERGE;
        // Who keeps the log in whose place may change in the middle of a move, and the placement's epoch with it.
        boolean began = splits
                ? task.getId() == partition.getSplit().getEpoch()
                : merges
                        ? task.getId() == partition.getMerge().getEpoch()
                        : task.getId() <= partition.getPlacementEpoch();
        if ((splits ? !partition.hasSplit() : merges ? !partition.hasMerge() : target.isEmpty())
                || task.getPartition() != partition.getId()
                || !began
                || task.getOutcome() != TaskRecord.Outcome.OUTCOME_UNSPECIFIED) {
            throw new SimulationFailure("a task that belongs to nothing: " + partition);
        }
        if (splits || merges) {
            return;
        }
        Set<String> gone = gone(partition);
        Set<String> come = new HashSet<>(target);
        partition.getReplicasList().forEach(come::remove);
        boolean fits =
                switch (task.getKind()) {
                    case REPLACE_REPLICA ->
                        (gone.equals(Set.of(task.getFrom())) && come.equals(Set.of(task.getTo())))
                                || isTurnOfATurn(partition);
                    case ADD_REPLICA -> gone.isEmpty() && come.equals(Set.of(task.getTo()));
                    case REMOVE_REPLICA -> gone.equals(Set.of(task.getFrom())) && come.isEmpty();
                    case ABANDON, OPERATOR_MOVE -> true;
                    case SPLIT, MERGE, OPERATOR_SPLIT, OPERATOR_MERGE, LOG_REPLICA, KIND_UNSPECIFIED, UNRECOGNIZED ->
                        false;
                };
        // Where one of several that an operator wished to move is turned round, the task tells of that one.
        boolean isOneOfSeveral = wishedSeveral.contains(partition.getId());
        if (!fits && !isOneOfSeveral) {
            throw new SimulationFailure("a task that does something else than it says: " + partition);
        }
        // What is given up settles on the group as it is, which a lost replica may have left.
        boolean settles = task.getKind() == TaskRecord.Kind.ABANDON;
        if (!settles && new HashSet<>(target).size() < REPLICAS) {
            throw new SimulationFailure("a task leaves too few replicas: " + partition);
        }
    }

    /**
     * A move that was turned round before has changed the group already, and the catalog says of that nothing: who came in may be
     * lost in its turn, and who was let go may come back.
     */
    private boolean isTurnOfATurn(PartitionRecord partition) {
        TaskRecord task = partition.getTask();
        Set<String> known = new HashSet<>(asked.getOrDefault(partition.getId(), Set.of()));
        boolean turned = !partition.getTargetList().containsAll(known);
        known.addAll(partition.getReplicasList());
        return turned
                && known.contains(task.getFrom())
                && !partition.getTargetList().contains(task.getFrom())
                && partition.getTargetList().contains(task.getTo());
    }

    private void checkBeginning(Catalog before, PartitionRecord partition) {
        boolean waits =
                switch (partition.getTask().getKind()) {
                    case REPLACE_REPLICA, ADD_REPLICA, REMOVE_REPLICA, SPLIT, MERGE -> true;
                    case ABANDON,
                            OPERATOR_MOVE,
                            OPERATOR_SPLIT,
                            OPERATOR_MERGE,
                            LOG_REPLICA,
                            KIND_UNSPECIFIED,
                            UNRECOGNIZED -> false;
                };
        if (!waits) {
            return;
        }
        if (before.getSettings().hasPause()) {
            throw new SimulationFailure("a task was begun while the cluster was paused: " + partition);
        }
        boolean moved = before.getPartitionsList().stream()
                .anyMatch(record -> record.getId() == partition.getId()
                        && record.getTargetCount() > 0
                        && !isTurnedRound(record, partition));
        if (moved) {
            throw new SimulationFailure("a task was begun on a partition that was on the move: " + partition);
        }
    }

    /**
     * A move may be given another replica to take the place of, one that was to stay; it builds what it built before, maybe for
     * a move that was given up when it was done.
     */
    private boolean isTurnedRound(PartitionRecord before, PartitionRecord after) {
        String lost = after.getTask().getFrom();
        Set<String> known = new HashSet<>(before.getReplicasList());
        known.addAll(asked.getOrDefault(before.getId(), Set.of()));
        return before.getTargetList().contains(lost)
                && !after.getTargetList().contains(lost)
                && known.containsAll(after.getTargetList());
    }
}

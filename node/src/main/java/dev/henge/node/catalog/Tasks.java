package dev.henge.node.catalog;

import dev.henge.proto.Catalog;
import dev.henge.proto.PartitionRecord;
import dev.henge.proto.TaskRecord;
import java.util.Comparator;
import java.util.List;

/**
 * What the coordinator and operators have begun. A task stands with the partition that it changes and is written by the command
 * that begins the change, so neither is ever there without the other; whoever coordinates next goes on with it.
 */
public final class Tasks {

    /** So many finished ones are remembered. */
    public static final int FINISHED_MAX = 100;

    static final String PAUSED = "the coordinator is paused: it begins nothing until henge tasks resume";

    private static final int TEXT_LENGTH_MAX = 300;

    private Tasks() {}

    /** Those that run, the oldest first. */
    public static List<TaskRecord> running(Catalog catalog) {
        return catalog.getPartitionsList().stream()
                .filter(PartitionRecord::hasTask)
                .map(PartitionRecord::getTask)
                .sorted(Comparator.comparingLong(TaskRecord::getId))
                .toList();
    }

    /** Whether a pause keeps a task from being begun. */
    static boolean mustWait(Catalog catalog, TaskRecord task) {
        return catalog.getSettings().hasPause()
                && switch (task.getKind()) {
                    case REPLACE_REPLICA, ADD_REPLICA, REMOVE_REPLICA, SPLIT, MERGE -> true;
                    // What an operator asks for by name, what undoes, and what keeps writes durable.
                    case OPERATOR_MOVE,
                            OPERATOR_SPLIT,
                            OPERATOR_MERGE,
                            ABANDON,
                            LOG_REPLICA,
                            KIND_UNSPECIFIED,
                            UNRECOGNIZED -> false;
                };
    }

    /** A task as it stands in the catalog from its beginning on. */
    static TaskRecord begun(TaskRecord asked, int partition, long epoch) {
        return asked.toBuilder()
                .setId(epoch)
                .setPartition(partition)
                .setReason(bounded(asked.getReason()))
                .clearOutcome()
                .clearEndedMillis()
                .build();
    }

    /** The partition's task, if it has one, is over: it goes to those that were, in the place of the oldest if need be. */
    static void end(Catalog.Builder next, PartitionRecord partition, TaskRecord.Outcome outcome, long endedMillis) {
        if (!partition.hasTask()) {
            return;
        }
        next.addFinishedTasks(
                partition.getTask().toBuilder().setOutcome(outcome).setEndedMillis(endedMillis));
        while (next.getFinishedTasksCount() > FINISHED_MAX) {
            next.removeFinishedTasks(0);
        }
    }

    static String bounded(String text) {
        return text.length() <= TEXT_LENGTH_MAX ? text : text.substring(0, TEXT_LENGTH_MAX);
    }
}

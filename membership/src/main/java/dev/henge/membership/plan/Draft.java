package dev.henge.membership.plan;

import dev.henge.membership.plan.Step.TransferLeadership;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** A plan in the making. It holds the limits that all rules share. */
final class Draft {

    /** Beyond it nobody reads on. */
    private static final int NOTES_MAX = 100;

    private final Situation situation;
    private final List<Step> steps = new ArrayList<>();
    private final Set<String> notes = new LinkedHashSet<>();
    private final Set<Integer> busy = new HashSet<>();
    private final Map<String, Integer> movesOf = new HashMap<>();
    private final Map<String, Long> comingBytes = new HashMap<>();
    private int moves;

    Draft(Situation situation) {
        this.situation = situation;
        for (Step step : situation.view().running()) {
            busy.addAll(step.partitions());
            step.learner()
                    .filter(to -> !isStuck(step.partitions().getFirst()))
                    .ifPresent(to -> count(step.partitions().getFirst(), to));
        }
    }

    /** What can't go on until a lost node is back must not keep others from being repaired. */
    private boolean isStuck(int id) {
        return situation
                .partition(id)
                .filter(partition -> !situation.hasMajority(partition.electorate(), partition, Set.of())
                        && partition.voters().stream().anyMatch(situation::isGone))
                .isPresent();
    }

    Plan plan() {
        return new Plan(steps, List.copyOf(notes));
    }

    void note(String text) {
        if (notes.size() < NOTES_MAX) {
            notes.add(text);
        }
    }

    boolean isBusy(PartitionView partition) {
        return busy.contains(partition.id());
    }

    /** Whether who keeps the log may change: nothing happens to the partition but that its replicas move. */
    boolean takesLogReplica(PartitionView partition) {
        return begun().filter(step -> step.partitions().contains(partition.id()))
                .allMatch(Step::movesReplica);
    }

    /** Adds a step that costs little; its partitions are busy from now on. */
    void add(Step step) {
        busy.addAll(step.partitions());
        steps.add(step);
    }

    /** Whether a node has the room for one more replica, in what is free on its disk. */
    boolean fits(PartitionView partition, String to) {
        long more = comingBytes.getOrDefault(to, 0L) + partition.sizeBytes();
        double fullShare = situation.settings().moves().nearlyFullShare();
        return situation
                .node(to)
                .map(node -> situation.takesMore(node) && !node.isNearlyFullWith(more, fullShare))
                .orElse(false);
    }

    /** Whether a replica may be built now: the leader sends it, the new node takes it, and each does few things at once. */
    boolean mayMove(PartitionView partition, String to) {
        PlanSettings.Moves limits = situation.settings().moves();
        return moves < limits.atOnceMax()
                && movesOf.getOrDefault(to, 0) < limits.perNodeMax()
                && movesOf.getOrDefault(partition.leader(), 0) < limits.perNodeMax();
    }

    /** Whether a replica is being built on a node, or is to be. */
    boolean isTakingReplicas(String name) {
        return begun().anyMatch(step -> step.learner().equals(Optional.of(name)));
    }

    /**
     * Whether a leadership is not to be moved for balance: that of the system partition while the coordinator is in the middle of
     * something. Where it is would change with each replica that moves. Another one would not know for how long partitions have
     * been idle, and take apart again what is brought together for a merge; and it would wait for a missing node anew before
     * it replaces what is lost.
     */
    boolean staysWithItsLeader(PartitionView partition) {
        return partition.isSystem()
                && (hasMoves() || !situation.mergePairs().isEmpty() || situation.isAnyReplicaMissing());
    }

    /** Whether any leadership is being moved, or is to be. */
    boolean hasTransfers() {
        return begun().anyMatch(TransferLeadership.class::isInstance);
    }

    /** What is under way and what is to begin now. */
    private Stream<Step> begun() {
        return Stream.concat(situation.view().running().stream(), steps.stream());
    }

    /** Whether any replica is being built, or is to be. */
    boolean hasMoves() {
        return moves > 0;
    }

    /** How many more may be built now. */
    int movesLeft() {
        return situation.settings().moves().atOnceMax() - moves;
    }

    void addMove(Step step, PartitionView partition, String to) {
        add(step);
        count(partition.id(), to);
    }

    private void count(int partition, String to) {
        moves++;
        movesOf.merge(to, 1, Integer::sum);
        situation.partition(partition).ifPresent(moved -> {
            movesOf.merge(moved.leader(), 1, Integer::sum);
            comingBytes.merge(to, moved.sizeBytes(), Long::sum);
        });
    }
}

package dev.henge.membership.plan;

import dev.henge.membership.PlacementNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Brings replicas from where they are to where they should be, few at a time, the most urgent first: those of lost nodes, of
 * nodes being decommissioned, of crowded zones, and then those that even out loads.
 *
 * <p>Where they should be is worked out from where they will be once the running steps have ended, so a target never argues
 * with what is under way, and a plan made half way through comes to the same end.
 */
final class MoveRule implements Rule {

    private enum Urgency {
        LOST,
        TOO_FEW,
        DECOMMISSION,
        TOO_MANY,
        ZONE,
        BALANCE
    }

    /**
     * @param from empty to add one
     * @param to empty to remove one
     */
    private record Move(Urgency urgency, long alive, PartitionView partition, String from, String to) {}

    @Override
    public void propose(Situation situation, Draft draft) {
        List<PlacementNode> nodes = situation.placementNodes();
        if (nodes.isEmpty()) {
            return;
        }
        Targets targets = Targets.of(situation, nodes);
        List<Move> moves = new ArrayList<>();
        for (PartitionView partition : situation.partitions()) {
            if (!draft.isBusy(partition)) {
                moveOf(situation, draft, targets, partition).ifPresent(moves::add);
            }
        }
        moves.sort(Comparator.comparing(Move::urgency).thenComparing(Move::alive));
        for (Move move : moves) {
            begin(situation, draft, targets, move);
        }
    }

    private static void begin(Situation situation, Draft draft, Targets targets, Move move) {
        PartitionView partition = move.partition();
        String reason = reason(situation, targets, move);
        if (move.to().isEmpty()) {
            draft.add(new Step.RemoveReplica(partition.id(), move.from(), reason));
            return;
        }
        if (isReplacement(situation, move) && !situation.isUp(move.to())) {
            draft.note("partition " + partition.id() + " waits: " + situation.absence(move.to()) + " (" + reason + ")");
            return;
        }
        Optional<String> to = takerOf(situation, draft, move);
        if (to.isEmpty()) {
            draft.note("partition " + partition.id() + ": " + move.to() + " can't take a replica now (" + reason + ")");
            return;
        }
        if (!draft.mayMove(partition, to.get())) {
            return;
        }
        Step step = move.from().isEmpty()
                ? new Step.AddReplica(partition.id(), to.get(), reason)
                : new Step.ReplaceReplica(partition.id(), move.from(), to.get(), reason);
        draft.addMove(step, partition, to.get());
    }

    private static boolean isReplacement(Situation situation, Move move) {
        return situation.replacementOf(move.from()).filter(move.to()::equals).isPresent();
    }

    /** The node that the target names; when a replica must leave and that one has no room, the next on the ring that has. */
    private static Optional<String> takerOf(Situation situation, Draft draft, Move move) {
        PartitionView partition = move.partition();
        if (mayTake(situation, draft, move, move.to())) {
            return Optional.of(move.to());
        }
        return switch (move.urgency()) {
            case LOST, TOO_FEW, DECOMMISSION ->
                situation.ring().from(partition.range().start()).stream()
                        .filter(name -> !partition.voters().contains(name) && mayTake(situation, draft, move, name))
                        .findFirst();
            case TOO_MANY, ZONE, BALANCE -> Optional.empty();
        };
    }

    /** A node that keeps the log gives that up first: not while a majority needs it, as one more replica is away. */
    private static boolean mayTake(Situation situation, Draft draft, Move move, String to) {
        PartitionView partition = move.partition();
        boolean keepsLog =
                partition.logReplicas().stream().anyMatch(log -> log.node().equals(to));
        return draft.fits(partition, to) && (!keepsLog || othersAreUp(situation, partition, move.from()));
    }

    private static Optional<Move> moveOf(Situation situation, Draft draft, Targets targets, PartitionView partition) {
        List<String> target = targets.listOf(partition);
        List<String> gone = new ArrayList<>(partition.voters());
        gone.removeAll(target);
        List<String> come = new ArrayList<>(target);
        come.removeAll(partition.voters());
        boolean anyLost = gone.stream().anyMatch(situation::isGone);
        if (gone.isEmpty() && come.isEmpty()) {
            return Optional.empty();
        }
        if (!situation.canChange(partition)) {
            if (anyLost) {
                draft.note("partition " + partition.id()
                        + " has no majority: it can't be repaired before nodes come back");
            }
            return Optional.empty();
        }
        int wanted = targets.wanted(partition);
        if (partition.voters().size() < wanted) {
            return come.isEmpty()
                    ? Optional.empty()
                    : Optional.of(move(situation, Urgency.TOO_FEW, partition, "", come.getFirst()));
        }
        if (gone.isEmpty()) {
            return Optional.empty();
        }
        String from = mostUrgent(situation, partition, gone);
        if (partition.voters().size() > wanted) {
            return mayRemove(situation, partition, from)
                    ? Optional.of(move(situation, Urgency.TOO_MANY, partition, from, ""))
                    : Optional.empty();
        }
        if (come.isEmpty()) {
            draft.note("partition " + partition.id() + ": no node to take the replica of " + from);
            return Optional.empty();
        }
        Urgency urgency = urgency(situation, partition, target, from);
        if (urgency != Urgency.LOST && !othersAreUp(situation, partition, from)) {
            if (urgency == Urgency.DECOMMISSION) {
                draft.note("partition " + partition.id() + " waits: another of its replicas than that of " + from
                        + " is down or behind");
            }
            return Optional.empty();
        }
        String to = situation
                .replacementOf(from)
                .filter(come::contains)
                .orElseGet(() -> ofTheSameZone(situation, come, from));
        return Optional.of(move(situation, urgency, partition, from, to));
    }

    private static Move move(Situation situation, Urgency urgency, PartitionView partition, String from, String to) {
        long alive = partition.voters().stream().filter(situation::isUp).count();
        return new Move(urgency, alive, partition, from, to);
    }

    /** Of several lost ones, the one whose log another keeps goes first: it votes no more, so the group waits for it if it is to stay. */
    private static String mostUrgent(Situation situation, PartitionView partition, List<String> gone) {
        return gone.stream()
                .filter(situation::isGone)
                .min(Comparator.comparing(name -> !situation.isStoodInFor(partition, name)))
                .or(() -> gone.stream().filter(situation::isLeaving).findFirst())
                .orElseGet(gone::getFirst);
    }

    /** A lost one only stands in the way of a majority; any other goes when all the rest are there. */
    private static boolean mayRemove(Situation situation, PartitionView partition, String from) {
        return situation.isGone(from) || othersAreUp(situation, partition, from);
    }

    private static boolean othersAreUp(Situation situation, PartitionView partition, String from) {
        return partition.voters().stream()
                .filter(voter -> !voter.equals(from))
                .allMatch(voter -> situation.isUp(voter) && !partition.lagging().contains(voter));
    }

    private static Urgency urgency(Situation situation, PartitionView partition, List<String> target, String from) {
        if (situation.isGone(from)) {
            return Urgency.LOST;
        }
        if (situation.isLeaving(from)) {
            return Urgency.DECOMMISSION;
        }
        String zone = situation.zone(from);
        return situation.inZone(partition.voters(), zone) > situation.inZone(target, zone)
                ? Urgency.ZONE
                : Urgency.BALANCE;
    }

    private static String ofTheSameZone(Situation situation, List<String> names, String than) {
        String zone = situation.zone(than);
        return names.stream()
                .filter(name -> situation.zone(name).equals(zone))
                .findFirst()
                .orElseGet(names::getFirst);
    }

    private static String reason(Situation situation, Targets targets, Move move) {
        return switch (move.urgency()) {
            case LOST -> situation.absence(move.from());
            case TOO_FEW ->
                "it has " + move.partition().voters().size() + " of " + targets.wanted(move.partition()) + " replicas";
            case DECOMMISSION ->
                isReplacement(situation, move)
                        ? move.from() + " is being replaced by " + move.to()
                        : move.from() + " is being decommissioned";
            case TOO_MANY ->
                "it has " + move.partition().voters().size() + " replicas, " + targets.wanted(move.partition())
                        + " are asked for";
            case ZONE -> "too many of its replicas are in zone " + situation.zone(move.from());
            case BALANCE ->
                situation
                        .toBeMergedWith(move.partition())
                        .map(other -> "it is to be merged with partition " + other.id())
                        .orElseGet(() -> targets.balance(move.from(), move.to()));
        };
    }
}

package dev.henge.membership.plan;

import dev.henge.membership.plan.PartitionView.LogReplica;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Has the next node on the ring keep the log in the place of a voter that is down, so that writes are as durable as before
 * within seconds (hinted handoff of "Dynamo", SOSP 2007, section 4.6, as a member of the quorum), and retires it when
 * the voter is back or replaced. It does so also while a replica of the partition moves: a move may last for long, and waits for
 * a lost one that is to stay.
 */
final class LogReplicaRule implements Rule {

    @Override
    public void propose(Situation situation, Draft draft) {
        // The catalog is small: its lost replica is built anew before a log that stands in for it would be of much use.
        for (PartitionView partition : situation.dataPartitions()) {
            if (!draft.takesLogReplica(partition) || !situation.canChange(partition)) {
                continue;
            }
            Optional<Step> changed = partition.logReplicas().stream()
                    .flatMap(replica ->
                            retirement(situation, partition, replica)
                                    .or(() -> another(situation, partition, replica))
                                    .stream())
                    .findFirst();
            if (changed.isPresent()) {
                draft.add(changed.get());
                continue;
            }
            place(situation, draft, partition);
        }
    }

    private static Optional<Step> retirement(Situation situation, PartitionView partition, LogReplica replica) {
        String voter = replica.inPlaceOf();
        String reason = "";
        if (!partition.voters().contains(voter)) {
            reason = voter + " has been replaced";
        } else if (situation.isUp(voter) && !partition.lagging().contains(voter)) {
            reason = voter + " is back with the whole log";
        }
        if (reason.isEmpty()) {
            return Optional.empty();
        }
        Set<String> after = new HashSet<>(partition.electorate());
        if (!partition.voters().contains(replica.node())) {
            after.remove(replica.node());
        }
        if (partition.voters().contains(voter)) {
            after.add(voter);
        }
        // The voter counts again: without a majority that way, nothing would be committed any more.
        return situation.hasMajority(after, partition, Set.of())
                ? Optional.of(new Step.RetireLogReplica(partition.id(), replica.node(), voter, reason))
                : Optional.empty();
    }

    /**
     * Another node keeps the log where the one that does is lost or is to go. Until there is one, nothing is changed: the group has it
     * vote as long as the voter does not, whatever is wished.
     */
    private static Optional<Step> another(Situation situation, PartitionView partition, LogReplica replica) {
        boolean lost = isLost(situation, replica.node());
        if (!lost && !situation.isLeaving(replica.node())) {
            return Optional.empty();
        }
        String reason = lost ? situation.absence(replica.node()) : replica.node() + " is being decommissioned";
        return firstThatTakesIt(situation, partition)
                .map(node -> new Step.PlaceLogReplica(partition.id(), node, replica.inPlaceOf(), reason));
    }

    private static void place(Situation situation, Draft draft, PartitionView partition) {
        if (situation.settings().patience().logReplicaAfterMillis() == PlanSettings.Patience.NEVER) {
            return;
        }
        for (String voter : partition.voters()) {
            if (!isLost(situation, voter)
                    || situation.logReplicaInPlaceOf(partition, voter).isPresent()) {
                continue;
            }
            if (situation.isBeingSettled(partition)) {
                draft.note("partition " + partition.id() + ": no log in the place of " + voter
                        + ", as not all of its replicas have taken what was merged into it");
                return;
            }
            if (partition.logReplicas().size()
                    >= PartitionView.logReplicasMax(partition.voters().size())) {
                draft.note("partition " + partition.id() + ": no log in the place of " + voter
                        + ", as fewer than half of the replicas may be stood in for");
                return;
            }
            Optional<String> node = firstThatTakesIt(situation, partition);
            if (node.isEmpty()) {
                draft.note("partition " + partition.id() + ": no node to keep the log in the place of " + voter);
                return;
            }
            draft.add(new Step.PlaceLogReplica(partition.id(), node.get(), voter, situation.absence(voter)));
            return;
        }
    }

    private static Optional<String> firstThatTakesIt(Situation situation, PartitionView partition) {
        List<String> walk = situation.ring().from(partition.range().start());
        List<String> after = situation.votersAfterRunning(partition);
        return walk.stream()
                .filter(name -> !partition.holders().contains(name) && !after.contains(name))
                .filter(name -> situation.node(name).map(situation::takesMore).orElse(false))
                .findFirst();
    }

    private static boolean isLost(Situation situation, String name) {
        long afterMillis = situation.settings().patience().logReplicaAfterMillis();
        return situation
                .node(name)
                .map(node -> node.isDownFor(afterMillis, situation.view().nowMillis()))
                .orElse(true);
    }
}

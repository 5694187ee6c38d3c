package dev.henge.membership.plan;

import java.util.List;

/** Hands the leaderships of nodes that are about to stop to others at once, without waiting for what else is under way. */
final class DrainRule implements Rule {

    @Override
    public void propose(Situation situation, Draft draft) {
        List<PartitionView> partitions = List.copyOf(situation.partitions());
        List<String> leaders = LeaderCandidates.spread(situation, partitions);
        for (int i = 0; i < partitions.size(); i++) {
            PartitionView partition = partitions.get(i);
            String leader = partition.leader();
            if (!situation.isUp(leader) || situation.serves(leader) || leadershipIsMoving(situation, partition)) {
                continue;
            }
            if (leaders.get(i).isEmpty()) {
                draft.note("partition " + partition.id() + ": no voter is there to take leadership from " + leader);
                continue;
            }
            draft.add(new Step.TransferLeadership(
                    partition.id(),
                    leaders.get(i),
                    situation.isLeaving(leader) ? leader + " is being decommissioned" : leader + " is draining"));
        }
    }

    private static boolean leadershipIsMoving(Situation situation, PartitionView partition) {
        return situation.runningOn(partition.id()).stream().anyMatch(step -> switch (step) {
            case Step.TransferLeadership _, Step.Split _, Step.Merge _ -> true;
            case Step.ReplaceReplica _,
                    Step.AddReplica _,
                    Step.RemoveReplica _,
                    Step.PlaceLogReplica _,
                    Step.RetireLogReplica _,
                    Step.Abandon _,
                    Step.Redirect _ -> false;
        });
    }
}

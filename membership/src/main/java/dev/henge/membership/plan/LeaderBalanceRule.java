package dev.henge.membership.plan;

import dev.henge.membership.plan.Step.TransferLeadership;
import java.util.List;

/**
 * Spreads leaderships over the nodes that serve: each leads its share of what it may lead, rounded up or down. It waits for one
 * that has only just failed to answer, or all would be spread anew without it, and back a moment later. And it gives none to a node
 * while replicas are being built there: what it leads is slow until then. {@link LeaderLoadRule} does, where others have too much to do.
 */
final class LeaderBalanceRule implements Rule {

    @Override
    public void propose(Situation situation, Draft draft) {
        if (situation.isAnyJustMissing()) {
            return;
        }
        // A partition without a leader elects one by itself; until then it is nobody's.
        List<PartitionView> partitions = situation.partitions().stream()
                .filter(partition -> !partition.leader().isEmpty())
                .toList();
        List<String> leaders = LeaderCandidates.spread(situation, partitions);
        long transfers = situation.running(TransferLeadership.class).count();
        for (int i = 0; i < partitions.size(); i++) {
            PartitionView partition = partitions.get(i);
            String leader = leaders.get(i);
            if (transfers == situation.settings().moves().transfersAtOnceMax()) {
                return;
            }
            if (leader.isEmpty()
                    || leader.equals(partition.leader())
                    || draft.isTakingReplicas(leader)
                    || !situation.isUp(partition.leader())
                    || draft.isBusy(partition)
                    || draft.staysWithItsLeader(partition)) {
                continue;
            }
            draft.add(new TransferLeadership(
                    partition.id(), leader, partition.leader() + " leads more than its share, " + leader + " less"));
            transfers++;
        }
    }
}

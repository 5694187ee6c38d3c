package dev.henge.membership.plan;

import dev.henge.membership.Leaders;
import java.util.ArrayList;
import java.util.List;

/** Who may lead a partition: a voter that is up, serves, has the end of the log and is not about to be retired. */
final class LeaderCandidates {

    private LeaderCandidates() {}

    /**
     * Leaders spread evenly, with as few changes as that takes.
     *
     * @return for each partition a candidate, or the empty string where it has none
     */
    static List<String> spread(Situation situation, List<PartitionView> partitions) {
        return Leaders.spread(
                partitions.stream().map(partition -> of(situation, partition)).toList());
    }

    /** The candidates of one partition, the present leader first. */
    static List<String> of(Situation situation, PartitionView partition) {
        List<String> after = situation.votersAfterRunning(partition);
        List<String> candidates = new ArrayList<>();
        for (String voter : partition.voters()) {
            if (situation.serves(voter) && !partition.lagging().contains(voter) && after.contains(voter)) {
                candidates.add(voter);
            }
        }
        if (candidates.remove(partition.leader())) {
            candidates.addFirst(partition.leader());
        }
        return candidates;
    }
}

package dev.henge.deploy.status;

import java.util.List;

/**
 * A partition as it shows in the status.
 *
 * @param id 0 is the system partition
 * @param startToken first token, unsigned
 * @param endToken token after the last, unsigned; 0 is the ring's end
 * @param epoch of its record in the catalog
 * @param term the leader's; 0 without a leader
 * @param leader name of the node that leads it; empty when none does
 * @param replicas names of the nodes that hold it, in the order of the preference list
 * @param liveReplicas those of them that answer and have it
 * @param appliedIndex the leader's; 0 without a leader
 * @param commitIndex the leader's; 0 without a leader
 */
public record PartitionView(
        int id,
        long startToken,
        long endToken,
        long epoch,
        long term,
        String leader,
        List<String> replicas,
        List<String> liveReplicas,
        long appliedIndex,
        long commitIndex) {

    public PartitionView {
        replicas = List.copyOf(replicas);
        liveReplicas = List.copyOf(liveReplicas);
    }

    boolean hasMajority() {
        return liveReplicas.size() > replicas.size() / 2;
    }
}

package dev.henge.deploy;

import dev.henge.deploy.status.ClusterLook;
import dev.henge.membership.plan.NodeView;
import dev.henge.proto.PartitionRecord;
import java.util.ArrayList;
import java.util.List;

/** What speaks against moving a partition where an operator wants it. Pure. */
final class MoveSafety {

    private MoveSafety() {}

    /**
     * Why the partition would have fewer replicas, or wait for some.
     *
     * @param wanted nodes that are to have it; one that the cluster doesn't know is left to the catalog, which refuses it
     * @return reasons in words for the operator; none if it is safe
     */
    static List<String> reasons(PartitionRecord partition, List<String> wanted, ClusterLook look) {
        List<String> reasons = new ArrayList<>();
        int asked = Math.min(look.replicasAskedFor(), look.nodesToStay());
        if (wanted.size() < partition.getReplicasCount()) {
            reasons.add("it has " + counted(partition.getReplicasCount()) + " and would keep " + wanted.size());
        } else if (wanted.size() < asked) {
            reasons.add("it would have " + counted(wanted.size()) + ", " + asked + " are asked for");
        }
        look.view().nodes().stream()
                .filter(node -> wanted.contains(node.name()))
                .forEach(node -> {
                    if (!node.isUp()) {
                        reasons.add(node.name() + " does not answer");
                    } else if (node.intent() == NodeView.Intent.DRAIN) {
                        reasons.add(node.name() + " is draining");
                    } else if (node.intent() == NodeView.Intent.DECOMMISSION) {
                        reasons.add(node.name() + " is being decommissioned");
                    }
                });
        return List.copyOf(reasons);
    }

    private static String counted(int replicas) {
        return replicas + (replicas == 1 ? " replica" : " replicas");
    }
}

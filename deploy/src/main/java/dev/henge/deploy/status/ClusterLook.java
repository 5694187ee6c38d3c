package dev.henge.deploy.status;

import dev.henge.membership.plan.ClusterView;
import dev.henge.node.coordinator.ClusterViews;
import dev.henge.proto.Catalog;
import dev.henge.proto.CoordinatorReport;
import dev.henge.proto.NodeRecord;
import dev.henge.proto.NodeStatusReply;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What nodes answered at one moment, and the newest catalog among them.
 *
 * @param answers one for each node that was asked
 * @param catalog of epoch 0 when none of them knows any
 */
public record ClusterLook(List<NodeAnswer> answers, Catalog catalog) {

    public ClusterLook {
        answers = List.copyOf(answers);
    }

    /** Of the nodes that answered, by name. */
    public Map<String, NodeStatusReply> replies() {
        Map<String, NodeStatusReply> replies = new TreeMap<>();
        for (NodeAnswer answer : answers) {
            if (answer instanceof NodeAnswer.Up up) {
                replies.put(up.reply().getNode(), up.reply());
            }
        }
        return replies;
    }

    /** As the coordinator sees the cluster, but for loads: those show over time. */
    public ClusterView view() {
        return ClusterViews.once(catalog, replies(), 0);
    }

    /** How many replicas each partition is to have where there are nodes enough. */
    public int replicasAskedFor() {
        return view().settings().replicas().data();
    }

    /** How many nodes there are that nobody wants to go for good, be they up or not. */
    public int nodesToStay() {
        return (int) catalog.getNodesList().stream()
                .filter(node -> node.getState() != NodeRecord.State.DECOMMISSIONING)
                .count();
    }

    /** What the coordinator would do and can't, in its words. */
    public List<String> coordinatorNotes() {
        return replies().values().stream()
                .filter(NodeStatusReply::hasCoordinator)
                .map(NodeStatusReply::getCoordinator)
                .findFirst()
                .map(CoordinatorReport::getNotesList)
                .map(List::copyOf)
                .orElse(List.of());
    }
}

package dev.henge.membership.plan;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A snapshot of the cluster, all that decisions are made from.
 *
 * @param nowMillis the time, on any clock that all times in the view are read from
 * @param nodes registered nodes; a voter that is not among them is gone for good
 * @param partitions all of them, the system partition included
 * @param running steps that have begun and not ended
 */
public record ClusterView(
        long nowMillis,
        List<NodeView> nodes,
        List<PartitionView> partitions,
        List<Step> running,
        PlanSettings settings) {

    public ClusterView {
        nodes = List.copyOf(nodes);
        partitions = List.copyOf(partitions);
        running = List.copyOf(running);
    }

    public Optional<NodeView> node(String name) {
        return nodes.stream().filter(node -> node.name().equals(name)).findFirst();
    }

    Map<String, NodeView> nodesByName() {
        return nodes.stream().collect(Collectors.toMap(NodeView::name, Function.identity(), (a, b) -> a, TreeMap::new));
    }
}

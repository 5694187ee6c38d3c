package dev.henge.membership.plan;

import dev.henge.membership.PlacementNode;
import dev.henge.membership.Ring;
import dev.henge.membership.plan.PartitionView.LogReplica;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A view with what the rules ask of it again and again. */
final class Situation {

    private final ClusterView view;
    private final Map<String, NodeView> nodes;
    private final Map<Integer, PartitionView> partitions = new TreeMap<>();
    private final Map<Integer, List<Step>> runningOn = new HashMap<>();
    private final List<PartitionView> dataPartitions;
    private final boolean mostNodesAreDown;
    private @Nullable List<MergePairs.Pair> mergePairs;
    private @Nullable Ring ring;

    Situation(ClusterView view) {
        this.view = view;
        this.nodes = view.nodesByName();
        view.partitions().forEach(partition -> partitions.put(partition.id(), partition));
        this.dataPartitions = partitions.values().stream()
                .filter(partition -> !partition.isSystem())
                .sorted((a, b) ->
                        Long.compareUnsigned(a.range().start(), b.range().start()))
                .toList();
        for (Step step : view.running()) {
            step.partitions().forEach(partition -> runningOn
                    .computeIfAbsent(partition, key -> new ArrayList<>())
                    .add(step));
        }
        long down = nodes.values().stream().filter(node -> !node.isUp()).count();
        this.mostNodesAreDown = 2 * down > nodes.size();
    }

    ClusterView view() {
        return view;
    }

    PlanSettings settings() {
        return view.settings();
    }

    Collection<NodeView> nodes() {
        return nodes.values();
    }

    /** The zone of a node; empty when the node is not known. */
    String zone(String node) {
        return node(node).map(NodeView::zone).orElse("");
    }

    /** How many of the nodes are in a zone. */
    long inZone(List<String> names, String zone) {
        return names.stream().filter(name -> zone(name).equals(zone)).count();
    }

    Optional<NodeView> node(String name) {
        return Optional.ofNullable(nodes.get(name));
    }

    /** All partitions, by id. */
    Collection<PartitionView> partitions() {
        return partitions.values();
    }

    Optional<PartitionView> partition(int id) {
        return Optional.ofNullable(partitions.get(id));
    }

    /** The partitions with items, in the order of their tokens. */
    List<PartitionView> dataPartitions() {
        return dataPartitions;
    }

    /** The ring with all registered nodes on it. */
    Ring ring() {
        Ring known = ring;
        if (known == null) {
            known = new Ring(nodes.values().stream()
                    .map(node -> new PlacementNode(node.name(), node.zone(), node.weight()))
                    .toList());
            ring = known;
        }
        return known;
    }

    /** Neighbours that are to become one. */
    List<MergePairs.Pair> mergePairs() {
        List<MergePairs.Pair> known = mergePairs;
        if (known == null) {
            known = MergePairs.of(this);
            mergePairs = known;
        }
        return known;
    }

    /** The neighbour that a partition is to become one with. */
    Optional<PartitionView> toBeMergedWith(PartitionView partition) {
        for (MergePairs.Pair pair : mergePairs()) {
            if (pair.left().id() == partition.id()) {
                return Optional.of(pair.right());
            }
            if (pair.right().id() == partition.id()) {
                return Optional.of(pair.left());
            }
        }
        return Optional.empty();
    }

    /** Whether a node is down that has a replica. */
    boolean isAnyReplicaMissing() {
        return partitions().stream()
                .anyMatch(partition -> partition.voters().stream().anyMatch(voter -> !isUp(voter)));
    }

    List<Step> runningOn(int partition) {
        return runningOn.getOrDefault(partition, List.of());
    }

    boolean mostNodesAreDown() {
        return mostNodesAreDown;
    }

    boolean isUp(String name) {
        return node(name).map(NodeView::isUp).orElse(false);
    }

    boolean serves(String name) {
        return node(name).map(NodeView::serves).orElse(false);
    }

    /** Whether a node will not come back as far as anyone can tell; never while it is more likely us who are cut off. */
    boolean isGone(String name) {
        NodeView node = nodes.get(name);
        if (node == null) {
            return true;
        }
        return !mostNodesAreDown && node.isDownFor(settings().patience().replaceAfterMillis(), view.nowMillis());
    }

    /** Whether a node that serves has only just failed to answer: most often it is busy, and as well as ever a moment later. */
    boolean isAnyJustMissing() {
        long afterMillis = settings().patience().abandonAfterMillis();
        return nodes.values().stream()
                .anyMatch(node -> !node.isUp()
                        && node.intent() == NodeView.Intent.SERVE
                        && !node.isDownFor(afterMillis, view.nowMillis()));
    }

    boolean isLeaving(String name) {
        return node(name)
                .map(node -> node.intent() == NodeView.Intent.DECOMMISSION)
                .orElse(false);
    }

    /** The node that takes all that a leaving one has; empty when the others share it, also because that node can't any more. */
    Optional<String> replacementOf(String name) {
        return node(name)
                .filter(node -> node.intent() == NodeView.Intent.DECOMMISSION)
                .flatMap(node -> node(node.replacedBy()))
                .filter(to -> to.intent() == NodeView.Intent.SERVE && !isGone(to.name()))
                .map(NodeView::name);
    }

    boolean takesMore(NodeView node) {
        return node.serves() && !node.isNearlyFullWith(0, settings().moves().nearlyFullShare());
    }

    /** The nodes that replicas are placed on: all but those that are gone or leaving. */
    List<PlacementNode> placementNodes() {
        return nodes.values().stream()
                .filter(node -> !isGone(node.name()) && !isLeaving(node.name()))
                .map(node -> new PlacementNode(node.name(), node.zone(), node.weight(), takesMore(node)))
                .toList();
    }

    /**
     * How many nodes there are to hold what there is. Also those that are drained, or away for a while: what is merged or split
     * by that number would be split or merged again when they are back.
     */
    long stayingNodes() {
        return placementNodes().size();
    }

    /** The voters that a partition has once what runs has ended well. */
    List<String> votersAfterRunning(PartitionView partition) {
        List<String> voters = new ArrayList<>(partition.voters());
        for (Step step : runningOn(partition.id())) {
            int place = step.leaver().map(voters::indexOf).orElse(-1);
            step.leaver().ifPresent(voters::remove);
            step.learner()
                    .filter(to -> !voters.contains(to))
                    .ifPresent(to -> voters.add(place < 0 ? voters.size() : place, to));
        }
        return voters;
    }

    /** Whether a partition can be changed at all: it has a leader that is up, and a majority. */
    boolean canChange(PartitionView partition) {
        return isUp(partition.leader()) && hasMajority(partition.electorate(), partition, Set.of());
    }

    /** Whether those of an electorate that are up and have the log are a majority, with some of them taken away. */
    boolean hasMajority(Set<String> electorate, PartitionView partition, Set<String> without) {
        long alive = electorate.stream()
                .filter(name -> isUp(name) && !partition.lagging().contains(name) && !without.contains(name))
                .count();
        return 2 * alive > electorate.size();
    }

    /** Whether every voter is up with the end of the log, and nothing stands in for one. */
    boolean isWhole(PartitionView partition) {
        return partition.lagging().isEmpty()
                && partition.learners().isEmpty()
                && partition.logReplicas().isEmpty()
                && partition.voters().stream().allMatch(this::isUp)
                && isUp(partition.leader());
    }

    /** Whether another node keeps the log in the place of a voter. */
    boolean isStoodInFor(PartitionView partition, String voter) {
        return logReplicaInPlaceOf(partition, voter).isPresent();
    }

    /** Whether what was merged into it has not been taken by all its replicas: it takes no log replica until then. */
    boolean isBeingSettled(PartitionView partition) {
        return partition.changedMillis() >= view.nowMillis();
    }

    Optional<LogReplica> logReplicaInPlaceOf(PartitionView partition, String voter) {
        return partition.logReplicas().stream()
                .filter(replica -> replica.inPlaceOf().equals(voter))
                .findFirst();
    }

    /** The running steps of one kind. */
    <S extends Step> Stream<S> running(Class<S> kind) {
        return view.running().stream().filter(kind::isInstance).map(kind::cast);
    }

    static String minutes(long millis) {
        return millis < 120_000 ? millis / 1_000 + " seconds" : millis / 60_000 + " minutes";
    }

    /** How long a node has been away, for people. */
    String absence(String name) {
        return node(name)
                .map(node -> node.isUp()
                        ? name + " is up"
                        : name + " has been down for " + minutes(view.nowMillis() - node.downSinceMillis()))
                .orElse(name + " is not a member any more");
    }
}

package dev.henge.membership.plan;

import dev.henge.membership.Placement;
import dev.henge.membership.Placement.Holding;
import dev.henge.membership.PlacementNode;
import dev.henge.membership.TokenRange;
import dev.henge.membership.plan.MergePairs.Pair;
import dev.henge.membership.plan.PartitionView.LogReplica;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where the voters of each partition should be.
 *
 * @param lists target of each partition
 * @param counts how many voters each should have
 * @param held how many replicas of partitions with items each node has once the running steps have ended
 * @param shares how many it should have
 */
record Targets(
        Map<Integer, List<String>> lists,
        Map<Integer, Integer> counts,
        Map<String, Integer> held,
        Map<String, Double> shares) {

    /** The fewest voters of which one may fail. */
    private static final int FEWEST_OF_A_GROUP = 3;

    static Targets of(Situation situation, List<PlacementNode> nodes) {
        Map<Integer, List<String>> lists = new HashMap<>();
        Map<Integer, Integer> counts = new HashMap<>();
        Map<String, Integer> held = new HashMap<>();
        List<List<PartitionView>> groups = groups(situation);
        List<Holding> holdings = new ArrayList<>();
        for (List<PartitionView> group : groups) {
            List<String> voters = situation.votersAfterRunning(group.getFirst());
            voters.forEach(voter -> held.merge(voter, 1, Integer::sum));
            holdings.add(new Holding(
                    new TokenRange(
                            group.getFirst().range().start(),
                            group.getLast().range().end()),
                    voters,
                    keepingTheLog(group)));
        }
        int replicas = situation.settings().replicas().data();
        Placement placement = Placement.of(nodes);
        List<List<String>> placed = placement.target(holdings, replicas);
        for (int i = 0; i < groups.size(); i++) {
            for (PartitionView partition : groups.get(i)) {
                lists.put(partition.id(), withReplacements(situation, partition, placed.get(i)));
                counts.put(partition.id(), replicas);
            }
        }
        situation.partition(PartitionView.SYSTEM).ifPresent(system -> {
            int wanted = systemReplicas(situation, system);
            lists.put(system.id(), withReplacements(situation, system, systemTarget(situation, nodes, system, wanted)));
            counts.put(system.id(), wanted);
        });
        return new Targets(lists, counts, held, placement.shares(holdings, replicas));
    }

    /** A node that is to have the items gives up the log first, and writes are on one disk less while they are copied. */
    private static Set<String> keepingTheLog(List<PartitionView> group) {
        return group.stream()
                .flatMap(partition -> partition.logReplicas().stream())
                .map(LogReplica::node)
                .collect(Collectors.toSet());
    }

    /** What a node that is replaced has goes to the one that replaces it, and to another only where that one has a replica already. */
    private static List<String> withReplacements(Situation situation, PartitionView partition, List<String> target) {
        List<String> voters = situation.votersAfterRunning(partition);
        List<String> changed = new ArrayList<>(target);
        for (String voter : voters) {
            Optional<String> taker = situation.replacementOf(voter);
            if (taker.isEmpty() || voters.contains(taker.get()) || changed.contains(taker.get())) {
                continue;
            }
            changed.stream()
                    .filter(name -> !voters.contains(name))
                    .findFirst()
                    .ifPresent(other -> changed.set(changed.indexOf(other), taker.get()));
        }
        return List.copyOf(changed);
    }

    /** Each partition for itself, but those that are to be merged together, to be placed as the one that they become. */
    private static List<List<PartitionView>> groups(Situation situation) {
        Map<Integer, Pair> pairs = new HashMap<>();
        situation.mergePairs().forEach(pair -> {
            pairs.put(pair.left().id(), pair);
            pairs.put(pair.right().id(), pair);
        });
        List<List<PartitionView>> groups = new ArrayList<>();
        for (PartitionView partition : situation.dataPartitions()) {
            Pair pair = pairs.get(partition.id());
            if (pair == null) {
                groups.add(List.of(partition));
            } else if (pair.left().id() == partition.id()) {
                groups.add(List.of(pair.left(), pair.right()));
            }
        }
        return groups;
    }

    /**
     * The largest odd number that nodes allow. Lost nodes don't count, since fewer voters stand the next loss better than
     * many that are not there; but three there stay where there were three, or there would be one copy alone. That holds of
     * nodes that are to go, too, when there are no others to take what they have.
     */
    private static int systemReplicas(Situation situation, PartitionView system) {
        List<NodeView> members = situation.nodes().stream()
                .filter(node -> node.intent() != NodeView.Intent.DECOMMISSION)
                .toList();
        long there =
                members.stream().filter(node -> !situation.isGone(node.name())).count();
        long most = Math.min(
                Math.max(there, Math.min(members.size(), FEWEST_OF_A_GROUP)),
                situation.settings().replicas().systemMax());
        int kept =
                Math.min(FEWEST_OF_A_GROUP, situation.votersAfterRunning(system).size());
        return (int) Math.max(Math.max(1, kept), most % 2 == 0 ? most - 1 : most);
    }

    private static List<String> systemTarget(
            Situation situation, List<PlacementNode> nodes, PartitionView system, int wanted) {
        // A catalog is as small on a large node as on a small one.
        List<PlacementNode> equals = nodes.stream()
                .map(node -> new PlacementNode(node.name(), node.zone(), 1, node.takesMore()))
                .toList();
        Holding holding = new Holding(new TokenRange(0, 0), situation.votersAfterRunning(system));
        return Placement.of(equals).target(List.of(holding), wanted).getFirst();
    }

    List<String> listOf(PartitionView partition) {
        return lists.getOrDefault(partition.id(), partition.voters());
    }

    int wanted(PartitionView partition) {
        return counts.getOrDefault(partition.id(), partition.voters().size());
    }

    String balance(String from, String to) {
        return String.format(
                Locale.ROOT,
                "%s has %d replicas, its share is %.1f; %s has %d, its share is %.1f",
                from,
                held.getOrDefault(from, 0),
                shares.getOrDefault(from, 0.0),
                to,
                held.getOrDefault(to, 0),
                shares.getOrDefault(to, 0.0));
    }
}

package dev.henge.membership.plan;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What an operator's command on nodes would do to partitions. Commands that show a danger are refused unless forced. */
public final class Safety {

    /** Why a partition would suffer, in words for the operator. */
    public record Danger(int partition, String reason) {}

    private Safety() {}

    /**
     * The partitions that would have no majority with some nodes stopped, or none of their full replicas: log replicas make up a
     * majority, and none of them has the items.
     *
     * @param names nodes that are to be stopped, all at once
     * @return one danger for each partition, by number; none if it is safe
     */
    public static List<Danger> ofStopping(ClusterView view, Set<String> names) {
        Situation situation = new Situation(view);
        List<Danger> dangers = new ArrayList<>();
        for (PartitionView partition : situation.partitions()) {
            if (partition.voters().stream().anyMatch(names::contains) && !keepsItems(situation, partition, names)) {
                dangers.add(new Danger(partition.id(), "no voter that has its items would be left"));
                continue;
            }
            for (Set<String> electorate : electorates(situation, partition)) {
                boolean concerned = electorate.stream().anyMatch(names::contains);
                if (concerned && !situation.hasMajority(electorate, partition, names)) {
                    dangers.add(new Danger(partition.id(), reason(situation, partition, electorate, names)));
                    break;
                }
            }
        }
        return List.copyOf(dangers);
    }

    /**
     * Why nodes can't be decommissioned now: too few would remain, or too small ones.
     *
     * @param names nodes that are to give all they have to the others
     * @return reasons in words for the operator; none if the others can take it
     */
    public static List<String> ofDecommissioning(ClusterView view, Set<String> names) {
        Situation situation = new Situation(view);
        PlanSettings settings = view.settings();
        List<NodeView> others = view.nodes().stream()
                .filter(node -> !names.contains(node.name()) && node.serves())
                .toList();
        List<String> reasons = new ArrayList<>();
        for (String name : names) {
            if (situation.node(name).isEmpty()) {
                reasons.add(name + " is not a member");
            }
        }
        int replicas = settings.replicas().data();
        if (others.size() < replicas) {
            reasons.add(others.size() + " nodes would remain to take replicas, a partition has " + replicas);
        }
        long movingBytes = 0;
        for (PartitionView partition : situation.partitions()) {
            movingBytes += partition.sizeBytes()
                    * partition.voters().stream().filter(names::contains).count();
        }
        double share = settings.moves().nearlyFullShare();
        boolean allKnown = others.stream().allMatch(node -> node.totalBytes() > 0);
        double roomBytes = others.stream()
                .mapToDouble(node -> Math.max(0, share * node.totalBytes() - node.usedBytes()))
                .sum();
        if (allKnown && movingBytes > roomBytes) {
            reasons.add(movingBytes / 1_000_000 + " MB would move, the other nodes have room for "
                    + Math.round(roomBytes / 1_000_000) + " MB before they are nearly full");
        }
        return List.copyOf(reasons);
    }

    private static boolean keepsItems(Situation situation, PartitionView partition, Set<String> without) {
        return partition.voters().stream()
                .anyMatch(voter -> situation.isUp(voter)
                        && !without.contains(voter)
                        && !partition.lagging().contains(voter));
    }

    /** As it is, and as it is once a running change of voters has been made. */
    private static List<Set<String>> electorates(Situation situation, PartitionView partition) {
        Set<String> after = new LinkedHashSet<>(situation.votersAfterRunning(partition));
        Set<String> both = new LinkedHashSet<>(partition.voters());
        both.addAll(after);
        boolean changing = !after.equals(Set.copyOf(partition.voters()));
        // The new voter is promoted before the old one is retired: for a moment all of them vote.
        return changing ? List.of(partition.electorate(), both, after) : List.of(partition.electorate());
    }

    private static String reason(
            Situation situation, PartitionView partition, Set<String> electorate, Set<String> names) {
        List<String> left = electorate.stream()
                .filter(name -> situation.isUp(name)
                        && !names.contains(name)
                        && !partition.lagging().contains(name))
                .toList();
        List<String> away = electorate.stream()
                .filter(name -> !names.contains(name) && !left.contains(name))
                .toList();
        String absent = away.isEmpty()
                ? ""
                : "; " + String.join(", ", away) + (away.size() == 1 ? " is" : " are") + " down or behind";
        return "of its " + electorate.size() + " voters " + left.size() + " would be left" + absent;
    }
}

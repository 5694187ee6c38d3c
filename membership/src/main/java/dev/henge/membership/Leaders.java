package dev.henge.membership;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Spreads leadership over those that may have it.
 *
 * <p>A node's share is the sum, over the partitions that it may lead, of one divided by the number of nodes that may: so a node
 * with twice the replicas leads twice as many. Every node gets its share rounded up or down, which is always possible (the
 * shares are a fractional solution of a bipartite flow, and such a flow has a whole-numbered one between the same bounds),
 * and as few leaders change as that takes.
 */
public final class Leaders {

    private static final double ROUNDING = 1e-6;

    private final List<List<String>> candidates;
    private final Map<String, Double> shares = new TreeMap<>();
    private final Map<String, Set<Integer>> ledBy = new HashMap<>();
    private final List<String> chosen = new ArrayList<>();

    private Leaders(List<List<String>> candidates) {
        this.candidates = candidates;
    }

    /**
     * A leader for every partition.
     *
     * @param candidates for each partition the nodes that may lead it, the present or preferred leader first; may be empty
     * @return for each partition one of its candidates, or the empty string where it has none
     */
    public static List<String> spread(List<List<String>> candidates) {
        Leaders leaders = new Leaders(candidates);
        leaders.takeTheFirst();
        leaders.even();
        return List.copyOf(leaders.chosen);
    }

    /** What each node's share is: it leads that many partitions, rounded up or down. */
    public static Map<String, Double> shares(List<List<String>> candidates) {
        Map<String, Double> shares = new TreeMap<>();
        for (List<String> ofOne : candidates) {
            ofOne.forEach(node -> shares.merge(node, 1.0 / ofOne.size(), Double::sum));
        }
        return shares;
    }

    private void takeTheFirst() {
        shares.putAll(shares(candidates));
        for (String node : shares.keySet()) {
            ledBy.put(node, new HashSet<>());
        }
        for (int partition = 0; partition < candidates.size(); partition++) {
            List<String> ofOne = candidates.get(partition);
            chosen.add(ofOne.isEmpty() ? "" : ofOne.getFirst());
            if (!ofOne.isEmpty()) {
                led(ofOne.getFirst()).add(partition);
            }
        }
    }

    private void even() {
        for (String node : shares.keySet()) {
            while (led(node).size() > most(node)) {
                if (!handOver(node, false)) {
                    break;
                }
            }
        }
        for (String node : shares.keySet()) {
            while (led(node).size() < fewest(node)) {
                if (!handOver(node, true)) {
                    break;
                }
            }
        }
    }

    /** Passes leaderships along the shortest chain from a node to one with room, or to it from one that has to spare. */
    private boolean handOver(String node, boolean towards) {
        Map<String, String> next = new HashMap<>();
        Map<String, Integer> by = new HashMap<>();
        Deque<String> open = new ArrayDeque<>(List.of(node));
        Set<String> met = new HashSet<>(List.of(node));
        while (!open.isEmpty()) {
            String at = open.removeFirst();
            boolean arrived = towards ? led(at).size() > fewest(at) : led(at).size() < most(at);
            if (!at.equals(node) && arrived) {
                follow(at, node, next, by, towards);
                return true;
            }
            for (Neighbour neighbour : towards ? leadersOfWhatItMayLead(at) : candidatesOfWhatItLeads(at)) {
                if (met.add(neighbour.node())) {
                    next.put(neighbour.node(), at);
                    by.put(neighbour.node(), neighbour.partition());
                    open.addLast(neighbour.node());
                }
            }
        }
        return false;
    }

    private record Neighbour(String node, int partition) {}

    private List<Neighbour> candidatesOfWhatItLeads(String node) {
        List<Neighbour> found = new ArrayList<>();
        led(node).stream().sorted().forEach(partition -> candidates
                .get(partition)
                .forEach(candidate -> found.add(new Neighbour(candidate, partition))));
        return found;
    }

    private List<Neighbour> leadersOfWhatItMayLead(String node) {
        List<Neighbour> found = new ArrayList<>();
        for (int partition = 0; partition < candidates.size(); partition++) {
            if (candidates.get(partition).contains(node)) {
                found.add(new Neighbour(chosen.get(partition), partition));
            }
        }
        return found;
    }

    private void follow(String from, String to, Map<String, String> next, Map<String, Integer> by, boolean towards) {
        String at = from;
        while (!at.equals(to)) {
            String other = next.getOrDefault(at, to);
            int partition = by.getOrDefault(at, 0);
            give(partition, towards ? at : other, towards ? other : at);
            at = other;
        }
    }

    private void give(int partition, String from, String to) {
        led(from).remove(partition);
        led(to).add(partition);
        chosen.set(partition, to);
    }

    private Set<Integer> led(String node) {
        return ledBy.getOrDefault(node, Set.of());
    }

    private int most(String node) {
        return (int) Math.ceil(shares.getOrDefault(node, 0.0) - ROUNDING);
    }

    private int fewest(String node) {
        return (int) Math.floor(shares.getOrDefault(node, 0.0) + ROUNDING);
    }
}

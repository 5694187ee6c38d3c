package dev.henge.membership;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.stream.Collectors;

/**
 * Places partitions on nodes by a walk around the ring with bounded loads: a node that holds its share already is
 * passed over, so that few exceed the average, and those by a few replicas at most (consistent hashing with bounded loads,
 * Mirrokni, Thorup, Zadimoghaddam 2016, with the bound at its tightest).
 *
 * <p>The first node of a preference list is the partition's preferred leader; leaderships are bounded in the same way.
 */
public final class Placement {

    private static final int VIRTUAL_TOKENS_PER_NODE = 64;

    private record VirtualToken(long token, String node) {}

    private final List<String> nodes;
    private final List<VirtualToken> walk;

    public Placement(List<String> nodes) {
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("a ring needs at least one node");
        }
        this.nodes = nodes.stream().sorted().toList();
        List<VirtualToken> tokens = new ArrayList<>();
        for (String node : this.nodes) {
            for (int i = 0; i < VIRTUAL_TOKENS_PER_NODE; i++) {
                tokens.add(new VirtualToken(Tokens.ofVirtualNode(node, i), node));
            }
        }
        tokens.sort(
                Comparator.comparing(VirtualToken::token, Long::compareUnsigned).thenComparing(VirtualToken::node));
        this.walk = List.copyOf(tokens);
    }

    /**
     * The preference list of each range.
     *
     * @param replicas copies of each partition; with fewer nodes than that, one on each node
     * @return for each range its nodes, all distinct, the preferred leader first
     */
    public List<List<String>> preferenceLists(List<TokenRange> ranges, int replicas) {
        int copies = Math.min(replicas, nodes.size());
        int replicasPerNodeMax = ceilingOfQuotient(ranges.size() * copies, nodes.size());
        int leadersPerNodeMax = ceilingOfQuotient(ranges.size(), nodes.size());
        Map<String, Integer> replicasHeld = new HashMap<>();
        Map<String, Integer> leadersHeld = new HashMap<>();
        List<List<String>> lists = new ArrayList<>(ranges.size());
        for (TokenRange range : ranges) {
            SequencedSet<String> order = nodesFrom(range.start());
            List<String> chosen = new ArrayList<>(copies);
            takeWithRoom(order, chosen, copies, replicasHeld, replicasPerNodeMax);
            // The last ranges may find too few nodes with room; distinct replicas matter more than the bound.
            takeWithRoom(leastLoadedFirst(order, replicasHeld), chosen, copies, replicasHeld, Integer.MAX_VALUE);
            lists.add(withLeaderFirst(chosen, leadersHeld, leadersPerNodeMax));
        }
        return List.copyOf(lists);
    }

    private static void takeWithRoom(
            SequencedSet<String> order, List<String> chosen, int copies, Map<String, Integer> held, int heldMax) {
        for (String node : order) {
            if (chosen.size() == copies) {
                return;
            }
            if (!chosen.contains(node) && held.getOrDefault(node, 0) < heldMax) {
                chosen.add(node);
                held.merge(node, 1, Integer::sum);
            }
        }
    }

    private static SequencedSet<String> leastLoadedFirst(SequencedSet<String> order, Map<String, Integer> held) {
        return order.stream()
                .sorted(Comparator.comparing(node -> held.getOrDefault(node, 0)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static List<String> withLeaderFirst(List<String> chosen, Map<String, Integer> leadersHeld, int leadersMax) {
        String leader = chosen.stream()
                .filter(node -> leadersHeld.getOrDefault(node, 0) < leadersMax)
                .findFirst()
                .orElseGet(chosen::getFirst);
        leadersHeld.merge(leader, 1, Integer::sum);
        List<String> list = new ArrayList<>(chosen);
        list.remove(leader);
        list.addFirst(leader);
        return List.copyOf(list);
    }

    /** All nodes, in the order in which a walk from a token meets them. */
    private SequencedSet<String> nodesFrom(long token) {
        int start = 0;
        while (start < walk.size() && Long.compareUnsigned(walk.get(start).token(), token) < 0) {
            start++;
        }
        SequencedSet<String> order = new LinkedHashSet<>();
        for (int i = 0; i < walk.size() && order.size() < nodes.size(); i++) {
            order.add(walk.get((start + i) % walk.size()).node());
        }
        return order;
    }

    private static int ceilingOfQuotient(int dividend, int divisor) {
        return (dividend + divisor - 1) / divisor;
    }
}

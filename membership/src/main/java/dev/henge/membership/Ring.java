package dev.henge.membership;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The ring with the nodes' virtual tokens on it, as many for each node as its weight asks for.
 *
 * <p>Where a node's tokens stand depends on its name and weight alone, so a node that joins or leaves moves no other's.
 */
public final class Ring {

    private static final int VIRTUAL_TOKENS_OF_WEIGHT_ONE = 64;

    private record VirtualToken(long token, int node) {}

    private final List<String> names;
    private final List<VirtualToken> tokens;

    public Ring(Collection<PlacementNode> nodes) {
        List<PlacementNode> sorted =
                nodes.stream().sorted(Comparator.comparing(PlacementNode::name)).toList();
        this.names = sorted.stream().map(PlacementNode::name).toList();
        List<VirtualToken> placed = new ArrayList<>();
        for (int node = 0; node < sorted.size(); node++) {
            long count = Math.max(
                    1,
                    Math.round(VIRTUAL_TOKENS_OF_WEIGHT_ONE * sorted.get(node).weight()));
            for (int i = 0; i < count; i++) {
                placed.add(new VirtualToken(Tokens.ofVirtualNode(names.get(node), i), node));
            }
        }
        placed.sort(
                Comparator.comparing(VirtualToken::token, Long::compareUnsigned).thenComparing(VirtualToken::node));
        this.tokens = List.copyOf(placed);
    }

    /** The names of all nodes, in the order in which a walk from a token meets them. */
    public List<String> from(long token) {
        List<String> order = new ArrayList<>(names.size());
        for (int node : indexesFrom(token)) {
            order.add(names.get(node));
        }
        return List.copyOf(order);
    }

    /** As {@link #from}, each node by its place in the order of names. */
    int[] indexesFrom(long token) {
        int[] order = new int[names.size()];
        boolean[] met = new boolean[names.size()];
        int start = firstNotBelow(token);
        int found = 0;
        for (int i = 0; i < tokens.size() && found < order.length; i++) {
            int node = tokens.get((start + i) % tokens.size()).node();
            if (!met[node]) {
                met[node] = true;
                order[found++] = node;
            }
        }
        return order;
    }

    private int firstNotBelow(long token) {
        int low = 0;
        int high = tokens.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Long.compareUnsigned(tokens.get(middle).token(), token) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}

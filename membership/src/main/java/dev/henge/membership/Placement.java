package dev.henge.membership;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * Places partitions on nodes: a walk around the ring says where a replica would rather be, where the replicas are now says
 * what should stay, and the nodes' fair shares say how much each takes.
 *
 * <p>What a target promises, when all nodes take more:
 *
 * <ul>
 *   <li>The replicas of a range are on distinct nodes.
 *   <li>A node holds its fair share, rounded up or down: the tightest bound there is (consistent hashing with bounded loads,
 *       Mirrokni, Thorup, Zadimoghaddam 2016, without slack). Fair shares are in proportion to weights, but no node holds a
 *       range twice, and zones may raise a node's share up to twice what weights alone ask for ({@link FairShares}).
 *   <li>The replicas of a range lie in distinct zones, or are spread over the zones as evenly as their number allows, as far as
 *       the shares leave room for that; then balance comes first.
 *   <li>Leaders are spread so that each node leads its share of what it holds, rounded up or down ({@link Leaders}).
 *   <li>Nothing moves that none of this asks for: a node that joins takes its share and a node that leaves gives its own.
 * </ul>
 *
 * <p>A node that takes no more keeps at most what it has; bounds then hold as far as the others allow.
 */
public final class Placement {

    // Each round mends zones and then loads; more than two were never needed, and none loosens what one before it
    // mended.
    private static final int ROUNDS_MAX = 4;

    private final List<PlacementNode> nodes;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final int[] zoneOf;
    private final Ring ring;

    /** A placement on equal nodes of one zone. */
    public Placement(List<String> names) {
        this((Collection<PlacementNode>)
                names.stream().map(name -> new PlacementNode(name, "", 1)).toList());
    }

    private Placement(Collection<PlacementNode> given) {
        if (given.isEmpty()) {
            throw new IllegalArgumentException("a ring needs at least one node");
        }
        this.nodes =
                given.stream().sorted(Comparator.comparing(PlacementNode::name)).toList();
        Map<String, Integer> zones = new TreeMap<>();
        this.zoneOf = new int[nodes.size()];
        for (int i = 0; i < zoneOf.length; i++) {
            if (indexes.put(nodes.get(i).name(), i) != null) {
                throw new IllegalArgumentException(
                        "two nodes are called " + nodes.get(i).name());
            }
            Integer known = zones.putIfAbsent(nodes.get(i).zone(), zones.size());
            zoneOf[i] = known == null ? zones.size() - 1 : known;
        }
        this.ring = new Ring(nodes);
    }

    /** A placement on nodes with zones and weights, whose names differ. */
    public static Placement of(Collection<PlacementNode> nodes) {
        return new Placement(nodes);
    }

    /**
     * A range and the nodes that hold it.
     *
     * @param replicas names of nodes, the leader first; those that the placement does not know are on their way out
     * @param ratherNot nodes that get it only where no other has room
     */
    public record Holding(TokenRange range, List<String> replicas, Set<String> ratherNot) {
        public Holding {
            replicas = List.copyOf(replicas);
            ratherNot = Set.copyOf(ratherNot);
        }

        /** One that may go to any node. */
        public Holding(TokenRange range, List<String> replicas) {
            this(range, replicas, Set.of());
        }
    }

    /**
     * The preference list of each range in a cluster that holds nothing yet.
     *
     * @param replicas copies of each partition; with fewer nodes than that, one on each node
     * @return for each range its nodes, all distinct, the preferred leader first
     */
    public List<List<String>> preferenceLists(List<TokenRange> ranges, int replicas) {
        return target(
                ranges.stream().map(range -> new Holding(range, List.of())).toList(), replicas);
    }

    /**
     * Where the replicas should be, given where they are.
     *
     * @param current what there is, in any order; ranges with more or fewer replicas than asked for get as many as asked for
     * @param replicas copies of each partition; with fewer nodes than that, one on each node
     * @return for each range of {@code current}, in its order, its nodes: all distinct, the preferred leader first. Shorter
     *     lists only where too few nodes take more.
     */
    public List<List<String>> target(List<Holding> current, int replicas) {
        if (current.isEmpty()) {
            return List.of();
        }
        int copies = Math.min(replicas, nodes.size());
        List<Integer> order = IntStream.range(0, current.size())
                .boxed()
                .sorted(Comparator.comparing(
                        (Integer i) -> current.get(i).range().start(), Long::compareUnsigned))
                .toList();
        List<Holding> sorted = order.stream().map(current::get).toList();
        Holdings holdings = holdings(sorted);
        new Evening(holdings, shares(holdings, sorted.size(), copies), nodes.size(), copies).run(ROUNDS_MAX);
        List<List<String>> lists = withLeadersFirst(sorted, holdings);
        List<List<String>> inGivenOrder = new ArrayList<>(lists);
        for (int i = 0; i < lists.size(); i++) {
            inGivenOrder.set(order.get(i), lists.get(i));
        }
        return List.copyOf(inGivenOrder);
    }

    /**
     * The fair share of each node in replicas, a fraction: what it holds in a target is this, rounded up or down.
     *
     * @param current what there is, which bounds the shares of nodes that take no more
     */
    public Map<String, Double> shares(List<Holding> current, int replicas) {
        Map<String, Double> shares = new TreeMap<>();
        if (current.isEmpty()) {
            nodes.forEach(node -> shares.put(node.name(), 0.0));
            return shares;
        }
        FairShares fair = shares(holdings(current), current.size(), Math.min(replicas, nodes.size()));
        for (int node = 0; node < nodes.size(); node++) {
            shares.put(nodes.get(node).name(), fair.share(node));
        }
        return shares;
    }

    private FairShares shares(Holdings holdings, int ranges, int copies) {
        return new FairShares(nodes, zoneOf, holdings.loads(), ranges, copies);
    }

    private Holdings holdings(List<Holding> current) {
        int[][] walks = new int[current.size()][];
        int[] ratherCounts = new int[current.size()];
        boolean[] takesMore = new boolean[nodes.size()];
        for (int node = 0; node < takesMore.length; node++) {
            takesMore[node] = nodes.get(node).takesMore();
        }
        for (int range = 0; range < walks.length; range++) {
            Set<String> ratherNot = current.get(range).ratherNot();
            int[] walk = ring.indexesFrom(current.get(range).range().start());
            IntPredicate rather = node -> !ratherNot.contains(nodes.get(node).name());
            walks[range] = IntStream.concat(
                            Arrays.stream(walk).filter(rather),
                            Arrays.stream(walk).filter(rather.negate()))
                    .toArray();
            ratherCounts[range] = (int) Arrays.stream(walk).filter(rather).count();
        }
        Holdings holdings = new Holdings(zoneOf, takesMore, walks, ratherCounts);
        for (int range = 0; range < walks.length; range++) {
            for (String name : current.get(range).replicas()) {
                Integer node = indexes.get(name);
                if (node != null && !holdings.holds(range, node)) {
                    holdings.addAsBefore(range, node);
                }
            }
        }
        return holdings;
    }

    private List<List<String>> withLeadersFirst(List<Holding> current, Holdings holdings) {
        List<List<String>> lists = new ArrayList<>(current.size());
        for (int range = 0; range < current.size(); range++) {
            List<String> kept = current.get(range).replicas();
            List<String> list = new ArrayList<>();
            for (String name : kept) {
                Integer node = indexes.get(name);
                if (node != null && holdings.holds(range, node) && !list.contains(name)) {
                    list.add(name);
                }
            }
            for (int node : holdings.walk(range)) {
                String name = nodes.get(node).name();
                if (holdings.holds(range, node) && !list.contains(name)) {
                    list.add(name);
                }
            }
            lists.add(list);
        }
        List<String> leaders = Leaders.spread(lists);
        for (int range = 0; range < lists.size(); range++) {
            if (lists.get(range).remove(leaders.get(range))) {
                lists.get(range).addFirst(leaders.get(range));
            }
        }
        return lists.stream().map(List::copyOf).toList();
    }
}

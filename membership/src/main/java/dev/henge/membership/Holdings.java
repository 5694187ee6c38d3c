package dev.henge.membership;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.function.IntPredicate;

/**
 * Which node holds which range while a placement is worked out, and the chains of moves that even it out.
 *
 * <p>A chain takes a replica off a first node and gives one to a last; the nodes between them take one and give one, so their
 * loads stay. Chains are found by a search from the first node in which a replica that moves already costs nothing more,
 * so the shortest chain is the one that moves the fewest replicas from where they are now.
 */
final class Holdings {

    private static final int NONE = -1;

    private final int ranges;
    private final int nodes;
    private final int[] zoneOf;
    private final boolean[] takesMore;
    private final int[][] walks;
    private final int[] ratherCounts;
    private final int[][] rank;
    private final boolean[][] holds;
    private final boolean[][] heldBefore;
    private final int[][] inZone;
    private final BitSet[] heldBy;
    private final int[] load;
    private final int[] copiesOf;

    /**
     * @param zoneOf the zone of each node, numbered from 0
     * @param takesMore whether each node may get anything new
     * @param walks for each range all nodes in the order of the walk from its start, those that should rather not get it last
     * @param ratherCounts for each range how many there are before those
     */
    Holdings(int[] zoneOf, boolean[] takesMore, int[][] walks, int[] ratherCounts) {
        this.ranges = walks.length;
        this.nodes = zoneOf.length;
        this.zoneOf = zoneOf.clone();
        this.takesMore = takesMore.clone();
        this.walks = walks;
        this.ratherCounts = ratherCounts;
        this.rank = new int[ranges][nodes];
        for (int range = 0; range < ranges; range++) {
            for (int place = 0; place < nodes; place++) {
                rank[range][walks[range][place]] = place;
            }
        }
        this.holds = new boolean[ranges][nodes];
        this.heldBefore = new boolean[ranges][nodes];
        this.inZone = new int[ranges][Arrays.stream(zoneOf).max().orElse(0) + 1];
        this.heldBy = new BitSet[nodes];
        Arrays.setAll(heldBy, node -> new BitSet(ranges));
        this.load = new int[nodes];
        this.copiesOf = new int[ranges];
    }

    void addAsBefore(int range, int node) {
        heldBefore[range][node] = true;
        add(range, node);
    }

    void add(int range, int node) {
        if (holds[range][node]) {
            throw new IllegalStateException("range " + range + " is on node " + node + " already");
        }
        holds[range][node] = true;
        heldBy[node].set(range);
        inZone[range][zoneOf[node]]++;
        load[node]++;
        copiesOf[range]++;
    }

    void remove(int range, int node) {
        if (!holds[range][node]) {
            throw new IllegalStateException("range " + range + " is not on node " + node);
        }
        holds[range][node] = false;
        heldBy[node].clear(range);
        inZone[range][zoneOf[node]]--;
        load[node]--;
        copiesOf[range]--;
    }

    boolean holds(int range, int node) {
        return holds[range][node];
    }

    int load(int node) {
        return load[node];
    }

    int[] loads() {
        return load.clone();
    }

    int ranges() {
        return ranges;
    }

    int zoneOf(int node) {
        return zoneOf[node];
    }

    int copiesOf(int range) {
        return copiesOf[range];
    }

    int inZoneOf(int range, int node) {
        return inZone[range][zoneOf[node]];
    }

    int[] walk(int range) {
        return walks[range];
    }

    /** How many nodes of its walk come before those that should rather not get a range. */
    int ratherCount(int range) {
        return ratherCounts[range];
    }

    /** Whether a node may get a replica of a range whose zones hold at most so many each. */
    boolean mayTake(int range, int node, int inZoneMax) {
        return mayHold(range, node) && !holds[range][node] && inZone[range][zoneOf[node]] < inZoneMax;
    }

    /** Whether a replica may go from a node to another: no zone gets more than the most, or than the first one's has. */
    boolean mayMove(int range, int from, int to, int inZoneMax) {
        if (!mayHold(range, to) || holds[range][to]) {
            return false;
        }
        int there = inZone[range][zoneOf[to]];
        return zoneOf[from] == zoneOf[to] || there < inZoneMax || there < inZone[range][zoneOf[from]];
    }

    /** What a node that takes no more has had may stay. */
    private boolean mayHold(int range, int node) {
        return takesMore[node] || heldBefore[range][node];
    }

    void move(int range, int from, int to) {
        remove(range, from);
        add(range, to);
    }

    /** Whether a replica stands where it did not stand before. */
    boolean isNew(int range, int node) {
        return holds[range][node] && !heldBefore[range][node];
    }

    boolean wasHeld(int range, int node) {
        return heldBefore[range][node];
    }

    /**
     * Moves replicas along the cheapest chain.
     *
     * @param isFirst nodes that the chain may begin at: one of them holds one replica less afterwards
     * @param isLast nodes that it may end at: one of them holds one more
     * @param urgency which of several last nodes at the same cost is preferred: the one with the highest
     * @param untouched a range that stays as it is, or -1
     * @return the node that the chain began at, or -1 if there is no chain and nothing was moved
     */
    int shift(IntPredicate isFirst, IntPredicate isLast, double[] urgency, int untouched, int inZoneMax) {
        Search search = new Search(untouched, inZoneMax);
        int last = search.run(isFirst, isLast, urgency);
        if (last == NONE) {
            return NONE;
        }
        int node = last;
        while (search.previous[node] != NONE) {
            move(search.moved[node], search.previous[node], node);
            node = search.previous[node];
        }
        return node;
    }

    /** A shortest-path search over the nodes with costs of 0 and 1. */
    private final class Search {

        private final int untouched;
        private final int inZoneMax;
        private final int[] cost = new int[nodes];
        private final int[] previous = new int[nodes];
        private final int[] moved = new int[nodes];
        private final boolean[] settled = new boolean[nodes];
        private final Deque<Integer> open = new ArrayDeque<>();

        Search(int untouched, int inZoneMax) {
            this.untouched = untouched;
            this.inZoneMax = inZoneMax;
            Arrays.fill(cost, Integer.MAX_VALUE);
            Arrays.fill(previous, NONE);
            Arrays.fill(moved, NONE);
        }

        int run(IntPredicate isFirst, IntPredicate isLast, double[] urgency) {
            for (int node = 0; node < nodes; node++) {
                if (isFirst.test(node)) {
                    cost[node] = 0;
                    open.addLast(node);
                }
            }
            int best = NONE;
            while (!open.isEmpty()) {
                int node = open.removeFirst();
                if (settled[node]) {
                    continue;
                }
                if (best != NONE && cost[node] > cost[best]) {
                    return best;
                }
                settled[node] = true;
                if (previous[node] != NONE && isLast.test(node)) {
                    best = best == NONE || urgency[node] > urgency[best] ? node : best;
                    continue;
                }
                expand(node);
            }
            return best;
        }

        private void expand(int from) {
            int[] bestRange = new int[nodes];
            int[] bestCost = new int[nodes];
            Arrays.fill(bestRange, NONE);
            for (int range = heldBy[from].nextSetBit(0); range >= 0; range = heldBy[from].nextSetBit(range + 1)) {
                if (range == untouched) {
                    continue;
                }
                int leaving = heldBefore[range][from] ? 1 : 0;
                for (int to = 0; to < nodes; to++) {
                    if (settled[to] || !mayMove(range, from, to, inZoneMax) || crowdsAZoneOnTheWayTo(from, range, to)) {
                        continue;
                    }
                    int stepCost = heldBefore[range][to] ? 0 : leaving;
                    if (bestRange[to] == NONE
                            || stepCost < bestCost[to]
                            || (stepCost == bestCost[to] && rank[range][to] < rank[bestRange[to]][to])) {
                        bestRange[to] = range;
                        bestCost[to] = stepCost;
                    }
                }
            }
            for (int to = 0; to < nodes; to++) {
                if (bestRange[to] != NONE && cost[from] + bestCost[to] < cost[to]) {
                    cost[to] = cost[from] + bestCost[to];
                    previous[to] = from;
                    moved[to] = bestRange[to];
                    if (bestCost[to] == 0) {
                        open.addFirst(to);
                    } else {
                        open.addLast(to);
                    }
                }
            }
        }

        /** Two moves of one range in a chain are fine one by one, yet might put both replicas into one zone. */
        private boolean crowdsAZoneOnTheWayTo(int from, int range, int to) {
            if (zoneOf[from] == zoneOf[to]) {
                return false;
            }
            for (int at = from; previous[at] != NONE; at = previous[at]) {
                if (moved[at] == range && zoneOf[previous[at]] != zoneOf[at] && zoneOf[at] == zoneOf[to]) {
                    return true;
                }
            }
            return false;
        }
    }
}

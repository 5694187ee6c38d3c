package dev.henge.membership;

import java.util.function.IntPredicate;

/** Brings holdings to their fair shares with few moves: drops what is too much, fills up, mends zones, evens loads. */
final class Evening {

    private static final int NONE = -1;

    private final Holdings holdings;
    private final FairShares shares;
    private final int nodes;
    private final int ranges;
    private final int copies;

    Evening(Holdings holdings, FairShares shares, int nodes, int copies) {
        this.holdings = holdings;
        this.shares = shares;
        this.nodes = nodes;
        this.ranges = holdings.ranges();
        this.copies = copies;
    }

    void run(int roundsMax) {
        for (int range = 0; range < ranges; range++) {
            dropWhatIsTooMuch(range);
        }
        for (int range = 0; range < ranges; range++) {
            fillUp(range);
        }
        for (int round = 0; round < roundsMax; round++) {
            boolean mended = mendZones();
            boolean evened = evenLoads();
            if (!mended && !evened) {
                break;
            }
        }
        takeBackNeedlessMoves();
    }

    private void dropWhatIsTooMuch(int range) {
        while (holdings.copiesOf(range) > copies) {
            int worst = NONE;
            for (int node = 0; node < nodes; node++) {
                if (holdings.holds(range, node) && (worst == NONE || ratherDropped(range, node, worst))) {
                    worst = node;
                }
            }
            holdings.remove(range, worst);
        }
    }

    private boolean ratherDropped(int range, int node, int than) {
        int crowding = Integer.compare(holdings.inZoneOf(range, node), holdings.inZoneOf(range, than));
        if (crowding != 0 && holdings.inZoneOf(range, crowding > 0 ? node : than) > shares.replicasInZoneMax()) {
            return crowding > 0;
        }
        return excess(node) > excess(than);
    }

    private double excess(int node) {
        return holdings.load(node) - shares.share(node);
    }

    /** Prefers room in the right zone, then any chain of moves that makes room there, then the same in any zone. */
    private void fillUp(int range) {
        while (holdings.copiesOf(range) < copies) {
            boolean added = false;
            for (int inZoneMax = shares.replicasInZoneMax(); inZoneMax <= copies && !added; inZoneMax++) {
                added = addWithRoom(range, inZoneMax) || addByChain(range, inZoneMax);
            }
            if (!added && !addAnywhere(range)) {
                return;
            }
        }
    }

    private boolean addWithRoom(int range, int inZoneMax) {
        int node = firstWithRoom(range, inZoneMax);
        if (node == NONE) {
            return false;
        }
        holdings.add(range, node);
        return true;
    }

    /**
     * The first on the walk that is below its share; only when there is none, the first that may have one more. Those that should
     * rather not get the range come after all others.
     */
    private int firstWithRoom(int range, int inZoneMax) {
        int[] walk = holdings.walk(range);
        int ratherCount = holdings.ratherCount(range);
        int first = firstWithRoom(range, walk, 0, ratherCount, inZoneMax);
        return first == NONE ? firstWithRoom(range, walk, ratherCount, walk.length, inZoneMax) : first;
    }

    private int firstWithRoom(int range, int[] walk, int from, int to, int inZoneMax) {
        int first = NONE;
        for (int place = from; place < to; place++) {
            int node = walk[place];
            if (!holdings.mayTake(range, node, inZoneMax) || !hasRoom(node)) {
                continue;
            }
            if (holdings.load(node) < shares.fewest(node)) {
                return node;
            }
            first = first == NONE ? node : first;
        }
        return first;
    }

    private boolean addByChain(int range, int inZoneMax) {
        int relieved = shift(node -> holdings.mayTake(range, node, inZoneMax), this::hasRoom, range, inZoneMax);
        if (relieved == NONE) {
            return false;
        }
        holdings.add(range, relieved);
        return true;
    }

    /** Distinct replicas matter more than the bound. */
    private boolean addAnywhere(int range) {
        int best = NONE;
        for (int node : holdings.walk(range)) {
            if (holdings.mayTake(range, node, copies) && (best == NONE || excess(node) < excess(best))) {
                best = node;
            }
        }
        if (best == NONE) {
            return false;
        }
        holdings.add(range, best);
        return true;
    }

    private boolean mendZones() {
        boolean mended = false;
        for (int range = 0; range < ranges; range++) {
            for (int node = 0; node < nodes; node++) {
                if (holdings.holds(range, node)
                        && holdings.inZoneOf(range, node) > shares.replicasInZoneMax()
                        && moveToAnotherZone(range, mostLoadedBeside(range, node))) {
                    mended = true;
                }
            }
        }
        return mended;
    }

    private int mostLoadedBeside(int range, int node) {
        int most = node;
        for (int other = 0; other < nodes; other++) {
            if (holdings.holds(range, other)
                    && holdings.zoneOf(other) == holdings.zoneOf(node)
                    && excess(other) > excess(most)) {
                most = other;
            }
        }
        return most;
    }

    private boolean moveToAnotherZone(int range, int from) {
        int inZoneMax = shares.replicasInZoneMax();
        int open = firstWithRoom(range, inZoneMax);
        if (open != NONE) {
            holdings.move(range, from, open);
            return true;
        }
        int relieved = shift(
                node -> holdings.mayTake(range, node, inZoneMax),
                node -> hasRoom(node) || node == from,
                range,
                inZoneMax);
        if (relieved == NONE) {
            return false;
        }
        holdings.move(range, from, relieved);
        return true;
    }

    private boolean evenLoads() {
        boolean moved = false;
        for (int inZoneMax = shares.replicasInZoneMax(); inZoneMax <= copies; inZoneMax++) {
            for (int node = 0; node < nodes; node++) {
                int over = node;
                while (holdings.load(over) > shares.most(over)
                        && shift(first -> first == over, this::hasRoom, NONE, inZoneMax) != NONE) {
                    moved = true;
                }
            }
        }
        // Where shares leave no room to spread all ranges, loads decide; else no range gives up its zones for a node's
        // floor.
        int crowdedMax = shares.zonesSpread() ? shares.replicasInZoneMax() : copies;
        for (int inZoneMax = shares.replicasInZoneMax(); inZoneMax <= crowdedMax; inZoneMax++) {
            for (int node = 0; node < nodes; node++) {
                moved |= raise(node, inZoneMax);
            }
        }
        return moved;
    }

    private boolean raise(int under, int inZoneMax) {
        boolean moved = false;
        IntPredicate canSpare = node -> holdings.load(node) > shares.fewest(node);
        while (holdings.load(under) < shares.fewest(under)
                && shift(canSpare, last -> last == under, NONE, inZoneMax) != NONE) {
            moved = true;
        }
        return moved;
    }

    /** Chains are good one by one; together they may have moved what can stay after all. */
    private void takeBackNeedlessMoves() {
        for (int range = 0; range < ranges; range++) {
            for (int to : holdings.walk(range)) {
                if (holdings.isNew(range, to)) {
                    takeBack(range, to);
                }
            }
        }
    }

    private void takeBack(int range, int to) {
        for (int from = 0; from < nodes; from++) {
            boolean bounded = holdings.load(to) > shares.fewest(to) && hasRoom(from);
            if (bounded
                    && holdings.wasHeld(range, from)
                    && holdings.mayMove(range, to, from, shares.replicasInZoneMax())) {
                holdings.move(range, to, from);
                return;
            }
        }
    }

    private boolean hasRoom(int node) {
        return holdings.load(node) < shares.most(node);
    }

    private int shift(IntPredicate isFirst, IntPredicate isLast, int untouched, int inZoneMax) {
        double[] urgency = new double[nodes];
        for (int node = 0; node < nodes; node++) {
            urgency[node] = -excess(node);
        }
        return holdings.shift(isFirst, isLast, urgency, untouched, inZoneMax);
    }
}

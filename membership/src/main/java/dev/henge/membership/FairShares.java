package dev.henge.membership;

import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * How many replicas each node should hold, as fractions: in proportion to weights, as far as distinct nodes and zones let it.
 *
 * <p>Water is poured: every node rises with the level in proportion to its weight until it is full. Full is a node that
 * holds every range, and a zone that holds as many replicas of every range as it may. A zone with few nodes makes these hold
 * more than their weight asks for; zones are worth {@link #OVERLOAD_FOR_ZONES_MAX} times a node's own share and no more,
 * and what then is left goes where there is room, whatever the zone.
 */
final class FairShares {

    /** How much of its own share a node may be given so that the copies of a range lie in distinct zones. */
    static final double OVERLOAD_FOR_ZONES_MAX = 2;

    private static final int BISECTIONS = 200;
    private static final double ROUNDING = 1e-6;

    private final double[] shares;
    private final int replicasInZoneMax;
    private final boolean zonesSpread;

    /**
     * @param nodes the nodes
     * @param zoneOf the zone of each, numbered from 0
     * @param held how many replicas each holds now, the most that one gets that takes no more
     * @param ranges ranges to place
     * @param copies replicas of each, at most as many as there are nodes
     */
    FairShares(List<PlacementNode> nodes, int[] zoneOf, int[] held, int ranges, int copies) {
        double[] weights = nodes.stream().mapToDouble(PlacementNode::weight).toArray();
        double[] room = new double[weights.length];
        for (int node = 0; node < room.length; node++) {
            room[node] = nodes.get(node).takesMore() ? ranges : Math.min(held[node], ranges);
        }
        this.replicasInZoneMax = replicasInZoneMax(zoneOf, room, copies);
        double total = (double) ranges * copies;
        double[] nothing = new double[weights.length];
        double[] regardlessOfZones = pour(weights, nothing, room, zoneOf, Double.POSITIVE_INFINITY, total);
        for (int node = 0; node < room.length; node++) {
            room[node] = Math.min(room[node], OVERLOAD_FOR_ZONES_MAX * regardlessOfZones[node]);
        }
        double[] spread = pour(weights, nothing, room, zoneOf, (double) replicasInZoneMax * ranges, total);
        double poured = Arrays.stream(spread).sum();
        this.zonesSpread = poured >= total - ROUNDING;
        this.shares = zonesSpread ? spread : pour(weights, spread, room, zoneOf, Double.POSITIVE_INFINITY, total);
    }

    double share(int node) {
        return shares[node];
    }

    /** The most replicas that a node holds: its share, rounded up. */
    int most(int node) {
        return (int) Math.ceil(shares[node] - ROUNDING);
    }

    /** The fewest replicas that a node holds: its share, rounded down. */
    int fewest(int node) {
        return (int) Math.floor(shares[node] + ROUNDING);
    }

    /** How many replicas of one range a zone holds at most, when all are spread over as many zones as there are. */
    int replicasInZoneMax() {
        return replicasInZoneMax;
    }

    /** Whether the shares leave room to keep to {@link #replicasInZoneMax} for every range. */
    boolean zonesSpread() {
        return zonesSpread;
    }

    private static int replicasInZoneMax(int[] zoneOf, double[] room, int copies) {
        int[] usable = new int[Arrays.stream(zoneOf).max().orElse(0) + 1];
        for (int node = 0; node < zoneOf.length; node++) {
            usable[zoneOf[node]] += room[node] > 0 ? 1 : 0;
        }
        for (int most = 1; most < copies; most++) {
            int inZoneMax = most;
            if (Arrays.stream(usable).map(count -> Math.min(count, inZoneMax)).sum() >= copies) {
                return most;
            }
        }
        return Math.max(1, copies);
    }

    private static double[] pour(
            double[] weights, double[] already, double[] room, int[] zoneOf, double zoneRoom, double total) {
        int zones = Arrays.stream(zoneOf).max().orElse(0) + 1;
        double[] levels = new double[zones];
        for (int zone = 0; zone < zones; zone++) {
            int ofZone = zone;
            levels[zone] = levelOf(zoneRoom, level -> {
                double held = 0;
                for (int node = 0; node < weights.length; node++) {
                    held += zoneOf[node] == ofZone ? at(level, weights[node], already[node], room[node]) : 0;
                }
                return held;
            });
        }
        double level = levelOf(total, candidate -> {
            double held = 0;
            for (int node = 0; node < weights.length; node++) {
                held += at(Math.min(candidate, levels[zoneOf[node]]), weights[node], already[node], room[node]);
            }
            return held;
        });
        double[] poured = new double[weights.length];
        for (int node = 0; node < weights.length; node++) {
            poured[node] = at(Math.min(level, levels[zoneOf[node]]), weights[node], already[node], room[node]);
        }
        return poured;
    }

    private static double at(double level, double weight, double already, double room) {
        return Math.min(room, Math.max(already, level * weight));
    }

    /** The level at which what is held reaches an amount, or the highest there is. */
    private static double levelOf(double amount, DoubleUnaryOperator heldAt) {
        double low = 0;
        double high = 1e15;
        if (heldAt.applyAsDouble(high) <= amount) {
            return high;
        }
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (heldAt.applyAsDouble(middle) < amount) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return high;
    }
}

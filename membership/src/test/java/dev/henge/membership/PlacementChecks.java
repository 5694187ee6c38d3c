package dev.henge.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.Placement.Holding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** What every target must show, judged without the code that made it. */
final class PlacementChecks {

    private static final int REPLICAS = 3;
    private static final double[] WEIGHTS = {0.5, 1, 1, 1, 2, 4};

    private PlacementChecks() {}

    /** Nodes of different weights in zones of different sizes. */
    static List<PlacementNode> nodes(int count, int zones, Random random) {
        List<PlacementNode> nodes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            nodes.add(node("n" + i, zones, random));
        }
        return nodes;
    }

    static PlacementNode node(String name, int zones, Random random) {
        int zone = Math.min(random.nextInt(zones), random.nextInt(zones));
        return new PlacementNode(name, "zone-" + zone, WEIGHTS[random.nextInt(WEIGHTS.length)]);
    }

    static List<Holding> placed(List<PlacementNode> nodes, int ranges) {
        return placed(nodes, ranges, REPLICAS);
    }

    static List<Holding> placed(List<PlacementNode> nodes, int ranges, int replicas) {
        return target(
                nodes,
                TokenRange.cut(ranges).stream()
                        .map(range -> new Holding(range, List.of()))
                        .toList(),
                replicas);
    }

    static List<Holding> target(List<PlacementNode> nodes, List<Holding> current, int replicas) {
        List<List<String>> lists = Placement.of(nodes).target(current, replicas);
        List<Holding> target = new ArrayList<>();
        for (int i = 0; i < lists.size(); i++) {
            target.add(new Holding(current.get(i).range(), lists.get(i)));
        }
        return target;
    }

    static Map<String, Integer> loads(List<Holding> holdings) {
        Map<String, Integer> loads = new HashMap<>();
        holdings.forEach(holding -> holding.replicas().forEach(node -> loads.merge(node, 1, Integer::sum)));
        return loads;
    }

    static Map<String, String> zones(List<PlacementNode> nodes) {
        Map<String, String> zones = new HashMap<>();
        nodes.forEach(node -> zones.put(node.name(), node.zone()));
        return zones;
    }

    /** How many replicas are on nodes that did not hold that range before. */
    static int moves(List<Holding> before, List<Holding> after) {
        int moves = 0;
        for (int i = 0; i < before.size(); i++) {
            Set<String> added = new HashSet<>(after.get(i).replicas());
            before.get(i).replicas().forEach(added::remove);
            moves += added.size();
        }
        return moves;
    }

    static void assertAllBounds(List<PlacementNode> nodes, List<Holding> holdings, int replicas) {
        int copies = Math.min(replicas, nodes.size());
        for (Holding holding : holdings) {
            assertThat(holding.replicas())
                    .hasSize(copies)
                    .doesNotHaveDuplicates()
                    .isSubsetOf(nodes.stream().map(PlacementNode::name).toList());
        }
        double[] own = sharesByWeight(nodes, holdings.size(), copies);
        boolean zonesPossible = assertZones(nodes, holdings, copies, own);
        assertLoads(nodes, holdings, copies, own, zonesPossible);
        assertLeaders(holdings);
    }

    /** By weight, but for nodes that would hold more than all: these hold all, and the others share the rest. */
    private static double[] sharesByWeight(List<PlacementNode> nodes, int ranges, int copies) {
        double[] shares = new double[nodes.size()];
        while (true) {
            double left = (double) ranges * copies - Arrays.stream(shares).sum();
            double weights = 0;
            for (int i = 0; i < shares.length; i++) {
                weights += shares[i] == 0 ? nodes.get(i).weight() : 0;
            }
            boolean anyFull = false;
            for (int i = 0; i < shares.length; i++) {
                if (shares[i] == 0 && left * nodes.get(i).weight() / weights >= ranges) {
                    shares[i] = ranges;
                    anyFull = true;
                }
            }
            if (!anyFull) {
                for (int i = 0; i < shares.length; i++) {
                    shares[i] = shares[i] == 0 ? left * nodes.get(i).weight() / weights : shares[i];
                }
                return shares;
            }
        }
    }

    /** Whether every range can be spread over the zones with no node above twice its own share; if so it must be. */
    private static boolean assertZones(List<PlacementNode> nodes, List<Holding> holdings, int copies, double[] own) {
        Map<String, String> zones = zones(nodes);
        Map<String, Integer> sizes = new HashMap<>();
        zones.values().forEach(zone -> sizes.merge(zone, 1, Integer::sum));
        int inZone = 1;
        while (replicasThatFit(sizes, inZone) < copies) {
            inZone++;
        }
        Map<String, Double> room = new HashMap<>();
        for (int i = 0; i < own.length; i++) {
            room.merge(nodes.get(i).zone(), Math.min(holdings.size(), 2 * own[i]), Double::sum);
        }
        double inZoneMax = (double) inZone * holdings.size();
        double spreadable = room.values().stream()
                .mapToDouble(zone -> Math.min(zone, inZoneMax))
                .sum();
        boolean possible = spreadable >= (double) copies * holdings.size() - 1e-6;
        for (Holding holding : possible ? holdings : List.<Holding>of()) {
            Map<String, Integer> counts = new HashMap<>();
            holding.replicas().forEach(node -> counts.merge(zones.getOrDefault(node, "?"), 1, Integer::sum));
            int most = inZone;
            assertThat(counts.values()).as("%s", holding).allMatch(count -> count <= most);
        }
        return possible;
    }

    private static int replicasThatFit(Map<String, Integer> sizes, int inZone) {
        return sizes.values().stream().mapToInt(size -> Math.min(size, inZone)).sum();
    }

    /** No node above twice its own share; in a cluster of one zone, everyone at its own share. */
    private static void assertLoads(
            List<PlacementNode> nodes, List<Holding> holdings, int copies, double[] own, boolean zonesPossible) {
        Map<String, Integer> loads = loads(holdings);
        Map<String, Double> shares = Placement.of(nodes).shares(holdings, copies);
        Set<String> zones = new HashSet<>(zones(nodes).values());
        for (int i = 0; i < own.length; i++) {
            String name = nodes.get(i).name();
            double load = loads.getOrDefault(name, 0);
            double share = shares.getOrDefault(name, 0.0);
            assertThat(load).as("load of %s", name).isBetween(Math.floor(share + 1e-6), Math.ceil(share - 1e-6));
            assertThat(share).as("share of %s", name).isLessThanOrEqualTo(2 * own[i] + 1e-6);
            if (zones.size() == 1) {
                assertThat(share).as("share of %s", name).isBetween(own[i] - 1e-3, own[i] + 1e-3);
            }
        }
        assertThat(shares.values().stream().mapToDouble(Double::doubleValue).sum())
                .as("shares of all, zones spread: %s", zonesPossible)
                .isBetween(copies * holdings.size() - 1e-3, copies * holdings.size() + 1e-3);
    }

    private static void assertLeaders(List<Holding> holdings) {
        Map<String, Double> shares = new HashMap<>();
        Map<String, Integer> led = new HashMap<>();
        for (Holding holding : holdings) {
            holding.replicas()
                    .forEach(node -> shares.merge(node, 1.0 / holding.replicas().size(), Double::sum));
            led.merge(holding.replicas().getFirst(), 1, Integer::sum);
        }
        shares.forEach((node, share) -> assertThat((double) led.getOrDefault(node, 0))
                .as("leaderships of %s", node)
                .isBetween(Math.floor(share + 1e-6), Math.ceil(share - 1e-6)));
    }
}

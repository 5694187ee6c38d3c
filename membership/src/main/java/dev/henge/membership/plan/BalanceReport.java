package dev.henge.membership.plan;

import dev.henge.membership.Placement;
import dev.henge.membership.Placement.Holding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How evenly the cluster is loaded.
 *
 * @param nodes each registered node, by name
 * @param deviation the largest deviation of a serving node's bytes from its share, as a part of the share; 0 with no bytes
 * @param balanced whether every serving node's bytes are within {@link #DEVIATION_MAX} of its share, or nearer to it than
 *     one partition, which can't be divided, would change; and its replicas are its share, rounded up or down
 * @param reasons what is not balanced, in words for the operator
 */
public record BalanceReport(List<NodeBalance> nodes, double deviation, boolean balanced, List<String> reasons) {

    /** How far from its share a node in balance is, as a part of the share. */
    public static final double DEVIATION_MAX = 0.1;

    private static final double ROUNDING = 1e-6;

    public BalanceReport {
        nodes = List.copyOf(nodes);
        reasons = List.copyOf(reasons);
    }

    /**
     * What a node has, of partitions with items.
     *
     * @param leaders partitions that it leads
     * @param replicaShare how many replicas it should have; 0 for a node that is to have none
     * @param bytes of its replicas together
     * @param byteShare how many bytes it should have
     */
    public record NodeBalance(
            String name, int replicas, int leaders, double replicaShare, long bytes, double byteShare) {}

    public static BalanceReport of(ClusterView view) {
        Situation situation = new Situation(view);
        Map<String, Integer> replicas = new HashMap<>();
        Map<String, Integer> leaders = new HashMap<>();
        Map<String, Long> bytes = new HashMap<>();
        List<Holding> holdings = new ArrayList<>();
        long largestBytes = 0;
        long allBytes = 0;
        for (PartitionView partition : situation.dataPartitions()) {
            holdings.add(new Holding(partition.range(), partition.voters()));
            largestBytes = Math.max(largestBytes, partition.sizeBytes());
            leaders.merge(partition.leader(), 1, Integer::sum);
            for (String voter : partition.voters()) {
                replicas.merge(voter, 1, Integer::sum);
                bytes.merge(voter, partition.sizeBytes(), Long::sum);
                allBytes += partition.sizeBytes();
            }
        }
        Map<String, Double> shares = shares(situation, holdings);
        double allShares =
                shares.values().stream().mapToDouble(Double::doubleValue).sum();
        List<NodeBalance> nodes = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        double deviation = 0;
        for (NodeView node : situation.nodes()) {
            String name = node.name();
            double share = shares.getOrDefault(name, 0.0);
            NodeBalance balance = new NodeBalance(
                    name,
                    replicas.getOrDefault(name, 0),
                    leaders.getOrDefault(name, 0),
                    share,
                    bytes.getOrDefault(name, 0L),
                    allShares > 0 ? allBytes * share / allShares : 0);
            nodes.add(balance);
            if (node.serves()) {
                deviation = Math.max(deviation, deviationOf(balance));
                judge(balance, largestBytes, reasons);
            } else if (situation.isLeaving(name) && balance.replicas() > 0) {
                reasons.add(name + " is being decommissioned and still has " + balance.replicas() + " replicas");
            }
        }
        return new BalanceReport(nodes, deviation, reasons.isEmpty(), reasons);
    }

    private static Map<String, Double> shares(Situation situation, List<Holding> holdings) {
        var nodes = situation.placementNodes();
        return nodes.isEmpty()
                ? Map.of()
                : Placement.of(nodes)
                        .shares(holdings, situation.settings().replicas().data());
    }

    private static double deviationOf(NodeBalance balance) {
        return balance.byteShare() > 0 ? Math.abs(balance.bytes() - balance.byteShare()) / balance.byteShare() : 0;
    }

    private static void judge(NodeBalance balance, long largestBytes, List<String> reasons) {
        double share = balance.replicaShare();
        if (balance.replicas() > Math.ceil(share - ROUNDING) || balance.replicas() < Math.floor(share + ROUNDING)) {
            reasons.add(String.format(
                    Locale.ROOT, "%s has %d replicas, its share is %.1f", balance.name(), balance.replicas(), share));
            return;
        }
        boolean within = deviationOf(balance) <= DEVIATION_MAX
                || Math.abs(balance.bytes() - balance.byteShare()) <= largestBytes;
        if (!within) {
            reasons.add(String.format(
                    Locale.ROOT,
                    "%s has %d MB, its share is %.0f MB",
                    balance.name(),
                    balance.bytes() / 1_000_000,
                    balance.byteShare() / 1_000_000));
        }
    }
}

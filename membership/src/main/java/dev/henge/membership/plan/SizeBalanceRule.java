package dev.henge.membership.plan;

import dev.henge.membership.plan.BalanceReport.NodeBalance;
import dev.henge.membership.plan.Step.ReplaceReplica;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Evens out bytes where equal numbers of replicas are not equally many: exchanges a large replica of a node that has too many
 * bytes for a smaller one of a node that has too few. It waits until nothing else moves, and makes one exchange at a time,
 * which leaves all numbers of replicas as they are. Each exchange brings the sum of squared deviations down by a set part,
 * so it ends.
 */
final class SizeBalanceRule implements Rule {

    /** What an exchange is worth at least: it evens out this part of a node's share. */
    private static final double GAIN_SHARE_MIN = 0.02;

    private record Exchange(PartitionView large, PartitionView small, double gain) {}

    @Override
    public void propose(Situation situation, Draft draft) {
        // An exchange is two moves, and a node may have a part in both.
        boolean roomForTwo =
                draft.movesLeft() >= 2 && situation.settings().moves().perNodeMax() >= 2;
        if (draft.hasMoves() || !roomForTwo) {
            return;
        }
        List<NodeBalance> nodes = BalanceReport.of(situation.view()).nodes().stream()
                .filter(node -> situation.serves(node.name()) && node.byteShare() > 0)
                .sorted(Comparator.comparing(SizeBalanceRule::excess))
                .toList();
        if (nodes.size() < 2) {
            return;
        }
        if (isOff(nodes.getLast())) {
            exchangeWithAny(situation, draft, nodes.getLast(), nodes.subList(0, nodes.size() - 1), true);
        } else if (isOff(nodes.getFirst())) {
            exchangeWithAny(
                    situation,
                    draft,
                    nodes.getFirst(),
                    nodes.subList(1, nodes.size()).reversed(),
                    false);
        }
    }

    /** Tries the others in turn, the most promising first. */
    private static void exchangeWithAny(
            Situation situation, Draft draft, NodeBalance node, List<NodeBalance> others, boolean givesLarge) {
        for (NodeBalance other : others) {
            NodeBalance rich = givesLarge ? node : other;
            NodeBalance poor = givesLarge ? other : node;
            Optional<Exchange> exchange = best(situation, draft, rich, poor);
            if (exchange.isPresent()) {
                begin(draft, exchange.get(), rich, poor);
                return;
            }
        }
    }

    private static void begin(Draft draft, Exchange exchange, NodeBalance rich, NodeBalance poor) {
        String reason = String.format(
                Locale.ROOT,
                "%s has %.0f MB more than its share, %s has %.0f MB %s",
                rich.name(),
                excessBytes(rich) / 1_000_000,
                poor.name(),
                Math.abs(excessBytes(poor)) / 1_000_000,
                excessBytes(poor) > 0 ? "more" : "less");
        draft.addMove(
                new ReplaceReplica(exchange.large().id(), rich.name(), poor.name(), reason),
                exchange.large(),
                poor.name());
        draft.addMove(
                new ReplaceReplica(exchange.small().id(), poor.name(), rich.name(), reason),
                exchange.small(),
                rich.name());
    }

    private static Optional<Exchange> best(Situation situation, Draft draft, NodeBalance rich, NodeBalance poor) {
        double gap = excessBytes(rich) - excessBytes(poor);
        double gainMin = Math.pow(GAIN_SHARE_MIN * Math.min(rich.byteShare(), poor.byteShare()), 2);
        List<PartitionView> ofRich = exchangeable(situation, draft, rich.name(), poor.name());
        List<PartitionView> ofPoor = exchangeable(situation, draft, poor.name(), rich.name());
        Exchange best = null;
        for (PartitionView large : ofRich) {
            for (PartitionView small : ofPoor) {
                double moved = (double) large.sizeBytes() - small.sizeBytes();
                double gain = moved * (gap - moved);
                if (moved > 0 && gain >= gainMin && (best == null || gain > best.gain())) {
                    best = new Exchange(large, small, gain);
                }
            }
        }
        return Optional.ofNullable(best);
    }

    /** What one node has that the other could take instead, without crowding a zone. */
    private static List<PartitionView> exchangeable(Situation situation, Draft draft, String from, String to) {
        String zoneFrom = situation.zone(from);
        String zoneTo = situation.zone(to);
        return situation.dataPartitions().stream()
                .filter(partition -> partition.voters().contains(from)
                        && !partition.voters().contains(to)
                        && situation.isWhole(partition)
                        && !draft.isBusy(partition)
                        && draft.fits(partition, to)
                        && draft.mayMove(partition, to))
                .filter(partition -> zoneFrom.equals(zoneTo)
                        || situation.inZone(partition.voters(), zoneTo)
                                < situation.inZone(partition.voters(), zoneFrom))
                .toList();
    }

    private static boolean isOff(NodeBalance node) {
        return Math.abs(excess(node)) > BalanceReport.DEVIATION_MAX;
    }

    /** As a part of its share, which is what a node in balance is judged by: shares differ where zones or weights do. */
    private static double excess(NodeBalance node) {
        return excessBytes(node) / node.byteShare();
    }

    private static double excessBytes(NodeBalance node) {
        return node.bytes() - node.byteShare();
    }
}

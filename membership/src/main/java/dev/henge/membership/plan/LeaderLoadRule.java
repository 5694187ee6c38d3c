package dev.henge.membership.plan;

import dev.henge.membership.Leaders;
import dev.henge.membership.plan.Step.TransferLeadership;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Takes a leadership from the node that does the most, where that is as much as makes a partition hot, and another that may
 * lead it does much less: what was split for its heat is of use once another node leads one of the halves.
 *
 * <p>It is given for another leadership, or alone where both nodes lead their shares still, rounded up or down; so {@link
 * LeaderBalanceRule} leaves it there. One change at a time: what came of it shows in the next plan.
 */
final class LeaderLoadRule implements Rule {

    /** What a change must gain, of what the busiest node does: less is not worth it, and could go back and forth. */
    private static final double GAIN_SHARE_MIN = 0.15;

    /** Of a node's leaderships, the hottest to be given away, and the coldest to be taken for one. */
    private static final int LOOKED_AT_MAX = 16;

    private static final double ROUNDING = 1e-6;

    /**
     * A leadership that goes to another node.
     *
     * @param back one that comes from there for it; null for none
     * @param gain by how much less the busier of both nodes does, in operations per second
     */
    private record Change(
            PartitionView away, String to, @Nullable PartitionView back, double gain) {}

    @Override
    public void propose(Situation situation, Draft draft) {
        if (draft.hasTransfers() || situation.isAnyJustMissing()) {
            return;
        }
        Loads loads = new Loads(situation, draft);
        loads.busiest().flatMap(loads::best).ifPresent(change -> add(change, loads, draft));
    }

    private static void add(Change change, Loads loads, Draft draft) {
        PartitionView away = change.away();
        String from = away.leader();
        String reason = from + " does " + Math.round(loads.of(from)) + " operations/s, " + change.to() + " "
                + Math.round(loads.of(change.to()));
        draft.add(new TransferLeadership(away.id(), change.to(), reason));
        if (change.back() != null) {
            draft.add(new TransferLeadership(change.back().id(), from, "in exchange for partition " + away.id()));
        }
    }

    /** What nodes do for the partitions that they lead. */
    private static final class Loads {

        private final Situation situation;
        private final Map<Integer, Double> byPartition = new HashMap<>();
        private final Map<String, Double> byNode = new HashMap<>();
        private final Map<String, Integer> counts = new HashMap<>();
        private final Map<String, Double> shares;

        /** What may be moved, by its leader, the hottest first. Of what was just split nobody knows yet what it does. */
        private final Map<String, List<PartitionView>> movable = new HashMap<>();

        Loads(Situation situation, Draft draft) {
            this.situation = situation;
            List<PartitionView> led = situation.partitions().stream()
                    .filter(partition -> !partition.leader().isEmpty())
                    .toList();
            shares = Leaders.shares(led.stream()
                    .map(partition -> LeaderCandidates.of(situation, partition))
                    .toList());
            for (PartitionView partition : led) {
                String leader = partition.leader();
                counts.merge(leader, 1, Integer::sum);
                Heat.operationsPerSecond(partition, situation).ifPresent(rate -> {
                    byPartition.put(partition.id(), rate);
                    byNode.merge(leader, rate, Double::sum);
                    if (!draft.isBusy(partition) && !draft.staysWithItsLeader(partition)) {
                        movable.computeIfAbsent(leader, added -> new ArrayList<>())
                                .add(partition);
                    }
                });
            }
            movable.values()
                    .forEach(list -> list.sort(
                            Comparator.comparingDouble(this::rate).reversed().thenComparing(PartitionView::id)));
        }

        double of(String node) {
            return byNode.getOrDefault(node, 0.0);
        }

        /** The node that does the most, if that is as much as makes a partition hot. */
        Optional<String> busiest() {
            double heatShare = situation.settings().splits().heatShare();
            return byNode.keySet().stream()
                    .max(Comparator.comparingDouble(this::of).thenComparing(Comparator.reverseOrder()))
                    .filter(node -> situation
                            .node(node)
                            .filter(view -> view.operationsPerSecondMax() > 0
                                    && of(node) >= heatShare * view.operationsPerSecondMax())
                            .isPresent());
        }

        /** The change that gains the most, of those that are worth it. */
        Optional<Change> best(String from) {
            List<Change> changes = new ArrayList<>();
            movableOf(from).stream().limit(LOOKED_AT_MAX).forEach(away -> LeaderCandidates.of(situation, away).stream()
                    .filter(to -> !to.equals(from))
                    .forEach(to -> addChanges(away, to, changes)));
            return changes.stream()
                    .filter(change -> change.gain() >= GAIN_SHARE_MIN * of(from))
                    .max(Comparator.comparingDouble(Change::gain)
                            .thenComparing(change -> change.away().id(), Comparator.reverseOrder())
                            .thenComparing(Change::to, Comparator.reverseOrder()));
        }

        private void addChanges(PartitionView away, String to, List<Change> changes) {
            String from = away.leader();
            if (counts.getOrDefault(from, 0) - 1 >= Math.floor(share(from) + ROUNDING)
                    && counts.getOrDefault(to, 0) + 1 <= Math.ceil(share(to) - ROUNDING)) {
                changes.add(change(away, to, null));
            }
            if (situation.settings().moves().transfersAtOnceMax() > 1) {
                movableOf(to).reversed().stream()
                        .limit(LOOKED_AT_MAX)
                        .filter(back -> LeaderCandidates.of(situation, back).contains(from))
                        .forEach(back -> changes.add(change(away, to, back)));
            }
        }

        private Change change(PartitionView away, String to, @Nullable PartitionView back) {
            double goes = rate(away) - (back == null ? 0 : rate(back));
            double busier = Math.max(of(away.leader()) - goes, of(to) + goes);
            return new Change(away, to, back, of(away.leader()) - busier);
        }

        private double rate(PartitionView partition) {
            return byPartition.getOrDefault(partition.id(), 0.0);
        }

        private List<PartitionView> movableOf(String node) {
            return movable.getOrDefault(node, List.of());
        }

        private double share(String node) {
            return shares.getOrDefault(node, 0.0);
        }
    }
}

package dev.henge.membership.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Neighbours that are to become one: both small, both cold for long, neither just made. Those nearest to a merge come first, so a
 * pair that is being brought together stays chosen until it is merged.
 */
final class MergePairs {

    record Pair(PartitionView left, PartitionView right) {}

    private MergePairs() {}

    static List<Pair> of(Situation situation) {
        PlanSettings.Merges merges = situation.settings().merges();
        List<PartitionView> partitions = situation.dataPartitions();
        long fewest = Math.max(merges.partitionsMin(), merges.partitionsPerNodeMin() * situation.stayingNodes());
        long running = situation.running(Step.Merge.class).count();
        long pairsMax = Math.min(merges.atOnceMax(), partitions.size() - fewest) - running;
        if (pairsMax <= 0) {
            return List.of();
        }
        // By the limit that is in force once they are merged, or some would be split again at once.
        long left = partitions.size() - running - pairsMax;
        double sizeMaxBytes = merges.sizeShareMax() * SplitRule.sizeMaxBytes(situation, left);
        List<Pair> candidates = new ArrayList<>();
        for (int i = 1; i < partitions.size(); i++) {
            Pair pair = new Pair(partitions.get(i - 1), partitions.get(i));
            if (areNeighboursToMerge(situation, pair, sizeMaxBytes)) {
                candidates.add(pair);
            }
        }
        candidates.sort(Comparator.comparing(pair -> movesToBringTogether(situation, pair)));
        List<Pair> chosen = new ArrayList<>();
        Set<Integer> taken = new HashSet<>();
        for (Pair pair : candidates) {
            boolean free = !taken.contains(pair.left().id())
                    && !taken.contains(pair.right().id());
            if (free && chosen.size() < pairsMax) {
                chosen.add(pair);
                taken.add(pair.left().id());
                taken.add(pair.right().id());
            }
        }
        return chosen;
    }

    private static boolean areNeighboursToMerge(Situation situation, Pair pair, double sizeMaxBytes) {
        return pair.left().range().end() == pair.right().range().start()
                && pair.left().sizeBytes() + pair.right().sizeBytes() <= sizeMaxBytes
                && isColdAndSettled(situation, pair.left())
                && isColdAndSettled(situation, pair.right());
    }

    private static boolean isColdAndSettled(Situation situation, PartitionView partition) {
        PlanSettings.Merges merges = situation.settings().merges();
        long nowMillis = situation.view().nowMillis();
        boolean cold = partition.coldSinceMillis() != PartitionView.NOT_COLD
                && nowMillis - partition.coldSinceMillis() >= merges.coldMillis();
        boolean settled = nowMillis - partition.changedMillis() >= merges.pauseMillis();
        boolean changing = situation.runningOn(partition.id()).stream()
                .anyMatch(step -> step instanceof Step.Split || step instanceof Step.Merge);
        return cold && settled && !changing;
    }

    private static int movesToBringTogether(Situation situation, Pair pair) {
        Set<String> missing = new HashSet<>(situation.votersAfterRunning(pair.left()));
        situation.votersAfterRunning(pair.right()).forEach(missing::remove);
        return missing.size();
    }
}

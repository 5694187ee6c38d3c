package dev.henge.membership.plan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Cuts partitions that are too large, or hot for long with a boundary that spreads their load. */
final class SplitRule implements Rule {

    private record Candidate(PartitionView partition, double urgency, Step.Split split) {}

    @Override
    public void propose(Situation situation, Draft draft) {
        PlanSettings.Splits splits = situation.settings().splits();
        Set<Integer> merging = new HashSet<>();
        situation.mergePairs().forEach(pair -> {
            merging.add(pair.left().id());
            merging.add(pair.right().id());
        });
        List<PartitionView> partitions = situation.dataPartitions();
        List<Candidate> candidates = new ArrayList<>();
        for (PartitionView partition : partitions) {
            boolean free = !merging.contains(partition.id())
                    && !draft.isBusy(partition)
                    && !situation.isBeingSettled(partition);
            if (free && situation.isWhole(partition)) {
                forHeat(situation, draft, partition)
                        .or(() -> forSize(situation, draft, partition))
                        .ifPresent(candidates::add);
            }
        }
        candidates.sort(Comparator.comparing(Candidate::urgency).reversed());
        long running = situation.running(Step.Split.class).count();
        long room = splits.partitionsPerNodeMax() * situation.stayingNodes() - partitions.size() - running;
        long most = Math.min(room, splits.atOnceMax() - running);
        candidates.stream().limit(Math.max(0, most)).forEach(candidate -> draft.add(candidate.split()));
        if (!candidates.isEmpty() && room <= 0) {
            draft.note("there are as many partitions as the nodes may have: none is split");
        }
    }

    /** The size in bytes at which a partition is split: less while there are few, so that data can be spread over the nodes. */
    private static long sizeMaxBytes(Situation situation) {
        long running = situation.running(Step.Split.class).count();
        return sizeMaxBytes(situation, situation.dataPartitions().size() + running);
    }

    /** As it is when there are this many partitions. */
    static long sizeMaxBytes(Situation situation, long partitions) {
        PlanSettings.Splits splits = situation.settings().splits();
        long enough = splits.partitionsPerNodeMin() * situation.stayingNodes();
        return partitions < enough ? splits.sizeBytesWhileFew() : splits.sizeBytes();
    }

    private static Optional<Candidate> forSize(Situation situation, Draft draft, PartitionView partition) {
        long sizeMaxBytes = sizeMaxBytes(situation);
        if (partition.sizeBytes() < sizeMaxBytes) {
            return Optional.empty();
        }
        OptionalLong boundary = SplitPoint.ofSize(
                partition.range(),
                partition.sizeSamples(),
                situation.settings().splits().sideShareMin());
        if (boundary.isEmpty()) {
            draft.note("partition " + partition.id() + " is large, but one partition key has most of it");
            return Optional.empty();
        }
        String reason = "it has " + partition.sizeBytes() / 1_000_000 + " MB, a partition is split at "
                + sizeMaxBytes / 1_000_000 + " MB";
        return Optional.of(new Candidate(
                partition,
                (double) partition.sizeBytes() / sizeMaxBytes,
                new Step.Split(partition.id(), boundary.getAsLong(), reason)));
    }

    private static Optional<Candidate> forHeat(Situation situation, Draft draft, PartitionView partition) {
        PlanSettings.Splits splits = situation.settings().splits();
        double capability = situation
                .node(partition.leader())
                .map(NodeView::operationsPerSecondMax)
                .orElse(0.0);
        long nowMillis = situation.view().nowMillis();
        if (capability <= 0 || nowMillis - partition.changedMillis() < splits.pauseMillis()) {
            return Optional.empty();
        }
        List<LoadWindow> recent = Heat.recentWindows(partition, situation);
        double threshold = splits.heatShare() * capability;
        boolean hot = recent.stream().allMatch(window -> window.operationsPerSecond() >= threshold);
        if (recent.isEmpty() || !hot) {
            return Optional.empty();
        }
        double rate = recent.getLast().operationsPerSecond();
        OptionalLong boundary = SplitPoint.ofLoad(partition.range(), recent, splits.sideShareMin());
        String heat = Math.round(rate) + " operations/s, of " + Math.round(capability) + " that " + partition.leader()
                + " can do";
        if (boundary.isEmpty()) {
            draft.note("partition " + partition.id() + " is hot (" + heat
                    + "), but no boundary spreads its load: a single key, or a scan");
            return Optional.empty();
        }
        return Optional.of(new Candidate(
                partition,
                1 + rate / threshold,
                new Step.Split(partition.id(), boundary.getAsLong(), "it is hot: " + heat)));
    }
}

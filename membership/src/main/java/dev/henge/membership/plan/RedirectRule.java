package dev.henge.membership.plan;

import java.util.List;
import java.util.Optional;

/**
 * Has a running move take the place of another replica of its partition that is lost meanwhile. A group lets nobody go while one
 * that is to stay is away, so the move would not end, and what is lost would not be replaced.
 */
final class RedirectRule implements Rule {

    @Override
    public void propose(Situation situation, Draft draft) {
        for (PartitionView partition : situation.partitions()) {
            List<Step> running = situation.runningOn(partition.id());
            boolean begun = running.stream().anyMatch(Step.Redirect.class::isInstance);
            if (begun || !situation.canChange(partition)) {
                continue;
            }
            Optional<String> lost = situation.votersAfterRunning(partition).stream()
                    .filter(situation::isGone)
                    .findFirst();
            Optional<Step> move = lost.flatMap(gone -> running.stream()
                    .filter(step -> canTurn(situation, partition, gone, step))
                    .findFirst());
            if (lost.isPresent() && move.isPresent()) {
                draft.add(new Step.Redirect(move.get(), lost.get(), situation.absence(lost.get())));
            }
        }
    }

    /**
     * Whether it would end the other way; {@link AbandonRule} looks after those that nobody is there to take. Of two that are lost,
     * a group lets the one go that votes no more, as another keeps its log; for the other one that is enough, as it votes.
     */
    private static boolean canTurn(Situation situation, PartitionView partition, String lost, Step step) {
        boolean leaverCanStay = step.leaver()
                .map(leaver -> !situation.isGone(leaver)
                        || (situation.isStoodInFor(partition, lost) && !situation.isStoodInFor(partition, leaver)))
                .orElse(true);
        return step.movesReplica()
                && leaverCanStay
                && step.learner().map(situation::isUp).orElse(true);
    }
}

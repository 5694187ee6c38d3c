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
            Optional<Step> move =
                    running.stream().filter(step -> canTurn(situation, step)).findFirst();
            if (lost.isPresent() && move.isPresent()) {
                draft.add(new Step.Redirect(move.get(), lost.get(), situation.absence(lost.get())));
            }
        }
    }

    /** Whether it would end the other way; {@link AbandonRule} looks after those that nobody is there to take. */
    private static boolean canTurn(Situation situation, Step step) {
        return switch (step) {
            case Step.ReplaceReplica replace -> !situation.isGone(replace.from()) && situation.isUp(replace.to());
            case Step.AddReplica add -> situation.isUp(add.to());
            case Step.RemoveReplica remove -> !remove.from().isEmpty() && !situation.isGone(remove.from());
            case Step.TransferLeadership _,
                    Step.Split _,
                    Step.Merge _,
                    Step.PlaceLogReplica _,
                    Step.RetireLogReplica _,
                    Step.Abandon _,
                    Step.Redirect _ -> false;
        };
    }
}

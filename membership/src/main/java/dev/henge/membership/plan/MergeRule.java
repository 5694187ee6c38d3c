package dev.henge.membership.plan;

import dev.henge.membership.plan.MergePairs.Pair;
import java.util.Set;

/** Merges cold neighbours once they are on the same voters; {@link MoveRule} brings them together. */
final class MergeRule implements Rule {

    @Override
    public void propose(Situation situation, Draft draft) {
        for (Pair pair : situation.mergePairs()) {
            PartitionView left = pair.left();
            PartitionView right = pair.right();
            boolean together = Set.copyOf(left.voters()).equals(Set.copyOf(right.voters()));
            boolean whole = situation.isWhole(left) && situation.isWhole(right);
            if (together && whole && !draft.isBusy(left) && !draft.isBusy(right)) {
                draft.add(new Step.Merge(
                        left.id(),
                        right.id(),
                        "both are small (" + (left.sizeBytes() + right.sizeBytes()) / 1_000_000
                                + " MB together) and have been idle for "
                                + Situation.minutes(
                                        situation.settings().merges().coldMillis())));
            }
        }
    }
}

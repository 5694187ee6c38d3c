package dev.henge.membership.plan;

/** Gives up what runs towards a node that is not there to take it, so that the partition is free for another try. */
final class AbandonRule implements Rule {

    @Override
    public void propose(Situation situation, Draft draft) {
        if (situation.mostNodesAreDown()) {
            return;
        }
        for (Step step : situation.view().running()) {
            step.learner().ifPresent(to -> abandon(situation, draft, step, to));
            if (step instanceof Step.PlaceLogReplica place) {
                abandon(situation, draft, step, place.node());
            }
        }
    }

    private static void abandon(Situation situation, Draft draft, Step step, String to) {
        boolean known = situation.node(to).isPresent();
        long afterMillis = situation.settings().patience().abandonAfterMillis();
        boolean lost = situation
                .node(to)
                .map(node -> node.isDownFor(afterMillis, situation.view().nowMillis()))
                .orElse(true);
        boolean begun = situation.running(Step.Abandon.class).anyMatch(abandon -> abandon.running()
                .equals(step));
        if (begun || !(lost || situation.isLeaving(to))) {
            return;
        }
        String reason = known && !lost ? to + " is being decommissioned" : situation.absence(to);
        draft.add(new Step.Abandon(step, reason));
    }
}

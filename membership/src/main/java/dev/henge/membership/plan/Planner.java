package dev.henge.membership.plan;

import java.util.List;

/** Decides what the coordinator begins now. What it promises is told in the package's documentation. */
public final class Planner {

    private static final List<Rule> ALWAYS = List.of(new AbandonRule(), new DrainRule(), new LogReplicaRule());
    private static final List<Rule> UNLESS_PAUSED = List.of(
            new RedirectRule(),
            new MoveRule(),
            new MergeRule(),
            new SplitRule(),
            new SizeBalanceRule(),
            new LeaderBalanceRule(),
            new LeaderLoadRule());

    private Planner() {}

    public static Plan plan(ClusterView view) {
        Situation situation = new Situation(view);
        Draft draft = new Draft(situation);
        if (situation.mostNodesAreDown()) {
            draft.note("more than half of the nodes look down: this one may be cut off, so nothing is moved");
        }
        ALWAYS.forEach(rule -> rule.propose(situation, draft));
        if (!view.settings().paused() && !situation.mostNodesAreDown()) {
            UNLESS_PAUSED.forEach(rule -> rule.propose(situation, draft));
        }
        return draft.plan();
    }
}

package dev.henge.membership.plan;

import java.util.List;

/**
 * What may begin now.
 *
 * @param steps the most urgent first; all of them may run at once
 * @param notes what should be done and can't, and why, in words for the operator
 */
public record Plan(List<Step> steps, List<String> notes) {
    public Plan {
        steps = List.copyOf(steps);
        notes = List.copyOf(notes);
    }
}

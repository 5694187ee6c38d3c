package dev.henge.membership.plan;

/** One thing that the coordinator sees to. */
interface Rule {

    /** Adds the steps that it wants and that the draft allows. */
    void propose(Situation situation, Draft draft);
}

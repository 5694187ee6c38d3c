package dev.henge.node.coordinator;

/** What can be planned and not carried out yet: the planner is set so that it does not ask for it. */
final class Seams {

    static final boolean LOG_REPLICAS = true;
    static final boolean SPLITS = true;
    static final boolean MERGES = false;

    private Seams() {}
}

package dev.henge.node.replication;

/** One step from a configuration to the next: one member at a time (thesis, 4.1). Members are given by name. */
public sealed interface ConfigurationChange {

    String member();

    /** Takes in a member that gets the log and counts for nothing. */
    record AddLearner(String member) implements ConfigurationChange {}

    /** Makes a learner that has caught up a voter. */
    record Promote(String member) implements ConfigurationChange {}

    /**
     * Makes a voter a learner, which a log member stands in for: it is away, and goes on where its log ends when it comes
     * back.
     */
    record Demote(String member) implements ConfigurationChange {}

    /** Removes a voter or learner. The leader may remove itself: it leads until that is committed. */
    record Remove(String member) implements ConfigurationChange {}
}

package dev.henge.node.coordinator;

import java.util.Set;

/** Who is there, as far as the coordinator can tell. */
public interface Liveness {

    /**
     * Takes what a round of asking has found.
     *
     * @param nodes all that were asked
     * @param answered those of them that answered in time
     */
    void asked(Set<String> nodes, Set<String> answered, long nowMillis);

    /**
     * Since when a node has been missing, in the time of {@link #asked}; {@link
     * dev.henge.membership.plan.NodeView#UP} when it is there.
     */
    long missingSinceMillis(String node);

    /** What was known is of no worth any more: another node has coordinated meanwhile, or may have. */
    void forget();
}

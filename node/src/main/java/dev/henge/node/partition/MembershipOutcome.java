package dev.henge.node.partition;

import dev.henge.node.replication.ChangeRefusal;
import dev.henge.node.replication.Configuration;
import org.jspecify.annotations.Nullable;

/** What became of a change of a partition's members. */
public sealed interface MembershipOutcome {

    /** It is committed, and applied here. */
    record Changed(Configuration configuration) implements MembershipOutcome {}

    /** Nothing was changed. */
    record Refused(ChangeRefusal reason) implements MembershipOutcome {}

    /**
     * Nothing was changed: this replica does not lead, or is handing leadership over.
     *
     * @param leader node to ask instead, null while not known
     */
    record NotLeader(@Nullable String leader) implements MembershipOutcome {}

    /** This replica ceased to lead before it was committed: the next leader's configuration tells. */
    record Unknown() implements MembershipOutcome {}
}

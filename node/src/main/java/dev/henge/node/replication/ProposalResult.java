package dev.henge.node.replication;

import org.jspecify.annotations.Nullable;

/** What became of a {@link RaftEvent.Propose} or {@link RaftEvent.ChangeConfiguration}. */
public sealed interface ProposalResult {

    /**
     * The commands stand in the leader's log from {@code firstIndex} on, in their order. They are committed when the
     * commit index reaches them and the entry there has still this term; a step that makes this replica a follower
     * leaves their fate open.
     */
    record Accepted(long firstIndex, long term) implements ProposalResult {}

    /**
     * Nothing was appended.
     *
     * @param leader whom to ask instead, null while not known
     */
    record NotLeader(@Nullable String leader) implements ProposalResult {}

    /** Nothing was appended: leadership is being handed to {@code to}. Ends within two election timeouts; try again then. */
    record Transferring(String to) implements ProposalResult {}

    /** Nothing was appended: this change of the configuration must not be made, or not now. */
    record ChangeRefused(ChangeRefusal reason) implements ProposalResult {}

    /** Nothing was appended: {@link RaftConfig#uncommittedBytesMax()} are waiting already. */
    record Overloaded() implements ProposalResult {}
}

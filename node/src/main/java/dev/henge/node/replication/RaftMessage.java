package dev.henge.node.replication;

import java.util.List;

/**
 * What the replicas of one partition say to each other. The core tolerates loss, duplication, delay and reordering of
 * all of them.
 */
public sealed interface RaftMessage {

    /**
     * The sender's term; in {@link PreVote}, and in a {@link PreVoteReply} that grants, the term the candidate would
     * campaign in.
     */
    long term();

    /** Would you vote for me in {@code term}? (Raft thesis, 9.6.) Changes nothing at the receiver. */
    record PreVote(long term, long lastIndex, long lastTerm) implements RaftMessage {}

    record PreVoteReply(long term, boolean granted) implements RaftMessage {}

    /**
     * RequestVote (Raft paper, figure 2).
     *
     * @param transfer the leader of the term before has handed over (thesis, 3.10) and holds no lease: loyalty to it does
     *     not stand in the way
     */
    record Vote(long term, long lastIndex, long lastTerm, boolean transfer) implements RaftMessage {
        public Vote(long term, long lastIndex, long lastTerm) {
            this(term, lastIndex, lastTerm, false);
        }
    }

    record VoteReply(long term, boolean granted) implements RaftMessage {}

    /**
     * AppendEntries (Raft paper, figure 2).
     *
     * @param incarnation of the sender's node: loyalty is promised to that life of it alone, for in another it does not lead
     * @param entries at {@code previousIndex + 1} and on, without gaps; may be empty; not changed once sent
     */
    record Append(
            long term,
            long previousIndex,
            long previousTerm,
            long commitIndex,
            long incarnation,
            List<LogEntry> entries)
            implements RaftMessage {}

    /**
     * Answer to {@link Append}.
     *
     * @param matchIndex accepted: the sender holds the leader's log durably up to here. Refused: the
     *     {@code previousIndex} that did not match
     * @param hintIndex refused: the logs may agree here, and do not agree above
     * @param hintTerm refused: the sender's term at {@code hintIndex}
     * @param commitIndex what the sender knows as committed
     * @param session in which the sender promises loyalty to the leader of {@code term}, 0 for none
     */
    record AppendReply(
            long term, boolean accepted, long matchIndex, long hintIndex, long hintTerm, long commitIndex, long session)
            implements RaftMessage {}

    /**
     * Asks a follower where it stands, and tells it what is committed. Sent while something is not acknowledged, and for
     * reads; a leader at rest sends none.
     *
     * @param commitIndex never above what the leader knows the receiver to hold
     * @param round given back in the reply; the leader knows when it began which
     * @param incarnation of the sender's node, as in {@link Append}
     */
    record Heartbeat(long term, long commitIndex, long round, long incarnation) implements RaftMessage {}

    /**
     * Answer to {@link Heartbeat}; a damaged follower sends it unasked too.
     *
     * @param round the heartbeat's; 0 when unasked
     * @param wantsSnapshot the sender's state machine is damaged and must be replaced by a snapshot
     * @param commitIndex what the sender knows as committed
     * @param session in which the sender promises loyalty to the leader of {@code term}, 0 for none
     */
    record HeartbeatReply(long term, long round, boolean wantsSnapshot, long commitIndex, long session)
            implements RaftMessage {}

    /** The sender led {@code term} and never will again: promises made to it in this term or before are void. */
    record Release(long term) implements RaftMessage {}

    /** The leader of {@code term} hands over: campaign at once (thesis, 3.10). */
    record TimeoutNow(long term) implements RaftMessage {}
}

package dev.henge.node.replication;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * Everything that can happen to a replica's core. Times are monotonic nanoseconds of this process, not negative, from
 * an origin of the caller's choice, the same for every event of a core.
 */
public sealed interface RaftEvent {

    /** Time went on. Give it at {@link RaftCore#nextTickNanos()}. */
    record Tick(long nowNanos) implements RaftEvent {}

    /** Support between this node and another began or ended ({@code NodeLiveness}, {@code changed}). */
    record SupportChanged(String node, long nowNanos) implements RaftEvent {}

    /** A message of {@code from} came in. Answers of those that are no members are ignored. */
    record Received(String from, RaftMessage message, long nowNanos) implements RaftEvent {}

    /**
     * Appends commands, all or none. {@link Effects#proposal()} says what became of it. Give what has gathered in one
     * turn of the event loop as one event: it makes one append per follower.
     *
     * @param payloads at least one, none of them empty (an empty payload opens a term)
     */
    record Propose(List<ByteString> payloads, long nowNanos) implements RaftEvent {
        public Propose {
            if (payloads.isEmpty()) {
                throw new IllegalArgumentException("a proposal without a command");
            }
            for (int i = 0; i < payloads.size(); i++) {
                if (payloads.get(i).isEmpty()) {
                    throw new IllegalArgumentException("an empty command");
                }
            }
        }
    }

    /**
     * Appends an entry that changes the group's configuration by one step. {@link Effects#proposal()} says what became of
     * it.
     */
    record ChangeConfiguration(ConfigurationChange change, long nowNanos) implements RaftEvent {}

    /**
     * Leader: hand leadership to this voter (thesis, 3.10). {@link RaftCore#transferTarget()} says whether that has
     * begun; it ends with another leader, or is given up.
     */
    record TransferLeadership(String to, long nowNanos) implements RaftEvent {}

    /**
     * All changes made to the {@link RaftLog} in the steps up to and including the one whose
     * {@link Effects#writeSequence()} this is are durable. Numbers may be skipped (the later stands for the earlier),
     * but none may be given before it is true.
     */
    record Durable(long writeSequence) implements RaftEvent {}

    /**
     * Asks for an index at which a read is linearizable (Raft thesis, 6.4). Ends in {@link Effects#readsReady()} or
     * {@link Effects#readsFailed()}, never in both, once.
     *
     * @param contextId the caller's name for it
     */
    record ReadIndex(long contextId, long nowNanos) implements RaftEvent {}

    /**
     * The state machine was replaced by a snapshot and is durable. The core moves commit index and log behind it, if
     * they are not yet. To be given only if {@link RaftCore#acceptsSnapshot} said yes in the same turn of the event loop,
     * before the old state was touched.
     *
     * @param index last entry that the snapshot holds
     * @param term that entry's term
     */
    record SnapshotInstalled(long index, long term) implements RaftEvent {}

    /**
     * An entry is known to be committed: a snapshot of a later state says so. Where this replica's log has that very entry, it
     * has all before it, committed (Log Matching), and may apply them.
     *
     * @param index of the entry
     * @param term of the entry
     */
    record CommitProven(long index, long term) implements RaftEvent {}

    /** Leader: {@code to} has installed a snapshot taken at {@code index}, durably. */
    record SnapshotSent(String to, long index) implements RaftEvent {}

    /** Leader: the transfer to {@code to} was given up; it is asked for again with a coming heartbeat, if still needed. */
    record SnapshotFailed(String to) implements RaftEvent {}

    /** Messages to this replica may have been lost (its stream broke): stop pipelining until it answers. */
    record PeerUnreachable(String to) implements RaftEvent {}

    /**
     * This replica's state machine is not usable: a leader steps down, nobody campaigns, and the leader is asked for a
     * snapshot. The log goes on taking entries, and votes are given. The commit index goes on too: apply nothing.
     */
    record StateMachineDamaged(long nowNanos) implements RaftEvent {}

    /**
     * As {@link StateMachineDamaged}, but the state machine is sound and only can't go on: the leader is asked for a snapshot. As
     * others may need entries that this replica's log alone has, it campaigns when none of them wins, takes no proposals, and
     * hands over to a voter that can serve.
     */
    record StateMachineWaits(long nowNanos) implements RaftEvent {}

    /** The state machine is usable again: a snapshot was installed, or the log was applied again. */
    record StateMachineRepaired() implements RaftEvent {}
}

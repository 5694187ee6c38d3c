package dev.henge.node.replication;

import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One replica's Raft: {@code step(event)} changes its state and its {@link RaftLog}, and says what is to be done. The
 * package's page holds the contract. Not thread-safe: only the event loop that owns the partition calls it.
 *
 * <p>Throws {@link IllegalStateException} when an invariant of the protocol is broken (a bug, or a replica that lost
 * what it had promised to keep). The replica must then be stopped: no more steps, nothing of the failed step sent.
 */
public final class RaftCore {

    /**
     * Starts a replica from what its disk holds. A state machine that is ahead of the log, or off it, stands: the log is
     * reset behind it (a crash came between a snapshot's or a flush's durability and the log's). A state machine that is
     * behind the log's base counts as damaged, see {@link #stateMachineDamaged()}.
     *
     * @param log as recovered; all of it durable
     * @param appliedIndex last entry that the recovered state machine holds, 0 when it is empty
     * @param appliedTerm that entry's term, 0 when it is empty
     * @param nowNanos as in {@link RaftEvent}
     * @param randomBelow gives for a bound a number of {@code [0, bound)}, for election timeouts:
     *     {@code RandomGenerator::nextLong}
     */
    public RaftCore(
            RaftConfig config,
            RaftLog log,
            long appliedIndex,
            long appliedTerm,
            long nowNanos,
            LongUnaryOperator randomBelow) {
        throw new UnsupportedOperationException();
    }

    /** Takes in one event. */
    public Effects step(RaftEvent event) {
        throw new UnsupportedOperationException();
    }

    public Role role() {
        throw new UnsupportedOperationException();
    }

    public long term() {
        throw new UnsupportedOperationException();
    }

    /** The leader of {@link #term()}, itself included; null while not known. */
    public @Nullable String leader() {
        throw new UnsupportedOperationException();
    }

    public long commitIndex() {
        throw new UnsupportedOperationException();
    }

    /** Last entry of this replica's own log that is durable here. */
    public long durableIndex() {
        throw new UnsupportedOperationException();
    }

    /**
     * Leader: index of the empty entry that opened its term. It must have been applied here before this replica
     * evaluates a write or answers a strong read. {@code Long.MAX_VALUE} on others.
     */
    public long termStartIndex() {
        throw new UnsupportedOperationException();
    }

    /**
     * Until when nobody else can be leader, in the events' time; 0 without a lease. Read the clock after the state was
     * read: the answer is linearizable if that time is below.
     */
    public long leaseUntilNanos() {
        throw new UnsupportedOperationException();
    }

    /** Leader: smallest index that all other voters hold durably, for deciding what to compact; else 0. */
    public long smallestMatchIndex() {
        throw new UnsupportedOperationException();
    }

    /** Whether a snapshot taken at {@code index} may replace this replica's state machine now. */
    public boolean acceptsSnapshot(long index) {
        throw new UnsupportedOperationException();
    }

    public boolean stateMachineDamaged() {
        throw new UnsupportedOperationException();
    }

    /** When the next {@link RaftEvent.Tick} has something to do, if nothing else happens before. */
    public long nextTickNanos() {
        throw new UnsupportedOperationException();
    }
}

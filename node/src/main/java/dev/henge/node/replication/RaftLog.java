package dev.henge.node.replication;

import java.util.List;

/**
 * A replica's log and hard state, as its Raft core sees them. Changes are visible at once to the calls that follow;
 * they become durable later, in the order in which they were made, and the runtime tells the core when.
 *
 * <p>Only the event loop that owns the partition calls these methods.
 */
public interface RaftLog {

    /** Index of the entry before the first one kept: everything up to here lives in the state machine alone. */
    long baseIndex();

    /** Term of the entry at {@link #baseIndex()}; 0 for the empty log. */
    long baseTerm();

    /** Index of the last entry, {@link #baseIndex()} when there is none. */
    long lastIndex();

    /** Term of the entry at {@code index}, for {@code baseIndex() <= index <= lastIndex()}. */
    long term(long index);

    /**
     * Entries from {@code fromIndex} on, in order: as many as fit in {@code maxBytes} of payload, at least one, none
     * when {@code fromIndex > lastIndex()}. Entries that left memory are read back from disk.
     */
    List<LogEntry> entries(long fromIndex, int maxBytes);

    /**
     * Appends entries at consecutive indexes. The first index is above {@link #baseIndex()} and at most
     * {@code lastIndex() + 1}; entries that stood at its place and after it are dropped.
     */
    void append(List<LogEntry> entries);

    /** Replaces term and vote. */
    void saveHardState(HardState hardState);

    /** The hard state last saved, {@link HardState#INITIAL} at first. */
    HardState hardState();

    /** Drops all entries; the log goes on behind a snapshot taken at this index. */
    void resetTo(long index, long term);

    /** Forgets entries up to and including {@code index}, which the state machine holds durably. */
    void compactTo(long index);
}

package dev.henge.node.replication;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * A {@link RaftLog} in memory that knows what would be on disk: changes wait in order until they are synced, and a crash
 * loses those that wait.
 */
class MemoryRaftLog implements RaftLog {

    private sealed interface Change {
        record Append(List<LogEntry> entries) implements Change {}

        record Save(HardState hardState) implements Change {}

        record Reset(long index, long term) implements Change {}

        record Compact(long index) implements Change {}
    }

    private static final class Contents {
        private long baseIndex;
        private long baseTerm;
        private final ArrayList<LogEntry> entries = new ArrayList<>();
        private HardState hardState = HardState.INITIAL;

        private long lastIndex() {
            return baseIndex + entries.size();
        }

        private long term(long index) {
            if (index < baseIndex || index > lastIndex()) {
                throw new IllegalArgumentException("no entry " + index);
            }
            return index == baseIndex
                    ? baseTerm
                    : entries.get((int) (index - baseIndex - 1)).term();
        }

        private void apply(Change change, boolean keepsConflictingTail) {
            switch (change) {
                case Change.Append append -> append(append.entries(), keepsConflictingTail);
                case Change.Save save -> hardState = save.hardState();
                case Change.Reset reset -> {
                    entries.clear();
                    baseIndex = reset.index();
                    baseTerm = reset.term();
                }
                case Change.Compact compact -> {
                    if (compact.index() > baseIndex) {
                        baseTerm = term(compact.index());
                        entries.subList(0, (int) (compact.index() - baseIndex)).clear();
                        baseIndex = compact.index();
                    }
                }
            }
        }

        private void append(List<LogEntry> added, boolean keepsConflictingTail) {
            int position = (int) (added.getFirst().index() - baseIndex - 1);
            if (position < 0 || position > entries.size()) {
                throw new IllegalArgumentException("a gap before " + added.getFirst());
            }
            if (!keepsConflictingTail) {
                entries.subList(position, entries.size()).clear();
                entries.addAll(added);
                return;
            }
            for (LogEntry entry : added) {
                if (position < entries.size()) {
                    entries.set(position, entry);
                } else {
                    entries.add(entry);
                }
                position++;
            }
        }

        private void become(Contents other) {
            baseIndex = other.baseIndex;
            baseTerm = other.baseTerm;
            hardState = other.hardState;
            entries.clear();
            entries.addAll(other.entries);
        }
    }

    private final Contents visible = new Contents();
    private final Contents durable = new Contents();
    private final ArrayDeque<Change> waiting = new ArrayDeque<>();
    private final boolean keepsConflictingTail;
    private final boolean forgetsVotes;
    private long changesMade;
    private long changesDurable;

    MemoryRaftLog() {
        this(false, false);
    }

    /**
     * @param keepsConflictingTail a fault: append does not drop what stood behind its last entry
     * @param forgetsVotes a fault: a vote does not survive a crash
     */
    MemoryRaftLog(boolean keepsConflictingTail, boolean forgetsVotes) {
        this.keepsConflictingTail = keepsConflictingTail;
        this.forgetsVotes = forgetsVotes;
    }

    /** How many changes a crash would lose. */
    int changesWaiting() {
        return waiting.size();
    }

    /** How many changes were made so far, for {@link #syncTo}. */
    long changesMade() {
        return changesMade;
    }

    /** Makes the first {@code changes} changes durable. */
    void syncTo(long changes) {
        while (changesDurable < changes) {
            durable.apply(waiting.removeFirst(), keepsConflictingTail);
            changesDurable++;
        }
    }

    void sync() {
        syncTo(changesMade);
    }

    /** The process dies: what was not synced is gone. */
    void crash() {
        waiting.clear();
        changesMade = changesDurable;
        visible.become(durable);
        if (forgetsVotes) {
            visible.hardState = new HardState(visible.hardState.term(), null);
        }
    }

    /** Whether the entry would survive a crash, in the log or below its base. */
    boolean isDurable(LogEntry entry) {
        if (entry.index() <= durable.baseIndex) {
            return true;
        }
        return entry.index() <= durable.lastIndex() && durable.term(entry.index()) == entry.term();
    }

    LogEntry entry(long index) {
        return visible.entries.get((int) (index - visible.baseIndex - 1));
    }

    List<Long> terms() {
        return visible.entries.stream().map(LogEntry::term).toList();
    }

    @Override
    public long baseIndex() {
        return visible.baseIndex;
    }

    @Override
    public long baseTerm() {
        return visible.baseTerm;
    }

    @Override
    public long lastIndex() {
        return visible.lastIndex();
    }

    @Override
    public long term(long index) {
        return visible.term(index);
    }

    @Override
    public List<LogEntry> entries(long fromIndex, int maxBytes) {
        List<LogEntry> taken = new ArrayList<>();
        long bytes = 0;
        for (long index = fromIndex; index <= lastIndex(); index++) {
            LogEntry entry = entry(index);
            bytes += entry.payload().size();
            if (bytes > maxBytes && !taken.isEmpty()) {
                break;
            }
            taken.add(entry);
        }
        return taken;
    }

    @Override
    public void append(List<LogEntry> entries) {
        make(new Change.Append(List.copyOf(entries)));
    }

    @Override
    public void saveHardState(HardState hardState) {
        make(new Change.Save(hardState));
    }

    @Override
    public HardState hardState() {
        return visible.hardState;
    }

    @Override
    public void resetTo(long index, long term) {
        make(new Change.Reset(index, term));
    }

    @Override
    public void compactTo(long index) {
        make(new Change.Compact(index));
    }

    private void make(Change change) {
        visible.apply(change, keepsConflictingTail);
        waiting.add(change);
        changesMade++;
    }
}

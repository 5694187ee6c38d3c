package dev.henge.node.log;

import dev.henge.node.replication.HardState;
import dev.henge.node.replication.LogEntry;
import dev.henge.node.replication.RaftLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One partition's part of the {@link WriteAheadLog}. The newest entries are in memory (bounded over all partitions of the
 * node), older ones are read back from the segments and checked.
 *
 * <p>Every method may throw {@link LogBrokenException}; {@link #entries} also {@link CorruptLogException}. A list handed
 * to {@link #append} must not be changed afterwards, nor may its entries' payloads.
 */
public final class PartitionLog implements RaftLog {

    private static final int VOTE_BYTES_MAX = 1024;

    private final WriteAheadLog log;
    final int partition;

    // All of this is guarded by the log's state lock.
    HardState hardState = HardState.INITIAL;
    long baseIndex;
    long baseTerm;
    long lastIndex;
    long position;

    /** Position of the partition's last record. */
    long link = RecordFormat.NO_LINK;

    /** Why the replica can't be trusted; then it has no entries and no hard state, and takes none. */
    @Nullable
    LogDamage damage;

    boolean dropped;

    /** First index of each record that holds entries still kept, and the record's position. */
    final PairLog records = new PairLog();

    /** First index of each run of entries with the same term, and the term. */
    final PairLog terms = new PairLog();

    final EntryTail tail = new EntryTail();

    PartitionLog(WriteAheadLog log, int partition) {
        this.log = log;
        this.partition = partition;
    }

    public int partition() {
        return partition;
    }

    /**
     * Position in the write-ahead log after this partition's last change: when {@link WriteAheadLog#durablePosition()}
     * reaches it, all changes made so far are durable.
     */
    public long position() {
        return log.read(() -> position);
    }

    /**
     * Why this replica can't be trusted, empty when it can: something that was synced for it is lost, it may have forgotten
     * votes and acknowledgements. Its log is empty then and takes nothing; it must never act as the member it was. Once it
     * has been replaced in its group, {@link #beginAnew} makes the log usable for the new member.
     */
    public Optional<LogDamage> damage() {
        return log.readObject(() -> Optional.ofNullable(damage));
    }

    /** Ends the damage: the log is that of a new member that has promised nothing. Durable like any other change. */
    public void beginAnew() {
        log.beginAnew(this);
    }

    /**
     * Whether there is room in the log for records with this much payload, without a file that is not made yet, and the
     * floor of this use is left. May make a small file. False: refuse the work, and ask again later.
     */
    public boolean hasRoom(LogUse use, long bytes) {
        return log.hasRoom(use, bytes, false);
    }

    /** Like {@link #hasRoom}, and keeps the room until {@link #release}: for what is appended later. */
    public boolean reserve(LogUse use, long bytes) {
        return log.hasRoom(use, bytes, true);
    }

    /** Gives back what was reserved, because it was appended or never will be. */
    public void release(long bytes) {
        log.release(bytes);
    }

    @Override
    public long baseIndex() {
        return log.read(() -> baseIndex);
    }

    @Override
    public long baseTerm() {
        return log.read(() -> baseTerm);
    }

    @Override
    public long lastIndex() {
        return log.read(() -> lastIndex);
    }

    @Override
    public long term(long index) {
        return log.read(() -> termAt(index));
    }

    @Override
    public List<LogEntry> entries(long fromIndex, int maxBytes) {
        List<LogEntry> entries = new ArrayList<>();
        long index = fromIndex;
        long bytesLeft = maxBytes;
        while (true) {
            long from = index;
            long bytesMax = bytesLeft;
            StoredRecord stored = log.readObject(() -> addFromMemory(from, bytesMax, entries));
            if (stored == null) {
                return entries;
            }
            // Without the log's lock: the segment stays, because only this partition's event loop, which is here, could
            // make its entries superfluous.
            for (LogEntry entry : stored.read(index)) {
                if (!entries.isEmpty() && entry.payload().size() > bytesLeft) {
                    return entries;
                }
                entries.add(entry);
                bytesLeft -= entry.payload().size();
                index++;
            }
        }
    }

    @Override
    public void append(List<LogEntry> entries) {
        if (!entries.isEmpty()) {
            log.appendEntries(this, entries);
        }
    }

    @Override
    public void saveHardState(HardState newHardState) {
        byte[] vote = RecordFormat.voteBytes(newHardState);
        if (vote.length > VOTE_BYTES_MAX) {
            throw new IllegalArgumentException("a node's name of " + vote.length + " bytes is too long");
        }
        if (hardState().equals(newHardState)) {
            return;
        }
        log.append(
                RecordKind.HARD_STATE,
                this,
                RecordFormat.hardStateBytes(vote),
                buffer -> RecordFormat.putHardState(buffer, newHardState, vote),
                recordPosition -> hardState = newHardState);
    }

    @Override
    public HardState hardState() {
        return log.readObject(() -> hardState);
    }

    @Override
    public void resetTo(long index, long term) {
        log.append(
                RecordKind.RESET,
                this,
                2 * Long.BYTES,
                buffer -> buffer.putLong(index).putLong(term),
                recordPosition -> {
                    resetRecorded(index, term);
                    log.mayRelease();
                });
    }

    /** {@inheritDoc} Does nothing when that was forgotten before. */
    @Override
    public void compactTo(long index) {
        if (index <= baseIndex()) {
            return;
        }
        long term = term(index);
        log.append(
                RecordKind.COMPACT,
                this,
                2 * Long.BYTES,
                buffer -> buffer.putLong(index).putLong(term),
                recordPosition -> {
                    compactRecorded(index, term);
                    log.mayRelease();
                });
    }

    // What follows changes or reads the state alone; the caller holds the state lock (or recovers, with no one else).

    /**
     * Adds the entries from this index on that are in memory, as many as {@code bytesMax} of payload allow, at least one
     * in all.
     *
     * @return the record on disk that holds the entry at the index when it is not in memory; then nothing was added
     */
    private @Nullable StoredRecord addFromMemory(long fromIndex, long bytesMax, List<LogEntry> entries) {
        if (fromIndex <= baseIndex) {
            throw new IllegalArgumentException("entry " + fromIndex + " of partition " + partition
                    + " was compacted, the log begins after " + baseIndex);
        }
        if (fromIndex < tail.firstIndex()) {
            return log.stored(this, fromIndex);
        }
        long bytesLeft = bytesMax;
        for (long index = fromIndex; index <= lastIndex; index++) {
            LogEntry entry = tail.get(index);
            if (!entries.isEmpty() && entry.payload().size() > bytesLeft) {
                return null;
            }
            entries.add(entry);
            bytesLeft -= entry.payload().size();
        }
        return null;
    }

    /** Refuses entries that can't stand at their place, or are too large for the log. */
    void checkFollow(List<LogEntry> entries, int entryBytesMax) {
        long index = entries.getFirst().index();
        if (index <= baseIndex || index > lastIndex + 1) {
            throw new IllegalArgumentException("entry " + index + " of partition " + partition + " does not follow ("
                    + baseIndex + ", " + lastIndex + "]");
        }
        long term = termAt(index - 1);
        for (LogEntry entry : entries) {
            if (entry.index() != index || entry.term() < term) {
                throw new IllegalArgumentException("entry " + entry.index() + " of term " + entry.term()
                        + " can't stand at " + index + " after term " + term);
            }
            if (entry.payload().size() > entryBytesMax) {
                throw new IllegalArgumentException("an entry's payload of "
                        + entry.payload().size() + " bytes is more than the log's buffer allows: " + entryBytesMax);
            }
            term = entry.term();
            index++;
        }
    }

    /** Whether it has neither entries nor votes, nor forgot any: as it begins, and as it is after {@link #beginAnew}. */
    public boolean isEmpty() {
        return baseIndex() == 0 && lastIndex() == 0 && hardState().equals(HardState.INITIAL) && damage().isEmpty();
    }

    /** Whether nothing was ever recorded for it. */
    public boolean pristine() {
        return link == RecordFormat.NO_LINK && damage == null;
    }

    long termAt(long index) {
        if (index == baseIndex) {
            return baseTerm;
        }
        if (index < baseIndex || index > lastIndex) {
            throw new IllegalArgumentException("entry " + index + " of partition " + partition + " is not in ("
                    + baseIndex + ", " + lastIndex + "]");
        }
        return terms.value(terms.floor(index));
    }

    /** Takes note of a record that holds these entries; what stood at their place and after it is dropped. */
    void entriesRecorded(long recordPosition, long firstIndex, long newLastIndex) {
        if (firstIndex <= lastIndex) {
            records.truncateFrom(firstIndex);
            terms.truncateFrom(firstIndex);
            tail.truncateFrom(firstIndex);
        }
        records.add(firstIndex, recordPosition);
        lastIndex = newLastIndex;
    }

    void termRecorded(long index, long term) {
        if (terms.size() == 0 || terms.value(terms.size() - 1) != term) {
            terms.add(index, term);
        }
    }

    /** Forgets all; with a damage, nothing can be appended until {@link #beginAnew}. */
    void emptied(@Nullable LogDamage newDamage) {
        resetRecorded(0, 0);
        hardState = HardState.INITIAL;
        damage = newDamage;
    }

    void resetRecorded(long index, long term) {
        baseIndex = index;
        baseTerm = term;
        lastIndex = index;
        records.clear();
        terms.clear();
        tail.clear(index + 1);
    }

    void compactRecorded(long index, long term) {
        if (index == lastIndex) {
            resetRecorded(index, term);
            return;
        }
        baseIndex = index;
        baseTerm = term;
        records.dropBeforeFloor(index + 1);
        terms.dropBeforeFloor(index + 1);
        tail.dropThrough(index);
    }

    /** Position of the oldest record still needed, {@link Long#MAX_VALUE} when none is. */
    long oldestPosition() {
        return records.size() == 0 ? Long.MAX_VALUE : records.value(0);
    }

    /** Last index of the record at this place among {@link #records} that later records did not replace. */
    long lastIndexOfRecord(int at) {
        return at + 1 < records.size() ? records.key(at + 1) - 1 : lastIndex;
    }

    /** Index up to which to compact so that no record before this position is needed; 0 when none is now. */
    long lastIndexBefore(long cutoffPosition) {
        long index = 0;
        for (int at = 0; at < records.size() && records.value(at) < cutoffPosition; at++) {
            index = lastIndexOfRecord(at);
        }
        return index;
    }

    /** Lets go of the entries in memory that came with this record. */
    void evict(long recordPosition, long firstIndex) {
        int at = records.floor(firstIndex);
        if (at >= 0 && records.value(at) == recordPosition) {
            tail.dropThrough(lastIndexOfRecord(at));
        }
    }
}

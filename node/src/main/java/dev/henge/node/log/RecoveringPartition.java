package dev.henge.node.log;

import dev.henge.node.log.AppliedStates.Applied;
import dev.henge.node.log.RecordFormat.PartitionState;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What recovery knows for certain about one partition while it reads the log.
 *
 * <p>Without damage everything is certain. Where the partition's chain of links shows that records of it were lost, nothing
 * is certain any more, and comes back piece by piece: the hard state with the next record or statement of it, the last
 * index likewise, the entries from the first one on that was appended behind the damage ({@link #certainFrom}). Entries
 * before those are not lost for the replica if its log need not hold them: because they were compacted, or because the
 * storage has applied them.
 */
final class RecoveringPartition {

    /** A record that is intact but can't follow the ones before it: no damage explains it. */
    private static final class Inconsistent extends Exception {
        private static final long serialVersionUID = 1;

        Inconsistent(String problem) {
            super(problem);
        }

        @Override
        public synchronized Throwable fillInStackTrace() {
            return this;
        }
    }

    final PartitionLog log;

    /** How many damaged places stood before the last record or statement that proved the chain of links. */
    int provenAfter;

    private boolean hardStateKnown = true;
    private boolean lastIndexKnown = true;

    /** All entries from this index to the last are certain. */
    private long certainFrom = 1;

    /** What made entries uncertain; null while nothing did. */
    private @Nullable LogDamage cause;

    /** Something was read that can't be; null while nothing was. Nothing but a new beginning ends it. */
    private @Nullable LogDamage beyondRepair;

    RecoveringPartition(PartitionLog log, int provenAfter) {
        this.log = log;
        this.provenAfter = provenAfter;
    }

    /** Nothing is certain from here on. */
    void lostRecords(LogDamage place) {
        if (cause == null) {
            cause = place;
        }
        hardStateKnown = false;
        lastIndexKnown = false;
        certainFrom = Long.MAX_VALUE;
        log.records.clear();
        log.terms.clear();
    }

    void inconsistent(LogDamage place) {
        if (beyondRepair == null) {
            beyondRepair = place;
        }
    }

    /** A replica begins here with nothing, or is declared damaged. */
    void emptied(@Nullable LogDamage damage) {
        log.emptied(damage);
        hardStateKnown = true;
        lastIndexKnown = true;
        certainFrom = 1;
        cause = null;
        beyondRepair = null;
    }

    /** Takes in a record's body, which stands behind its link. */
    void replay(RecordKind kind, ByteBuffer body, long position, LogDamage place) {
        try {
            switch (kind) {
                case ENTRIES -> entries(body, position);
                case HARD_STATE -> {
                    log.hardState = RecordFormat.getHardState(body);
                    hardStateKnown = true;
                }
                case RESET -> {
                    long index = body.getLong();
                    log.resetRecorded(index, body.getLong());
                    lastIndexKnown = true;
                    certainFrom = index + 1;
                }
                case COMPACT -> compact(body.getLong(), body.getLong());
                case DAMAGED -> emptied(RecordFormat.getDamage(body));
                case ANEW -> emptied(null);
                case SEGMENT, STATE, SYNCED, DROP ->
                    throw new IllegalArgumentException("no partition's record: " + kind);
            }
        } catch (Inconsistent e) {
            inconsistent(new LogDamage(place.segmentNumber(), place.offset(), String.valueOf(e.getMessage())));
        }
    }

    private void entries(ByteBuffer body, long position) throws Inconsistent {
        long firstIndex = body.getLong();
        int count = body.getInt();
        if (lastIndexKnown) {
            check(
                    firstIndex > log.baseIndex && firstIndex <= log.lastIndex + 1,
                    "entry " + firstIndex + " does not follow (" + log.baseIndex + ", " + log.lastIndex + "]");
        } else {
            log.lastIndex = firstIndex - 1;
            lastIndexKnown = true;
        }
        certainFrom = Math.min(certainFrom, firstIndex);
        log.entriesRecorded(position, firstIndex, firstIndex + count - 1);
        for (int i = 0; i < count; i++) {
            log.termRecorded(firstIndex + i, body.getLong());
            int length = body.getInt();
            body.position(body.position() + length);
        }
        log.tail.clear(log.lastIndex + 1);
    }

    private void compact(long index, long term) throws Inconsistent {
        if (!lastIndexKnown) {
            log.baseIndex = index;
            log.baseTerm = term;
            return;
        }
        check(
                index >= log.baseIndex && index <= log.lastIndex,
                "it compacts to entry " + index + ", which was never there");
        compactTo(index, term);
    }

    private void compactTo(long index, long term) {
        log.compactRecorded(index, term);
        if (index >= log.lastIndex) {
            certainFrom = index + 1;
        }
    }

    /**
     * Takes in what the log states about this partition.
     *
     * @param first whether nothing before the statement was read
     */
    void state(PartitionState state, boolean first, LogDamage place) {
        log.link = state.link();
        if (state.damage() != null) {
            emptied(state.damage());
            return;
        }
        if (log.damage != null) {
            // It began anew in a record that is lost.
            log.damage = null;
            lostRecords(place);
        }
        if (first) {
            lostRecords(place);
            cause = null;
        }
        try {
            check(
                    (!lastIndexKnown || log.lastIndex == state.lastIndex())
                            && (!hardStateKnown || log.hardState.equals(state.hardState()))
                            && (!whole() || (log.baseIndex == state.baseIndex() && log.baseTerm == state.baseTerm())),
                    "the state stated here differs from what stands before it");
        } catch (Inconsistent e) {
            inconsistent(new LogDamage(place.segmentNumber(), place.offset(), String.valueOf(e.getMessage())));
        }
        log.hardState = state.hardState();
        hardStateKnown = true;
        if (!lastIndexKnown) {
            log.resetRecorded(state.lastIndex(), 0);
            log.baseIndex = state.baseIndex();
            log.baseTerm = state.baseTerm();
            lastIndexKnown = true;
            certainFrom = state.lastIndex() + 1;
            return;
        }
        if (state.baseIndex() > log.baseIndex) {
            compactTo(state.baseIndex(), state.baseTerm());
        }
    }

    /** Everything there was is here. */
    private boolean whole() {
        return hardStateKnown && lastIndexKnown && certainFrom <= log.baseIndex + 1;
    }

    /**
     * Decides, at the end of the log, whether the replica is what it was; if not, its log is emptied and marked.
     *
     * @param unproven the first damaged place behind which nothing proved the chain of links, null when there is none
     * @param missing what to say when entries stood before the beginning of the log
     */
    void decide(@Nullable LogDamage unproven, LogDamage missing, Optional<Applied> applied) {
        if (log.damage != null) {
            log.emptied(log.damage); // records may follow, if the one with which it began anew is lost
            return;
        }
        LogDamage harm = unproven == null ? beyondRepair : unproven;
        if (harm == null && !whole() && !advancesTo(applied)) {
            harm = cause == null ? missing : cause;
        }
        if (harm != null) {
            log.emptied(harm);
        }
    }

    /** Moves the base to what is applied, if that is all that is uncertain. */
    private boolean advancesTo(Optional<Applied> applied) {
        if (!hardStateKnown || !lastIndexKnown || applied.isEmpty()) {
            return false;
        }
        long index = applied.get().index();
        long term = applied.get().term();
        if (index < certainFrom - 1 || index < log.baseIndex || index > log.lastIndex) {
            return false;
        }
        if (index >= certainFrom && log.terms.value(log.terms.floor(index)) != term) {
            return false;
        }
        compactTo(index, term);
        return true;
    }

    private static void check(boolean holds, String problem) throws Inconsistent {
        if (!holds) {
            throw new Inconsistent(problem);
        }
    }
}

package dev.henge.node.log;

import org.jspecify.annotations.Nullable;

/**
 * What a record of the log says. The code is what stands on disk. Kinds that belong to a partition begin with the position
 * of that partition's record before, 0 when there is none: so recovery sees whether one is missing in between.
 */
enum RecordKind {
    /** First of a segment: format, segment number, start position, and the state of every partition. */
    SEGMENT(1),
    /** Everything before this position was durable when this was written. */
    SYNCED(2),
    /** First index, count, then term, length and payload of each entry. */
    ENTRIES(3),
    /** Term and vote. */
    HARD_STATE(4),
    /** The log goes on behind this index and term; nothing before it is kept. */
    RESET(5),
    /** Entries up to this index, of this term, are no longer needed. */
    COMPACT(6),
    /** The replica left this node. */
    DROP(7),
    /** The state of every partition, said again in between: as in SEGMENT. */
    STATE(8),
    /** The replica is damaged: its entries and hard state are void from here on. Body: what harmed it. */
    DAMAGED(9),
    /** A replica that was damaged begins anew, with nothing. */
    ANEW(10);

    private static final RecordKind[] BY_CODE = new RecordKind[11];

    static {
        for (RecordKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    final byte code;

    RecordKind(int code) {
        this.code = (byte) code;
    }

    /** The kind of this code, null when there is none. */
    static @Nullable RecordKind ofCode(byte code) {
        return code > 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }
}

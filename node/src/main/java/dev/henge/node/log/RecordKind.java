package dev.henge.node.log;

import org.jspecify.annotations.Nullable;

/** What a record of the log says. The code is what stands on disk. */
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
    DROP(7);

    private static final RecordKind[] BY_CODE = new RecordKind[8];

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

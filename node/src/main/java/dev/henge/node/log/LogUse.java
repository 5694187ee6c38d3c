package dev.henge.node.log;

/**
 * What room in the log is wanted for. When no further segment can be made, each kind stops at a floor of its own, so that
 * what matters more still fits.
 */
public enum LogUse {
    /** A leader's new entry for a client: the first to be refused, with an error that the client retries. */
    CLIENT_WRITE(2),
    /** A leader's new entry that frees space, and entries that a follower is sent. */
    ENTRIES(4),
    /** Term and vote, the reset behind a snapshot: without room for it a replica has to be silent. */
    PROMISE(16),
    /** Forgetting entries; what lets segments go. */
    COMPACTION(64);

    private final int share;

    LogUse(int share) {
        this.share = share;
    }

    /** Bytes that must be left besides what is wanted. */
    long floorBytes(LogOptions options) {
        return options.openingSegmentBytes() / share;
    }
}

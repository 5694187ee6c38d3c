package dev.henge.node.partition;

import dev.henge.proto.PeerMessage;

/**
 * Whether a follower has about what its leader has committed, as far as that has told it: then it may answer eventual reads for the
 * sake of being near. Of the event loop alone.
 */
final class Freshness {

    /** What a follower that keeps up may lag by while entries are on their way. */
    private static final long LAG_ENTRIES_MAX = 1_000;

    private long committedByLeader;

    /** A message of the group; of a leader's the commit index is noted, which nothing takes back. */
    void hear(PeerMessage message) {
        long commitIndex = message.hasAppend()
                ? message.getAppend().getCommitIndex()
                : message.getHeartbeat().getCommitIndex(); // 0 of any other message
        committedByLeader = Math.max(committedByLeader, commitIndex);
    }

    /** @param appliedIndex of this replica */
    boolean isNear(long appliedIndex) {
        return appliedIndex + LAG_ENTRIES_MAX >= committedByLeader;
    }
}

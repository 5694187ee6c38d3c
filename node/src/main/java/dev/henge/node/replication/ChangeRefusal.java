package dev.henge.node.replication;

/** Why a leader does not change its group's configuration. */
public enum ChangeRefusal {
    /** The last change is not committed yet (thesis, 4.1): two at once may have majorities that do not meet. */
    CHANGE_PENDING,
    /**
     * The leader has not committed an entry of its own term yet. Another leader's change may be about, unknown to this
     * one (Ongaro, "bug in single-server membership changes", raft-dev, July 2015).
     */
    TERM_NOT_COMMITTED,
    /** It is a member already. */
    MEMBER_ALREADY,
    /** It is not a member, or not a learner where one is to be promoted. */
    NO_SUCH_MEMBER,
    /** The learner lacks too much to be of use as a voter (thesis, 4.2.1), or is not live. */
    NOT_CAUGHT_UP,
    /** Of the voters that would remain, no majority is live and has what is committed. */
    TOO_FEW_LIVE,
    /**
     * With the members that keep the log alone, a majority would be possible in which nobody holds what is older than their
     * logs: what is committed could be lost with fewer than a majority.
     */
    TOO_FEW_FULL
}

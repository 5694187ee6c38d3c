package dev.henge.membership.gossip;

/**
 * What is thought of a member. In the order in which they override each other at the same incarnation (SWIM, section
 * 4.2).
 */
public enum MemberStatus {
    ALIVE,

    /** Did not answer; declared dead unless it refutes that in time. Still to be used as if alive. */
    SUSPECT,

    DEAD,

    /** Said itself that it goes. */
    LEFT;

    /** Whether the member is thought to be there. */
    public boolean isPresent() {
        return this == ALIVE || this == SUSPECT;
    }
}

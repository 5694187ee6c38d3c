package dev.henge.membership.gossip;

/** What a member does. */
public enum MemberRole {
    NODE,
    ROUTER
}

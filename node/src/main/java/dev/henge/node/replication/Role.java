package dev.henge.node.replication;

/** What a replica is at the moment (Raft paper, 5.1; thesis, 9.6 for the pre-candidate). */
public enum Role {
    FOLLOWER,
    PRE_CANDIDATE,
    CANDIDATE,
    LEADER
}

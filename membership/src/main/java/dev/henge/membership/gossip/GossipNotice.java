package dev.henge.membership.gossip;

import java.util.UUID;

/** What an operator should read in the log. Given seldom, however often it occurs. */
public sealed interface GossipNotice {

    /** A datagram of a member of another cluster came in and was refused. */
    record ForeignCluster(GossipAddress from, UUID member, String cluster, String clusterId) implements GossipNotice {}

    /** Another process goes by this member's id: its data directory was copied, or is used twice. */
    record IdentityInUse(GossipAddress from) implements GossipNotice {}

    /** A member was not taken in: there are {@link GossipSettings#membersMax()} already. */
    record TooManyMembers(UUID member) implements GossipNotice {}
}

package dev.henge.membership.gossip;

import java.util.UUID;

/**
 * A member as this one sees it.
 *
 * @param id from its data directory; a router makes one per start
 * @param incarnation rises with each start, and when the member refutes what is said of it
 * @param address of its gossip, in this incarnation
 * @param load {@link MemberLoad#NONE} while it has told none
 */
public record Member(
        UUID id,
        long incarnation,
        MemberStatus status,
        GossipAddress address,
        MemberProfile profile,
        MemberLoad load) {}

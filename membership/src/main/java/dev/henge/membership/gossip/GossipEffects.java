package dev.henge.membership.gossip;

import java.util.List;

/**
 * What a call of {@link GossipCore} asks of its runner, in any order.
 *
 * @param send datagrams; each may get lost
 * @param events changes of what is thought of other members, in their order
 * @param notices for the log
 */
public record GossipEffects(List<Outgoing> send, List<MemberEvent> events, List<GossipNotice> notices) {

    /** A datagram of at most {@link GossipSettings#datagramBytesMax()} bytes; the array is the receiver's to keep. */
    public record Outgoing(GossipAddress to, byte[] datagram) {}
}

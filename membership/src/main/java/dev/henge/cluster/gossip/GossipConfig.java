package dev.henge.cluster.gossip;

import dev.henge.membership.gossip.GossipSettings;
import dev.henge.membership.gossip.MemberProfile;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a member is started with.
 *
 * @param id from the data directory; a router makes one per start
 * @param bind the UDP address to listen at; port 0 for any
 * @param advertised where others reach this member, looked up once at the start; empty, or where it can't be looked up, for
 *     the address it listens at or, when that is all of them, the one by which it reaches the first seed
 * @param seeds where others may be found; this member may be among them
 */
public record GossipConfig(
        UUID id,
        MemberProfile profile,
        InetSocketAddress bind,
        Optional<SeedName> advertised,
        List<SeedName> seeds,
        GossipSettings settings) {

    public GossipConfig {
        seeds = List.copyOf(seeds);
    }
}

package dev.henge.membership.gossip;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What somebody says of a member.
 *
 * @param suspectedBy who began or confirmed the suspicion, for {@link MemberStatus#SUSPECT}
 * @param profile null where it is not told; its version is 0 then
 * @param load null where it is not told; its version is 0 then
 */
record MemberClaim(
        UUID id,
        long incarnation,
        MemberStatus status,
        GossipAddress address,
        List<UUID> suspectedBy,
        long profileVersion,
        @Nullable MemberProfile profile,
        long loadVersion,
        @Nullable MemberLoad load) {}

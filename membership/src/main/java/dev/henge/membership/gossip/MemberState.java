package dev.henge.membership.gossip;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What this member knows of one, itself included, and what of that it still has to pass on. */
final class MemberState {

    final UUID id;
    final ByteString idBytes;
    long incarnation;
    MemberStatus status;
    GossipAddress address;

    /** Null only for one that was dead or left when it was first heard of. */
    @Nullable
    MemberProfile profile;

    long profileVersion;
    MemberLoad load = MemberLoad.NONE;
    long loadVersion;

    // While SUSPECT.
    final List<UUID> suspectedBy = new ArrayList<>();
    long suspectedSinceMillis;

    /** Somebody else has declared it dead already: that confirms the suspicion in full. */
    boolean deathClaimed;

    // While DEAD or LEFT.
    long goneSinceMillis;

    // How many times each part is still to be sent.
    int statusTransmits;
    int profileTransmits;
    int loadTransmits;

    MemberState(UUID id, long incarnation, MemberStatus status, GossipAddress address) {
        this.id = id;
        this.idBytes = GossipCodec.bytes(id);
        this.incarnation = incarnation;
        this.status = status;
        this.address = address;
    }

    /** Only one that has a profile is shown. */
    Member view() {
        MemberProfile shown = profile;
        if (shown == null) {
            throw new IllegalStateException("member " + id + " has told no profile");
        }
        return new Member(id, incarnation, status, address, shown, load);
    }

    /** Above 0 when this claim's status overrides what is known, 0 when it says the same. SWIM, section 4.2. */
    int compareStatus(long claimedIncarnation, MemberStatus claimed) {
        int byIncarnation = Long.compare(claimedIncarnation, incarnation);
        return byIncarnation != 0 ? byIncarnation : claimed.compareTo(status);
    }
}

package dev.henge.membership.gossip;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.henge.proto.GossipDatagram;
import dev.henge.proto.GossipDigestEntry;
import dev.henge.proto.GossipEndpoint;
import dev.henge.proto.GossipLoad;
import dev.henge.proto.GossipProfile;
import dev.henge.proto.GossipRecord;
import dev.henge.proto.GossipRole;
import dev.henge.proto.GossipStatus;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Datagrams as bytes: {@code 'H' 'G' | format (1) | CRC-32C of the rest (4, big-endian) | GossipDatagram}. UDP's own
 * checksum has 16 bits and may be off.
 */
final class GossipCodec {

    static final int HEAD_BYTES = 7;

    /** Of UUIDs as unsigned 128-bit numbers, which is that of their bytes; {@link UUID#compareTo} is another. */
    static final Comparator<UUID> ID_ORDER = (left, right) -> {
        int high = Long.compareUnsigned(left.getMostSignificantBits(), right.getMostSignificantBits());
        return high != 0 ? high : Long.compareUnsigned(left.getLeastSignificantBits(), right.getLeastSignificantBits());
    };

    /** Far above any clock, and far from overflow: a member may always name a higher one. */
    private static final long VERSION_MAX = 1L << 56;

    private static final byte FORMAT = 1;

    private GossipCodec() {}

    static byte[] encode(GossipDatagram datagram) {
        byte[] body = datagram.toByteArray();
        ByteBuffer bytes = ByteBuffer.allocate(HEAD_BYTES + body.length);
        bytes.put((byte) 'H')
                .put((byte) 'G')
                .put(FORMAT)
                .putInt(checksum(body, 0))
                .put(body);
        return bytes.array();
    }

    static GossipDatagram decode(byte[] bytes) throws MalformedDatagramException {
        if (bytes.length < HEAD_BYTES || bytes[0] != 'H' || bytes[1] != 'G') {
            throw new MalformedDatagramException("no datagram of gossip");
        }
        if (bytes[2] != FORMAT) {
            throw new MalformedDatagramException("a datagram of format " + bytes[2]);
        }
        if (ByteBuffer.wrap(bytes).getInt(3) != checksum(bytes, HEAD_BYTES)) {
            throw new MalformedDatagramException("the checksum is wrong");
        }
        try {
            return GossipDatagram.parseFrom(ByteString.copyFrom(bytes, HEAD_BYTES, bytes.length - HEAD_BYTES));
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedDatagramException("no message of gossip", e);
        }
    }

    private static int checksum(byte[] bytes, int offset) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, offset, bytes.length - offset);
        return (int) checksum.getValue();
    }

    static ByteString bytes(UUID id) {
        ByteBuffer bytes = ByteBuffer.allocate(16);
        bytes.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
        return ByteString.copyFrom(bytes.array());
    }

    static UUID id(ByteString bytes) throws MalformedDatagramException {
        if (bytes.size() != 16) {
            throw new MalformedDatagramException("an id of " + bytes.size() + " bytes");
        }
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    /** A name that goes into the log. */
    static String name(String text) throws MalformedDatagramException {
        if (!MemberProfile.isName(text, MemberProfile.TEXT_LENGTH_MAX)) {
            throw new MalformedDatagramException("a name that is none");
        }
        return text;
    }

    static long version(long version) throws MalformedDatagramException {
        if (version < 0 || version > VERSION_MAX) {
            throw new MalformedDatagramException("an incarnation or version out of range");
        }
        return version;
    }

    static GossipAddress address(GossipEndpoint endpoint) throws MalformedDatagramException {
        try {
            return new GossipAddress(endpoint.getIp(), endpoint.getPort());
        } catch (IllegalArgumentException e) {
            throw new MalformedDatagramException("no address", e);
        }
    }

    static GossipEndpoint endpoint(GossipAddress address) {
        return GossipEndpoint.newBuilder()
                .setIp(address.ip())
                .setPort(address.port())
                .build();
    }

    static GossipRecord record(MemberState member, boolean withProfile, boolean withLoad) {
        GossipRecord.Builder record = GossipRecord.newBuilder()
                .setId(member.idBytes)
                .setIncarnation(member.incarnation)
                .setStatus(status(member.status))
                .setAddress(endpoint(member.address));
        for (UUID suspecting : member.suspectedBy) {
            record.addSuspectedBy(bytes(suspecting));
        }
        MemberProfile profile = member.profile;
        if (withProfile && profile != null) {
            record.setProfileVersion(member.profileVersion).setProfile(profile(profile));
        }
        if (withLoad && member.loadVersion != 0) {
            record.setLoadVersion(member.loadVersion).setLoad(load(member.load));
        }
        return record.build();
    }

    static GossipDigestEntry entry(MemberState member) {
        return GossipDigestEntry.newBuilder()
                .setId(member.idBytes)
                .setIncarnation(member.incarnation)
                .setStatus(status(member.status))
                .setProfileVersion(member.profileVersion)
                .setLoadVersion(member.loadVersion)
                .build();
    }

    /**
     * Reads what somebody says of a member.
     *
     * @param cluster the name of the sender's cluster, which is that of all it speaks of
     * @return nothing for a record that only a later version of Henge understands
     */
    static Optional<MemberClaim> claim(GossipRecord record, String cluster) throws MalformedDatagramException {
        MemberStatus status = status(record.getStatus());
        if (status == null) {
            return Optional.empty();
        }
        MemberProfile profile = null;
        if (record.hasProfile()) {
            profile = profile(record.getProfile(), cluster);
            if (profile == null) {
                return Optional.empty();
            }
        }
        List<UUID> suspectedBy = new ArrayList<>();
        for (ByteString suspecting : record.getSuspectedByList()) {
            suspectedBy.add(id(suspecting));
        }
        return Optional.of(new MemberClaim(
                id(record.getId()),
                version(record.getIncarnation()),
                status,
                address(record.getAddress()),
                suspectedBy,
                profile == null ? 0 : version(record.getProfileVersion()),
                profile,
                record.hasLoad() ? version(record.getLoadVersion()) : 0,
                record.hasLoad() ? load(record.getLoad()) : null));
    }

    static GossipStatus status(MemberStatus status) {
        return switch (status) {
            case ALIVE -> GossipStatus.GOSSIP_STATUS_ALIVE;
            case SUSPECT -> GossipStatus.GOSSIP_STATUS_SUSPECT;
            case DEAD -> GossipStatus.GOSSIP_STATUS_DEAD;
            case LEFT -> GossipStatus.GOSSIP_STATUS_LEFT;
        };
    }

    static @Nullable MemberStatus status(GossipStatus status) {
        return switch (status) {
            case GOSSIP_STATUS_ALIVE -> MemberStatus.ALIVE;
            case GOSSIP_STATUS_SUSPECT -> MemberStatus.SUSPECT;
            case GOSSIP_STATUS_DEAD -> MemberStatus.DEAD;
            case GOSSIP_STATUS_LEFT -> MemberStatus.LEFT;
            case GOSSIP_STATUS_UNSPECIFIED, UNRECOGNIZED -> null;
        };
    }

    private static GossipProfile profile(MemberProfile profile) {
        return GossipProfile.newBuilder()
                .setRole(
                        switch (profile.role()) {
                            case NODE -> GossipRole.GOSSIP_ROLE_NODE;
                            case ROUTER -> GossipRole.GOSSIP_ROLE_ROUTER;
                        })
                .setName(profile.name())
                .setZone(profile.zone())
                .setServiceAddress(profile.serviceAddress())
                .setVersion(profile.version())
                .setClusterId(profile.clusterId())
                .build();
    }

    private static @Nullable MemberProfile profile(GossipProfile profile, String cluster)
            throws MalformedDatagramException {
        MemberRole role =
                switch (profile.getRole()) {
                    case GOSSIP_ROLE_NODE -> MemberRole.NODE;
                    case GOSSIP_ROLE_ROUTER -> MemberRole.ROUTER;
                    case GOSSIP_ROLE_UNSPECIFIED, UNRECOGNIZED -> null;
                };
        if (role == null) {
            return null;
        }
        try {
            return new MemberProfile(
                    role,
                    profile.getName(),
                    profile.getZone(),
                    profile.getServiceAddress(),
                    profile.getVersion(),
                    cluster,
                    profile.getClusterId());
        } catch (IllegalArgumentException e) {
            throw new MalformedDatagramException("no profile of a member", e);
        }
    }

    private static GossipLoad load(MemberLoad load) {
        return GossipLoad.newBuilder()
                .setDiskUsedBytes(load.diskUsedBytes())
                .setDiskTotalBytes(load.diskTotalBytes())
                .setPartitions(load.partitions())
                .setLeaders(load.leaders())
                .setRequestsPerSecond(load.requestsPerSecond())
                .setCatalogEpoch(load.catalogEpoch())
                .build();
    }

    private static MemberLoad load(GossipLoad load) throws MalformedDatagramException {
        try {
            return new MemberLoad(
                    load.getDiskUsedBytes(),
                    load.getDiskTotalBytes(),
                    load.getPartitions(),
                    load.getLeaders(),
                    load.getRequestsPerSecond(),
                    load.getCatalogEpoch());
        } catch (IllegalArgumentException e) {
            throw new MalformedDatagramException("no load of a member", e);
        }
    }
}

package dev.henge.membership.gossip;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import dev.henge.proto.GossipDatagram;
import dev.henge.proto.GossipDigest;
import dev.henge.proto.GossipDigestEntry;
import dev.henge.proto.GossipRecordRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Anti-entropy: what two members know is made the same, whatever news got lost between them. One sends digests of all that
 * it knows, each of a range of ids that stands for itself; the other sends what it knows better, and asks for what it
 * knows worse. Members that are gone travel only to those that still think they are there, so they are forgotten in the
 * end.
 */
final class DigestExchange {

    /** An id's bytes, its tag and its length. */
    private static final int REQUESTED_ID_BYTES = 18;

    private final GossipSettings settings;
    private final MemberTable table;
    private final GossipSender sender;

    /** Where the next exchange begins; not always at the lowest, as a long list may not fit one exchange. */
    private @Nullable UUID cursor;

    DigestExchange(GossipSettings settings, MemberTable table, GossipSender sender) {
        this.settings = settings;
        this.table = table;
        this.sender = sender;
    }

    /** Begins an exchange with whoever is at this address. */
    void begin(GossipAddress to) {
        NavigableMap<UUID, MemberState> rest =
                cursor == null ? table.all() : table.all().tailMap(cursor, true);
        UUID from = cursor;
        List<MemberState> members = new ArrayList<>(rest.values());
        int next = 0;
        for (int datagrams = 0; datagrams < settings.syncDatagramsMax(); datagrams++) {
            // The receiver has to know who asks.
            GossipDatagram.Builder datagram =
                    sender.datagram().addRecords(GossipCodec.record(table.self(), true, true));
            GossipDigest.Builder digest = GossipDigest.newBuilder();
            if (from != null) {
                digest.setFrom(GossipCodec.bytes(from));
            }
            // The two ends of the range, and the message's own head.
            int bytesLeft = sender.bytesFree(datagram) - 2 * REQUESTED_ID_BYTES - 8;
            while (next < members.size()) {
                GossipDigestEntry entry = GossipCodec.entry(members.get(next));
                int bytes = CodedOutputStream.computeMessageSize(GossipDigest.ENTRIES_FIELD_NUMBER, entry);
                if (bytes > bytesLeft) {
                    break;
                }
                digest.addEntries(entry);
                bytesLeft -= bytes;
                next++;
            }
            boolean last = next == members.size();
            UUID end = last ? null : members.get(next).id;
            if (end != null) {
                digest.setTo(GossipCodec.bytes(end));
            }
            sender.sendAsIs(to, datagram.setDigest(digest));
            from = end;
            if (last) {
                break;
            }
        }
        cursor = from;
    }

    /** Another member's digest: answers with what is newer here, and asks for what is newer there. */
    void onDigest(GossipAddress from, GossipDigest digest, long nowMillis) throws MalformedDatagramException {
        UUID low = digest.getFrom().isEmpty() ? null : GossipCodec.id(digest.getFrom());
        UUID high = digest.getTo().isEmpty() ? null : GossipCodec.id(digest.getTo());
        if (low != null && high != null && GossipCodec.ID_ORDER.compare(low, high) > 0) {
            throw new MalformedDatagramException("a digest of no range");
        }
        Set<MemberState> give = new LinkedHashSet<>();
        List<ByteString> want = new ArrayList<>();
        Set<UUID> named = new HashSet<>();
        for (GossipDigestEntry entry : digest.getEntriesList()) {
            MemberStatus status = GossipCodec.status(entry.getStatus());
            if (status != null) {
                UUID id = GossipCodec.id(entry.getId());
                named.add(id);
                compare(id, entry, status, from, nowMillis, give, want);
            }
        }
        NavigableMap<UUID, MemberState> range =
                low == null ? table.all() : table.all().tailMap(low, true);
        if (high != null) {
            range = range.headMap(high, false);
        }
        for (MemberState member : range.values()) {
            if (!named.contains(member.id) && member.status.isPresent()) {
                give.add(member);
            }
        }
        sender.sendRecords(from, give);
        request(from, want);
    }

    private void compare(
            UUID id,
            GossipDigestEntry entry,
            MemberStatus status,
            GossipAddress from,
            long nowMillis,
            Set<MemberState> give,
            List<ByteString> want)
            throws MalformedDatagramException {
        long incarnation = GossipCodec.version(entry.getIncarnation());
        long profileVersion = GossipCodec.version(entry.getProfileVersion());
        long loadVersion = GossipCodec.version(entry.getLoadVersion());
        MemberState self = table.self();
        if (id.equals(self.id)) {
            // Known worse there, or better: then an earlier life told it, and this one has to outbid that.
            table.merge(
                    new MemberClaim(
                            id, incarnation, status, self.address, List.of(), profileVersion, null, loadVersion, null),
                    from,
                    nowMillis);
            if (incarnation != self.incarnation
                    || status != self.status
                    || profileVersion != self.profileVersion
                    || loadVersion != self.loadVersion) {
                give.add(self);
            }
            return;
        }
        MemberState member = table.find(id);
        if (member == null) {
            if (status.isPresent() && !table.isFull()) {
                want.add(entry.getId());
            }
            return;
        }
        int newer = member.compareStatus(incarnation, status);
        if (newer > 0 || profileVersion > member.profileVersion || loadVersion > member.loadVersion) {
            want.add(entry.getId());
        }
        if (newer < 0 || profileVersion < member.profileVersion || loadVersion < member.loadVersion) {
            give.add(member);
        }
    }

    private void request(GossipAddress to, List<ByteString> ids) {
        int next = 0;
        while (next < ids.size()) {
            GossipDatagram.Builder datagram = sender.datagram();
            int fit = Math.max(1, (sender.bytesFree(datagram) - 8) / REQUESTED_ID_BYTES);
            List<ByteString> part = ids.subList(next, Math.min(ids.size(), next + fit));
            sender.sendAsIs(
                    to,
                    datagram.setRecordRequest(GossipRecordRequest.newBuilder().addAllIds(part)));
            next += part.size();
        }
    }

    /** Asks a member for all that it knows of another, or of itself. */
    void request(GossipAddress to, ByteString id) {
        request(to, List.of(id));
    }

    void onRequest(GossipAddress from, GossipRecordRequest request) throws MalformedDatagramException {
        List<MemberState> members = new ArrayList<>();
        for (ByteString id : request.getIdsList()) {
            MemberState member = table.find(GossipCodec.id(id));
            if (member != null) {
                members.add(member);
            }
        }
        sender.sendRecords(from, members);
    }
}

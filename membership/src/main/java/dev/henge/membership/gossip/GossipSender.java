package dev.henge.membership.gossip;

import com.google.protobuf.CodedOutputStream;
import dev.henge.proto.GossipDatagram;
import dev.henge.proto.GossipRecord;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes datagrams: each with this member's name on it, and with as many news as fit. */
final class GossipSender {

    private final GossipSettings settings;
    private final MemberTable table;
    private final News news;
    private final GossipCount count;
    private List<GossipEffects.Outgoing> outgoing = new ArrayList<>();

    GossipSender(GossipSettings settings, MemberTable table, News news, GossipCount count) {
        this.settings = settings;
        this.table = table;
        this.news = news;
        this.count = count;
    }

    /** A datagram without content. */
    GossipDatagram.Builder datagram() {
        MemberProfile profile = table.ownProfile();
        return GossipDatagram.newBuilder()
                .setCluster(profile.cluster())
                .setClusterId(profile.clusterId())
                .setSender(table.self().idBytes)
                .setIncarnation(table.self().incarnation);
    }

    /**
     * Sends it, filled up with news.
     *
     * @param target whom it is for, if that is known
     */
    void send(GossipAddress to, @Nullable MemberState target, GossipDatagram.Builder datagram) {
        boolean mustKnow = target != null && target.status != MemberStatus.ALIVE && settings.buddySystem();
        news.fill(datagram, target, mustKnow);
        sendAsIs(to, datagram);
    }

    /** Sends it, and tells the receiver first what is thought of it. */
    void sendToMisled(GossipAddress to, MemberState target, GossipDatagram.Builder datagram) {
        news.fill(datagram, target, true);
        sendAsIs(to, datagram);
    }

    void sendAsIs(GossipAddress to, GossipDatagram.Builder datagram) {
        byte[] bytes = GossipCodec.encode(datagram.build());
        if (bytes.length > settings.datagramBytesMax()) {
            throw new IllegalStateException("a datagram of " + bytes.length + " bytes was made");
        }
        count.datagramsSent++;
        count.bytesSent += bytes.length;
        outgoing.add(new GossipEffects.Outgoing(to, bytes));
    }

    /** Sends all that is known of these members, in as few datagrams as it takes, at most as many as the settings say. */
    void sendRecords(GossipAddress to, Iterable<MemberState> members) {
        GossipDatagram.Builder datagram = datagram();
        int bytesLeft = bytesFree(datagram);
        int datagrams = 0;
        for (MemberState member : members) {
            GossipRecord record = GossipCodec.record(member, true, true);
            int bytes = CodedOutputStream.computeMessageSize(GossipDatagram.RECORDS_FIELD_NUMBER, record);
            if (bytes > bytesLeft) {
                sendAsIs(to, datagram);
                if (++datagrams >= settings.syncDatagramsMax()) {
                    return;
                }
                datagram = datagram();
                bytesLeft = bytesFree(datagram);
            }
            datagram.addRecords(record);
            bytesLeft -= bytes;
        }
        if (datagram.getRecordsCount() > 0) {
            sendAsIs(to, datagram);
        }
    }

    /** How many bytes may be added to what it has. */
    int bytesFree(GossipDatagram.Builder datagram) {
        return settings.datagramBytesMax()
                - GossipCodec.HEAD_BYTES
                - datagram.buildPartial().getSerializedSize();
    }

    List<GossipEffects.Outgoing> takeOutgoing() {
        List<GossipEffects.Outgoing> taken = outgoing;
        outgoing = new ArrayList<>();
        return taken;
    }
}

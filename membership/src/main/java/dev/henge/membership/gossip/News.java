package dev.henge.membership.gossip;

import com.google.protobuf.CodedOutputStream;
import dev.henge.proto.GossipDatagram;
import dev.henge.proto.GossipRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is still to be told to others, piggy-backed on whatever is sent (SWIM, section 4.1). Each change is sent
 * lambda * log(n) times; those that were sent least go first, and what is thought of members before their loads.
 */
final class News {

    private static final Comparator<MemberState> MOST_URGENT_FIRST = Comparator.comparingInt(
                    (MemberState member) -> Math.max(member.statusTransmits, member.profileTransmits))
            .thenComparingInt(member -> member.loadTransmits)
            .reversed();

    /** Nothing shorter than this is a record. */
    private static final int RECORD_BYTES_MIN = 36;

    private final GossipSettings settings;
    private final Set<MemberState> pending = new LinkedHashSet<>();

    News(GossipSettings settings) {
        this.settings = settings;
    }

    boolean isEmpty() {
        return pending.isEmpty();
    }

    void tellStatus(MemberState member, int membersPresent) {
        member.statusTransmits = transmits(membersPresent);
        pending.add(member);
    }

    void tellProfile(MemberState member, int membersPresent) {
        member.profileTransmits = transmits(membersPresent);
        pending.add(member);
    }

    void tellLoad(MemberState member, int membersPresent) {
        member.loadTransmits = transmits(membersPresent);
        pending.add(member);
    }

    void forget(MemberState member) {
        pending.remove(member);
    }

    /** SWIM, section 4.1: after lambda * log(n) periods all members have heard of it with high probability. */
    private int transmits(int membersPresent) {
        return settings.retransmitFactor() * Math.max(1, (int) Math.ceil(Math.log10(membersPresent + 1)));
    }

    /**
     * Adds as many news as fit, and counts them as told.
     *
     * @param target whom it goes to, if it is known: what is thought of it leads, unless it is thought alive
     */
    void fill(GossipDatagram.Builder datagram, @Nullable MemberState target, boolean tellTargetOfItself) {
        int bytesLeft = settings.datagramBytesMax()
                - GossipCodec.HEAD_BYTES
                - datagram.buildPartial().getSerializedSize();
        if (target != null && tellTargetOfItself) {
            // Lifeguard's Buddy System: who is suspected hears of it from those that suspect it, at the first occasion.
            bytesLeft -= add(datagram, GossipCodec.record(target, false, false), bytesLeft);
        }
        if (pending.isEmpty()) {
            return;
        }
        List<MemberState> urgent = new ArrayList<>(pending);
        urgent.sort(MOST_URGENT_FIRST);
        for (MemberState member : urgent) {
            if (bytesLeft < RECORD_BYTES_MIN) {
                return;
            }
            if (member == target && (tellTargetOfItself || member.status == MemberStatus.ALIVE)) {
                continue;
            }
            GossipRecord record = GossipCodec.record(member, member.profileTransmits > 0, member.loadTransmits > 0);
            int taken = add(datagram, record, bytesLeft);
            if (taken > 0) {
                bytesLeft -= taken;
                told(member);
            }
        }
    }

    private void told(MemberState member) {
        member.statusTransmits = Math.max(0, member.statusTransmits - 1);
        member.profileTransmits = Math.max(0, member.profileTransmits - 1);
        member.loadTransmits = Math.max(0, member.loadTransmits - 1);
        if (member.statusTransmits + member.profileTransmits + member.loadTransmits == 0) {
            pending.remove(member);
        }
    }

    private static int add(GossipDatagram.Builder datagram, GossipRecord record, int bytesLeft) {
        int bytes = CodedOutputStream.computeMessageSize(GossipDatagram.RECORDS_FIELD_NUMBER, record);
        if (bytes > bytesLeft) {
            return 0;
        }
        datagram.addRecords(record);
        return bytes;
    }
}

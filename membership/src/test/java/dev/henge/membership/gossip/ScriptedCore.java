package dev.henge.membership.gossip;

import com.google.protobuf.ByteString;
import dev.henge.proto.GossipDatagram;
import dev.henge.proto.GossipRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.UUID;

/** One core, alone on the stage: the test plays all the others. */
final class ScriptedCore {

    static final long START_MILLIS = 1_000;
    static final long INCARNATION = 1_000_000;

    /** A datagram that the core sent. */
    record Sent(GossipAddress to, GossipDatagram datagram) {}

    /** Another member, as the test plays it. */
    static final class Other {
        final UUID id;
        final GossipAddress address;
        final MemberProfile profile;
        long incarnation = 500;

        Other(int number) {
            // Spread over the whole space of ids, the signed bit included.
            this.id = new UUID((long) number << 56 | number, number);
            this.address = SimulatedGossip.addressOf(number);
            this.profile =
                    new MemberProfile(MemberRole.NODE, "other-" + number, "", address.toString(), "0.1.0", "henge", "");
        }

        ByteString idBytes() {
            return GossipCodec.bytes(id);
        }

        GossipRecord record(MemberStatus status, Other... suspecting) {
            MemberState state = new MemberState(id, incarnation, status, address);
            for (Other other : suspecting) {
                state.suspectedBy.add(other.id);
            }
            return GossipCodec.record(state, false, false);
        }

        GossipRecord introduction() {
            MemberState state = new MemberState(id, incarnation, MemberStatus.ALIVE, address);
            state.profile = profile;
            state.profileVersion = 500;
            return GossipCodec.record(state, true, false);
        }

        GossipDatagram.Builder datagram() {
            return GossipDatagram.newBuilder()
                    .setCluster("henge")
                    .setSender(idBytes())
                    .setIncarnation(incarnation);
        }
    }

    final UUID id = new UUID(0x7f00_0000_0000_0000L, 1);
    final GossipAddress address = SimulatedGossip.addressOf(999);
    final GossipCore core;
    final List<Sent> sent = new ArrayList<>();
    final List<MemberEvent> events = new ArrayList<>();
    final List<GossipNotice> notices = new ArrayList<>();
    final List<Other> others = new ArrayList<>();
    long nowMillis = START_MILLIS;

    ScriptedCore(GossipSettings settings, int others) {
        SplittableRandom random = new SplittableRandom(7);
        this.core = new GossipCore(
                settings,
                id,
                address,
                new MemberProfile(MemberRole.NODE, "self", "", "self:1", "0.1.0", "henge", ""),
                INCARNATION,
                random::nextLong,
                nowMillis);
        for (int number = 1; number <= others; number++) {
            this.others.add(new Other(number));
        }
        for (Other other : this.others) {
            receive(other, other.datagram().addRecords(other.introduction()));
        }
        events.clear();
    }

    Other other(int index) {
        return others.get(index);
    }

    void receive(Other from, GossipDatagram.Builder datagram) {
        receive(from.address, GossipCodec.encode(datagram.build()));
    }

    void receive(GossipAddress from, byte[] datagram) {
        take(core.received(nowMillis, datagram, from));
    }

    /** What another says of a third. */
    void hear(Other from, GossipRecord record) {
        receive(from, from.datagram().addRecords(record));
    }

    void tick() {
        take(core.tick(nowMillis));
    }

    /** Lets time go on, with each tick when it is due; nobody answers. */
    void run(long millis) {
        long until = nowMillis + millis;
        while (core.nextTickMillis() <= until) {
            nowMillis = Math.max(nowMillis, core.nextTickMillis());
            tick();
        }
        nowMillis = until;
        tick();
    }

    /** As {@link #run}, with acks to all pings. */
    void runAnswering(long millis) {
        long until = nowMillis + millis;
        while (core.nextTickMillis() <= until) {
            nowMillis = Math.max(nowMillis, core.nextTickMillis());
            int before = sent.size();
            tick();
            for (Sent ping : List.copyOf(sent.subList(before, sent.size()))) {
                if (ping.datagram.hasPing()) {
                    ack(ping);
                }
            }
        }
        nowMillis = until;
    }

    void ack(Sent ping) {
        for (Other other : others) {
            if (other.idBytes().equals(ping.datagram.getPing().getTarget())) {
                receive(
                        other,
                        other.datagram()
                                .setAck(dev.henge.proto.GossipAck.newBuilder()
                                        .setSequence(ping.datagram.getPing().getSequence())
                                        .setTarget(other.idBytes())));
            }
        }
    }

    /** Runs until the next ping of this member's own. */
    Sent nextPing() {
        sent.clear();
        while (true) {
            nowMillis = Math.max(nowMillis, core.nextTickMillis());
            tick();
            Optional<Sent> ping =
                    sent.stream().filter(each -> each.datagram.hasPing()).findFirst();
            if (ping.isPresent()) {
                return ping.get();
            }
        }
    }

    void take(GossipEffects effects) {
        events.addAll(effects.events());
        notices.addAll(effects.notices());
        for (GossipEffects.Outgoing outgoing : effects.send()) {
            try {
                sent.add(new Sent(outgoing.to(), GossipCodec.decode(outgoing.datagram())));
            } catch (MalformedDatagramException e) {
                throw new AssertionError(e);
            }
        }
    }

    List<Sent> sentTo(Other other) {
        return sent.stream().filter(each -> each.to.equals(other.address)).toList();
    }

    Member member(Other other) {
        return core.members().find(other.id).orElseThrow();
    }

    Member self() {
        return core.members().self();
    }

    List<MemberEvent.Kind> kinds() {
        return events.stream().map(MemberEvent::kind).toList();
    }
}

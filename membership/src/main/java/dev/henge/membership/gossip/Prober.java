package dev.henge.membership.gossip;

import dev.henge.proto.GossipAck;
import dev.henge.proto.GossipNack;
import dev.henge.proto.GossipPing;
import dev.henge.proto.GossipPingRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The failure detector: SWIM, section 3.1, with its round-robin order (section 4.3) and Lifeguard's Local Health Aware
 * Probe. One member is probed per period: by a ping; without an ack, by pings that other members send for this one; without
 * an ack of any of these at the period's end, it is suspected.
 */
final class Prober {

    /** What other members have asked this one to probe at a time; more is not taken on. */
    private static final int RELAYS_MAX = 256;

    /** This member's probe of the period. */
    private static final class Probe {
        final MemberState target;
        final long incarnation;
        final long sequence;
        long indirectAtMillis;
        boolean indirect;
        boolean acked;
        final Set<UUID> asked = new HashSet<>();
        final Set<UUID> nacked = new HashSet<>();

        Probe(MemberState target, long sequence) {
            this.target = target;
            this.incarnation = target.incarnation;
            this.sequence = sequence;
        }
    }

    /** A probe that another member asked for. */
    private static final class Relay {
        final GossipAddress requester;
        final long requesterSequence;
        final UUID target;
        long nackAtMillis;
        long endAtMillis;
        boolean nacked;

        Relay(GossipAddress requester, long requesterSequence, UUID target) {
            this.requester = requester;
            this.requesterSequence = requesterSequence;
            this.target = target;
        }
    }

    private final GossipSettings settings;
    private final MemberTable table;
    private final GossipSender sender;
    private final LocalHealth health;
    private final GossipCount count;
    private final LongUnaryOperator randomBelow;

    private final List<MemberState> order = new ArrayList<>();
    private int position;
    private long sequence;
    private long nextProbeMillis;
    private @Nullable Probe probe;
    private final Map<Long, Relay> relays = new LinkedHashMap<>();

    Prober(
            GossipSettings settings,
            MemberTable table,
            GossipSender sender,
            LocalHealth health,
            GossipCount count,
            LongUnaryOperator randomBelow,
            long nowMillis) {
        this.settings = settings;
        this.table = table;
        this.sender = sender;
        this.health = health;
        this.count = count;
        this.randomBelow = randomBelow;
        this.sequence = randomBelow.applyAsLong(1L << 48);
        this.nextProbeMillis = nowMillis + randomBelow.applyAsLong(settings.probeIntervalMillis());
    }

    // ---- time ---------------------------------------------------------------------------------------------------

    /** When {@link #tick} has something to do. */
    long nextMillis() {
        long next = nextProbeMillis;
        Probe current = probe;
        if (current != null && !current.acked && !current.indirect) {
            next = Math.min(next, current.indirectAtMillis);
        }
        for (Relay relay : relays.values()) {
            next = Math.min(next, relay.nacked ? relay.endAtMillis : relay.nackAtMillis);
        }
        return next;
    }

    void tick(long nowMillis) {
        Probe current = probe;
        if (current != null && !current.acked && !current.indirect && nowMillis >= current.indirectAtMillis) {
            askOthers(current);
        }
        if (nowMillis >= nextProbeMillis) {
            endProbe(nowMillis);
            beginProbe(nowMillis);
        }
        for (Iterator<Relay> each = relays.values().iterator(); each.hasNext(); ) {
            Relay relay = each.next();
            if (!relay.nacked && nowMillis >= relay.nackAtMillis) {
                relay.nacked = true;
                sender.send(
                        relay.requester,
                        null,
                        sender.datagram().setNack(GossipNack.newBuilder().setSequence(relay.requesterSequence)));
            }
            if (nowMillis >= relay.endAtMillis) {
                each.remove();
            }
        }
    }

    /** This member stood still: acks may have come, and wait to be read. */
    void stoodStill(long millis) {
        nextProbeMillis += millis;
        Probe current = probe;
        if (current != null) {
            current.indirectAtMillis += millis;
        }
        for (Relay relay : relays.values()) {
            relay.nackAtMillis += millis;
            relay.endAtMillis += millis;
        }
    }

    // ---- this member's probes -----------------------------------------------------------------------------------

    private void beginProbe(long nowMillis) {
        // Local Health Aware Probe: a member that is not well gives the others more time, and asks less.
        nextProbeMillis = nowMillis + health.stretch(settings.probeIntervalMillis());
        MemberState target = nextTarget();
        if (target == null) {
            return;
        }
        Probe begun = new Probe(target, sequence++);
        begun.indirectAtMillis = nowMillis + health.stretch(settings.probeTimeoutMillis());
        probe = begun;
        count.probes++;
        sender.send(
                target.address,
                target,
                sender.datagram()
                        .setPing(GossipPing.newBuilder()
                                .setSequence(begun.sequence)
                                .setTarget(target.idBytes)));
    }

    private void endProbe(long nowMillis) {
        Probe ended = probe;
        probe = null;
        if (ended == null || ended.acked) {
            return;
        }
        count.probesFailed++;
        // Lifeguard: that some of those that were asked did not even answer with a nack is a sign that the fault is
        // here. With
        // nobody to ask there is no sign, and in a cluster of two the death of one must not make the other doubt
        // itself.
        health.worse(ended.asked.size() - ended.nacked.size());
        // What was heard of it meanwhile, by its own word, is newer than the silence.
        if (table.find(ended.target.id) == ended.target && ended.target.incarnation == ended.incarnation) {
            table.probeFailed(ended.target, nowMillis);
        }
    }

    private void askOthers(Probe current) {
        current.indirect = true;
        List<MemberState> helpers = new ArrayList<>(table.presentOthers());
        helpers.removeIf(member -> member == current.target || member.status != MemberStatus.ALIVE);
        for (int asked = 0; asked < settings.indirectProbes() && !helpers.isEmpty(); asked++) {
            MemberState helper = helpers.remove((int) randomBelow.applyAsLong(helpers.size()));
            current.asked.add(helper.id);
            sender.send(
                    helper.address,
                    helper,
                    sender.datagram()
                            .setPingRequest(GossipPingRequest.newBuilder()
                                    .setSequence(current.sequence)
                                    .setTarget(current.target.idBytes)
                                    .setTargetAddress(GossipCodec.endpoint(current.target.address))));
        }
    }

    /** SWIM, section 4.3: in a random order, each once per round; who comes gets a random place in the round. */
    private @Nullable MemberState nextTarget() {
        for (MemberState arrived : table.takeArrived()) {
            if (!order.contains(arrived)) {
                int place = (int) randomBelow.applyAsLong(order.size() + 1L);
                order.add(place, arrived);
                if (place < position) {
                    position++;
                }
            }
        }
        while (position < order.size()) {
            MemberState target = order.get(position++);
            if (target.status.isPresent() && table.find(target.id) == target) {
                return target;
            }
        }
        order.clear();
        order.addAll(table.presentOthers());
        for (int last = order.size() - 1; last > 0; last--) {
            int other = (int) randomBelow.applyAsLong(last + 1L);
            MemberState swapped = order.get(other);
            order.set(other, order.get(last));
            order.set(last, swapped);
        }
        position = 0;
        return order.isEmpty() ? null : order.get(position++);
    }

    // ---- what others send ---------------------------------------------------------------------------------------

    void onAck(long ackedSequence, UUID target) {
        Probe current = probe;
        if (current != null && current.sequence == ackedSequence && current.target.id.equals(target)) {
            if (!current.acked) {
                current.acked = true;
                health.better();
            }
            return;
        }
        Relay relay = relays.get(ackedSequence);
        if (relay != null && relay.target.equals(target)) {
            relays.remove(ackedSequence);
            sender.send(
                    relay.requester,
                    null,
                    sender.datagram()
                            .setAck(GossipAck.newBuilder()
                                    .setSequence(relay.requesterSequence)
                                    .setTarget(GossipCodec.bytes(target))));
        }
    }

    void onNack(long nackedSequence, UUID from) {
        Probe current = probe;
        if (current != null && current.sequence == nackedSequence && current.asked.contains(from)) {
            current.nacked.add(from);
        }
    }

    void onPingRequest(
            GossipAddress requester, long requesterSequence, UUID target, GossipAddress address, long nowMillis) {
        if (relays.size() >= RELAYS_MAX) {
            return;
        }
        Relay relay = new Relay(requester, requesterSequence, target);
        relay.nackAtMillis = nowMillis + settings.nackMillis();
        relay.endAtMillis = nowMillis + settings.probeIntervalMillis();
        long pingSequence = sequence++;
        relays.put(pingSequence, relay);
        // The requester's word for the address: it is the requester's probe.
        sender.send(
                address,
                table.find(target),
                sender.datagram()
                        .setPing(GossipPing.newBuilder()
                                .setSequence(pingSequence)
                                .setTarget(GossipCodec.bytes(target))));
    }
}

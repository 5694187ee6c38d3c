package dev.henge.membership.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.gossip.ScriptedCore.Other;
import dev.henge.membership.gossip.ScriptedCore.Sent;
import dev.henge.proto.GossipAck;
import dev.henge.proto.GossipDatagram;
import dev.henge.proto.GossipNack;
import dev.henge.proto.GossipPing;
import dev.henge.proto.GossipPingRequest;
import dev.henge.proto.GossipRecord;
import dev.henge.proto.GossipStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Probes, suspicion and Lifeguard, rule by rule, with the sections of the papers that they come from. */
class FailureDetectorTest {

    private static final GossipSettings DEFAULTS = GossipSettings.DEFAULTS;

    private static GossipPing ping(long sequence, com.google.protobuf.ByteString target) {
        return GossipPing.newBuilder().setSequence(sequence).setTarget(target).build();
    }

    // ---- the failure detector
    // -----------------------------------------------------------------------------------------

    /** SWIM, 3.1: "a random member is selected, say Mj, and a ping message sent to it ... Mi then waits for a replying ack". */
    @Test
    void aPingIsAnsweredWithAnAck() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 1);
        Other other = core.other(0);

        core.receive(other, other.datagram().setPing(ping(42, GossipCodec.bytes(core.id))));

        GossipDatagram answer = core.sentTo(other).getLast().datagram();
        assertThat(answer.getAck().getSequence()).isEqualTo(42);
        assertThat(answer.getAck().getTarget()).isEqualTo(GossipCodec.bytes(core.id));
    }

    /** Addresses are learned at each start: who got the address of another must not keep it alive. */
    @Test
    void aPingForAnotherMemberIsNotAnsweredWithAnAckButWithWhoIsHere() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 2);
        Other other = core.other(0);
        core.sent.clear();

        core.receive(other, other.datagram().setPing(ping(42, core.other(1).idBytes())));

        assertThat(core.sent).noneMatch(sent -> sent.datagram().hasAck());
        assertThat(core.sentTo(other).getLast().datagram().getRecords(0).getId())
                .isEqualTo(GossipCodec.bytes(core.id));
    }

    /** SWIM, 3.1: "If this is not received within a prespecified time-out, Mi indirectly probes Mj" by k members. */
    @Test
    void withoutAnAckOthersAreAskedToPing() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 6);
        Sent ping = core.nextPing();
        core.sent.clear();

        core.run(DEFAULTS.probeTimeoutMillis());

        List<Sent> requests = core.sent.stream()
                .filter(sent -> sent.datagram().hasPingRequest())
                .toList();
        assertThat(requests).hasSize(DEFAULTS.indirectProbes());
        assertThat(requests).extracting(Sent::to).doesNotHaveDuplicates().doesNotContain(ping.to());
        assertThat(requests).allMatch(request -> request.datagram()
                .getPingRequest()
                .getTarget()
                .equals(ping.datagram().getPing().getTarget()));
    }

    @Test
    void anAckInTimeLeavesTheTargetAlive() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 3);

        core.runAnswering(60_000);

        assertThat(core.events).isEmpty();
        assertThat(core.core.counters().probesFailed()).isZero();
    }

    /** SWIM, 3.1: the ack that a helper passes on counts; 4.2: without any the member is suspected at the period's end. */
    @Test
    void anAckByWayOfAHelperCountsAndWithoutAnyTheTargetIsSuspected() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 3);
        Sent helped = core.nextPing();
        core.run(DEFAULTS.probeTimeoutMillis() + 20);
        Other helper = core.others.stream()
                .filter(other -> !other.address.equals(helped.to()))
                .findFirst()
                .orElseThrow();

        core.receive(
                helper,
                helper.datagram()
                        .setAck(GossipAck.newBuilder()
                                .setSequence(helped.datagram().getPing().getSequence())
                                .setTarget(helped.datagram().getPing().getTarget())));
        Sent silent = core.nextPing();
        assertThat(core.events).isEmpty();
        core.run(DEFAULTS.probeIntervalMillis());

        assertThat(core.kinds()).containsExactly(MemberEvent.Kind.SUSPECT);
        assertThat(core.events.getFirst().member().address()).isEqualTo(silent.to());
    }

    @Test
    void anAckOfAnotherProbeOrOfAnotherMemberDoesNotCount() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 2);
        Sent ping = core.nextPing();
        long sequence = ping.datagram().getPing().getSequence();
        for (Other other : core.others) {
            boolean target = other.address.equals(ping.to());
            core.receive(
                    other,
                    other.datagram()
                            .setAck(GossipAck.newBuilder()
                                    .setSequence(target ? sequence - 1 : sequence)
                                    .setTarget(other.idBytes())));
        }

        core.run(DEFAULTS.probeIntervalMillis());

        assertThat(core.kinds()).containsExactly(MemberEvent.Kind.SUSPECT);
    }

    /** SWIM, 3.1: the helper pings and passes the ack on. Lifeguard: without an ack it says at least that it tried. */
    @Test
    void aHelperPassesTheAckOnAndSendsANackMeanwhile() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 2);
        Other requester = core.other(0);
        Other target = core.other(1);
        core.sent.clear();
        core.receive(
                requester,
                requester
                        .datagram()
                        .setPingRequest(GossipPingRequest.newBuilder()
                                .setSequence(77)
                                .setTarget(target.idBytes())
                                .setTargetAddress(GossipCodec.endpoint(target.address))));
        GossipPing ping = core.sentTo(target).getLast().datagram().getPing();

        core.nowMillis += DEFAULTS.nackMillis();
        core.tick();
        assertThat(core.sentTo(requester))
                .anyMatch(sent -> sent.datagram().getNack().getSequence() == 77);
        core.receive(
                target,
                target.datagram()
                        .setAck(GossipAck.newBuilder()
                                .setSequence(ping.getSequence())
                                .setTarget(target.idBytes())));

        assertThat(core.sentTo(requester).getLast().datagram().getAck().getSequence())
                .isEqualTo(77);
    }

    /** SWIM, 4.3: "round-robin ... in the worst case successive selections of the same target are 2n-1 periods apart". */
    @Test
    void eachMemberIsProbedOncePerRound() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 8);
        List<GossipAddress> probed = new ArrayList<>();
        for (int probe = 0; probe < 80; probe++) {
            Sent ping = core.nextPing();
            probed.add(ping.to());
            core.ack(ping);
        }

        Set<List<GossipAddress>> orders = new HashSet<>();
        for (int round = 0; round < 10; round++) {
            List<GossipAddress> order = probed.subList(round * 8, round * 8 + 8);
            assertThat(order).doesNotHaveDuplicates();
            orders.add(order);
        }
        assertThat(orders).as("each round in an order of its own").hasSizeGreaterThan(5);
    }

    // ---- Lifeguard
    // ------------------------------------------------------------------------------------------------------

    /** Lifeguard, Local Health Aware Probe: a missed nack raises the multiplier, an ack lowers it; both times scale by it. */
    @Test
    void missingNacksMakeAMemberProbeMoreSlowly() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 6);
        core.nextPing();

        long first = core.nowMillis;
        core.nextPing();
        assertThat(core.core.counters().localHealth()).isEqualTo(DEFAULTS.indirectProbes());
        long second = core.nowMillis;
        Sent ping = core.nextPing();
        long third = core.nowMillis;
        core.ack(ping);

        assertThat(second - first).isEqualTo(DEFAULTS.probeIntervalMillis());
        assertThat(third - second).isEqualTo(DEFAULTS.probeIntervalMillis() * (1 + DEFAULTS.indirectProbes()));
        assertThat(core.core.counters().localHealth()).isEqualTo(2 * DEFAULTS.indirectProbes() - 1);
    }

    @Test
    void withAllNacksTheFaultIsTheTargets() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 6);
        Sent ping = core.nextPing();
        core.run(DEFAULTS.probeTimeoutMillis());
        for (Sent request : List.copyOf(core.sent)) {
            if (request.datagram().hasPingRequest()) {
                core.others.stream()
                        .filter(other -> other.address.equals(request.to()))
                        .forEach(helper -> core.receive(
                                helper,
                                helper.datagram()
                                        .setNack(GossipNack.newBuilder()
                                                .setSequence(ping.datagram()
                                                        .getPing()
                                                        .getSequence()))));
            }
        }

        core.nextPing();

        assertThat(core.kinds()).containsExactly(MemberEvent.Kind.SUSPECT);
        assertThat(core.core.counters().localHealth()).isZero();
    }

    /** Lifeguard, Local Health Aware Suspicion: max - (max - min) log(C + 1) / log(K + 1). */
    @ParameterizedTest
    @CsvSource({"0, 600000", "1, 350000", "2, 203759", "3, 100000"})
    void confirmationsShortenASuspicion(int confirmations, long millis) {
        ScriptedCore core = new ScriptedCore(patient(), 10);
        Other suspected = core.other(0);
        core.hear(core.other(1), suspected.record(MemberStatus.SUSPECT, core.other(1)));
        for (int by = 0; by < confirmations; by++) {
            Other confirming = core.other(2 + by);
            core.hear(confirming, suspected.record(MemberStatus.SUSPECT, confirming));
        }

        core.runAnswering(millis - 1);
        assertThat(core.member(suspected).status()).isEqualTo(MemberStatus.SUSPECT);
        core.runAnswering(1);
        core.tick();

        assertThat(core.member(suspected).status()).isEqualTo(MemberStatus.DEAD);
    }

    /** Lifeguard: "independent" suspicions. What one member says reaches the others by many ways. */
    @Test
    void theSameConfirmationCountsOnce() {
        ScriptedCore core = new ScriptedCore(patient(), 10);
        Other suspected = core.other(0);
        for (int by = 1; by < 9; by++) {
            core.hear(core.other(by), suspected.record(MemberStatus.SUSPECT, core.other(1)));
        }

        core.runAnswering(599_999);

        assertThat(core.member(suspected).status()).isEqualTo(MemberStatus.SUSPECT);
    }

    /** A member that doubts itself waits longer before it declares another dead. */
    @Test
    void badLocalHealthLengthensASuspicion() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 10);
        Other suspected = core.other(0);
        for (int refuted = 0; refuted < 10; refuted++) {
            core.hear(
                    core.other(1),
                    ofSelf(core, MemberStatus.SUSPECT, core.self().incarnation()));
        }
        assertThat(core.core.counters().localHealth()).as("had to refute").isEqualTo(DEFAULTS.localHealthMax());
        for (int by = 1; by <= 4; by++) {
            core.hear(core.other(by), suspected.record(MemberStatus.SUSPECT, core.other(by)));
        }

        core.run(DEFAULTS.suspicionMillisMin() * (1 + DEFAULTS.localHealthMax()) - 1);
        assertThat(core.member(suspected).status()).isEqualTo(MemberStatus.SUSPECT);
        core.run(1);

        assertThat(core.member(suspected).status()).isEqualTo(MemberStatus.DEAD);
    }

    /** Lifeguard, Buddy System: a suspected member hears of it with the next ping. */
    @Test
    void whoIsSuspectedIsToldSoFirst() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 30);
        Other suspected = core.other(4);
        core.hear(core.other(1), suspected.record(MemberStatus.SUSPECT, core.other(1)));
        core.runAnswering(100);

        for (int probe = 0; probe < 60; probe++) {
            Sent ping = core.nextPing();
            if (ping.to().equals(suspected.address)) {
                assertThat(ping.datagram().getRecords(0).getId()).isEqualTo(suspected.idBytes());
                assertThat(ping.datagram().getRecords(0).getStatus()).isEqualTo(GossipStatus.GOSSIP_STATUS_SUSPECT);
                return;
            }
            core.ack(ping);
        }
        throw new AssertionError("the suspected member was not probed");
    }

    /** The clock went on and nobody looked: a pause of the garbage collector. What waits in the socket is still unread. */
    @Test
    void aMemberThatStoodStillDoesNotBlameTheOthers() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 3);
        Other suspected = core.other(0);
        core.hear(core.other(1), suspected.record(MemberStatus.SUSPECT, core.other(1), core.other(2)));
        core.nextPing();
        core.events.clear();

        core.nowMillis += 30_000;
        core.tick();

        assertThat(core.events).isEmpty();
        assertThat(core.core.counters().stalls()).isEqualTo(1);
        assertThat(core.core.counters().localHealth()).isEqualTo(1);
    }

    private static GossipRecord ofSelf(ScriptedCore core, MemberStatus status, long incarnation) {
        return GossipCodec.record(new MemberState(core.id, incarnation, status, core.address), false, false);
    }

    /** With probes too seldom to disturb. */
    private static GossipSettings patient() {
        GossipSettings some = DEFAULTS;
        return new GossipSettings(
                100_000,
                some.probeTimeoutMillis(),
                some.nackMillis(),
                some.indirectProbes(),
                100_000,
                some.suspicionFactorMax(),
                some.confirmationsMax(),
                some.localHealthMax(),
                some.buddySystem(),
                some.stallMillis(),
                some.gossipIntervalMillis(),
                some.gossipFanout(),
                some.retransmitFactor(),
                100_000,
                100_000,
                some.joinIntervalMillis(),
                some.loadIntervalMillis(),
                some.forgetMillis(),
                some.membersMax(),
                some.tombstonesMax(),
                some.datagramBytesMax(),
                some.syncDatagramsMax());
    }
}

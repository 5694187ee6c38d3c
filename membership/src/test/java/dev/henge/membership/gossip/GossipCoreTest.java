package dev.henge.membership.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.gossip.ScriptedCore.Other;
import dev.henge.membership.gossip.ScriptedCore.Sent;
import dev.henge.proto.GossipDigest;
import dev.henge.proto.GossipPing;
import dev.henge.proto.GossipRecord;
import dev.henge.proto.GossipRecordRequest;
import dev.henge.proto.GossipStatus;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What overrides what, how it spreads, who is believed; with the sections of the papers that it comes from. */
class GossipCoreTest {

    private static final GossipSettings DEFAULTS = GossipSettings.DEFAULTS;

    private static GossipPing ping(long sequence, com.google.protobuf.ByteString target) {
        return GossipPing.newBuilder().setSequence(sequence).setTarget(target).build();
    }

    // ---- what overrides what
    // ------------------------------------------------------------------------------------------

    /** SWIM, 4.2: the order of preference of alive, suspect and confirm messages about a member. */
    @ParameterizedTest
    @CsvSource({
        "ALIVE,   0, ALIVE,   0, ALIVE",
        "ALIVE,   0, SUSPECT, 0, SUSPECT",
        "ALIVE,   1, SUSPECT, 0, ALIVE",
        "SUSPECT, 0, ALIVE,   0, SUSPECT",
        "SUSPECT, 0, ALIVE,   1, ALIVE",
        "SUSPECT, 1, ALIVE,   0, SUSPECT",
        "SUSPECT, 0, SUSPECT, 1, SUSPECT",
        "LEFT,    0, ALIVE,   0, LEFT",
        "LEFT,    0, SUSPECT, 0, LEFT",
        "LEFT,    0, DEAD,    0, LEFT",
        "LEFT,    0, ALIVE,   1, ALIVE",
        "LEFT,    0, SUSPECT, 1, SUSPECT",
        "ALIVE,   0, LEFT,    0, LEFT",
        "ALIVE,   1, LEFT,    0, ALIVE",
        "ALIVE,   1, DEAD,    0, ALIVE",
    })
    void theNewerOverrides(MemberStatus first, long firstAge, MemberStatus then, long thenAge, MemberStatus result) {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 5);
        Other subject = core.other(0);
        subject.incarnation = 1_000 + firstAge;
        core.hear(core.other(1), subject.record(first, core.other(1)));
        subject.incarnation = 1_000 + thenAge;

        core.hear(core.other(2), subject.record(then, core.other(2)));

        assertThat(core.member(subject).status()).isEqualTo(result);
        assertThat(core.member(subject).incarnation()).isEqualTo(1_000 + Math.max(firstAge, thenAge));
    }

    /** SWIM, 4.2: "if the suspected member receives this it propagates an Alive message with a higher incarnation number". */
    @ParameterizedTest
    @CsvSource({"SUSPECT", "DEAD", "LEFT"})
    void aMemberRefutesWhatIsSaidOfIt(MemberStatus said) {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 3);
        core.runAnswering(5_000);
        core.sent.clear();

        core.hear(core.other(0), ofSelf(core, said, ScriptedCore.INCARNATION));
        core.run(DEFAULTS.gossipIntervalMillis());

        assertThat(core.self().incarnation()).isEqualTo(ScriptedCore.INCARNATION + 1);
        assertThat(core.sent).anyMatch(sent -> sent.datagram().getRecordsList().stream()
                .anyMatch(record -> record.getId().equals(GossipCodec.bytes(core.id))
                        && record.getIncarnation() == ScriptedCore.INCARNATION + 1
                        && record.getStatus() == GossipStatus.GOSSIP_STATUS_ALIVE));
    }

    @Test
    void whatIsSaidOfAnEarlierLifeNeedsNoRefutation() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 3);

        core.hear(core.other(0), ofSelf(core, MemberStatus.DEAD, ScriptedCore.INCARNATION - 1));

        assertThat(core.self().incarnation()).isEqualTo(ScriptedCore.INCARNATION);
    }

    /** The clock was set back between two lives: the others know a higher incarnation, and tell. */
    @Test
    void anEarlierLifeWithAHigherIncarnationIsOutbid() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 3);

        core.hear(core.other(0), ofSelf(core, MemberStatus.ALIVE, ScriptedCore.INCARNATION + 500));

        assertThat(core.self().incarnation()).isEqualTo(ScriptedCore.INCARNATION + 501);
    }

    @Test
    void whoPingsFromALifeThatLooksOldIsToldOfItsHigherIncarnation() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 2);
        Other other = core.other(0);
        core.runAnswering(5_000);
        core.sent.clear();
        other.incarnation = 400;

        core.receive(other, other.datagram().setPing(ping(1, GossipCodec.bytes(core.id))));

        GossipRecord told = core.sentTo(other).getLast().datagram().getRecords(0);
        assertThat(told.getId()).isEqualTo(other.idBytes());
        assertThat(told.getIncarnation()).isEqualTo(500);
    }

    @Test
    void aDirectoryThatIsUsedTwiceIsReported() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 2);
        for (int time = 0; time < 3; time++) {
            GossipRecord elsewhere = ofSelf(
                            core, MemberStatus.ALIVE, core.self().incarnation() + 1)
                    .toBuilder()
                    .setAddress(GossipCodec.endpoint(SimulatedGossip.addressOf(5)))
                    .build();
            core.hear(core.other(0), elsewhere);
        }

        assertThat(core.notices).hasSize(1).allMatch(GossipNotice.IdentityInUse.class::isInstance);
    }

    /** When a partition heals each side has declared the other dead: that must not kill anybody. */
    @Test
    void aDeathOfAMemberThoughtAliveIsASuspicionFirst() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 5);
        Other subject = core.other(0);

        core.hear(core.other(1), subject.record(MemberStatus.DEAD));
        core.hear(core.other(2), subject.record(MemberStatus.DEAD));
        core.runAnswering(DEFAULTS.suspicionMillisMin() - 1);
        assertThat(core.kinds()).containsExactly(MemberEvent.Kind.SUSPECT);
        core.runAnswering(1);
        core.tick();

        assertThat(core.kinds()).containsExactly(MemberEvent.Kind.SUSPECT, MemberEvent.Kind.DEAD);
    }

    // ---- dissemination
    // --------------------------------------------------------------------------------------------------

    /** SWIM, 4.1: each member piggy-backs a message at most lambda * log(n) times. */
    @Test
    void newsAreToldABoundedNumberOfTimes() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 12);
        core.runAnswering(20_000);
        Other joining = new Other(99);
        core.sent.clear();
        core.hear(core.other(0), joining.introduction());
        core.others.add(joining);

        core.runAnswering(4_000);

        long told = core.sent.stream()
                .filter(sent -> !sent.datagram().hasDigest())
                .flatMap(sent -> sent.datagram().getRecordsList().stream())
                .filter(record -> record.getId().equals(joining.idBytes()))
                .count();
        assertThat(told).isEqualTo(DEFAULTS.retransmitFactor() * 2L);
    }

    @Test
    void aLoadIsToldWithoutTouchingTheIncarnationAndNotTooOften() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 3);
        core.runAnswering(5_000);
        core.sent.clear();

        for (int change = 1; change <= 10; change++) {
            core.core.load(core.nowMillis, new MemberLoad(change, 100, 1, 1, 1, 7));
            core.runAnswering(100);
        }
        core.runAnswering(DEFAULTS.loadIntervalMillis());

        Set<Long> told = new HashSet<>();
        for (Sent sent : core.sent) {
            for (GossipRecord record : sent.datagram().getRecordsList()) {
                if (record.getId().equals(GossipCodec.bytes(core.id)) && record.hasLoad()) {
                    told.add(record.getLoad().getDiskUsedBytes());
                }
            }
        }
        assertThat(told).containsExactlyInAnyOrder(1L, 10L);
        assertThat(core.self().incarnation()).isEqualTo(ScriptedCore.INCARNATION);
        assertThat(core.self().load().catalogEpoch()).isEqualTo(7);
    }

    @Test
    void anOlderLoadAndAnOlderProfileAreNotTaken() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 2);
        Other subject = core.other(0);
        MemberState state = new MemberState(subject.id, 500, MemberStatus.ALIVE, subject.address);
        state.profile = subject.profile;
        state.profileVersion = 499;
        state.load = new MemberLoad(1, 2, 3, 4, 5, 6);
        state.loadVersion = 10;
        core.hear(core.other(1), GossipCodec.record(state, true, true));
        assertThat(core.kinds()).containsExactly(MemberEvent.Kind.UPDATED);

        state.load = MemberLoad.NONE;
        state.loadVersion = 9;
        state.profile = subject.profile.withClusterId("other");
        core.hear(core.other(1), GossipCodec.record(state, true, true));

        assertThat(core.member(subject).load().catalogEpoch()).isEqualTo(6);
        assertThat(core.member(subject).profile()).isEqualTo(subject.profile);
        assertThat(core.kinds()).containsExactly(MemberEvent.Kind.UPDATED);
    }

    // ---- digests and the dead ---------------------------------------------------------------------------------------

    @Test
    void aDigestIsAnsweredWithWhatIsNewerAndWithQuestions() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 3);
        core.runAnswering(2_000);
        core.sent.clear();
        Other asking = core.other(0);
        Other unknown = new Other(88);
        MemberState older = new MemberState(core.other(1).id, 499, MemberStatus.SUSPECT, core.other(1).address);
        MemberState newer = new MemberState(core.other(2).id, 501, MemberStatus.ALIVE, core.other(2).address);
        newer.profileVersion = 500;
        MemberState missing = new MemberState(unknown.id, 1, MemberStatus.ALIVE, unknown.address);

        core.receive(
                asking,
                asking.datagram()
                        .setDigest(GossipDigest.newBuilder()
                                .addEntries(GossipCodec.entry(older))
                                .addEntries(GossipCodec.entry(newer))
                                .addEntries(GossipCodec.entry(missing))));

        List<com.google.protobuf.ByteString> given = core.sentTo(asking).stream()
                .flatMap(sent -> sent.datagram().getRecordsList().stream())
                .map(GossipRecord::getId)
                .toList();
        List<com.google.protobuf.ByteString> asked = core.sentTo(asking).stream()
                .flatMap(sent -> sent.datagram().getRecordRequest().getIdsList().stream())
                .toList();
        assertThat(given)
                .contains(core.other(1).idBytes(), asking.idBytes(), GossipCodec.bytes(core.id))
                .doesNotContain(core.other(2).idBytes());
        assertThat(asked).containsExactlyInAnyOrder(core.other(2).idBytes(), unknown.idBytes());
    }

    @Test
    void theDeadDoNotComeBackByAnOldRecord() {
        ScriptedCore core = withOneDead(DEFAULTS);
        Other dead = core.other(0);

        core.hear(core.other(1), dead.introduction());
        core.receive(
                core.other(1),
                core.other(1)
                        .datagram()
                        .setDigest(GossipDigest.newBuilder()
                                .addEntries(GossipCodec.entry(new MemberState(
                                        dead.id, dead.incarnation, MemberStatus.ALIVE, dead.address)))));

        assertThat(core.member(dead).status()).isEqualTo(MemberStatus.DEAD);
        assertThat(core.sentTo(core.other(1)).getLast().datagram().getRecordsList())
                .as("who still thinks it alive is told")
                .anyMatch(record ->
                        record.getId().equals(dead.idBytes()) && record.getStatus() == GossipStatus.GOSSIP_STATUS_DEAD);
    }

    @Test
    void theDeadComeBackInANewLife() {
        ScriptedCore core = withOneDead(DEFAULTS);
        Other dead = core.other(0);
        core.events.clear();

        dead.incarnation++;
        core.hear(core.other(1), dead.introduction());

        assertThat(core.kinds()).containsExactly(MemberEvent.Kind.ALIVE);
    }

    /** Parts of a broken network that took each other for dead find each other again without a seed. */
    @Test
    void theDeadAreKnockedAt() {
        ScriptedCore core = withOneDead(DEFAULTS);
        core.sent.clear();

        core.runAnswering(DEFAULTS.reconnectIntervalMillis());

        assertThat(core.sentTo(core.other(0))).anyMatch(sent -> sent.datagram().hasDigest());
    }

    @Test
    void theDeadAreForgottenInTheEndAndTheLastMemoryOfThemDoesNotSpread() {
        GossipSettings forgetful = withMembers(20, 5);
        ScriptedCore core = withOneDead(forgetful);
        Other dead = core.other(0);
        Other asking = core.other(1);
        core.sent.clear();
        core.receive(asking, asking.datagram().setDigest(GossipDigest.getDefaultInstance()));
        assertThat(core.sentTo(asking).stream().flatMap(sent -> sent.datagram().getRecordsList().stream()))
                .as("who has forgotten it is not told again")
                .noneMatch(record -> record.getId().equals(dead.idBytes()));
        core.events.clear();

        core.runAnswering(forgetful.forgetMillis());

        assertThat(core.kinds()).containsExactly(MemberEvent.Kind.FORGOTTEN);
        assertThat(core.core.members().find(dead.id)).isEmpty();
    }

    @Test
    void aDeathOfAnUnknownMemberIsKeptInMindAndNotPassedOn() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 3);
        core.runAnswering(5_000);
        Other unknown = new Other(50);
        core.sent.clear();

        core.hear(core.other(0), unknown.record(MemberStatus.DEAD));
        core.hear(core.other(0), unknown.introduction());
        core.runAnswering(5_000);

        assertThat(core.core.members().present()).hasSize(4);
        assertThat(core.events).isEmpty();
        assertThat(core.sent)
                .filteredOn(sent -> !sent.datagram().hasDigest())
                .noneMatch(sent -> sent.datagram().getRecordsList().stream()
                        .anyMatch(record -> record.getId().equals(unknown.idBytes())));
    }

    /** Found by {@link GossipFaultsTest#faults}, seed 699. */
    @Test
    void anUnknownMembersEndMayBeToldInTwoWays() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 2);
        Other unknown = new Other(50);

        core.hear(core.other(0), unknown.record(MemberStatus.DEAD));
        core.hear(core.other(1), unknown.record(MemberStatus.LEFT));

        assertThat(core.events).isEmpty();
        assertThat(core.core.members().find(unknown.id)).isEmpty();
    }

    @Test
    void theNumbersOfMembersAndOfTheDeadAreBounded() {
        GossipSettings small = withMembers(20, 5);
        ScriptedCore core = new ScriptedCore(small, 12);
        for (int gone = 0; gone < 8; gone++) {
            core.hear(core.other(11), core.other(gone).record(MemberStatus.LEFT));
        }
        core.runAnswering(1_000);
        assertThat(core.core.members().all()).hasSize(5 + 4 + 1);

        for (int number = 20; number < 60; number++) {
            core.hear(core.other(11), new Other(number).introduction());
        }

        assertThat(core.core.members().all()).hasSize(20);
        assertThat(core.notices).anyMatch(GossipNotice.TooManyMembers.class::isInstance);
    }

    // ---- leaving
    // ------------------------------------------------------------------------------------------------------

    @Test
    void whoLeavesTellsSoAndAnswersNoProbesAnyMore() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 3);
        core.runAnswering(2_000);
        core.sent.clear();

        core.take(core.core.leave(core.nowMillis));

        for (Other other : core.others) {
            assertThat(core.sentTo(other).getFirst().datagram().getRecordsList())
                    .anyMatch(record -> record.getId().equals(GossipCodec.bytes(core.id))
                            && record.getStatus() == GossipStatus.GOSSIP_STATUS_LEFT);
        }
        core.sent.clear();
        core.receive(core.other(0), core.other(0).datagram().setPing(ping(3, GossipCodec.bytes(core.id))));
        assertThat(core.sent).noneMatch(sent -> sent.datagram().hasAck());
        core.run(2_000);
        assertThat(core.core.isLeaveTold()).isTrue();
        assertThat(core.core.nextTickMillis()).isEqualTo(Long.MAX_VALUE);
    }

    // ---- strangers --------------------------------------------------------------------------------------------------

    @Test
    void aMemberOfAnotherClusterIsRefusedAndReportedOnceAMinute() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 1);
        Other stranger = new Other(66);
        for (int time = 0; time < 61; time++) {
            core.receive(stranger, stranger.datagram().setCluster("elsewhere").addRecords(stranger.introduction()));
            core.runAnswering(1_000);
        }

        assertThat(core.core.members().find(stranger.id)).isEmpty();
        assertThat(core.notices).hasSize(2).allMatch(GossipNotice.ForeignCluster.class::isInstance);
        assertThat(core.core.counters().datagramsForeign()).isEqualTo(61);
        assertThat(core.sentTo(stranger)).isEmpty();
    }

    @Test
    void clustersOfOneNameAreToldApartByTheirIdsOnceBothAreKnown() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 2);
        Other stranger = new Other(66);
        MemberState state = new MemberState(stranger.id, 500, MemberStatus.ALIVE, stranger.address);
        state.profile = stranger.profile.withClusterId("b");
        state.profileVersion = 1;
        core.hear(core.other(0), GossipCodec.record(state, true, false));
        assertThat(core.member(stranger).status()).as("no id here yet").isEqualTo(MemberStatus.ALIVE);

        core.take(core.core.profile(core.nowMillis, core.self().profile().withClusterId("a")));
        assertThat(core.core.members().find(stranger.id)).isEmpty();
        core.hear(core.other(0), GossipCodec.record(state, true, false));
        core.receive(stranger, stranger.datagram().setClusterId("b").setPing(ping(1, GossipCodec.bytes(core.id))));

        assertThat(core.core.members().find(stranger.id)).isEmpty();
        assertThat(core.notices).hasSize(1);
    }

    @Test
    void whoIsUnknownIsAskedWhoItIs() {
        ScriptedCore core = new ScriptedCore(DEFAULTS, 1);
        Other unknown = new Other(9);

        core.receive(unknown, unknown.datagram().setPing(ping(1, GossipCodec.bytes(core.id))));

        assertThat(core.sentTo(unknown)).anyMatch(sent -> sent.datagram()
                .getRecordRequest()
                .equals(GossipRecordRequest.newBuilder()
                        .addIds(unknown.idBytes())
                        .build()));
    }

    private static GossipRecord ofSelf(ScriptedCore core, MemberStatus status, long incarnation) {
        return GossipCodec.record(new MemberState(core.id, incarnation, status, core.address), false, false);
    }

    private static ScriptedCore withOneDead(GossipSettings settings) {
        ScriptedCore core = new ScriptedCore(settings, 4);
        core.hear(core.other(1), core.other(0).record(MemberStatus.DEAD));
        core.runAnswering(3_000);
        assertThat(core.member(core.other(0)).status()).isEqualTo(MemberStatus.DEAD);
        return core;
    }

    /** Remembers little, and not for long. */
    private static GossipSettings withMembers(int membersMax, int tombstonesMax) {
        GossipSettings some = DEFAULTS;
        return new GossipSettings(
                some.probeIntervalMillis(),
                some.probeTimeoutMillis(),
                some.nackMillis(),
                some.indirectProbes(),
                some.suspicionMillisMin(),
                some.suspicionFactorMax(),
                some.confirmationsMax(),
                some.localHealthMax(),
                some.buddySystem(),
                some.stallMillis(),
                some.gossipIntervalMillis(),
                some.gossipFanout(),
                some.retransmitFactor(),
                some.syncIntervalMillis(),
                some.reconnectIntervalMillis(),
                some.joinIntervalMillis(),
                some.loadIntervalMillis(),
                10 * some.syncIntervalMillis(),
                membersMax,
                tombstonesMax,
                some.datagramBytesMax(),
                some.syncDatagramsMax());
    }
}

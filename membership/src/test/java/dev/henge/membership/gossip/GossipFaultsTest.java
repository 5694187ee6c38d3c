package dev.henge.membership.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.gossip.SimulatedGossip.Host;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clusters under faults: what must hold while they last, and that all see the truth when they are over. */
class GossipFaultsTest {

    private static final GossipSettings DEFAULTS = GossipSettings.DEFAULTS;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 20})
    void nobodyWhoIsThereIsDeclaredDeadAtTenPercentLoss(int size) {
        SimulatedGossip gossip = SimulatedGossip.started(4, DEFAULTS, size);
        gossip.loss = 0.1;
        gossip.duplicates = 0.05;
        gossip.delayMillisMax = 20;

        gossip.run(60_000);

        assertThat(gossip.seen(MemberEvent.Kind.DEAD)).isEmpty();
        gossip.loss = 0;
        gossip.runUntil(gossip::converged, 10_000);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 20})
    void nobodyIsDeclaredDeadForPausesOfASecond(int size) {
        SimulatedGossip gossip = SimulatedGossip.started(5, DEFAULTS, size);
        gossip.loss = 0.01;
        gossip.hosts.forEach(host -> GossipCampaign.pauseNext(gossip, host, 1_000, 20_000));

        gossip.run(60_000);

        assertThat(gossip.seen(MemberEvent.Kind.DEAD)).isEmpty();
    }

    /** Lifeguard, abstract: slow members make SWIM "mark healthy members as failed"; Lifeguard keeps them from that. */
    @Test
    void slowMembersDoNotTakeHealthyOnesForDead() {
        SimulatedGossip gossip = SimulatedGossip.started(6, DEFAULTS, 20);
        List<Host> slow = gossip.hosts.subList(0, 6);
        slow.forEach(host -> GossipCampaign.pauseNext(gossip, host, 2_000, 1_000));

        gossip.run(30_000);

        for (Host healthy : gossip.hosts.subList(6, 20)) {
            assertThat(gossip.seen(MemberEvent.Kind.DEAD, healthy)).isEmpty();
        }
    }

    /** SWIM, 3.1: indirect probes go round a path that does not work, in one direction or both. */
    @Test
    void oneBrokenPathMakesNobodyDead() {
        SimulatedGossip gossip = SimulatedGossip.started(7, DEFAULTS, 5);
        gossip.cut(gossip.hosts.get(0), gossip.hosts.get(1));
        gossip.cutBoth(gossip.hosts.get(2), gossip.hosts.get(3));

        gossip.run(120_000);

        assertThat(gossip.seen(MemberEvent.Kind.DEAD)).isEmpty();
    }

    @Test
    void whoCanBeHeardButCannotHearIsDetected() {
        SimulatedGossip gossip = SimulatedGossip.started(8, DEFAULTS, 5);
        Host deaf = gossip.hosts.get(2);
        gossip.hosts.forEach(host -> gossip.cut(host, deaf));

        gossip.runUntil(() -> gossip.allSee(deaf, MemberStatus.DEAD), 30_000);
        gossip.heal();

        gossip.runUntil(gossip::converged, 30_000);
    }

    @Test
    void whoLeavesIsNotTakenForDead() {
        SimulatedGossip gossip = SimulatedGossip.started(9, DEFAULTS, 20);
        gossip.loss = 0.1;
        Host leaving = gossip.hosts.get(3);

        gossip.leave(leaving);
        gossip.runUntil(() -> leaving.core().isLeaveTold(), 3_000);
        gossip.crash(leaving);
        gossip.runUntil(() -> gossip.allSee(leaving, MemberStatus.LEFT), 10_000);
        gossip.run(30_000);

        assertThat(gossip.seen(MemberEvent.Kind.DEAD)).isEmpty();
    }

    @Test
    void seedsThatAreDownDoNotMatterOnceMembersKnowEachOther() {
        SimulatedGossip gossip = SimulatedGossip.started(10, DEFAULTS, 6);
        for (int seed = 0; seed < 3; seed++) {
            gossip.crash(gossip.hosts.get(seed));
        }
        Host restarted = gossip.hosts.get(4);
        gossip.runUntil(gossip::converged, 30_000);
        gossip.crash(restarted);
        gossip.runUntil(() -> gossip.allSee(restarted, MemberStatus.DEAD), 30_000);

        gossip.start(restarted);

        // It finds nobody to ask; the others knock at the dead.
        gossip.runUntil(gossip::converged, 120_000);
    }

    @Test
    void aSeedThatComesLaterJoinsTheParts() {
        SimulatedGossip gossip = new SimulatedGossip(11, DEFAULTS, 6);
        for (int index = 3; index < 6; index++) {
            gossip.start(gossip.hosts.get(index));
        }
        gossip.run(10_000);
        assertThat(gossip.hosts.get(3).core().members().present()).hasSize(1);

        gossip.start(gossip.hosts.get(0));

        gossip.runUntil(gossip::converged, 10_000);
    }

    /** As after a clock that was ahead had been corrected. */
    @Test
    void aMemberWhoseClockWasSetBackOutbidsItsEarlierLife() {
        SimulatedGossip gossip = SimulatedGossip.started(12, DEFAULTS, 5);
        Host host = gossip.hosts.get(2);
        gossip.crash(host);
        gossip.run(500);
        host.clockSetBackMillis = 3_600_000;
        host.address = SimulatedGossip.addressOf(50);

        gossip.start(host);

        gossip.runUntil(gossip::converged, 20_000);
        assertThat(host.core().counters().refutations()).isPositive();
    }

    @Test
    void clustersThatShareSeedsStayApart() {
        SimulatedGossip gossip = new SimulatedGossip(13, DEFAULTS, 6);
        List<Host> one = List.of(gossip.hosts.get(0), gossip.hosts.get(2), gossip.hosts.get(4));
        List<Host> other = List.of(gossip.hosts.get(1), gossip.hosts.get(3), gossip.hosts.get(5));
        other.forEach(host -> host.cluster = "other");
        gossip.hosts.forEach(gossip::start);

        gossip.runUntil(() -> gossip.converged(one) && gossip.converged(other), 20_000);
        gossip.run(30_000);

        assertThat(gossip.converged(one) && gossip.converged(other)).isTrue();
        assertThat(gossip.notices).isNotEmpty().allMatch(GossipNotice.ForeignCluster.class::isInstance);
    }

    @Test
    void theSameSeedMakesTheSameRun() {
        List<SimulatedGossip.Seen> first = faults(3);
        List<SimulatedGossip.Seen> second = faults(3);

        assertThat(first).isNotEmpty().isEqualTo(second);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 699, 1286})
    void allSeeTheTruthWhenTheFaultsAreOver(long seed) {
        faults(seed);
    }

    /** Everything at once, at random, for a minute or two; then peace. */
    static List<SimulatedGossip.Seen> faults(long seed) {
        int size = 3 + (int) (seed % 10);
        SimulatedGossip gossip = SimulatedGossip.started(seed, DEFAULTS, size);
        List<SimulatedGossip.Seen> seen = new ArrayList<>();
        int nextAddress = 100;
        for (int fault = 0; fault < 40; fault++) {
            Host host = gossip.hosts.get(gossip.random.nextInt(size));
            Host other = gossip.hosts.get(gossip.random.nextInt(size));
            switch (gossip.random.nextInt(12)) {
                case 0, 1 -> gossip.crash(host);
                case 2 -> {
                    gossip.crash(host);
                    host.address = SimulatedGossip.addressOf(nextAddress++);
                }
                case 3 -> {
                    gossip.crash(host);
                    gossip.crash(other);
                    GossipAddress swapped = host.address;
                    host.address = other.address;
                    other.address = swapped;
                }
                case 4, 5 -> {
                    if (!host.isUp()) {
                        host.clockSetBackMillis = gossip.random.nextInt(4) == 0 ? 600_000 : 0;
                        gossip.start(host);
                    }
                }
                case 6 -> {
                    if (host.isUp() && gossip.random.nextInt(3) == 0) {
                        gossip.leave(host);
                        gossip.run(gossip.random.nextInt(500));
                        gossip.crash(host);
                    }
                }
                case 7 -> gossip.pause(host, gossip.random.nextInt(8_000));
                case 8 -> gossip.cut(host, other);
                case 9 -> {
                    for (Host one : gossip.hosts.subList(0, host.index)) {
                        gossip.hosts.subList(host.index, size).forEach(two -> gossip.cutBoth(one, two));
                    }
                }
                case 10 -> gossip.heal();
                default -> {
                    gossip.loss = gossip.random.nextInt(4) * 0.15;
                    gossip.duplicates = gossip.random.nextInt(2) * 0.1;
                    gossip.delayMillisMax = 2 + gossip.random.nextInt(200);
                }
            }
            gossip.run(gossip.random.nextInt(5_000));
            noneBelievesInAnotherMembersIncarnation(gossip);
        }
        gossip.heal();
        gossip.loss = 0;
        gossip.duplicates = 0;
        gossip.delayMillisMax = 3;
        for (Host host : gossip.hosts) {
            if (!host.isUp()) {
                host.clockSetBackMillis = 0;
                gossip.start(host);
            }
        }
        gossip.lookUpSeeds();
        // The longest pause.
        gossip.run(8_000);
        gossip.runUntil(gossip::converged, 90_000);
        gossip.run(2_000);
        seen.addAll(gossip.seen);
        gossip.seen.clear();
        gossip.run(20_000);
        assertThat(gossip.seen).as("peace").isEmpty();
        return seen;
    }

    /** SWIM, 4.2: only the member itself raises its incarnation, so nobody can know a higher one in the same life. */
    private static void noneBelievesInAnotherMembersIncarnation(SimulatedGossip gossip) {
        Set<Host> setBack = new HashSet<>();
        for (Host host : gossip.hosts) {
            if (host.clockSetBackMillis > 0) {
                setBack.add(host);
            }
        }
        for (Host subject : gossip.hosts) {
            if (!subject.isUp() || setBack.contains(subject)) {
                continue;
            }
            long actual = subject.core().members().self().incarnation();
            for (Host observer : gossip.hosts) {
                if (observer.isUp()) {
                    observer.core().members().find(subject.id).ifPresent(member -> assertThat(member.incarnation())
                            .isLessThanOrEqualTo(actual));
                }
            }
        }
    }
}

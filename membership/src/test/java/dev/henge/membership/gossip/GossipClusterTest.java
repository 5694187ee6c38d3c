package dev.henge.membership.gossip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole clusters of the production core on a simulated network. */
class GossipClusterTest {

    private static final GossipSettings DEFAULTS = GossipSettings.DEFAULTS;

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 20, 100})
    void membersFindEachOtherFromTheSeeds(int size) {
        SimulatedGossip gossip = new SimulatedGossip(size, DEFAULTS, size);

        gossip.hosts.forEach(gossip::start);

        assertThat(gossip.runUntil(gossip::converged, 20_000)).isLessThan(10_000);
    }

    /** SWIM, section 3: "strong completeness": crash-failure of any member is detected by all non-faulty ones. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 20, 100})
    void aCrashIsDetectedByAll(int size) {
        SimulatedGossip gossip = SimulatedGossip.started(1, DEFAULTS, size);

        gossip.crash(gossip.hosts.get(1));

        gossip.runUntil(() -> gossip.allSee(gossip.hosts.get(1), MemberStatus.DEAD), 10_000);
        assertThat(gossip.seen(MemberEvent.Kind.DEAD)).hasSize(size - 1);
    }

    @Test
    void nobodyIsSuspectedWhenNothingIsWrong() {
        SimulatedGossip gossip = SimulatedGossip.started(2, DEFAULTS, 20);

        gossip.run(60_000);

        assertThat(gossip.seen).isEmpty();
    }

    @Test
    void aMemberThatComesBackIsAliveAgainAtItsNewAddress() {
        SimulatedGossip gossip = SimulatedGossip.started(3, DEFAULTS, 3);
        SimulatedGossip.Host host = gossip.hosts.get(1);
        gossip.crash(host);
        gossip.runUntil(() -> gossip.allSee(host, MemberStatus.DEAD), 10_000);

        host.address = SimulatedGossip.addressOf(77);
        gossip.start(host);

        gossip.runUntil(gossip::converged, 10_000);
    }

    @Test
    void twoMembersMaySwapTheirAddresses() {
        for (int seed = 0; seed < 10; seed++) {
            SimulatedGossip gossip = SimulatedGossip.started(seed, DEFAULTS, 5);
            SimulatedGossip.Host left = gossip.hosts.get(1);
            SimulatedGossip.Host right = gossip.hosts.get(3);
            gossip.crash(left);
            gossip.crash(right);
            gossip.run(seed * 300L);

            GossipAddress swapped = left.address;
            left.address = right.address;
            right.address = swapped;
            gossip.start(left);
            gossip.start(right);

            gossip.runUntil(gossip::converged, 10_000);
        }
    }

    @Test
    void everybodyConvergesAfterAPartitionHeals() {
        for (int seed = 0; seed < 10; seed++) {
            SimulatedGossip gossip = SimulatedGossip.started(seed, DEFAULTS, 10);
            List<SimulatedGossip.Host> one = gossip.hosts.subList(0, 4);
            List<SimulatedGossip.Host> other = gossip.hosts.subList(4, 10);
            one.forEach(left -> other.forEach(right -> gossip.cutBoth(left, right)));
            gossip.runUntil(() -> gossip.converged(one) && gossip.converged(other), 60_000);
            gossip.seen.clear();

            gossip.heal();

            gossip.runUntil(gossip::converged, 20_000);
            assertThat(gossip.seen(MemberEvent.Kind.DEAD)).isEmpty();
        }
    }
}

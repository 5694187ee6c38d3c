package dev.henge.cluster.gossip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.membership.gossip.GossipSettings;
import dev.henge.membership.gossip.MemberEvent;
import dev.henge.membership.gossip.MemberLoad;
import dev.henge.membership.gossip.MemberProfile;
import dev.henge.membership.gossip.MemberRole;
import dev.henge.membership.gossip.Members;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Members in this process, on UDP through the loopback interface. */
class GossipRunnerTest {

    private static final long SECONDS_MAX = 60;

    private final List<GossipRunner> runners = new ArrayList<>();

    /** What a member's listener was told. */
    private static final class Told implements MembershipListener {
        private final BlockingQueue<Members> snapshots = new LinkedBlockingQueue<>();
        private final BlockingQueue<MemberEvent> events = new LinkedBlockingQueue<>();

        @Override
        public void changed(MemberEvent event, Members members) {
            events.add(event);
            snapshots.add(members);
        }

        void await(Predicate<Members> condition) throws InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
            while (true) {
                Members members = snapshots.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (members == null) {
                    throw new AssertionError("not so after " + SECONDS_MAX + " s; told " + events);
                }
                if (condition.test(members)) {
                    return;
                }
            }
        }
    }

    @AfterEach
    void close() {
        runners.forEach(GossipRunner::close);
    }

    @Test
    void membersFindEachOtherTellTheirLoadAndLeave() throws Exception {
        Told told = new Told();
        GossipRunner first = start("one", List.of(), told);
        GossipRunner second = start("two", seedOf(first), new Told());
        GossipRunner third = start("three", seedOf(first), new Told());
        told.await(members -> members.present().size() == 3);

        second.publishLoad(new MemberLoad(10, 100, 4, 2, 50, 9));
        told.await(members -> members.find(id(second)).orElseThrow().load().catalogEpoch() == 9);
        third.publishProfile(profile("three").withClusterId("learned"));
        told.await(members ->
                members.find(id(third)).orElseThrow().profile().clusterId().equals("learned"));
        second.close();
        told.await(members -> members.present().size() == 2);

        assertThat(told.events).extracting(MemberEvent::kind).contains(MemberEvent.Kind.LEFT);
    }

    @Test
    void aSeedMayStandForManyAddressesAndForThisMemberItself() throws Exception {
        Told told = new Told();
        GossipRunner first = start("one", List.of(), told);
        SeedResolver many = seeds -> List.of(
                UdpTransport.address(
                        InetAddress.getLoopbackAddress(), seeds.getFirst().port()),
                UdpTransport.address(InetAddress.getLoopbackAddress(), unusedPort()),
                first.address());
        int port = unusedPort();
        GossipConfig config = new GossipConfig(
                UUID.randomUUID(),
                profile("two"),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                Optional.empty(),
                List.of(new SeedName("henge.example", port)),
                GossipSettings.DEFAULTS);
        runners.add(GossipRunner.start(config, many, List.of()));

        told.await(members -> members.present().size() == 2);
    }

    @Test
    void whatIsNoGossipDoesNoHarmAndAFailingListenerNeither() throws Exception {
        Told told = new Told();
        GossipRunner first = start("one", List.of(), (event, members) -> {
            throw new IllegalStateException("as planned");
        });
        first.addListener(told);
        try (DatagramSocket stranger = new DatagramSocket()) {
            for (int bytes : new int[] {0, 1, 7, 1_400, 1_401, 9_000}) {
                stranger.send(new DatagramPacket(
                        new byte[bytes],
                        bytes,
                        InetAddress.getLoopbackAddress(),
                        first.address().port()));
            }
        }

        start("two", seedOf(first), new Told());
        told.await(members -> members.present().size() == 2);

        assertThat(first.counters().datagramsMalformed()).isEqualTo(6);
    }

    @Test
    void aPortThatIsTakenIsReportedAtTheStart() throws Exception {
        GossipRunner first = start("one", List.of(), new Told());
        GossipConfig same = new GossipConfig(
                UUID.randomUUID(),
                profile("two"),
                UdpTransport.socketAddress(first.address()),
                Optional.empty(),
                List.of(),
                GossipSettings.DEFAULTS);

        assertThatThrownBy(() -> GossipRunner.start(same, SeedResolver.system(), List.of()))
                .isInstanceOf(BindException.class);
    }

    @Test
    void aMemberThatListensEverywhereKnowsAnAddressToBeReachedAt() throws Exception {
        GossipConfig config = new GossipConfig(
                UUID.randomUUID(),
                profile("one"),
                new InetSocketAddress(0),
                Optional.empty(),
                List.of(new SeedName("127.0.0.1", 9)),
                GossipSettings.DEFAULTS);

        GossipRunner runner = GossipRunner.start(config, SeedResolver.system(), List.of());
        runners.add(runner);

        assertThat(UdpTransport.socketAddress(runner.address()).getAddress().isLoopbackAddress())
                .isTrue();
    }

    @Test
    void seedsAreReadWithAndWithoutPorts() {
        assertThat(SeedName.parse("henge-0.henge", 7_400)).isEqualTo(new SeedName("henge-0.henge", 7_400));
        assertThat(SeedName.parse("henge:1", 7_400)).isEqualTo(new SeedName("henge", 1));
        assertThat(SeedName.parse("[::1]:2", 7_400)).isEqualTo(new SeedName("::1", 2));
        assertThat(SeedName.parse("[::1]", 7_400)).isEqualTo(new SeedName("::1", 7_400));
        assertThat(SeedName.parse("::1", 7_400)).isEqualTo(new SeedName("::1", 7_400));
        assertThatIllegalArgumentException().isThrownBy(() -> SeedName.parse("henge:x", 7_400));
        assertThatIllegalArgumentException().isThrownBy(() -> SeedName.parse("henge:0", 7_400));
        assertThatIllegalArgumentException().isThrownBy(() -> SeedName.parse(":7", 7_400));
    }

    private GossipRunner start(String name, List<SeedName> seeds, MembershipListener listener) throws IOException {
        GossipConfig config = new GossipConfig(
                UUID.randomUUID(),
                profile(name),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                Optional.empty(),
                seeds,
                GossipSettings.DEFAULTS);
        GossipRunner runner = GossipRunner.start(config, SeedResolver.system(), List.of(listener));
        runners.add(runner);
        return runner;
    }

    private static UUID id(GossipRunner runner) {
        return runner.members().self().id();
    }

    private static List<SeedName> seedOf(GossipRunner runner) {
        return List.of(new SeedName("127.0.0.1", runner.address().port()));
    }

    private static MemberProfile profile(String name) {
        return new MemberProfile(MemberRole.NODE, name, "", "127.0.0.1:1", "0.1.0", "henge", "");
    }

    private static int unusedPort() {
        try (DatagramSocket socket = new DatagramSocket()) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}

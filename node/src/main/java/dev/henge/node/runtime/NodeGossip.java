package dev.henge.node.runtime;

import dev.henge.cluster.RepeatedTask;
import dev.henge.cluster.gossip.GossipConfig;
import dev.henge.cluster.gossip.GossipRunner;
import dev.henge.cluster.gossip.SeedName;
import dev.henge.cluster.gossip.SeedResolver;
import dev.henge.membership.gossip.GossipSettings;
import dev.henge.membership.gossip.MemberLoad;
import dev.henge.membership.gossip.MemberProfile;
import dev.henge.membership.gossip.MemberRole;
import dev.henge.membership.gossip.MemberStatus;
import dev.henge.membership.gossip.Members;
import dev.henge.node.NodePlace;
import dev.henge.node.StartupException;
import dev.henge.proto.RouterStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** This node as a member of the gossip: says who, where and how loaded it is, and hears the same of the others. */
final class NodeGossip implements AutoCloseable {

    private static final long LOAD_MILLIS = 1_000;

    private final GossipRunner runner;
    private final MemberProfile profile;
    private final ScheduledExecutorService timer;
    private volatile String clusterId;

    private NodeGossip(GossipRunner runner, MemberProfile profile, Supplier<MemberLoad> load) {
        this.runner = runner;
        this.profile = profile;
        this.clusterId = profile.clusterId();
        this.timer = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name(profile.name() + "-load").factory());
        var unused = timer.scheduleWithFixedDelay(
                new RepeatedTask("telling the load", () -> runner.publishLoad(load.get())),
                LOAD_MILLIS,
                LOAD_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /**
     * @param clusterId empty while the node does not know it
     * @param load asked for every second
     * @param onChange called, on a thread of its own, when members come, go or say something else
     * @throws StartupException when the UDP port is taken
     */
    static NodeGossip start(
            NodePlace place,
            UUID instance,
            String version,
            String clusterId,
            List<String> seeds,
            Supplier<MemberLoad> load,
            Runnable onChange)
            throws StartupException {
        MemberProfile profile = new MemberProfile(
                MemberRole.NODE, place.name(), place.zone(), place.address(), version, place.cluster(), clusterId);
        int port = place.listen().getPort();
        GossipConfig config = new GossipConfig(
                instance,
                profile,
                place.listen(),
                Optional.of(SeedName.parse(place.address(), port)),
                seeds.stream().map(seed -> SeedName.parse(seed, port)).toList(),
                GossipSettings.DEFAULTS);
        try {
            GossipRunner runner = GossipRunner.start(
                    config,
                    SeedResolver.system(),
                    // Who hears of it takes locks; the gossip must not wait.
                    List.of((event, members) ->
                            Thread.ofVirtual().name("members").start(onChange)));
            return new NodeGossip(runner, profile, load);
        } catch (IOException e) {
            throw new StartupException(
                    "node " + place.name() + " can't listen on UDP "
                            + place.listen().getHostString() + ":"
                            + place.listen().getPort() + " for its gossip ("
                            + e.getMessage() + "); stop what uses the port or choose another with --listen",
                    e);
        }
    }

    /** The cluster's id is known now. */
    void joined(String learned) {
        if (!learned.equals(clusterId)) {
            clusterId = learned;
            runner.publishProfile(profile.withClusterId(learned));
        }
    }

    /** The routers that are thought to be there. */
    List<RouterStatus> routers() {
        return runner.members().present(MemberRole.ROUTER).stream()
                .map(router -> RouterStatus.newBuilder()
                        .setId(router.id().toString())
                        .setName(router.profile().name())
                        .setZone(router.profile().zone())
                        .setAddress(router.profile().serviceAddress())
                        .setGossipAddress(router.address().toString())
                        .setVersion(router.profile().version())
                        .setCatalogEpoch(router.load().catalogEpoch())
                        .setSuspect(router.status() == MemberStatus.SUSPECT)
                        .build())
                .toList();
    }

    Members members() {
        return runner.members();
    }

    /** Tells the others that this node leaves. */
    @Override
    public void close() {
        timer.shutdownNow();
        runner.close();
    }
}

package dev.henge.cluster.gossip;

import dev.henge.cluster.RepeatedTask;
import dev.henge.membership.gossip.GossipSettings;
import dev.henge.membership.gossip.MemberLoad;
import dev.henge.membership.gossip.MemberProfile;
import dev.henge.membership.gossip.MemberRole;
import dev.henge.membership.gossip.Members;
import dev.henge.proto.Catalog;
import dev.henge.proto.NodeRecord;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A router as a member of the gossip: says who and where it is and which catalog it knows, and hears where nodes are. It has an
 * id of its own at each start.
 */
public final class RouterGossip implements AutoCloseable {

    private static final long TELL_MILLIS = 1_000;

    /** The port of a seed that names none: never, as routers are given nodes with their ports. */
    private static final int NO_PORT = 1;

    /**
     * Who and where a router is.
     *
     * @param cluster the cluster's name
     * @param name for people; several routers may have the same
     * @param zone empty for none
     * @param endpoint host:port of its HTTP endpoint; empty where that has no host of its own
     * @param version of the program
     * @param bind the UDP address to listen at; port 0 for any
     */
    public record Place(
            String cluster, String name, String zone, String endpoint, String version, InetSocketAddress bind) {}

    private final HeardAddresses heard;
    private final GossipRunner runner;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("router-gossip").factory());
    private MemberProfile profile;

    private RouterGossip(HeardAddresses heard, GossipRunner runner, MemberProfile profile) {
        this.heard = heard;
        this.runner = runner;
        this.profile = profile;
    }

    /**
     * Opens the socket and begins to look for the nodes.
     *
     * @param nodes some of them, "host:port" each: their gossip is at the port of their service
     * @throws IOException when the port is taken
     */
    public static RouterGossip start(Place place, List<String> nodes) throws IOException {
        MemberProfile profile = new MemberProfile(
                MemberRole.ROUTER, place.name(), place.zone(), place.endpoint(), place.version(), place.cluster(), "");
        GossipConfig config = new GossipConfig(
                UUID.randomUUID(),
                profile,
                place.bind(),
                Optional.empty(),
                nodes.stream().map(node -> SeedName.parse(node, NO_PORT)).toList(),
                GossipSettings.DEFAULTS);
        HeardAddresses heard = new HeardAddresses();
        GossipRunner runner =
                GossipRunner.start(config, SeedResolver.system(), List.of((event, members) -> heard.hear(members)));
        return new RouterGossip(heard, runner, profile);
    }

    /** From now on tells the others which catalog the router knows. */
    public void tell(Supplier<Catalog> catalog) {
        var unused = timer.scheduleWithFixedDelay(
                new RepeatedTask("telling the catalog's epoch", () -> tell(catalog.get())),
                TELL_MILLIS,
                TELL_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    /** Of the timer's thread alone. */
    private void tell(Catalog catalog) {
        if (!catalog.getClusterId().equals(profile.clusterId())) {
            profile = profile.withClusterId(catalog.getClusterId());
            runner.publishProfile(profile);
        }
        runner.publishLoad(new MemberLoad(0, 0, 0, 0, 0, catalog.getEpoch()));
    }

    /** Where a node of the catalog is now, "host:port". Any thread may ask. */
    public String addressOf(NodeRecord node) {
        return heard.of(node);
    }

    /** All members as this one sees them now. */
    public Members members() {
        return runner.members();
    }

    /** Tells the others that this router leaves. */
    @Override
    public void close() {
        timer.shutdownNow();
        runner.close();
    }
}

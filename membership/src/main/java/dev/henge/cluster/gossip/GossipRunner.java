package dev.henge.cluster.gossip;

import dev.henge.membership.gossip.GossipAddress;
import dev.henge.membership.gossip.GossipCore;
import dev.henge.membership.gossip.GossipCounters;
import dev.henge.membership.gossip.GossipEffects;
import dev.henge.membership.gossip.GossipNotice;
import dev.henge.membership.gossip.MemberEvent;
import dev.henge.membership.gossip.MemberLoad;
import dev.henge.membership.gossip.MemberProfile;
import dev.henge.membership.gossip.Members;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This process as a member: runs a {@link GossipCore} on a daemon thread of its own until it is closed. All methods may be
 * called by any thread.
 */
public final class GossipRunner implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(GossipRunner.class);

    /** Read before the clock is looked at again, so that a flood of datagrams does not stop the probes. */
    private static final int DATAGRAMS_PER_TURN_MAX = 256;

    private static final long LEAVE_MILLIS_MAX = 1_000;
    private static final long RESOLVE_ALONE_MILLIS = 2_000;
    private static final long RESOLVE_MILLIS = 30_000;

    private static final long ORIGIN_NANOS = System.nanoTime();

    private final GossipConfig config;
    private final UdpTransport transport;
    private final SeedResolver resolver;
    private final GossipAddress address;
    private final GossipCore core;
    private final Thread thread;
    private final Queue<Runnable> requests = new ConcurrentLinkedQueue<>();
    private final List<MembershipListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicBoolean closing = new AtomicBoolean();
    private final AtomicBoolean resolving = new AtomicBoolean();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile Members members;
    private volatile GossipCounters counters;

    // Of the gossip's thread alone.
    private long nextResolveMillis;
    private long leaveUntilMillis = Long.MAX_VALUE;

    private GossipRunner(GossipConfig config, UdpTransport transport, SeedResolver resolver, GossipAddress address) {
        this.config = config;
        this.transport = transport;
        this.resolver = resolver;
        this.address = address;
        SplittableRandom random = new SplittableRandom(new SecureRandom().nextLong());
        this.core = new GossipCore(
                config.settings(),
                config.id(),
                address,
                config.profile(),
                System.currentTimeMillis(),
                random::nextLong,
                nowMillis());
        this.members = core.members();
        this.counters = core.counters();
        this.nextResolveMillis = nowMillis();
        this.thread = Thread.ofPlatform().daemon().name("henge-gossip").unstarted(this::run);
    }

    /**
     * Opens the socket and begins to look for others.
     *
     * @throws IOException when the port is taken
     */
    public static GossipRunner start(GossipConfig config, SeedResolver resolver, List<MembershipListener> listeners)
            throws IOException {
        UdpTransport transport = UdpTransport.open(config.bind());
        try {
            GossipAddress address = advertised(config, transport, resolver);
            GossipRunner runner = new GossipRunner(config, transport, resolver, address);
            runner.listeners.addAll(listeners);
            runner.thread.start();
            log.info("gossip as member {} at {}, seeds {}", config.id(), address, config.seeds());
            return runner;
        } catch (IOException | RuntimeException e) {
            transport.close();
            throw e;
        }
    }

    private static GossipAddress advertised(GossipConfig config, UdpTransport transport, SeedResolver resolver)
            throws IOException {
        InetSocketAddress local = transport.localAddress();
        if (config.advertised().isPresent()) {
            SeedName advertised = config.advertised().get();
            try {
                return UdpTransport.address(InetAddress.getByName(advertised.host()), advertised.port());
            } catch (UnknownHostException e) {
                // As with the name of a pod that has just begun.
                log.warn("{} has no address yet; the gossip goes by the one that this machine sends from", advertised);
            }
        }
        if (!local.getAddress().isAnyLocalAddress()) {
            return UdpTransport.address(local.getAddress(), local.getPort());
        }
        List<GossipAddress> seeds = resolver.resolve(config.seeds());
        InetAddress outgoing = UdpTransport.outgoingAddress(seeds.isEmpty() ? null : seeds.getFirst());
        return UdpTransport.address(outgoing, local.getPort());
    }

    // ---- for any thread -------------------------------------------------------------------------------------------

    /** All members as this one sees them now. */
    public Members members() {
        return members;
    }

    public GossipCounters counters() {
        return counters;
    }

    /** Datagrams that the system did not take, or could not give. */
    public long transportFailures() {
        return transport.sendFailures() + transport.receiveFailures();
    }

    /** Where others reach this member's gossip. */
    public GossipAddress address() {
        return address;
    }

    public void addListener(MembershipListener listener) {
        listeners.add(listener);
    }

    /** Tells the others this member's load, as often as the settings allow. */
    public void publishLoad(MemberLoad load) {
        request(() -> core.load(nowMillis(), load));
    }

    /** Tells the others this member's profile, as when it learned its cluster's id. The cluster's name must stay. */
    public void publishProfile(MemberProfile profile) {
        if (!profile.cluster().equals(config.profile().cluster())) {
            throw new IllegalArgumentException("a member does not go from one cluster to another");
        }
        request(() -> take(core.profile(nowMillis(), profile)));
    }

    /** Tells the others that this member leaves, and stops; within about a second. */
    @Override
    public void close() {
        if (closing.compareAndSet(false, true)) {
            request(() -> {
                leaveUntilMillis = nowMillis() + LEAVE_MILLIS_MAX;
                take(core.leave(nowMillis()));
            });
        }
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            if (!stopped.await(5 * LEAVE_MILLIS_MAX, TimeUnit.MILLISECONDS)) {
                log.warn("the gossip does not stop");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void request(Runnable request) {
        if (stopped.getCount() == 0) {
            // Nobody takes it any more, and it would stay for ever.
            return;
        }
        requests.add(request);
        transport.wakeUp();
    }

    // ---- the gossip's thread ----------------------------------------------------------------------------------------

    private void run() {
        try {
            while (leaveUntilMillis == Long.MAX_VALUE || (nowMillis() < leaveUntilMillis && !core.isLeaveTold())) {
                turn();
            }
        } catch (ClosedChannelException | ClosedSelectorException e) {
            log.error("the gossip's socket was closed", e);
        } catch (IOException | RuntimeException e) {
            // Without gossip the process goes on, as one that others can't see.
            log.error("the gossip has failed and stops", e);
        } finally {
            transport.close();
            stopped.countDown();
        }
    }

    private void turn() throws IOException {
        transport.await(core.nextTickMillis() - nowMillis());
        for (int read = 0; read < DATAGRAMS_PER_TURN_MAX; read++) {
            UdpTransport.Received received = transport.receive();
            if (received == null) {
                break;
            }
            receive(received);
        }
        for (Runnable request = requests.poll(); request != null; request = requests.poll()) {
            request.run();
        }
        if (nowMillis() >= core.nextTickMillis()) {
            take(core.tick(nowMillis()));
        }
        lookUpSeeds();
        members = core.members();
        counters = core.counters();
    }

    /** Whatever comes in from outside must not end the gossip, not even by a bug of ours. */
    private void receive(UdpTransport.Received received) {
        try {
            take(core.received(nowMillis(), received.datagram(), received.from()));
        } catch (RuntimeException e) {
            log.error("a datagram of {} could not be taken and is dropped", received.from(), e);
        }
    }

    private void lookUpSeeds() {
        long now = nowMillis();
        if (now < nextResolveMillis || config.seeds().isEmpty() || !resolving.compareAndSet(false, true)) {
            return;
        }
        boolean alone = core.members().present().size() <= 1;
        nextResolveMillis = now + (alone ? RESOLVE_ALONE_MILLIS : RESOLVE_MILLIS);
        Thread.ofVirtual().name("henge-gossip-seeds").start(() -> {
            try {
                List<GossipAddress> resolved = resolver.resolve(config.seeds());
                if (!resolved.isEmpty()) {
                    request(() -> core.seeds(nowMillis(), resolved));
                }
            } catch (RuntimeException e) {
                log.warn("the seeds {} can't be looked up", config.seeds(), e);
            } finally {
                resolving.set(false);
            }
        });
    }

    private void take(GossipEffects effects) {
        for (GossipEffects.Outgoing outgoing : effects.send()) {
            transport.send(outgoing.to(), outgoing.datagram());
        }
        effects.notices().forEach(this::note);
        if (effects.events().isEmpty()) {
            return;
        }
        Members now = core.members();
        members = now;
        for (MemberEvent event : effects.events()) {
            note(event);
            for (MembershipListener listener : listeners) {
                try {
                    listener.changed(event, now);
                } catch (RuntimeException e) {
                    log.error("a listener of the gossip failed on {}", event, e);
                }
            }
        }
    }

    private static void note(MemberEvent event) {
        switch (event.kind()) {
            case JOINED, ALIVE, DEAD, LEFT, FORGOTTEN ->
                log.info(
                        "{} {} at {} is {}",
                        event.member().profile().role().name().toLowerCase(Locale.ROOT),
                        event.member().profile().name(),
                        event.member().address(),
                        event.kind());
            case SUSPECT, UPDATED -> log.debug("{}", event);
        }
    }

    private void note(GossipNotice notice) {
        MemberProfile own = config.profile();
        switch (notice) {
            case GossipNotice.ForeignCluster foreign ->
                log.warn(
                        "refused member {} at {}: it belongs to cluster \"{}\" (id {}), this is \"{}\" (id {})",
                        foreign.member(),
                        foreign.from(),
                        foreign.cluster(),
                        foreign.clusterId().isEmpty() ? "unknown" : foreign.clusterId(),
                        own.cluster(),
                        core.members().self().profile().clusterId());
            case GossipNotice.IdentityInUse clash ->
                log.error(
                        "another process goes by this member's id {}, as told by {}: is its data directory used twice?",
                        config.id(),
                        clash.from());
            case GossipNotice.TooManyMembers many ->
                log.warn(
                        "member {} is not taken in: {} are known already",
                        many.member(),
                        config.settings().membersMax());
        }
    }

    /** Not negative, as the core wants it: the origin of nanoTime may lie in the future. */
    private static long nowMillis() {
        return (System.nanoTime() - ORIGIN_NANOS) / 1_000_000;
    }
}

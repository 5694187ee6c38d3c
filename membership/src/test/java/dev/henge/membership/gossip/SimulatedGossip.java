package dev.henge.membership.gossip;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Members of the production core on a simulated network, in one thread: time is a number, and everything that happens
 * follows from the seed. Each member's clock has an offset of its own.
 */
final class SimulatedGossip {

    /** As much waits in a socket of a member that stands still as Linux lets wait by default. */
    private static final int SOCKET_BYTES_MAX = 212_992;

    private static final long UNIX_START_MILLIS = 1_800_000_000_000L;

    /** What one member was told, and when. */
    record Seen(long atMillis, int observer, MemberEvent event) {}

    private record Happening(long atMillis, long order, Runnable action) {}

    private record Waiting(byte[] datagram, GossipAddress from) {}

    /** A machine: it keeps its id (the data directory) through all its lives. */
    final class Host {
        final int index;
        final UUID id;
        final long clockOffsetMillis;
        GossipAddress address;

        @Nullable
        GossipCore core;

        long clockSetBackMillis;
        MemberRole role = MemberRole.NODE;
        String cluster = "henge";
        String clusterId = "";
        private int life;
        private long tickAtMillis = Long.MAX_VALUE;
        private long tickOrder;
        private boolean paused;
        private final Deque<Waiting> socket = new ArrayDeque<>();
        private int socketBytes;
        long bytesSent;
        long datagramsSent;
        int datagramBytesMost;

        Host(int index) {
            this.index = index;
            this.id = new UUID(random.nextLong(), random.nextLong());
            this.clockOffsetMillis = random.nextLong(1_000_000);
            this.address = addressOf(index);
        }

        GossipCore core() {
            GossipCore running = core;
            if (running == null) {
                throw new IllegalStateException("member " + index + " is down");
            }
            return running;
        }

        boolean isUp() {
            return core != null;
        }

        long clock() {
            return nowMillis + clockOffsetMillis;
        }
    }

    final SplittableRandom random;
    final List<Host> hosts = new ArrayList<>();
    final List<Seen> seen = new ArrayList<>();
    final List<GossipNotice> notices = new ArrayList<>();
    double loss;
    double duplicates;
    int delayMillisMin = 1;
    int delayMillisMax = 3;

    private final GossipSettings settings;
    private final Set<Long> cut = new HashSet<>();
    private final PriorityQueue<Happening> queue = new PriorityQueue<>((left, right) -> left.atMillis != right.atMillis
            ? Long.compare(left.atMillis, right.atMillis)
            : Long.compare(left.order, right.order));
    private long order;
    private long nowMillis;

    SimulatedGossip(long seed, GossipSettings settings, int members) {
        this.random = new SplittableRandom(seed);
        this.settings = settings;
        for (int index = 0; index < members; index++) {
            hosts.add(new Host(index));
        }
    }

    /** A cluster in which everybody knows everybody, some time after its start. */
    static SimulatedGossip started(long seed, GossipSettings settings, int members) {
        SimulatedGossip gossip = new SimulatedGossip(seed, settings, members);
        gossip.hosts.forEach(gossip::start);
        gossip.runUntil(gossip::converged, 120_000);
        gossip.run(2_000);
        gossip.seen.clear();
        return gossip;
    }

    static GossipAddress addressOf(int index) {
        return new GossipAddress(ByteString.copyFrom(new byte[] {10, 0, (byte) (index >> 8), (byte) index}), 7_400);
    }

    long now() {
        return nowMillis;
    }

    // ---- what is done to members ------------------------------------------------------------------------------------

    /** Starts a member that looks for the first three, at the address that it has now. */
    void start(Host host) {
        start(host, List.of(addressOf(0), addressOf(1), addressOf(2)));
    }

    void start(Host host, List<GossipAddress> seeds) {
        host.life++;
        host.paused = false;
        host.socket.clear();
        host.socketBytes = 0;
        MemberProfile profile = new MemberProfile(
                host.role,
                "member-" + host.index,
                "zone-" + host.index % 3,
                host.address.toString(),
                "0.1.0",
                host.cluster,
                host.clusterId);
        host.core = new GossipCore(
                settings,
                host.id,
                host.address,
                profile,
                UNIX_START_MILLIS + nowMillis - host.clockSetBackMillis,
                random::nextLong,
                host.clock());
        host.core.seeds(host.clock(), seeds);
        host.tickAtMillis = Long.MAX_VALUE;
        schedule(host);
    }

    /** The seeds' names are looked up again: they stand for the first three members, wherever these are now. */
    void lookUpSeeds() {
        List<GossipAddress> seeds =
                hosts.stream().limit(3).map(host -> host.address).toList();
        for (Host host : hosts) {
            if (host.isUp()) {
                host.core().seeds(host.clock(), seeds);
                reschedule(host);
            }
        }
    }

    void crash(Host host) {
        host.core = null;
        host.life++;
    }

    void leave(Host host) {
        take(host, host.core().leave(host.clock()));
    }

    /** As a long pause of the garbage collector. */
    void pause(Host host, long millis) {
        if (host.paused || !host.isUp()) {
            return;
        }
        host.paused = true;
        int life = host.life;
        at(nowMillis + millis, () -> {
            if (host.life == life) {
                resume(host);
            }
        });
    }

    private void resume(Host host) {
        host.paused = false;
        if (random.nextBoolean()) {
            tick(host);
        }
        while (!host.socket.isEmpty()) {
            Waiting waiting = host.socket.removeFirst();
            receive(host, waiting.datagram, waiting.from);
        }
        host.socketBytes = 0;
        tick(host);
    }

    /** Nothing comes through from the one to the other any longer. */
    void cut(Host from, Host to) {
        cut.add((long) from.index << 32 | to.index);
    }

    void cutBoth(Host left, Host right) {
        cut(left, right);
        cut(right, left);
    }

    void heal() {
        cut.clear();
    }

    void at(long atMillis, Runnable action) {
        queue.add(new Happening(atMillis, order++, action));
    }

    // ---- time -----------------------------------------------------------------------------------------------------

    void run(long millis) {
        long until = nowMillis + millis;
        while (!queue.isEmpty() && queue.peek().atMillis <= until) {
            step();
        }
        nowMillis = until;
    }

    /** How long it took; fails when it never comes true. */
    long runUntil(BooleanSupplier condition, long millisMax) {
        long start = nowMillis;
        long nextLook = nowMillis;
        while (true) {
            if (nowMillis >= nextLook) {
                if (condition.getAsBoolean()) {
                    return nowMillis - start;
                }
                nextLook = nowMillis + 20;
            }
            if (nowMillis - start > millisMax) {
                throw new AssertionError("not so after " + millisMax + " ms:\n" + describe());
            }
            step();
        }
    }

    private void step() {
        Happening next = queue.remove();
        nowMillis = Math.max(nowMillis, next.atMillis);
        next.action.run();
    }

    /** The member's next tick may be due earlier than it was. */
    void reschedule(Host host) {
        if (!host.paused) {
            schedule(host);
        }
    }

    private void schedule(Host host) {
        long due = Math.max(nowMillis, host.core().nextTickMillis() - host.clockOffsetMillis);
        if (host.tickAtMillis <= due && host.tickAtMillis > nowMillis) {
            return;
        }
        host.tickAtMillis = due;
        long number = ++host.tickOrder;
        int life = host.life;
        if (due > Long.MAX_VALUE / 2) {
            return;
        }
        at(due, () -> {
            if (host.life == life && host.tickOrder == number && !host.paused) {
                host.tickAtMillis = Long.MAX_VALUE;
                tick(host);
            }
        });
    }

    private void tick(Host host) {
        take(host, host.core().tick(host.clock()));
    }

    private void receive(Host host, byte[] datagram, GossipAddress from) {
        take(host, host.core().received(host.clock(), datagram, from));
    }

    private void take(Host host, GossipEffects effects) {
        for (MemberEvent event : effects.events()) {
            seen.add(new Seen(nowMillis, host.index, event));
        }
        notices.addAll(effects.notices());
        for (GossipEffects.Outgoing outgoing : effects.send()) {
            host.bytesSent += outgoing.datagram().length;
            host.datagramsSent++;
            host.datagramBytesMost = Math.max(host.datagramBytesMost, outgoing.datagram().length);
            send(host, outgoing);
            if (duplicates > 0 && random.nextDouble() < duplicates) {
                send(host, outgoing);
            }
        }
        host.tickAtMillis = Long.MAX_VALUE;
        schedule(host);
    }

    // ---- the network ------------------------------------------------------------------------------------------------

    private void send(Host from, GossipEffects.Outgoing outgoing) {
        if (loss > 0 && random.nextDouble() < loss) {
            return;
        }
        GossipAddress source = from.address;
        at(nowMillis + random.nextInt(delayMillisMin, delayMillisMax + 1), () -> {
            for (Host host : hosts) {
                if (host.isUp() && host.address.equals(outgoing.to())) {
                    arrive(from, host, outgoing.datagram(), source);
                    return;
                }
            }
        });
    }

    private void arrive(Host from, Host to, byte[] datagram, GossipAddress source) {
        if (cut.contains((long) from.index << 32 | to.index)) {
            return;
        }
        if (!to.paused) {
            receive(to, datagram, source);
        } else if (to.socketBytes + datagram.length <= SOCKET_BYTES_MAX) {
            to.socket.add(new Waiting(datagram, source));
            to.socketBytes += datagram.length;
        }
    }

    /** Puts bytes on the network as if a member had sent them. */
    void inject(Host to, byte[] datagram, GossipAddress from) {
        receive(to, datagram, from);
    }

    // ---- what is to be seen ---------------------------------------------------------------------------------------

    /** Whether each running member sees exactly the running ones as alive, at their addresses and in their lives. */
    boolean converged() {
        return converged(hosts);
    }

    boolean converged(List<Host> among) {
        for (Host observer : among) {
            if (!observer.isUp()) {
                continue;
            }
            Members members = observer.core().members();
            int running = 0;
            for (Host host : among) {
                GossipCore core = host.core;
                if (core == null) {
                    continue;
                }
                running++;
                Member actual = core.members().self();
                Member seenAs = members.find(host.id).orElse(null);
                if (seenAs == null
                        || seenAs.status() != MemberStatus.ALIVE
                        || seenAs.incarnation() != actual.incarnation()
                        || !seenAs.address().equals(actual.address())
                        || !seenAs.profile().equals(actual.profile())
                        || !seenAs.load().equals(actual.load())) {
                    return false;
                }
            }
            if (members.present().size() != running) {
                return false;
            }
        }
        return true;
    }

    boolean allSee(Host subject, MemberStatus status) {
        for (Host observer : hosts) {
            if (observer != subject
                    && observer.isUp()
                    && observer.core()
                                    .members()
                                    .find(subject.id)
                                    .map(Member::status)
                                    .orElse(MemberStatus.DEAD)
                            != status) {
                return false;
            }
        }
        return true;
    }

    /** What members were told of this one, of this kind. */
    List<Seen> seen(MemberEvent.Kind kind, Host subject) {
        return seen.stream()
                .filter(each ->
                        each.event.kind() == kind && each.event.member().id().equals(subject.id))
                .toList();
    }

    List<Seen> seen(MemberEvent.Kind kind) {
        return seen.stream().filter(each -> each.event.kind() == kind).toList();
    }

    String describe() {
        StringBuilder text = new StringBuilder();
        for (Host observer : hosts.subList(0, Math.min(10, hosts.size()))) {
            if (!observer.isUp()) {
                text.append(observer.index).append(" is down\n");
                continue;
            }
            text.append(observer.index).append(" sees");
            for (Host host : hosts.subList(0, Math.min(20, hosts.size()))) {
                text.append(' ').append(host.index).append('=');
                observer.core()
                        .members()
                        .find(host.id)
                        .ifPresentOrElse(
                                member -> text.append(member.status().name().charAt(0))
                                        .append('@')
                                        .append(member.incarnation() % 1_000_000),
                                () -> text.append('-'));
            }
            text.append('\n');
        }
        return text.toString();
    }
}

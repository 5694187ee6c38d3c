package dev.henge.membership.gossip;

import dev.henge.proto.GossipAck;
import dev.henge.proto.GossipDatagram;
import dev.henge.proto.GossipPing;
import dev.henge.proto.GossipPingRequest;
import dev.henge.proto.GossipRecord;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One member's part in the gossip; the package's page holds the contract. One thread at a time calls it.
 *
 * <p>Times are monotonic milliseconds of this process, not negative, the same clock for all calls.
 */
public final class GossipCore {

    /** More seeds than this are not contacted in one round. */
    private static final int SEEDS_PER_ROUND_MAX = 8;

    private static final int SEEDS_MAX = 256;
    private static final int FOREIGN_REMEMBERED_MAX = 64;
    private static final long FOREIGN_NOTICE_MILLIS = 60_000;

    /** Who leaves says so at once to this many, if there are so many. */
    private static final int LEAVE_FANOUT = 16;

    private final GossipSettings settings;
    private final LongUnaryOperator randomBelow;
    private final GossipCount count = new GossipCount();
    private final LocalHealth health;
    private final News news;
    private final MemberTable table;
    private final GossipSender sender;
    private final Prober prober;
    private final DigestExchange exchange;

    private List<GossipAddress> seeds = List.of();
    private int nextSeed;

    /** Addresses at which this member met itself. */
    private final Set<GossipAddress> ownAddresses = Collections.newSetFromMap(new BoundedMap<>(FOREIGN_REMEMBERED_MAX));

    /** When a notice about a foreign member was given last, by its address. */
    private final Map<GossipAddress, Long> foreignNoticed = new BoundedMap<>(FOREIGN_REMEMBERED_MAX);

    private final List<GossipNotice> notices = new ArrayList<>();
    private long nowMillis;
    private long nextGossipMillis;
    private long nextSyncMillis;
    private long nextContactMillis;
    private long nextLoadMillis;
    private @Nullable MemberLoad loadToTell;

    /**
     * @param self this member's id
     * @param address at which the others reach it
     * @param incarnation higher than in any earlier life of this member: Unix time in milliseconds will do, for when the
     *     clock was set back the others tell, and the member goes above what they know
     * @param randomBelow gives for a bound a number of {@code [0, bound)}
     */
    public GossipCore(
            GossipSettings settings,
            UUID self,
            GossipAddress address,
            MemberProfile profile,
            long incarnation,
            LongUnaryOperator randomBelow,
            long nowMillis) {
        this.settings = settings;
        this.randomBelow = randomBelow;
        this.nowMillis = nowMillis;
        this.health = new LocalHealth(settings.localHealthMax());
        this.news = new News(settings);
        MemberState own = new MemberState(self, incarnation, MemberStatus.ALIVE, address);
        own.profile = profile;
        own.profileVersion = incarnation;
        own.loadVersion = incarnation;
        this.table = new MemberTable(settings, health, new Suspicion(settings, health), news, count, own);
        this.sender = new GossipSender(settings, table, news, count);
        this.prober = new Prober(settings, table, sender, health, count, randomBelow, nowMillis);
        this.exchange = new DigestExchange(settings, table, sender);
        this.nextGossipMillis = nowMillis;
        this.nextSyncMillis = nowMillis + randomBelow.applyAsLong(settings.syncIntervalMillis());
        this.nextContactMillis = nowMillis;
        this.nextLoadMillis = nowMillis;
        news.tellProfile(own, 1);
        news.tellStatus(own, 1);
    }

    // ---- what happens ---------------------------------------------------------------------------------------------

    /** Time went on; call it at {@link #nextTickMillis()}, or more often. */
    public GossipEffects tick(long now) {
        advanceTime(now);
        if (isLeaving()) {
            gossip();
            return endStep();
        }
        prober.tick(nowMillis);
        table.expire(nowMillis);
        if (loadToTell != null && nowMillis >= nextLoadMillis) {
            nextLoadMillis = nowMillis + settings.loadIntervalMillis();
            table.changeOwnLoad(loadToTell);
            loadToTell = null;
        }
        if (nowMillis >= nextSyncMillis) {
            synchronize();
        }
        if (nowMillis >= nextContactMillis) {
            contact();
        }
        gossip();
        return endStep();
    }

    /**
     * A datagram came in. One that no member would have sent, or that is for another cluster, is counted and dropped.
     *
     * @param from where it came from, for the answer
     */
    public GossipEffects received(long now, byte[] bytes, GossipAddress from) {
        advanceTime(now);
        count.datagramsReceived++;
        count.bytesReceived += bytes.length;
        try {
            if (bytes.length > settings.datagramBytesMax()) {
                throw new MalformedDatagramException("a datagram of " + bytes.length + " bytes");
            }
            GossipDatagram datagram = GossipCodec.decode(bytes);
            handle(datagram, from);
        } catch (MalformedDatagramException e) {
            count.datagramsMalformed++;
        }
        return endStep();
    }

    /** The addresses that the seeds' names stand for now. This member's own may be among them. */
    public void seeds(long now, List<GossipAddress> resolved) {
        advanceTime(now);
        boolean first = seeds.isEmpty();
        seeds = List.copyOf(resolved.subList(0, Math.min(resolved.size(), SEEDS_MAX)));
        if (first) {
            nextContactMillis = nowMillis;
        }
    }

    /** This member's load; what is told of it at most each {@link GossipSettings#loadIntervalMillis()} is the newest. */
    public void load(long now, MemberLoad load) {
        advanceTime(now);
        loadToTell = load.equals(table.self().load) ? null : load;
    }

    /** This member's profile is another. The cluster's name must stay. */
    public GossipEffects profile(long now, MemberProfile profile) {
        advanceTime(now);
        if (!profile.cluster().equals(table.ownProfile().cluster())) {
            throw new IllegalArgumentException("a member does not go from one cluster to another");
        }
        if (!profile.equals(table.ownProfile())) {
            table.changeOwnProfile(profile);
        }
        return endStep();
    }

    /** Tells the others that this member goes. It may stop when {@link #isLeaveTold()}; it can't come back in this life. */
    public GossipEffects leave(long now) {
        advanceTime(now);
        if (!isLeaving()) {
            table.leave();
            for (MemberState member : randomPresent(LEAVE_FANOUT)) {
                sender.send(member.address, member, sender.datagram());
            }
            nextGossipMillis = nowMillis + settings.gossipIntervalMillis();
        }
        return endStep();
    }

    /** Whether the news that this member leaves was sent often enough. */
    public boolean isLeaveTold() {
        return isLeaving()
                && (table.self().statusTransmits == 0 || table.presentOthers().isEmpty());
    }

    /** When {@link #tick} has something to do; ask again after each call. */
    public long nextTickMillis() {
        if (isLeaving()) {
            return isLeaveTold() ? Long.MAX_VALUE : nextGossipMillis;
        }
        long next = Math.min(Math.min(nextSyncMillis, nextContactMillis), prober.nextMillis());
        next = Math.min(next, table.nextMillis());
        if (!news.isEmpty() && !table.presentOthers().isEmpty()) {
            next = Math.min(next, nextGossipMillis);
        }
        if (loadToTell != null) {
            next = Math.min(next, nextLoadMillis);
        }
        return next;
    }

    /** What this member knows, itself included. The same object until something changes. */
    public Members members() {
        return table.view();
    }

    public GossipCounters counters() {
        return count.read(health);
    }

    // ---- time -----------------------------------------------------------------------------------------------------

    private void advanceTime(long now) {
        if (now < 0) {
            throw new IllegalArgumentException("time must not be negative");
        }
        if (now <= nowMillis) {
            return;
        }
        long late = now - Math.max(nowMillis, nextTickMillis());
        nowMillis = now;
        if (late > settings.stallMillis()) {
            // A pause of the collector, or a machine with too much to do. The others were not silent; they were not
            // heard.
            count.stalls++;
            health.worse(1);
            prober.stoodStill(late);
            table.stoodStill(late);
        }
    }

    // ---- rounds -----------------------------------------------------------------------------------------------------

    /** Sends news to a few, without waiting for the next ping that they could travel with. */
    private void gossip() {
        if (nowMillis < nextGossipMillis
                || news.isEmpty()
                || table.presentOthers().isEmpty()) {
            return;
        }
        nextGossipMillis = nowMillis + settings.gossipIntervalMillis();
        for (MemberState member : randomPresent(settings.gossipFanout())) {
            if (!news.isEmpty()) {
                sender.send(member.address, member, sender.datagram());
            }
        }
    }

    private void synchronize() {
        int size = table.presentCount();
        int scale = 1 + Math.max(0, (int) Math.ceil(Math.log(size / 32.0) / Math.log(2)));
        long interval = settings.syncIntervalMillis() * scale;
        nextSyncMillis = nowMillis + interval / 2 + randomBelow.applyAsLong(interval);
        for (MemberState member : randomPresent(1)) {
            exchange.begin(member.address);
        }
    }

    /** Knocks where somebody might be who is not among the others: at seeds, and at members that are thought dead. */
    private void contact() {
        if (table.presentOthers().isEmpty()) {
            nextContactMillis = nowMillis + settings.joinIntervalMillis();
            List<GossipAddress> others =
                    seeds.stream().filter(seed -> !isOwn(seed)).toList();
            for (int contacted = 0; contacted < Math.min(others.size(), SEEDS_PER_ROUND_MAX); contacted++) {
                exchange.begin(others.get(nextSeed++ % others.size()));
            }
            if (!others.isEmpty()) {
                nextSeed %= others.size();
            }
        } else {
            nextContactMillis = nowMillis + settings.reconnectIntervalMillis();
        }
        List<GossipAddress> silent = new ArrayList<>();
        Set<GossipAddress> known = new HashSet<>();
        for (MemberState member : table.presentOthers()) {
            known.add(member.address);
        }
        for (MemberState member : table.gone()) {
            if (member.status == MemberStatus.DEAD && known.add(member.address) && !isOwn(member.address)) {
                silent.add(member.address);
            }
        }
        if (!table.presentOthers().isEmpty()) {
            for (GossipAddress seed : seeds) {
                if (known.add(seed) && !isOwn(seed)) {
                    silent.add(seed);
                }
            }
        }
        if (!silent.isEmpty()) {
            exchange.begin(silent.get((int) randomBelow.applyAsLong(silent.size())));
        }
    }

    private boolean isOwn(GossipAddress address) {
        return address.equals(table.self().address) || ownAddresses.contains(address);
    }

    private List<MemberState> randomPresent(int count) {
        List<MemberState> present = table.presentOthers();
        if (present.size() <= count) {
            return present;
        }
        List<MemberState> chosen = new ArrayList<>(count);
        while (chosen.size() < count) {
            MemberState member = present.get((int) randomBelow.applyAsLong(present.size()));
            if (!chosen.contains(member)) {
                chosen.add(member);
            }
        }
        return chosen;
    }

    // ---- datagrams --------------------------------------------------------------------------------------------------

    private void handle(GossipDatagram datagram, GossipAddress from) throws MalformedDatagramException {
        UUID id = GossipCodec.id(datagram.getSender());
        long incarnation = GossipCodec.version(datagram.getIncarnation());
        MemberProfile own = table.ownProfile();
        if (!own.mayShareClusterWith(datagram.getCluster(), datagram.getClusterId())) {
            refuse(new GossipNotice.ForeignCluster(
                    from, id, GossipCodec.name(datagram.getCluster()), GossipCodec.name(datagram.getClusterId())));
            return;
        }
        if (id.equals(table.self().id)) {
            ownAddresses.add(from);
            return;
        }
        // All of it is read before any of it counts.
        List<MemberClaim> claims = new ArrayList<>(datagram.getRecordsCount());
        for (GossipRecord record : datagram.getRecordsList()) {
            GossipCodec.claim(record, own.cluster()).ifPresent(claims::add);
        }
        if (!isLeaving()) {
            for (MemberClaim claim : claims) {
                table.merge(claim, from, nowMillis);
            }
        }
        answer(datagram, id, incarnation, from);
    }

    private void answer(GossipDatagram datagram, UUID id, long incarnation, GossipAddress from)
            throws MalformedDatagramException {
        MemberState member = table.find(id);
        if (isLeaving()) {
            if (datagram.hasPing()) {
                sender.sendAsIs(from, sender.datagram().addRecords(GossipCodec.record(table.self(), false, false)));
            }
            return;
        }
        boolean unknown = member == null ? !table.isFull() : member.incarnation < incarnation;
        if (unknown) {
            exchange.request(from, datagram.getSender());
        }
        switch (datagram.getBodyCase()) {
            case PING -> onPing(datagram.getPing(), member, incarnation, from);
            case PING_REQUEST -> onPingRequest(datagram.getPingRequest(), from);
            case ACK ->
                prober.onAck(
                        datagram.getAck().getSequence(),
                        GossipCodec.id(datagram.getAck().getTarget()));
            case NACK -> prober.onNack(datagram.getNack().getSequence(), id);
            case DIGEST -> exchange.onDigest(from, datagram.getDigest(), nowMillis);
            case RECORD_REQUEST -> exchange.onRequest(from, datagram.getRecordRequest());
            case BODY_NOT_SET -> {
                // News alone.
            }
        }
    }

    private void onPing(GossipPing ping, @Nullable MemberState pinging, long incarnation, GossipAddress from)
            throws MalformedDatagramException {
        if (!GossipCodec.id(ping.getTarget()).equals(table.self().id)) {
            // For a member that had this address once. Who is here now is worth knowing.
            sender.sendAsIs(from, sender.datagram().addRecords(GossipCodec.record(table.self(), true, true)));
            return;
        }
        GossipDatagram.Builder ack = sender.datagram()
                .setAck(GossipAck.newBuilder().setSequence(ping.getSequence()).setTarget(ping.getTarget()));
        if (pinging != null && pinging.incarnation > incarnation) {
            // A new life of it that does not know how high its last one had come.
            sender.sendToMisled(from, pinging, ack);
        } else {
            sender.send(from, pinging, ack);
        }
    }

    private void onPingRequest(GossipPingRequest request, GossipAddress from) throws MalformedDatagramException {
        prober.onPingRequest(
                from,
                request.getSequence(),
                GossipCodec.id(request.getTarget()),
                GossipCodec.address(request.getTargetAddress()),
                nowMillis);
    }

    private void refuse(GossipNotice.ForeignCluster notice) {
        count.datagramsForeign++;
        Long last = foreignNoticed.get(notice.from());
        if (last == null || nowMillis - last >= FOREIGN_NOTICE_MILLIS) {
            foreignNoticed.put(notice.from(), nowMillis);
            notices.add(notice);
        }
    }

    private boolean isLeaving() {
        return table.self().status == MemberStatus.LEFT;
    }

    private GossipEffects endStep() {
        List<GossipNotice> noticed = new ArrayList<>(notices);
        notices.clear();
        noticed.addAll(table.takeNotices());
        return new GossipEffects(sender.takeOutgoing(), table.takeEvents(), noticed);
    }

    /** Forgets the entry that was put first, or used last, when there are too many. */
    private static final class BoundedMap<K, V> extends LinkedHashMap<K, V> {
        private final int sizeMax;

        BoundedMap(int sizeMax) {
            this.sizeMax = sizeMax;
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > sizeMax;
        }
    }
}

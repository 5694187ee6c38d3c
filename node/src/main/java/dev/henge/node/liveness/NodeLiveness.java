package dev.henge.node.liveness;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongUnaryOperator;

/**
 * One node's part in the mutual support of nodes; the package's page holds the contract. One thread at a time calls it;
 * the {@link PeerSupport} that it gives may be read by any.
 *
 * <p>Times are monotonic nanoseconds of this process, not negative, the same clock for all calls.
 */
public final class NodeLiveness implements NodeSupport {

    /** A message for another node. */
    public record Outgoing(String to, SupportMessage message) {}

    /**
     * What a call asks of the runtime.
     *
     * @param send may get lost
     * @param changed nodes that began or ceased to support this one, or be supported by it: tell the replicas
     * @param probeDisk write and sync something, and then call {@link #diskProbed}
     */
    public record Effects(List<Outgoing> send, List<String> changed, boolean probeDisk) {}

    /** A question that comes so long after the one before it is answered at once. */
    private static final int LATE_QUESTION_INTERVALS = 2;

    private static final Received NOTHING = new Received(0, 0);

    /** A session that this node was given, and until when it counts on it. */
    private record Received(long session, long untilNanos) {}

    private static final class Peer implements PeerSupport {
        final String name;

        // Towards this peer as the one that supports it.
        private volatile long given;
        private volatile long givenToIncarnation;
        long givenUntilNanos;
        long answerIncarnation;
        long answerSentNanos;
        long answerSession;

        // Towards this peer as the one that is supported by it.
        private volatile Received received = NOTHING;
        long latestAnsweredNanos = -1;

        Peer(String name) {
            this.name = name;
        }

        @Override
        public long given() {
            return given;
        }

        @Override
        public long given(long incarnation) {
            // The session first: of one that begins in between, the life was written before it.
            long session = given;
            return givenToIncarnation == incarnation ? session : 0;
        }

        @Override
        public long received() {
            return received.session();
        }

        @Override
        public long receivedUntilNanos(long session) {
            Received current = received;
            return session != 0 && current.session() == session ? current.untilNanos() : 0;
        }
    }

    private final LivenessConfig config;
    private final String self;
    private final long incarnation;
    private final LongUnaryOperator randomBelow;
    private final Map<String, Peer> peers = new TreeMap<>();
    private long nowNanos;
    private long nextRequestNanos;
    private long diskProvedNanos;
    private boolean diskEverProved;
    private boolean probing;
    private long nextProbeNanos;
    private volatile boolean diskProves;

    private List<Outgoing> send = new ArrayList<>();
    private List<String> changed = new ArrayList<>();

    /**
     * @param peers the other nodes
     * @param randomBelow gives for a bound a number of {@code [0, bound)}, for names of sessions and of this process's
     *     life, which must never be used twice
     */
    public NodeLiveness(
            LivenessConfig config, String self, Iterable<String> peers, long nowNanos, LongUnaryOperator randomBelow) {
        this.config = config;
        this.self = self;
        this.randomBelow = randomBelow;
        this.incarnation = freshNumber();
        this.nowNanos = nowNanos;
        this.nextRequestNanos = nowNanos;
        peers.forEach(this::peer);
    }

    private long freshNumber() {
        return 1 + randomBelow.applyAsLong(Long.MAX_VALUE);
    }

    /** Takes the node in, if it is not known yet: from now on it is asked for support. */
    @Override
    public PeerSupport peer(String node) {
        if (node.equals(self)) {
            throw new IllegalArgumentException("a node does not support itself");
        }
        return peers.computeIfAbsent(node, Peer::new);
    }

    @Override
    public long incarnation() {
        return incarnation;
    }

    @Override
    public boolean diskProves() {
        return diskProves;
    }

    // ---- what happens ------------------------------------------------------------------------------------------

    /** Time went on; call it at {@link #nextTickNanos()}, or more often. */
    public Effects tick(long now) {
        advanceTime(now);
        if (diskProves && nowNanos >= nextRequestNanos) {
            nextRequestNanos = nowNanos + config.requestIntervalNanos();
            peers.values().forEach(this::sendTo);
        }
        boolean probe = !probing && nowNanos >= nextProbeNanos;
        probing = probing || probe;
        return endStep(probe);
    }

    /** A message came in. Messages of nodes that are not known are ignored. */
    public Effects receive(String from, SupportMessage message, long now) {
        advanceTime(now);
        Peer peer = peers.get(from);
        if (peer != null) {
            onAnswer(peer, message);
            onRequest(peer, message);
        }
        return endStep(false);
    }

    /** A sync of the log was completed. */
    public Effects diskSynced(long now) {
        // The clock first: what ran out before the sync came back has run out.
        advanceTime(now);
        diskProvedNanos = nowNanos;
        diskEverProved = true;
        diskProves = true;
        nextProbeNanos = nowNanos + config.diskProbeNanos();
        return endStep(false);
    }

    /** The probe that was asked for was made; it counts as a sync if it succeeded. */
    public Effects diskProbed(boolean succeeded, long now) {
        probing = false;
        if (succeeded) {
            return diskSynced(now);
        }
        advanceTime(now);
        nextProbeNanos = nowNanos + config.diskProbeNanos();
        return endStep(false);
    }

    /** When {@link #tick} has something to do; ask again after each call. */
    public long nextTickNanos() {
        long next =
                diskProves ? Math.min(nextRequestNanos, diskProvedNanos + config.diskStallNanosMax()) : Long.MAX_VALUE;
        if (!probing) {
            next = Math.min(next, nextProbeNanos);
        }
        for (Peer peer : peers.values()) {
            if (peer.given != 0) {
                next = Math.min(next, peer.givenUntilNanos);
            }
            if (peer.received.session() != 0) {
                next = Math.min(next, peer.received.untilNanos());
            }
        }
        return next;
    }

    // ---- rules -------------------------------------------------------------------------------------------------

    /** Before anything else: what has run out is over, whatever the event would say about it. */
    private void advanceTime(long now) {
        if (now < 0) {
            throw new IllegalArgumentException("time must not be negative");
        }
        nowNanos = Math.max(nowNanos, now);
        diskProves = diskEverProved && nowNanos - diskProvedNanos < config.diskStallNanosMax();
        for (Peer peer : peers.values()) {
            if (peer.given != 0 && nowNanos >= peer.givenUntilNanos) {
                peer.given = 0;
                changed.add(peer.name);
            }
            if (peer.received.session() != 0 && nowNanos >= peer.received.untilNanos()) {
                peer.received = NOTHING;
                changed.add(peer.name);
            }
        }
    }

    private void onAnswer(Peer peer, SupportMessage message) {
        if (message.session() == 0 || message.answeredIncarnation() != incarnation) {
            return;
        }
        // Answers may come out of order; a session that was followed by another must not come back.
        long answeredNanos = message.answeredSentNanos();
        long untilNanos = answeredNanos + config.countedNanos();
        if (answeredNanos <= peer.latestAnsweredNanos || untilNanos <= nowNanos) {
            return;
        }
        peer.latestAnsweredNanos = answeredNanos;
        boolean isNew = peer.received.session() != message.session();
        peer.received = new Received(message.session(), untilNanos);
        if (isNew) {
            changed.add(peer.name);
        }
    }

    private void onRequest(Peer peer, SupportMessage message) {
        if (!diskProves) {
            return;
        }
        boolean begins = peer.given == 0;
        if (!begins && peer.givenToIncarnation != message.incarnation()) {
            // Another life of the same node: what its last one was promised is kept first.
            return;
        }
        long extendedByNanos = nowNanos + config.supportNanos() - peer.givenUntilNanos;
        peer.givenUntilNanos = nowNanos + config.supportNanos();
        peer.answerIncarnation = message.incarnation();
        peer.answerSentNanos = message.sentNanos();
        if (begins) {
            peer.givenToIncarnation = message.incarnation();
            peer.given = freshNumber();
            changed.add(peer.name);
        }
        peer.answerSession = peer.given;
        if (begins || extendedByNanos > LATE_QUESTION_INTERVALS * config.requestIntervalNanos()) {
            // Who waits for support, or has little of it left, should not wait for the next question too.
            sendTo(peer);
        }
    }

    /** Asks, and answers what was asked since the last time. */
    private void sendTo(Peer peer) {
        boolean answers = peer.answerSession != 0 && peer.answerSession == peer.given;
        send.add(new Outgoing(
                peer.name,
                new SupportMessage(
                        incarnation,
                        nowNanos,
                        answers ? peer.answerIncarnation : 0,
                        answers ? peer.answerSentNanos : 0,
                        answers ? peer.answerSession : 0)));
        peer.answerSession = 0;
    }

    private Effects endStep(boolean probe) {
        Effects effects = new Effects(
                Collections.unmodifiableList(send), changed.stream().distinct().toList(), probe);
        send = new ArrayList<>();
        changed = new ArrayList<>();
        return effects;
    }
}

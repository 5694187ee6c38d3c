package dev.henge.node.runtime;

import dev.henge.node.liveness.LivenessConfig;
import dev.henge.node.liveness.NodeLiveness;
import dev.henge.node.liveness.NodeSupport;
import dev.henge.node.liveness.PeerSupport;
import dev.henge.node.liveness.SupportMessage;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.Support;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

/**
 * Carries out what {@link NodeLiveness} asks for. Any thread may call; one at a time gets in. No thread of its own: a
 * {@link SupportTimer} brings the ticks, in a simulation its scheduler does.
 */
public final class SupportExchange implements NodeSupport {

    /** What it needs of the node around it. None of the calls may block or call back. */
    public interface Port {

        /** Sends at once, or not at all. */
        void send(String node, PeerMessage message);

        /** Support between this node and another began or ended: has all replicas told. */
        void supportChanged(String node);

        /** Has the disk probed, and then {@link #onProbed} called. */
        void probeDisk();
    }

    /** Proofs of the disk that follow closer than this tell nothing new. */
    private static final long PROOF_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(20);

    private final NodeLiveness liveness;
    private final LongSupplier nanoTime;
    private final Port port;
    private final Map<String, PeerSupport> peers = new ConcurrentHashMap<>();
    private volatile long lastProofNanos = Long.MIN_VALUE / 2;

    /** @param peers names of the other nodes */
    public SupportExchange(
            LivenessConfig config,
            String self,
            Iterable<String> peers,
            LongSupplier nanoTime,
            LongUnaryOperator randomBelow,
            Port port) {
        this.nanoTime = nanoTime;
        this.port = port;
        this.liveness = new NodeLiveness(config, self, peers, nanoTime.getAsLong(), randomBelow);
    }

    @Override
    public PeerSupport peer(String node) {
        return peers.computeIfAbsent(node, this::newPeer);
    }

    private synchronized PeerSupport newPeer(String node) {
        return liveness.peer(node);
    }

    @Override
    public long incarnation() {
        return liveness.incarnation();
    }

    @Override
    public boolean diskProves() {
        return liveness.diskProves();
    }

    /**
     * Does what is due.
     *
     * @return when to call again, at the latest
     */
    public synchronized long tick() {
        carryOut(liveness.tick(nanoTime.getAsLong()));
        return liveness.nextTickNanos();
    }

    public synchronized void onMessage(String from, Support message) {
        SupportMessage received = new SupportMessage(
                message.getIncarnation(),
                message.getSentNanos(),
                message.getAnsweredIncarnation(),
                message.getAnsweredSentNanos(),
                message.getSession());
        carryOut(liveness.receive(from, received, nanoTime.getAsLong()));
    }

    /** The log was synced. */
    public void onSynced() {
        long nowNanos = nanoTime.getAsLong();
        if (nowNanos - lastProofNanos < PROOF_NANOS_MIN) {
            return;
        }
        lastProofNanos = nowNanos;
        synchronized (this) {
            carryOut(liveness.diskSynced(nanoTime.getAsLong()));
        }
    }

    /** The probe of the disk came back. */
    public synchronized void onProbed(boolean succeeded) {
        carryOut(liveness.diskProbed(succeeded, nanoTime.getAsLong()));
    }

    private void carryOut(NodeLiveness.Effects effects) {
        for (NodeLiveness.Outgoing outgoing : effects.send()) {
            SupportMessage message = outgoing.message();
            port.send(
                    outgoing.to(),
                    PeerMessage.newBuilder()
                            .setSupport(Support.newBuilder()
                                    .setIncarnation(message.incarnation())
                                    .setSentNanos(message.sentNanos())
                                    .setAnsweredIncarnation(message.answeredIncarnation())
                                    .setAnsweredSentNanos(message.answeredSentNanos())
                                    .setSession(message.session()))
                            .build());
        }
        effects.changed().forEach(port::supportChanged);
        if (effects.probeDisk()) {
            port.probeDisk();
        }
    }
}

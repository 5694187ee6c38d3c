package dev.henge.node.partition;

import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.RaftEvent;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.SnapshotChunk;
import dev.henge.proto.SnapshotReply;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots a replica sends and the one it takes in. What is taken in replaces the state at once, chunk by chunk, under
 * a mark in the storage that says so: after a crash half way the replica counts as damaged and asks for another.
 */
final class SnapshotTransfers {

    private static final Logger log = LoggerFactory.getLogger(SnapshotTransfers.class);
    private static final long FLUSH_RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long SILENCE_NANOS_MAX = TimeUnit.SECONDS.toNanos(15);

    /** The snapshot being taken in. */
    private static final class Incoming {
        final String from;
        final long transfer;
        final long index;
        final long term;
        int nextSequence;
        boolean complete;

        /** When to flush again what could not be flushed for want of disk space; 0 when nothing waits. */
        long flushAgainNanos;

        long lastHeardNanos;

        Incoming(String from, SnapshotChunk first, long nowNanos) {
            this.from = from;
            this.transfer = first.getTransfer();
            this.index = first.getSnapshotIndex();
            this.term = first.getSnapshotTerm();
            this.lastHeardNanos = nowNanos;
        }
    }

    private final int partition;
    private final StateMachine machine;
    private final StorageEngine storage;
    private final RaftCore core;
    private final ReplicaEnvironment environment;
    private final Consumer<RaftEvent> step;
    private final Consumer<Runnable> whenDurable;
    private final Map<String, SnapshotSender> outgoing = new HashMap<>();
    private @Nullable Incoming incoming;

    SnapshotTransfers(
            int partition,
            StateMachine machine,
            StorageEngine storage,
            RaftCore core,
            ReplicaEnvironment environment,
            Consumer<RaftEvent> step,
            Consumer<Runnable> whenDurable) {
        this.partition = partition;
        this.machine = machine;
        this.storage = storage;
        this.core = core;
        this.environment = environment;
        this.step = step;
        this.whenDurable = whenDurable;
    }

    // ---- sending -----------------------------------------------------------------------------------------------

    void send(String node) {
        stop(node);
        StorageEngine.View view = storage.view();
        SnapshotSender sender = new SnapshotSender(
                node,
                environment.randomBelow(Long.MAX_VALUE),
                machine.applied(),
                view,
                machine.ranges(view),
                environment.nanoTime());
        outgoing.put(node, sender);
        log.info("partition {}: sends node {} a snapshot at index {}", partition, node, sender.index());
        pump(sender);
    }

    private void pump(SnapshotSender sender) {
        for (Optional<SnapshotChunk> chunk = sender.nextChunk(); chunk.isPresent(); chunk = sender.nextChunk()) {
            environment.send(
                    sender.to(),
                    PeerMessage.newBuilder()
                            .setPartition(partition)
                            .setTerm(core.term())
                            .setSnapshotChunk(chunk.get())
                            .build());
        }
    }

    void onReply(String from, SnapshotReply reply) {
        SnapshotSender sender = outgoing.get(from);
        if (sender == null || sender.transfer() != reply.getTransfer()) {
            return;
        }
        if (reply.getFailed()) {
            giveUp(sender, "the receiver gave up");
            return;
        }
        if (reply.getInstalled()) {
            log.info("partition {}: node {} installed the snapshot at index {}", partition, from, sender.index());
            stop(from);
            step.accept(new RaftEvent.SnapshotSent(from, sender.index()));
            return;
        }
        sender.acknowledge(reply.getSequence(), environment.nanoTime());
        pump(sender);
    }

    private void giveUp(SnapshotSender sender, String why) {
        log.warn("partition {}: the snapshot for node {} was given up: {}", partition, sender.to(), why);
        stop(sender.to());
        step.accept(new RaftEvent.SnapshotFailed(sender.to()));
    }

    private void stop(String node) {
        SnapshotSender sender = outgoing.remove(node);
        if (sender != null) {
            sender.close();
        }
    }

    void stopSending() {
        outgoing.values().forEach(SnapshotSender::close);
        outgoing.clear();
    }

    // ---- taking in ---------------------------------------------------------------------------------------------

    void onChunk(String from, SnapshotChunk chunk) {
        if (chunk.getSequence() == 0) {
            begin(from, chunk);
        }
        Incoming current = incoming;
        if (current == null || current.transfer != chunk.getTransfer() || current.complete) {
            return;
        }
        if (chunk.getSequence() != current.nextSequence || SnapshotChecksum.of(chunk) != chunk.getChecksum()) {
            log.warn("partition {}: chunk {} of a snapshot is missing or damaged", partition, current.nextSequence);
            abandon(current);
            return;
        }
        if (!stored(() -> machine.install(chunk.getKeysList(), chunk.getValuesList()))) {
            abandon(current);
            return;
        }
        current.nextSequence++;
        current.lastHeardNanos = environment.nanoTime();
        if (chunk.getLast()) {
            complete(current);
            return;
        }
        reply(current, SnapshotReply.newBuilder().setSequence(chunk.getSequence()));
    }

    private void begin(String from, SnapshotChunk first) {
        if (incoming != null && incoming.transfer == first.getTransfer()) {
            return;
        }
        if (incoming != null && incoming.complete) {
            // It is being made durable; the sender of another one tries again.
            return;
        }
        if (!core.acceptsSnapshot(first.getSnapshotIndex())) {
            environment.send(
                    from,
                    message(SnapshotReply.newBuilder()
                            .setTransfer(first.getTransfer())
                            .setFailed(true)));
            return;
        }
        log.info("partition {}: takes in a snapshot of node {} at index {}", partition, from, first.getSnapshotIndex());
        incoming = new Incoming(from, first, environment.nanoTime());
        step.accept(new RaftEvent.StateMachineDamaged(environment.nanoTime()));
        if (!stored(machine::beginInstallation)) {
            abandon(incoming);
        }
    }

    /** Changes the stored state; false when there is no space for it. */
    private boolean stored(Runnable change) {
        try {
            change.run();
            return true;
        } catch (StorageException e) {
            if (!e.outOfSpace()) {
                throw e;
            }
            log.warn("partition {}: can't take in a snapshot: {}", partition, e.getMessage());
            return false;
        }
    }

    private void complete(Incoming current) {
        if (!stored(machine::endInstallation)) {
            abandon(current);
            return;
        }
        current.complete = true;
        makeDurable(current);
    }

    private void makeDurable(Incoming current) {
        current.flushAgainNanos = 0;
        environment.runInBackground(() -> {
            try {
                storage.flush();
                environment.post(() -> installed(current));
            } catch (StorageException e) {
                if (!e.outOfSpace()) {
                    environment.fail(e);
                    return;
                }
                environment.post(() -> current.flushAgainNanos = environment.nanoTime() + FLUSH_RETRY_NANOS);
            } catch (RuntimeException e) {
                environment.fail(e);
            }
        });
    }

    private void installed(Incoming current) {
        incoming = null;
        if (!core.acceptsSnapshot(current.index)) {
            log.warn("partition {}: the snapshot at index {} came too late", partition, current.index);
            reply(current, SnapshotReply.newBuilder().setFailed(true));
            return;
        }
        step.accept(new RaftEvent.SnapshotInstalled(current.index, current.term));
        step.accept(new RaftEvent.StateMachineRepaired());
        if (partition == 0) {
            environment.catalogApplied(machine.catalog().catalog());
        }
        whenDurable.accept(() -> reply(current, SnapshotReply.newBuilder().setInstalled(true)));
    }

    private void abandon(Incoming current) {
        incoming = null;
        reply(current, SnapshotReply.newBuilder().setFailed(true));
    }

    private void reply(Incoming current, SnapshotReply.Builder reply) {
        environment.send(current.from, message(reply.setTransfer(current.transfer)));
    }

    private PeerMessage message(SnapshotReply.Builder reply) {
        return PeerMessage.newBuilder()
                .setPartition(partition)
                .setTerm(core.term())
                .setSnapshotReply(reply)
                .build();
    }

    void onTick(long nowNanos) {
        outgoing.values().stream()
                .filter(sender -> sender.silentTooLong(nowNanos))
                .toList()
                .forEach(sender -> giveUp(sender, "no answer"));
        Incoming current = incoming;
        if (current != null && current.flushAgainNanos != 0 && nowNanos >= current.flushAgainNanos) {
            makeDurable(current);
        }
        if (current != null && !current.complete && nowNanos - current.lastHeardNanos > SILENCE_NANOS_MAX) {
            abandon(current);
        }
    }

    /** When {@link #onTick} has something to do, {@code Long.MAX_VALUE} for never. */
    long nextTickNanos() {
        Incoming current = incoming;
        long next =
                current == null || current.complete ? Long.MAX_VALUE : current.lastHeardNanos + SILENCE_NANOS_MAX + 1;
        if (current != null && current.flushAgainNanos != 0) {
            next = Math.min(next, current.flushAgainNanos);
        }
        for (SnapshotSender sender : outgoing.values()) {
            next = Math.min(next, sender.silentTooLongNanos());
        }
        return next;
    }

    void close() {
        stopSending();
    }
}

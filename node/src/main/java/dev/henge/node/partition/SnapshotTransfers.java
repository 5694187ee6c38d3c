package dev.henge.node.partition;

import dev.henge.membership.TokenRange;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.RaftEvent;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.PeerMessage;
import dev.henge.proto.SnapshotManifest;
import dev.henge.proto.SplitPoint;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** The snapshots that a replica sends and the one that it receives, and what they mean to its Raft core. */
final class SnapshotTransfers {

    private final int partition;
    private final StateMachine machine;
    private final RaftCore core;
    private final ReplicaEnvironment environment;
    private final Consumer<RaftEvent> step;
    private final Consumer<Runnable> whenDurable;
    private final Consumer<StorageException> storageDamaged;
    private final LongSupplier neededIndex;
    private final SnapshotSender sender;
    private final SnapshotReceiver receiver;
    private long installedCount;

    /**
     * @param step gives the core an event and carries out what follows
     * @param whenDurable runs a task once everything written to the log so far is durable
     * @param storageDamaged told when the storage could not be read
     * @param neededIndex a snapshot that ends before this entry is of no use
     */
    SnapshotTransfers(
            int partition,
            StateMachine machine,
            StorageEngine storage,
            PartitionLog raftLog,
            RaftCore core,
            ReplicaEnvironment environment,
            Consumer<RaftEvent> step,
            Consumer<Runnable> whenDurable,
            Consumer<StorageException> storageDamaged,
            LongSupplier neededIndex) {
        this.neededIndex = neededIndex;
        this.partition = partition;
        this.machine = machine;
        this.core = core;
        this.environment = environment;
        this.step = step;
        this.whenDurable = whenDurable;
        this.storageDamaged = storageDamaged;
        this.sender =
                new SnapshotSender(partition, machine, storage, raftLog::baseIndex, environment, new SenderHost());
        this.receiver = new SnapshotReceiver(partition, storage, environment, new ReceiverHost());
    }

    void send(String node) {
        sender.send(node);
    }

    /** The replica was opened, and is damaged. */
    void resumeInstallation(StorageEngine storage) {
        if (OwnRange.beingInstalled(storage, partition).isPresent()) {
            receiver.resume();
        }
    }

    /** Whether replicas of partitions that are part of this one, by a snapshot, were asked to go from this node. */
    boolean othersGoAway() {
        return receiver.othersGoAway();
    }

    /** This replica leads no more. */
    void stopSending() {
        sender.stop();
    }

    /** After which index the log is to be kept for those who receive a snapshot; empty when nobody does. */
    OptionalLong retainedIndex() {
        return sender.retainedIndex();
    }

    void onMessage(String from, PeerMessage message) {
        switch (message.getKindCase()) {
            case SNAPSHOT_OFFER -> receiver.onOffer(from, message.getTerm(), message.getSnapshotOffer());
            case SNAPSHOT_PIECE -> receiver.onPiece(message.getSnapshotPiece());
            case SNAPSHOT_REQUEST -> sender.onRequest(from, message.getSnapshotRequest());
            case SNAPSHOT_REPLY -> sender.onReply(from, message.getSnapshotReply());
            case PRE_VOTE,
                    PRE_VOTE_REPLY,
                    VOTE,
                    VOTE_REPLY,
                    APPEND,
                    APPEND_REPLY,
                    HEARTBEAT,
                    HEARTBEAT_REPLY,
                    RELEASE,
                    SUPPORT,
                    TIMEOUT_NOW,
                    NOT_MEMBER,
                    KIND_NOT_SET -> throw new IllegalArgumentException("not a message of a snapshot's transfer");
        }
    }

    void onTick(long nowNanos) {
        sender.onTick(nowNanos);
        receiver.onTick(nowNanos);
    }

    /** How many were installed here since the replica was opened. */
    long installedCount() {
        return installedCount;
    }

    /** When {@link #onTick} has something to do, {@code Long.MAX_VALUE} for never. */
    long nextTickNanos() {
        return Math.min(sender.nextTickNanos(), receiver.nextTickNanos());
    }

    /** The replica is given up while its process goes on; completes when nothing of its transfers is under way. */
    CompletableFuture<Void> abandon() {
        return CompletableFuture.allOf(sender.abandon(), receiver.abandon());
    }

    /** The replica is not called again. */
    void close() {
        sender.close();
        receiver.close();
    }

    private void sendMessage(String node, PeerMessage.Builder message) {
        environment.send(
                node, message.setPartition(partition).setTerm(core.term()).build());
    }

    private final class SenderHost implements SnapshotSender.Host {

        @Override
        public void send(String node, PeerMessage.Builder message) {
            sendMessage(node, message);
        }

        @Override
        public void sent(String node, long index) {
            step.accept(new RaftEvent.SnapshotSent(node, index));
        }

        @Override
        public void failed(String node) {
            step.accept(new RaftEvent.SnapshotFailed(node));
        }

        @Override
        public void storageFailed(StorageException cause) {
            storageDamaged.accept(cause);
        }
    }

    private final class ReceiverHost implements SnapshotReceiver.Host {

        @Override
        public long term() {
            return core.term();
        }

        @Override
        public boolean acceptsSnapshot(long index) {
            if (machine.isSealed() && !core.stateMachineDamaged()) {
                return false; // what it holds stays where it is: another partition's replica may take it at any time
            }
            return core.acceptsSnapshot(index) && index >= neededIndex.getAsLong();
        }

        @Override
        public boolean hasComeToSealOf(SnapshotManifest manifest) {
            return !core.stateMachineDamaged()
                    && manifest.hasBehindSeal()
                    && machine.isSealedAs(manifest.getBehindSeal())
                    && core.acceptsSnapshot(manifest.getIndex());
        }

        @Override
        public void passBehindSeal(SnapshotManifest manifest) {
            machine.passBehindSeal(manifest.getIndex(), manifest.getTerm(), manifest.getBehindSeal());
            step.accept(new RaftEvent.StateMachineDamaged(environment.nanoTime())); // until that is durable
        }

        @Override
        public boolean needsSnapshot() {
            return core.stateMachineDamaged();
        }

        @Override
        public boolean holdsStateAt(long index, long term) {
            StateMachine.Applied applied = machine.applied();
            return applied.index() == index && applied.term() == term;
        }

        @Override
        public void send(String node, PeerMessage.Builder message) {
            sendMessage(node, message);
        }

        @Override
        public boolean mayHold(SnapshotManifest manifest) {
            return environment.couldHold(reach(manifest), manifest.getTakenList());
        }

        @Override
        public boolean othersGaveWay(SnapshotManifest manifest) {
            return environment.giveWay(manifest.getTakenList());
        }

        @Override
        public boolean applyUpToSplits(SnapshotManifest manifest) {
            if (core.stateMachineDamaged()) {
                return true;
            }
            for (SplitPoint split : manifest.getSplitsList().reversed()) {
                step.accept(new RaftEvent.CommitProven(split.getIndex(), split.getTerm()));
            }
            return machine.applied().index() >= core.commitIndex();
        }

        private TokenRange reach(SnapshotManifest manifest) {
            return manifest.hasRange()
                    ? StateMachine.union(machine.tokens(), OwnRange.tokens(manifest.getRange()))
                    : machine.tokens();
        }

        @Override
        public Optional<StateMachine.Clearing> beginInstallation(SnapshotManifest manifest) {
            if (!environment.hold(reach(manifest))) {
                return Optional.empty();
            }
            StateMachine.Clearing clearing = cleared(manifest);
            step.accept(new RaftEvent.StateMachineDamaged(environment.nanoTime()));
            return Optional.of(clearing);
        }

        private StateMachine.Clearing cleared(SnapshotManifest manifest) {
            try {
                return manifest.hasRange()
                        ? machine.beginInstallation(manifest.getRange())
                        : machine.beginInstallation();
            } catch (StorageException e) {
                environment.hold(machine.tokens());
                throw e;
            }
        }

        @Override
        public void endInstallation(long index, long term) {
            machine.endInstallation(index, term);
            environment.hold(machine.tokens());
            environment.snapshotInstalled();
        }

        @Override
        public void installed(long index, long term, Runnable whenLogDurable) {
            if (!core.acceptsSnapshot(index)) {
                throw new IllegalStateException(
                        "partition " + partition + ": a damaged replica went on without its state");
            }
            installedCount++;
            step.accept(new RaftEvent.SnapshotInstalled(index, term));
            step.accept(new RaftEvent.StateMachineRepaired());
            if (partition == 0) {
                environment.catalogApplied(machine.catalog().catalog());
            }
            whenDurable.accept(whenLogDurable);
        }

        @Override
        public void storageFailed(StorageException cause) {
            storageDamaged.accept(cause);
        }
    }
}

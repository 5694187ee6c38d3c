package dev.henge.node.partition;

import dev.henge.node.log.LogUse;
import dev.henge.node.log.PartitionLog;
import dev.henge.node.replication.Configuration;
import dev.henge.node.replication.LogEntry;
import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.RaftEvent;
import dev.henge.node.storage.StorageEngine;
import dev.henge.node.storage.StorageException;
import dev.henge.proto.LogBase;
import dev.henge.proto.LogBaseRequest;
import dev.henge.proto.PeerMessage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The part of a replica that keeps the log alone, in the place of one whose node is lost. Its log begins where the leader
 * says, behind what all others hold; it applies nothing and only follows who the members are; it forgets what the leader says
 * that all voters with items hold, once how far it has come is durable here. Called on the replica's event loop.
 */
final class LogKeeper {

    private static final int READ_BYTES_MAX = 4 << 20;
    private static final int CHUNK_BYTES = 1 << 20;
    private static final int OVERHEAD_BYTES = 64;

    /** How often it says that it is full, while it is. */
    private static final long FULL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    /** How long a leader believes that; a few messages may be lost. */
    static final long FULL_VALID_NANOS = 4 * FULL_NANOS;

    /** Entries up to an index, and what they take. */
    private record Chunk(long lastIndex, long bytes) {}

    private final int partition;
    private final PartitionLog log;
    private final StateMachine machine;
    private final StorageEngine storage;
    private final RaftCore core;
    private final StoredConfigurations configurations;
    private final MemberEnvironment environment;
    private final Consumer<RaftEvent> step;
    private final BiConsumer<String, PeerMessage> send;
    private final long bytesMax;

    /** What the log holds, in chunks. Entries that are replaced count twice until they are forgotten. */
    private final Deque<Chunk> kept = new ArrayDeque<>();

    private long keptBytes;
    private boolean settling;
    private long nextFullReportNanos;

    /** Up to where the log may be forgotten as far as this replica's own storage goes. */
    private long durablyPassedIndex;

    /** Up to where the leader lets the log be forgotten; 0 until it has said. */
    private long forgettableIndex;

    /** @param bytesMax how much of the log is to be kept; past it the leader is told to take no writes */
    LogKeeper(
            int partition,
            PartitionLog log,
            StateMachine machine,
            StorageEngine storage,
            RaftCore core,
            StoredConfigurations configurations,
            MemberEnvironment environment,
            Consumer<RaftEvent> step,
            BiConsumer<String, PeerMessage> send,
            long bytesMax) {
        this.partition = partition;
        this.log = log;
        this.machine = machine;
        this.storage = storage;
        this.core = core;
        this.configurations = configurations;
        this.environment = environment;
        this.step = step;
        this.send = send;
        this.bytesMax = bytesMax;
        for (long index = log.baseIndex() + 1; index <= log.lastIndex(); ) {
            long bytes = 0;
            for (LogEntry entry : log.entries(index, READ_BYTES_MAX)) {
                bytes += entry.payload().size() + OVERHEAD_BYTES;
                index = entry.index() + 1;
            }
            add(index - 1, bytes);
        }
    }

    /**
     * An append is taken in. Also past what is to be kept: what frees space again may be a change of the members, which is an
     * entry like any other.
     */
    void taken(long lastIndex, long bytes) {
        add(lastIndex, bytes);
    }

    void onTick(long nowNanos) {
        if (nowNanos >= nextTickNanos()) {
            nextFullReportNanos = nowNanos + FULL_NANOS;
            askHowFarToForget();
        }
    }

    /** When {@link #onTick} has something to do, {@code Long.MAX_VALUE} for never. */
    long nextTickNanos() {
        return keptBytes > bytesMax ? nextFullReportNanos : Long.MAX_VALUE;
    }

    private void add(long lastIndex, long bytes) {
        keptBytes += bytes;
        Chunk last = kept.peekLast();
        if (last != null && last.bytes() < CHUNK_BYTES) {
            kept.removeLast();
            kept.addLast(new Chunk(Math.max(last.lastIndex(), lastIndex), last.bytes() + bytes));
        } else {
            kept.addLast(new Chunk(lastIndex, bytes));
        }
    }

    /** Goes along with what is committed. */
    void followCommit() {
        while (machine.applied().index() < core.commitIndex()) {
            long index = machine.applied().index();
            long term = machine.applied().term();
            dev.henge.proto.Configuration members = null;
            for (LogEntry entry : log.entries(index + 1, READ_BYTES_MAX)) {
                if (entry.index() > core.commitIndex()) {
                    break;
                }
                Configuration decoded = configurations.decode(entry);
                if (decoded != null) {
                    members = StoredConfigurations.toProto(decoded);
                }
                index = entry.index();
                term = entry.term();
            }
            machine.passTo(index, term, members);
        }
    }

    void onLogBase(LogBase base) {
        if (base.hasConfiguration()) {
            begin(base);
            return;
        }
        forgettableIndex = Math.max(forgettableIndex, base.getIndex());
        forget();
    }

    /**
     * The log begins behind an index. First who the members are as of that, durably, then the log: a crash in between finds a
     * log that ends before what is noted, and goes on behind that.
     */
    private void begin(LogBase base) {
        boolean passed = machine.applied().index() > base.getIndex();
        if (settling || passed || !core.acceptsSnapshot(base.getIndex())) {
            return;
        }
        machine.passTo(base.getIndex(), base.getTerm(), base.getConfiguration());
        settling = true;
        environment.runInBackground(() -> {
            try {
                storage.flush();
                environment.post(() -> settle(base));
            } catch (StorageException e) {
                environment.post(() -> notSettled(e));
            }
        });
    }

    private void notSettled(StorageException cause) {
        settling = false;
        if (cause.damage()) {
            environment.storageDamaged(cause);
        }
    }

    private void settle(LogBase base) {
        settling = false;
        if (!core.acceptsSnapshot(base.getIndex())) {
            return;
        }
        boolean damaged = core.stateMachineDamaged();
        step.accept(new RaftEvent.SnapshotInstalled(base.getIndex(), base.getTerm()));
        if (damaged) {
            step.accept(new RaftEvent.StateMachineRepaired());
        }
        if (log.lastIndex() == log.baseIndex()) {
            kept.clear();
            keptBytes = 0;
        }
    }

    /** How far this replica has come is durable up to an index: what all others hold can go. */
    void compact(long durablyPassed) {
        durablyPassedIndex = Math.max(durablyPassedIndex, durablyPassed);
        forget();
        if (forgettableIndex < durablyPassedIndex) {
            askHowFarToForget();
        }
    }

    private void askHowFarToForget() {
        String leader = core.leader();
        if (leader != null) {
            send.accept(
                    leader,
                    PeerMessage.newBuilder()
                            .setPartition(partition)
                            .setTerm(core.term())
                            .setLogBaseRequest(LogBaseRequest.newBuilder().setFull(keptBytes > bytesMax))
                            .build());
        }
    }

    private void forget() {
        // What is noted may be ahead of the log, until that begins where it is told to.
        long index = Math.min(Math.min(durablyPassedIndex, forgettableIndex), core.commitIndex());
        if (index > log.baseIndex() && log.hasRoom(LogUse.COMPACTION, OVERHEAD_BYTES)) {
            log.compactTo(index);
        }
        while (!kept.isEmpty() && kept.getFirst().lastIndex() <= log.baseIndex()) {
            keptBytes -= kept.removeFirst().bytes();
        }
    }

    /** The leader's answer to a log member that asks, or that needs a place to begin. */
    static PeerMessage message(
            int partition, long term, long index, long indexTerm, dev.henge.proto.@Nullable Configuration members) {
        LogBase.Builder base = LogBase.newBuilder().setIndex(index).setTerm(indexTerm);
        if (members != null) {
            base.setConfiguration(members);
        }
        return PeerMessage.newBuilder()
                .setPartition(partition)
                .setTerm(term)
                .setLogBase(base)
                .build();
    }
}

package dev.henge.node.partition;

import dev.henge.node.replication.RaftCore;
import dev.henge.node.replication.RaftEvent;
import dev.henge.node.replication.Role;
import dev.henge.node.storage.StorageEngine;
import dev.henge.proto.TakeRange;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the left one of two partitions waits until the right one's replica on this node has come to its end. What the entry takes
 * is what that replica holds then, and having the entry that ended it proves all before it committed. A replica that does not
 * get there asks for a snapshot of this partition, which has it all; it goes on by itself should the other one get there
 * first. Belongs to the replica's event loop.
 */
final class WaitingTake {

    private static final Logger log = LoggerFactory.getLogger(WaitingTake.class);

    /** How often it looks whether the other partition's replica has come to its end. */
    private static final long RETRY_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** How long it waits for that before it asks for a snapshot instead. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** A leader can't have a snapshot: it lets another one lead. */
    private static final long PATIENCE_LEADING_NANOS = TimeUnit.SECONDS.toNanos(1);

    /**
     * @param index of the entry
     * @param sinceNanos when it was first to be applied
     * @param asksForSnapshot the replica has none that will ever come to its end, as far as it can tell
     */
    private record Waiting(long index, TakeRange take, long sinceNanos, boolean asksForSnapshot) {}

    private final int partition;
    private final StateMachine machine;
    private final StorageEngine storage;
    private final RaftCore core;
    private final ReplicaEnvironment environment;
    private final Consumer<RaftEvent> step;
    private final LongConsumer applyAgainAt;
    private final BooleanSupplier othersGoAway;

    /** What can't be applied yet; null when nothing waits. */
    private @Nullable Waiting waiting;

    /**
     * @param applyAgainAt has the replica try to apply again at that time, in nanoseconds
     * @param othersGoAway whether the other partition's replica was asked to go from this node, for a snapshot that has what it has
     */
    WaitingTake(
            int partition,
            StateMachine machine,
            StorageEngine storage,
            RaftCore core,
            ReplicaEnvironment environment,
            Consumer<RaftEvent> step,
            LongConsumer applyAgainAt,
            BooleanSupplier othersGoAway) {
        this.partition = partition;
        this.machine = machine;
        this.storage = storage;
        this.core = core;
        this.environment = environment;
        this.step = step;
        this.applyAgainAt = applyAgainAt;
        this.othersGoAway = othersGoAway;
    }

    /** Whether this node's replica of the other partition has come to its end, can be trusted, and stays until it is taken. */
    boolean hasAllOf(TakeRange take) {
        return !othersGoAway.getAsBoolean()
                && Taking.isReady(take, storage)
                && environment.damageMarks().reason(take.getMerge().getRight()).isEmpty();
    }

    /** Has the other partition's replica on this node apply up to its end. */
    void prove(TakeRange take) {
        environment.proveSealed(take.getMerge().getRight(), take.getSealIndex(), take.getSealTerm());
    }

    /** Whether the entry can be applied. */
    boolean canApply(long index, TakeRange take) {
        if (machine.hasTaken(take) || hasAllOf(take)) {
            waiting = null;
            return true;
        }
        long now = environment.nanoTime();
        Waiting present = waiting;
        if (present == null || present.index() != index) {
            present = new Waiting(index, take, now, false);
            waiting = present;
        }
        applyAgainAt.accept(now + RETRY_NANOS);
        prove(take);
        long patienceNanos = core.role() == Role.LEADER ? PATIENCE_LEADING_NANOS : PATIENCE_NANOS;
        if (now - present.sinceNanos() > patienceNanos) {
            log.warn(
                    "partition {}: this node's replica of partition {} does not come to its end; asks for a snapshot",
                    partition,
                    take.getMerge().getRight());
            waiting = new Waiting(index, take, present.sinceNanos(), true);
            step.accept(new RaftEvent.StateMachineWaits(now));
        }
        return false;
    }

    /** The replica counts as damaged, for the sole reason that it can't take the other partition: unless it can by now. */
    void goOn() {
        Waiting present = waiting;
        if (present == null || !present.asksForSnapshot()) {
            return;
        }
        if (hasAllOf(present.take())) {
            waiting = null;
            step.accept(new RaftEvent.StateMachineRepaired());
            return;
        }
        applyAgainAt.accept(environment.nanoTime() + RETRY_NANOS);
        prove(present.take());
    }

    /** The replica has its state from elsewhere. */
    void forget() {
        waiting = null;
    }

    /** The entry that waits; 0 when none does. */
    long index() {
        Waiting present = waiting;
        return present == null ? 0 : present.index();
    }
}

package dev.henge.node.partition;

import dev.henge.node.replication.RaftCore;
import java.util.concurrent.TimeUnit;

/**
 * A partition's own time, as its leader reads it: it stands in what is appended, and never runs back. Belongs to the replica's
 * event loop.
 */
final class PartitionClock {

    private final StateMachine machine;
    private final RaftCore core;
    private final ReplicaEnvironment environment;
    private long termOfTime;
    private long timeAtTermStartMillis;
    private long termStartNanos;

    PartitionClock(StateMachine machine, RaftCore core, ReplicaEnvironment environment) {
        this.machine = machine;
        this.core = core;
        this.environment = environment;
    }

    /** Where the last applied entry stood when this leader's term began, and the leader's own time since; in milliseconds. */
    long nowMillis() {
        long nowNanos = environment.nanoTime();
        if (termOfTime != core.term()) {
            termOfTime = core.term();
            timeAtTermStartMillis = machine.applied().timestampMillis();
            termStartNanos = nowNanos;
        }
        return timeAtTermStartMillis + TimeUnit.NANOSECONDS.toMillis(nowNanos - termStartNanos);
    }

    /** Moves on to where the last applied entry stands, should that be later: another partition's time may have been. */
    void catchUp() {
        long behindMillis = machine.applied().timestampMillis() - nowMillis();
        timeAtTermStartMillis += Math.max(0, behindMillis);
    }
}

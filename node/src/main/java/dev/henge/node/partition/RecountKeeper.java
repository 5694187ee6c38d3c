package dev.henge.node.partition;

import dev.henge.proto.Command;
import dev.henge.proto.CountItems;
import java.util.concurrent.TimeUnit;

/** Has a leader count its partition's items anew after a split, a few at a time. Belongs to the replica's event loop. */
final class RecountKeeper {

    private static final int ITEMS = 256;
    private static final int BYTES = 256 << 10;

    /** Between two steps, so that the count takes little of what clients could have. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final StateMachine machine;
    private final PartitionClock clock;
    private final Proposals proposals;
    private long notBeforeNanos;

    /** The step that is in the log and not applied. */
    private long underWayIndex;

    RecountKeeper(StateMachine machine, PartitionClock clock, Proposals proposals) {
        this.machine = machine;
        this.clock = clock;
        this.proposals = proposals;
    }

    /** When {@link #onTick} has something to do, for a leader that serves. */
    long nextTickNanos() {
        return machine.counts() && underWayIndex <= machine.applied().index() ? notBeforeNanos : Long.MAX_VALUE;
    }

    void onTick(long nowNanos) {
        if (nowNanos < nextTickNanos()) {
            return;
        }
        notBeforeNanos = nowNanos + PAUSE_NANOS;
        CountItems step =
                CountItems.newBuilder().setItemsMax(ITEMS).setBytesMax(BYTES).build();
        Command command = Command.newBuilder()
                .setTimestampMillis(clock.nowMillis())
                .setCountItems(step)
                .build();
        if (proposals.append(command, response -> {})) {
            underWayIndex = proposals.lastAppended();
        }
    }

    /** Leadership is lost. */
    void stop() {
        underWayIndex = 0;
    }
}

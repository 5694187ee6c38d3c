package dev.henge.node.runtime;

import dev.henge.node.log.CorruptLogException;
import dev.henge.node.partition.Replica;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * What an event loop does with its replicas, without the thread: a turn is any number of calls and then {@link #endTurn}, in
 * which each replica that was touched proposes at once what the turn brought. A replica that has nothing to do costs
 * nothing: it is looked at when something comes for it or its timer is due.
 *
 * <p>Not thread-safe. The simulation drives it as {@link EventLoop} does.
 */
public final class ReplicaTurns {

    private static final long STATUS_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** A replica and the timer that is set for it. */
    private static final class Slot {
        final Replica replica;
        long timerNanos = Long.MAX_VALUE;

        /** Its log could not be read back. Tasks for it may still come. */
        boolean abandoned;

        Slot(Replica replica) {
            this.replica = replica;
        }
    }

    private record Timer(long atNanos, long order, Slot slot) implements Comparable<Timer> {
        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final BiConsumer<Replica, CorruptLogException> onCorrupt;
    private final Map<Replica, Slot> slots = new IdentityHashMap<>();
    private final List<Replica> replicas = new ArrayList<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final Set<Slot> touched = new LinkedHashSet<>();
    private final Set<Slot> syncing = new LinkedHashSet<>();
    private final Set<Slot> unpublished = new LinkedHashSet<>();
    private long timerCount;
    private long durablePosition;
    private long nextStatusNanos;

    /** A replica that can't read back its log is a failure. */
    public ReplicaTurns() {
        this((replica, corrupt) -> {
            throw corrupt;
        });
    }

    /** @param onCorrupt told when a replica could not read back its log; it is not called any more */
    public ReplicaTurns(BiConsumer<Replica, CorruptLogException> onCorrupt) {
        this.onCorrupt = onCorrupt;
    }

    /** Takes a replica in; all other calls are about replicas that were. */
    public void adopt(Replica replica) {
        slots.put(replica, new Slot(replica));
        replicas.add(replica);
        run(replica, adopted -> {});
    }

    public List<Replica> replicas() {
        return List.copyOf(replicas);
    }

    public void run(Replica replica, Consumer<Replica> action) {
        Slot slot = slots.get(replica);
        if (slot != null) { // else it was released
            call(slot, action);
        }
    }

    /** A replica whose log can't be read back is given up; it alone is harmed, the node goes on. */
    private void call(Slot slot, Consumer<Replica> action) {
        if (slot.abandoned) {
            return;
        }
        touched.add(slot);
        try {
            action.accept(slot.replica);
        } catch (CorruptLogException e) {
            letGo(slot);
            onCorrupt.accept(slot.replica, e);
        }
    }

    /**
     * Lets go of a replica if the condition holds: it gives everything up and is not called again. Tasks for it may still come.
     *
     * @return whether it did
     */
    public boolean releaseIf(Replica replica, Predicate<Replica> condition) {
        Slot slot = slots.get(replica);
        if (slot == null || slot.abandoned || !condition.test(replica)) {
            return false;
        }
        slots.remove(replica);
        letGo(slot);
        return true;
    }

    private void letGo(Slot slot) {
        slot.abandoned = true;
        replicas.remove(slot.replica);
        touched.remove(slot);
        syncing.remove(slot);
        unpublished.remove(slot);
        slot.replica.abandon();
    }

    /** The write-ahead log is durable up to a position. */
    public void durable(long position) {
        if (position <= durablePosition) {
            return;
        }
        durablePosition = position;
        for (Slot slot : List.copyOf(syncing)) {
            call(slot, replica -> replica.onDurable(position));
        }
    }

    /** Support between this node and another began or ended: a matter of all replicas. */
    public void supportChanged(String node) {
        for (Replica replica : List.copyOf(replicas)) {
            run(replica, supported -> supported.onSupportChanged(node));
        }
    }

    /** Calls replicas whose time has come. */
    public void tick(long nowNanos) {
        for (Timer timer = timers.peek(); timer != null && timer.atNanos() <= nowNanos; timer = timers.peek()) {
            timers.remove();
            Slot slot = timer.slot();
            if (slot.abandoned || slot.timerNanos != timer.atNanos()) {
                continue;
            }
            slot.timerNanos = Long.MAX_VALUE;
            // It may have put the time off since.
            if (slot.replica.nextTickNanos() <= nowNanos) {
                call(slot, Replica::onTick);
            } else {
                arm(slot);
            }
        }
    }

    /**
     * Ends the turn.
     *
     * @return the replicas that were touched in it
     */
    public List<Replica> endTurn(long nowNanos) {
        List<Replica> done = new ArrayList<>(touched.size());
        for (Slot slot : List.copyOf(touched)) {
            if (slot.replica.awaitsSync()) {
                // What was written while its log was opened may be durable before the replica first waits for it.
                call(slot, replica -> replica.onDurable(durablePosition));
            }
            call(slot, Replica::endTurn);
            if (slot.abandoned) {
                continue;
            }
            done.add(slot.replica);
            if (slot.replica.awaitsSync()) {
                syncing.add(slot);
            } else {
                syncing.remove(slot);
            }
            arm(slot);
            unpublished.add(slot);
        }
        touched.clear();
        if (nowNanos >= nextStatusNanos && !unpublished.isEmpty()) {
            nextStatusNanos = nowNanos + STATUS_NANOS;
            unpublished.forEach(slot -> slot.replica.publishStatus());
            unpublished.clear();
        }
        return done;
    }

    /** When the next turn is due if nothing comes before it, {@code Long.MAX_VALUE} for never. */
    public long nextTurnNanos() {
        Timer timer = timers.peek();
        long next = timer == null ? Long.MAX_VALUE : timer.atNanos();
        return unpublished.isEmpty() ? next : Math.min(next, nextStatusNanos);
    }

    private void arm(Slot slot) {
        long next = slot.replica.nextTickNanos();
        if (next < slot.timerNanos) {
            slot.timerNanos = next;
            timers.add(new Timer(next, timerCount++, slot));
        }
    }
}

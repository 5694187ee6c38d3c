package dev.henge.chaos.simulation;

import java.util.PriorityQueue;
import java.util.SplittableRandom;

/**
 * Virtual time and the events to come. Events at the same moment run in an order the seed decides. Not thread-safe: a
 * simulation has one thread.
 */
final class Scheduler {

    private record Event(long atNanos, long tieBreak, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return atNanos != other.atNanos
                    ? Long.compare(atNanos, other.atNanos)
                    : Long.compare(tieBreak, other.tieBreak);
        }
    }

    /** Ten times what a busy run takes: past it, something goes round in circles. */
    private static final long EVENTS_MAX = 5_000_000;

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final SplittableRandom random;
    private long nowNanos;
    private long eventCount;

    Scheduler(SplittableRandom random) {
        this.random = random;
    }

    long nowNanos() {
        return nowNanos;
    }

    long eventCount() {
        return eventCount;
    }

    void after(long delayNanos, Runnable action) {
        if (delayNanos < 0) {
            throw new IllegalArgumentException("an event can't be " + -delayNanos + " ns ago");
        }
        events.add(new Event(nowNanos + delayNanos, random.nextLong(), action));
    }

    /** Runs the next event; false when there is none up to and including the given time, which it then is. */
    boolean runNext(long untilNanos) {
        Event next = events.peek();
        if (next == null || next.atNanos() > untilNanos) {
            nowNanos = Math.max(nowNanos, untilNanos);
            return false;
        }
        events.remove();
        nowNanos = next.atNanos();
        eventCount++;
        if (eventCount > EVENTS_MAX) {
            throw new SimulationFailure("more than " + EVENTS_MAX + " events: something goes round in circles");
        }
        next.action().run();
        return true;
    }
}

package dev.henge.chaos.simulation;

/** A node's clocks: a monotonic one that drifts, and a wall clock that is off and drifts with it. */
final class SimulatedClock {

    private static final long EPOCH_MILLIS = 1_790_000_000_000L;

    private final Scheduler scheduler;
    private final long originNanos;
    private final double rate;
    private long wallOffsetMillis;

    /**
     * @param originNanos what the monotonic clock shows at the simulation's start
     * @param rate how fast it runs, about 1
     */
    SimulatedClock(Scheduler scheduler, long originNanos, double rate, long wallOffsetMillis) {
        this.scheduler = scheduler;
        this.originNanos = originNanos;
        this.rate = rate;
        this.wallOffsetMillis = wallOffsetMillis;
    }

    long nanoTime() {
        return originNanos + (long) (scheduler.nowNanos() * rate);
    }

    long currentTimeMillis() {
        return EPOCH_MILLIS + wallOffsetMillis + scheduler.nowNanos() / 1_000_000;
    }

    /** Somebody set the wall clock. */
    void setWallOffset(long millis) {
        wallOffsetMillis = millis;
    }
}

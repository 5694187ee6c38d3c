package dev.henge.chaos.simulation;

/** A node's monotonic clock, which drifts. */
final class SimulatedClock {

    private final Scheduler scheduler;
    private long originNanos;
    private long originAtNanos;
    private double rate;

    /**
     * @param originNanos what the monotonic clock shows at the simulation's start
     * @param rate how fast it runs, about 1
     */
    SimulatedClock(Scheduler scheduler, long originNanos, double rate) {
        this.scheduler = scheduler;
        this.originNanos = originNanos;
        this.rate = rate;
    }

    long nanoTime() {
        return originNanos + (long) ((scheduler.nowNanos() - originAtNanos) * rate);
    }

    /** Goes on from what it shows, at another rate. */
    void runAt(double newRate) {
        originNanos = nanoTime();
        originAtNanos = scheduler.nowNanos();
        rate = newRate;
    }
}

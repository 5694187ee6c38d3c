package dev.henge.bench;

import java.util.concurrent.atomic.AtomicLong;

/** When requests are due. Shared by the connections of a run; times are {@link System#nanoTime} values. */
sealed interface Pace {
    /** The answer of {@link #nextDueNanos} when nothing is due before the run's end. */
    long NOTHING_DUE = Long.MIN_VALUE;

    /**
     * Takes the next request.
     *
     * @param nowNanos the present
     * @return when the request is due, which may lie before or after the present, or {@link #NOTHING_DUE}
     */
    long nextDueNanos(long nowNanos);

    /** Requests that were due before the end and that nobody has taken. */
    long leftOver();

    /**
     * As fast as answers come.
     *
     * @param endNanos when the run ends
     */
    record ClosedLoop(long endNanos) implements Pace {
        @Override
        public long nextDueNanos(long nowNanos) {
            return nowNanos - endNanos < 0 ? nowNanos : NOTHING_DUE;
        }

        @Override
        public long leftOver() {
            return 0;
        }
    }

    /**
     * A fixed rate, whatever the server does. The schedule is one for all connections: a connection that is held up
     * leaves the requests that come due meanwhile to the others, and when all are held up they are late, and counted
     * from when they were due.
     */
    final class OpenLoop implements Pace {
        private static final double NANOS_PER_SECOND = 1e9;

        private final long startNanos;
        private final long endNanos;
        private final double ratePerSecond;
        private final long total;
        private final AtomicLong taken = new AtomicLong();

        /**
         * Makes a schedule.
         *
         * @param startNanos when the first request is due
         * @param endNanos from when on nothing is due or sent any more
         * @param ratePerSecond requests per second, above 0
         */
        OpenLoop(long startNanos, long endNanos, double ratePerSecond) {
            this.startNanos = startNanos;
            this.endNanos = endNanos;
            this.ratePerSecond = ratePerSecond;
            this.total = (long) Math.ceil((endNanos - startNanos) * ratePerSecond / NANOS_PER_SECOND);
        }

        @Override
        public long nextDueNanos(long nowNanos) {
            if (nowNanos - endNanos >= 0) {
                return NOTHING_DUE;
            }
            long ticket = taken.getAndIncrement();
            if (ticket >= total) {
                return NOTHING_DUE;
            }
            return startNanos + (long) (ticket * NANOS_PER_SECOND / ratePerSecond);
        }

        @Override
        public long leftOver() {
            return Math.max(0, total - taken.get());
        }
    }
}

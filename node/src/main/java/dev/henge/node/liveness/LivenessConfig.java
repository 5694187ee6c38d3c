package dev.henge.node.liveness;

import java.time.Duration;

/**
 * The times of {@link NodeLiveness}; the same on all nodes of a cluster.
 *
 * @param supportNanos how long a node supports another after a question of that one reached it
 * @param requestIntervalNanos how often a node asks for support
 * @param clockDriftNanosMax how far two nodes' clocks may drift apart while {@code supportNanos} pass
 * @param diskStallNanosMax without a completed sync for this long a node neither asks for support nor gives it
 * @param diskProbeNanos without a sync of the log for this long the disk is probed
 */
public record LivenessConfig(
        long supportNanos,
        long requestIntervalNanos,
        long clockDriftNanosMax,
        long diskStallNanosMax,
        long diskProbeNanos) {

    /** Asked each 150 ms, supported for 600 ms, 60 ms of which are for drift; a disk may take 2 s for a sync. */
    public static final LivenessConfig DEFAULTS = new LivenessConfig(
            Duration.ofMillis(600).toNanos(),
            Duration.ofMillis(150).toNanos(),
            Duration.ofMillis(60).toNanos(),
            Duration.ofMillis(2000).toNanos(),
            Duration.ofMillis(400).toNanos());

    public LivenessConfig {
        check(requestIntervalNanos > 0, "requestIntervalNanos must be positive");
        check(
                clockDriftNanosMax > 0 && clockDriftNanosMax < supportNanos,
                "clockDriftNanosMax must be positive and below supportNanos");
        check(
                requestIntervalNanos < supportNanos - clockDriftNanosMax,
                "support must be asked for again before it runs out");
        check(
                diskProbeNanos > 0 && diskProbeNanos < diskStallNanosMax,
                "the disk must be probed before it counts as stalled");
    }

    /** How long a node counts on support, from the moment at which it sent the question. */
    public long countedNanos() {
        return supportNanos - clockDriftNanosMax;
    }

    private static void check(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}

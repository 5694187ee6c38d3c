package dev.henge.membership.plan;

import java.util.List;

/**
 * What a partition did in a stretch of time.
 *
 * @param startMillis when it began, in the time of {@link ClusterView#nowMillis}
 * @param endMillis when it ended
 * @param operations reads and writes in it
 * @param samples tokens of a sample of them, in any order, repeated or summed; some tens are enough
 */
public record LoadWindow(long startMillis, long endMillis, double operations, List<WeightedToken> samples) {
    public LoadWindow {
        samples = List.copyOf(samples);
        if (endMillis <= startMillis) {
            throw new IllegalArgumentException("a window ends after it starts");
        }
    }

    double operationsPerSecond() {
        return operations * 1_000 / (endMillis - startMillis);
    }
}

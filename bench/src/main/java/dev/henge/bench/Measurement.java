package dev.henge.bench;

import java.util.SortedMap;
import org.HdrHistogram.Histogram;

/**
 * What one run of one operation on one endpoint showed.
 *
 * @param endpoint the endpoint's name
 * @param operation the operation's name
 * @param round counted from 1
 * @param seconds how long it ran
 * @param latencyNanos one value per right answer, from when the request was due
 * @param errors how often requests ended otherwise, by the error's type
 * @param unsent requests of an open loop that were due and could not be sent before the end
 * @param serverCpuSeconds CPU time of the server's processes, or NaN when none were named
 * @param clientCpuSeconds CPU time of this process
 * @param serverResidentBytes resident memory of the server's processes at the end, 0 when unknown
 */
record Measurement(
        String endpoint,
        String operation,
        int round,
        double seconds,
        Histogram latencyNanos,
        SortedMap<String, Long> errors,
        long unsent,
        double serverCpuSeconds,
        double clientCpuSeconds,
        long serverResidentBytes) {

    /** Right answers. */
    long operations() {
        return latencyNanos.getTotalCount();
    }

    /** Requests that ended in an error. */
    long errorCount() {
        return errors.values().stream().mapToLong(Long::longValue).sum();
    }

    double operationsPerSecond() {
        return operations() / seconds;
    }

    /** CPU-seconds of the server per 1,000 requests, failed ones included since they cost too. */
    double serverCpuSecondsPerThousand() {
        return serverCpuSeconds * 1000 / (operations() + errorCount());
    }

    /** CPU-microseconds of this client per request. */
    double clientCpuMicrosPerRequest() {
        return clientCpuSeconds * 1e6 / (operations() + errorCount());
    }

    /**
     * A latency.
     *
     * @param percentile 0 to 100
     * @return milliseconds
     */
    double latencyMillis(double percentile) {
        return latencyNanos.getValueAtPercentile(percentile) / 1e6;
    }
}

package dev.henge.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * The rounds of one operation on one endpoint as one line: medians of the rounds, percentiles over all requests.
 *
 * @param endpoint the endpoint's name
 * @param operation the operation's name
 * @param rounds how many
 * @param operationsPerSecond median
 * @param latencyNanos of all rounds
 * @param serverCpuSecondsPerThousand median, NaN when not measured
 * @param clientCpuMicrosPerRequest median
 * @param serverResidentBytes of the last round, 0 when unknown
 * @param errors of all rounds
 * @param unsent of all rounds
 */
record Summary(
        String endpoint,
        String operation,
        int rounds,
        double operationsPerSecond,
        Histogram latencyNanos,
        double serverCpuSecondsPerThousand,
        double clientCpuMicrosPerRequest,
        long serverResidentBytes,
        SortedMap<String, Long> errors,
        long unsent) {

    /** Groups measurements by operation and endpoint, in the order of their first appearance. */
    static List<Summary> of(List<Measurement> measurements) {
        Map<List<String>, List<Measurement>> groups = new LinkedHashMap<>();
        for (Measurement measurement : measurements) {
            groups.computeIfAbsent(List.of(measurement.operation(), measurement.endpoint()), key -> new ArrayList<>())
                    .add(measurement);
        }
        return groups.values().stream().map(Summary::ofRounds).toList();
    }

    double latencyMillis(double percentile) {
        return latencyNanos.getValueAtPercentile(percentile) / 1e6;
    }

    private static Summary ofRounds(List<Measurement> rounds) {
        Measurement last = rounds.getLast();
        Histogram latencyNanos = last.latencyNanos().copy();
        latencyNanos.reset();
        SortedMap<String, Long> errors = new TreeMap<>();
        for (Measurement round : rounds) {
            latencyNanos.add(round.latencyNanos());
            round.errors().forEach((type, count) -> errors.merge(type, count, Long::sum));
        }
        return new Summary(
                last.endpoint(),
                last.operation(),
                rounds.size(),
                median(rounds, Measurement::operationsPerSecond),
                latencyNanos,
                median(rounds, Measurement::serverCpuSecondsPerThousand),
                median(rounds, Measurement::clientCpuMicrosPerRequest),
                last.serverResidentBytes(),
                errors,
                rounds.stream().mapToLong(Measurement::unsent).sum());
    }

    private static double median(List<Measurement> rounds, ToDoubleFunction<Measurement> value) {
        double[] sorted = rounds.stream().mapToDouble(value).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

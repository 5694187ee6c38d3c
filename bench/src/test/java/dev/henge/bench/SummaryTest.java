package dev.henge.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class SummaryTest {
    @Test
    void takesMediansOfRoundsAndPercentilesOfAllRequests() {
        List<Summary> summaries = Summary.of(List.of(
                measurement("a", 1, 1000, 1_000_000, 0.3),
                measurement("b", 1, 10, 5_000_000, Double.NaN),
                measurement("a", 2, 3000, 2_000_000, 0.6),
                measurement("a", 3, 2000, 9_000_000, 1.0)));

        assertThat(summaries).extracting(Summary::endpoint).containsExactly("a", "b");
        Summary first = summaries.getFirst();
        assertThat(first.rounds()).isEqualTo(3);
        assertThat(first.operationsPerSecond()).isEqualTo(1000, within(1e-9));
        assertThat(first.serverCpuSecondsPerThousand()).as("of 0.3, 0.2, 0.5").isEqualTo(0.3, within(1e-9));
        assertThat(first.latencyNanos().getTotalCount()).isEqualTo(6000);
        assertThat(first.latencyMillis(50)).isEqualTo(2.0, within(0.01));
        assertThat(first.latencyMillis(99)).isEqualTo(9.0, within(0.01));
    }

    @Test
    void countsFailedRequestsInTheirCostAndNotInTheSpeed() {
        Measurement measurement = new Measurement(
                "a",
                "put",
                1,
                2,
                histogram(300, 1),
                new TreeMap<>(Map.of("ThrottlingException", 100L)),
                0,
                0.8,
                0.4,
                0);

        assertThat(measurement.operationsPerSecond()).isEqualTo(150);
        assertThat(measurement.errorCount()).isEqualTo(100);
        assertThat(measurement.serverCpuSecondsPerThousand()).isEqualTo(2.0, within(1e-9));
        assertThat(measurement.clientCpuMicrosPerRequest()).isEqualTo(1000, within(1e-9));
    }

    @Test
    void reportsAsTextAndAsJson() {
        List<Summary> summaries = Summary.of(List.of(
                measurement("a", 1, 1000, 1_000_000, 0.25),
                new Measurement(
                        "b",
                        "get",
                        1,
                        1,
                        histogram(0, 1),
                        new TreeMap<>(Map.of("EOFException", 3L)),
                        7,
                        Double.NaN,
                        0,
                        0)));
        StringWriter text = new StringWriter();

        Report.writeText(summaries, new PrintWriter(text, true));

        assertThat(text.toString().lines().skip(1).map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "put a 500 1.00 1.00 1.00 1.00 0.250 1 500 none",
                        "get b 0 0.00 0.00 0.00 0.00 - - 0 {EOFException=3}, 7 due but not sent");
        assertThat(Report.json(summaries))
                .startsWith("{\"results\":[{\"endpoint\":\"a\",\"operation\":\"put\",\"rounds\":1,"
                        + "\"operationsPerSecond\":500.0,\"latencyMillis\":{\"p50\":")
                .contains("\"serverCpuSecondsPerThousand\":0.25,")
                .contains("\"serverCpuSecondsPerThousand\":null,\"serverResidentBytes\":null,")
                .endsWith("\"errors\":{\"EOFException\":3},\"unsent\":7}]}");
    }

    /** A round of 2 s whose requests all took the same time. */
    private static Measurement measurement(
            String endpoint, int round, int operations, long latencyNanos, double cpuSeconds) {
        return new Measurement(
                endpoint,
                "put",
                round,
                2,
                histogram(operations, latencyNanos),
                new TreeMap<>(),
                0,
                cpuSeconds,
                0.5,
                1 << 20);
    }

    private static Histogram histogram(int count, long value) {
        Histogram histogram = new Histogram(3_600_000_000_000L, 3);
        if (count > 0) {
            histogram.recordValueWithCount(value, count);
        }
        return histogram;
    }
}

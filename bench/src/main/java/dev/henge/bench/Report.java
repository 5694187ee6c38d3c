package dev.henge.bench;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes what was measured, for people and for programs. */
final class Report {
    private static final String LINE = "%-9s %-28s %9s %9s %9s %9s %9s %11s %9s %9s  %s%n";
    private static final double MIB = 1 << 20;

    private Report() {}

    /** One line per round, as it happens. */
    static String progress(Measurement round) {
        return String.format(
                Locale.ROOT,
                "round %d  %-6s  %-28s %8.0f ops/s%s%s",
                round.round(),
                round.operation(),
                round.endpoint(),
                round.operationsPerSecond(),
                Double.isNaN(round.serverCpuSeconds())
                        ? ""
                        : String.format(Locale.ROOT, "  %.3f CPU-s/1000", round.serverCpuSecondsPerThousand()),
                round.errors().isEmpty() ? "" : "  errors " + round.errors());
    }

    /** The summaries as a table. */
    static void writeText(List<Summary> summaries, PrintWriter out) {
        out.printf(
                LINE,
                "operation",
                "endpoint",
                "ops/s",
                "p50 ms",
                "p99 ms",
                "p99.9 ms",
                "max ms",
                "CPU-s/1000",
                "RSS MB",
                "client us",
                "errors");
        for (Summary summary : summaries) {
            out.printf(
                    LINE,
                    summary.operation(),
                    summary.endpoint(),
                    number("%.0f", summary.operationsPerSecond()),
                    number("%.2f", summary.latencyMillis(50)),
                    number("%.2f", summary.latencyMillis(99)),
                    number("%.2f", summary.latencyMillis(99.9)),
                    number("%.2f", summary.latencyMillis(100)),
                    number("%.3f", summary.serverCpuSecondsPerThousand()),
                    summary.serverResidentBytes() == 0 ? "-" : number("%.0f", summary.serverResidentBytes() / MIB),
                    number("%.0f", summary.clientCpuMicrosPerRequest()),
                    errors(summary));
        }
    }

    /**
     * The summaries as JSON: {@code {"results": [{"endpoint", "operation", "rounds", "operationsPerSecond",
     * "latencyMillis": {"p50", "p99", "p99.9", "max"}, "serverCpuSecondsPerThousand", "serverResidentBytes",
     * "clientCpuMicrosPerRequest", "errors": {type: count}, "unsent"}]}}; what was not measured is null.
     */
    static String json(List<Summary> summaries) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeName("results");
            json.writeStartArray();
            for (Summary summary : summaries) {
                writeJson(summary, json);
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text.toString();
    }

    private static void writeJson(Summary summary, JsonGenerator json) {
        json.writeStartObject();
        json.writeStringProperty("endpoint", summary.endpoint());
        json.writeStringProperty("operation", summary.operation());
        json.writeNumberProperty("rounds", summary.rounds());
        writeNumber(json, "operationsPerSecond", summary.operationsPerSecond());
        json.writeName("latencyMillis");
        json.writeStartObject();
        writeNumber(json, "p50", summary.latencyMillis(50));
        writeNumber(json, "p99", summary.latencyMillis(99));
        writeNumber(json, "p99.9", summary.latencyMillis(99.9));
        writeNumber(json, "max", summary.latencyMillis(100));
        json.writeEndObject();
        writeNumber(json, "serverCpuSecondsPerThousand", summary.serverCpuSecondsPerThousand());
        writeNumber(
                json,
                "serverResidentBytes",
                summary.serverResidentBytes() == 0 ? Double.NaN : summary.serverResidentBytes());
        writeNumber(json, "clientCpuMicrosPerRequest", summary.clientCpuMicrosPerRequest());
        json.writeName("errors");
        json.writeStartObject();
        summary.errors().forEach(json::writeNumberProperty);
        json.writeEndObject();
        json.writeNumberProperty("unsent", summary.unsent());
        json.writeEndObject();
    }

    private static void writeNumber(JsonGenerator json, String name, double value) {
        if (Double.isFinite(value)) {
            json.writeNumberProperty(name, value);
        } else {
            json.writeNullProperty(name);
        }
    }

    private static String errors(Summary summary) {
        SortedMap<String, Long> errors = summary.errors();
        String text = errors.isEmpty() ? "none" : errors.toString();
        return summary.unsent() == 0 ? text : text + ", " + summary.unsent() + " due but not sent";
    }

    private static String number(String format, double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, format, value) : "-";
    }
}

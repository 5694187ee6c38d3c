package dev.henge.chaos.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** How long nodes' syncs of their logs took, by the histogram of their metrics. */
final class LogSyncs {

    private static final Pattern BUCKET =
            Pattern.compile("henge_log_sync_seconds_bucket\\{.*?le=\"([^\"]+)\".*?} ([0-9.eE+]+)");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Collection<URI> nodes;
    private Map<Double, Double> before = new TreeMap<>();

    /** @param nodes where they answer /metrics */
    LogSyncs(Collection<URI> nodes) {
        this.nodes = nodes;
    }

    /** The bound in milliseconds that 99 of 100 syncs since the last call were below; the first one counts from the nodes' start. */
    double p99Millis() throws IOException, InterruptedException {
        Map<Double, Double> now = counts();
        double all = since(now, Double.POSITIVE_INFINITY);
        double bound = Double.POSITIVE_INFINITY;
        for (double bucket : now.keySet()) {
            if (since(now, bucket) >= 0.99 * all) {
                bound = bucket;
                break;
            }
        }
        before = now;
        return 1_000 * bound;
    }

    private double since(Map<Double, Double> now, double bucket) {
        return now.getOrDefault(bucket, 0.0) - before.getOrDefault(bucket, 0.0);
    }

    /** Syncs that took at most so many seconds, of all nodes together. */
    private Map<Double, Double> counts() throws IOException, InterruptedException {
        Map<Double, Double> counts = new TreeMap<>();
        for (URI node : nodes) {
            HttpRequest request =
                    HttpRequest.newBuilder(node.resolve("/metrics")).build();
            String text =
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body();
            Matcher bucket = BUCKET.matcher(text);
            while (bucket.find()) {
                double seconds =
                        bucket.group(1).equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(bucket.group(1));
                counts.merge(seconds, Double.parseDouble(bucket.group(2)), Double::sum);
            }
        }
        return counts;
    }
}

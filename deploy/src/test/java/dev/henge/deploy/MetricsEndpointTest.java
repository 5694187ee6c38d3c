package dev.henge.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.node.ClusterEntry;
import dev.henge.node.NodeConfig;
import dev.henge.node.NodeLimits;
import dev.henge.node.NodePlace;
import dev.henge.node.NodeServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MetricsEndpointTest {

    @Test
    void aNodeShowsItsNumbersOnceItIsReady(@TempDir Path directory) throws Exception {
        PrometheusMeterRegistry registry = MetricsEndpoint.registry();
        HostPort address = new HostPort("127.0.0.1", freePort());
        NodeConfig config = new NodeConfig(
                NodePlace.of("test", "n1", address.toString(), address.toSocketAddress()),
                new ClusterEntry.Founding(Map.of("n1", address.toString()), 2),
                directory,
                true,
                NodeLimits.ofCache(16L << 20));
        try (NodeServer node = NodeServer.start(config, registry);
                MetricsEndpoint endpoint = MetricsEndpoint.start(
                        new HostPort("127.0.0.1", 0), registry, () -> !node.failed(), node::ready)) {
            long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (get(endpoint, "/readyz").statusCode() != 200
                    || !get(endpoint, "/metrics").body().contains("henge_replicas_leading 3.0")) {
                assertThat(System.nanoTime()).isLessThan(deadlineNanos);
            }

            HttpResponse<String> metrics = get(endpoint, "/metrics");
            assertThat(metrics.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
            assertThat(metrics.body().lines())
                    .contains(
                            "henge_replicas 3.0",
                            "henge_replicas_damaged 0.0",
                            "henge_scrub_runs_total{outcome=\"equal\"} 0.0",
                            "henge_scrub_mismatches_total 0.0")
                    .anyMatch(line -> line.startsWith("henge_log_sync_seconds_bucket{le="))
                    .anyMatch(line -> line.startsWith("henge_storage_files_bytes "))
                    .anyMatch(line -> line.startsWith("henge_snapshot_sent_bytes_total "))
                    .anyMatch(line -> line.startsWith("jvm_memory_used_bytes{"));
            assertThat(get(endpoint, "/healthz").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void whatIsNotWellOrNotReadySaysSo() throws Exception {
        AtomicBoolean well = new AtomicBoolean(true);
        try (MetricsEndpoint endpoint = MetricsEndpoint.start(
                new HostPort("127.0.0.1", 0), MetricsEndpoint.registry(), well::get, () -> false)) {
            assertThat(get(endpoint, "/healthz").statusCode()).isEqualTo(200);
            well.set(false);
            assertThat(get(endpoint, "/healthz").statusCode()).isEqualTo(503);
            assertThat(get(endpoint, "/readyz").statusCode()).isEqualTo(503);
        }
    }

    private static HttpResponse<String> get(MetricsEndpoint endpoint, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}

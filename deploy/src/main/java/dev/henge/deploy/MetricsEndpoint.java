package dev.henge.deploy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.henge.node.StartupException;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/**
 * What monitoring asks of a process: {@code GET /metrics} in Prometheus' text form, {@code /healthz} (200 while the process
 * is to be left alone, 503 once it has stopped on a fault) and {@code /readyz} (200 while it serves, else 503).
 */
final class MetricsEndpoint implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService executor;
    private final JvmGcMetrics garbageCollection;

    private MetricsEndpoint(HttpServer server, ExecutorService executor, JvmGcMetrics garbageCollection) {
        this.server = server;
        this.executor = executor;
        this.garbageCollection = garbageCollection;
    }

    /** A registry that {@link #start} can show, with the JVM's own metrics. */
    static PrometheusMeterRegistry registry() {
        return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    }

    /** @throws StartupException when the address can't be listened on */
    static MetricsEndpoint start(
            HostPort listen, PrometheusMeterRegistry registry, BooleanSupplier healthy, BooleanSupplier ready)
            throws StartupException {
        HttpServer server;
        try {
            server = HttpServer.create(listen.toSocketAddress(), 0);
        } catch (IOException e) {
            throw Ports.listenFailure(listen, "--metrics", e);
        }
        JvmGcMetrics garbageCollection = new JvmGcMetrics();
        garbageCollection.bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        server.createContext("/metrics", call -> answer(call, 200, registry.scrape(), "text/plain; version=0.0.4"));
        server.createContext("/healthz", call -> answer(call, healthy.getAsBoolean()));
        server.createContext("/readyz", call -> answer(call, ready.getAsBoolean()));
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
        server.setExecutor(executor);
        server.start();
        return new MetricsEndpoint(server, executor, garbageCollection);
    }

    int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange call, boolean good) throws IOException {
        answer(call, good ? 200 : 503, good ? "ok\n" : "no\n", "text/plain");
    }

    private static void answer(HttpExchange call, int status, String text, String contentType) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        try (call) {
            boolean get = call.getRequestMethod().equals("GET");
            call.getResponseHeaders().set("Content-Type", contentType + "; charset=utf-8");
            call.sendResponseHeaders(get ? status : 405, get ? body.length : -1);
            if (get) {
                try (OutputStream out = call.getResponseBody()) {
                    out.write(body);
                }
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
        garbageCollection.close();
    }
}

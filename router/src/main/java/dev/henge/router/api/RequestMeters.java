package dev.henge.router.api;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** How many requests were answered, how, and how long that took; labels have as many values as there are operations. */
final class RequestMeters {

    private record Kind(String target, int status) {}

    private final MeterRegistry registry;
    private final Map<Kind, Timer> timers = new ConcurrentHashMap<>();

    RequestMeters(MeterRegistry registry) {
        this.registry = registry;
    }

    /** @param target the operation as the request names it, empty when there is no such operation */
    void answered(String target, int status, long nanos) {
        timers.computeIfAbsent(new Kind(target, status), this::make).record(nanos, TimeUnit.NANOSECONDS);
    }

    private Timer make(Kind kind) {
        String operation = kind.target().substring(kind.target().indexOf('.') + 1);
        return Timer.builder("henge.router.requests")
                .description("Requests of clients, by operation and HTTP status")
                .tag("operation", operation.isEmpty() ? "unknown" : operation)
                .tag("status", Integer.toString(kind.status()))
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(5),
                        Duration.ofMillis(20),
                        Duration.ofMillis(100),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5))
                .register(registry);
    }
}

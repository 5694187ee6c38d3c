package dev.henge.node.runtime;

import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.Refusal;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * A node's metrics, as docs/operations.md lists them. What happens often is recorded where it happens; the rest is asked for
 * when somebody scrapes. No label has more values than there are operations, outcomes or event loops.
 */
public final class NodeMeters {

    /** Bounds of the wire's numbers for operations and refusals; beyond them they are counted as one. */
    private static final int NUMBERS_MAX = 64;

    private final MeterRegistry registry;
    private final Timer logSync;
    private final Timer[] requests;

    public NodeMeters(MeterRegistry registry) {
        this.registry = registry;
        this.logSync = Timer.builder("henge.log.sync")
                .description("Time that one fdatasync of the write-ahead log takes")
                .serviceLevelObjectives(
                        Duration.ofNanos(500_000),
                        Duration.ofMillis(1),
                        Duration.ofMillis(2),
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(20),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(200),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5))
                .register(registry);
        this.requests = new Timer[NUMBERS_MAX * NUMBERS_MAX];
    }

    void logSynced(long nanos) {
        logSync.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** A request of a router or node was answered. */
    void answered(DataRequest.OperationCase operation, DataResponse.Builder response, long nanos) {
        Refusal.Code code = response.hasRefusal() ? response.getRefusal().getCode() : Refusal.Code.CODE_UNSPECIFIED;
        int codeNumber = response.hasRefusal() ? response.getRefusal().getCodeValue() : 0;
        int place = Math.min(operation.getNumber(), NUMBERS_MAX - 1) * NUMBERS_MAX
                + Math.clamp(codeNumber, 0, NUMBERS_MAX - 1);
        Timer timer = requests[place];
        if (timer == null) {
            // Two threads may both come here: the registry gives both the same one.
            timer = Timer.builder("henge.node.requests")
                    .description("Requests of routers to partitions, by operation and result")
                    .tag("operation", operation.name().toLowerCase(Locale.ROOT))
                    .tag("result", response.hasRefusal() ? code.name().toLowerCase(Locale.ROOT) : "ok")
                    .register(registry);
            requests[place] = timer;
        }
        timer.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Has the registry ask for the node's numbers. To be called once. */
    public void watch(Supplier<NodeNumbers> numbers) {
        gauge("henge.replicas", "Replicas on this node", numbers, NodeNumbers::replicas);
        gauge("henge.replicas.leading", "Replicas on this node that lead", numbers, NodeNumbers::leaders);
        gauge("henge.replicas.damaged", "Replicas known to be damaged, to be rebuilt", numbers, NodeNumbers::damaged);
        gauge("henge.replicas.rebuilding", "Replicas that serve nothing", numbers, NodeNumbers::rebuilding);
        counter("henge.replicas.marked", "Replicas found to be damaged", numbers, NodeNumbers::marked);
        counter("henge.replicas.rebuilt", "Damaged replicas that were rebuilt", numbers, NodeNumbers::rebuilt);
        gauge("henge.storage.set.aside", "Damaged storages kept beside", numbers, NodeNumbers::storagesSetAside);
        gauge(
                "henge.apply.lag.entries.max",
                "Most entries committed and not applied, of any replica",
                numbers,
                NodeNumbers::applyLagEntriesMax);
        gauge("henge.loop.queue.max", "Most tasks that wait for an event loop", numbers, NodeNumbers::loopQueueMax);
        gauge("henge.peers.connected", "Other nodes this one is connected to", numbers, NodeNumbers::peersConnected);
        gauge("henge.log.bytes", "Size of the write-ahead log's live segments", numbers, NodeNumbers::logBytes);
        counter("henge.snapshot.sent.bytes", "Bytes of snapshots sent", numbers, NodeNumbers::snapshotSentBytes);
        counter(
                "henge.snapshot.received.bytes",
                "Bytes of snapshots received",
                numbers,
                NodeNumbers::snapshotReceivedBytes);
        counter(
                "henge.scrub.mismatches",
                "Replicas that scrubs led here found to differ",
                numbers,
                n -> n.scrubMismatches());
        counter("henge.scrub.bytes", "Bytes compared by scrubs led here", numbers, NodeNumbers::scrubBytes);
        gauge(
                "henge.scrub.last.timestamp.seconds",
                "When the last scrub led here ended, in Unix time; 0 for never",
                numbers,
                NodeNumbers::lastScrubSeconds);
        for (String outcome : NodeNumbers.SCRUB_OUTCOMES) {
            FunctionCounter.builder(
                            "henge.scrub.runs",
                            numbers,
                            supplier -> count(supplier.get().scrubRuns(), outcome))
                    .description("Scrubs led here, by outcome")
                    .tag("outcome", outcome.toLowerCase(Locale.ROOT))
                    .register(registry);
        }
        Map<String, String> storage = new ConcurrentHashMap<>(NodeNumbers.STORAGE_PROPERTIES);
        storage.forEach(
                (name, property) -> gauge(name, "RocksDB's " + property, numbers, n -> count(n.storage(), property)));
    }

    private static double count(Map<String, Long> counts, String name) {
        Long count = counts.get(name);
        return count == null ? 0 : count;
    }

    private void gauge(
            String name, String description, Supplier<NodeNumbers> numbers, ToDoubleFunction<NodeNumbers> value) {
        Gauge.builder(name, numbers, supplier -> value.applyAsDouble(supplier.get()))
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    private void counter(
            String name, String description, Supplier<NodeNumbers> numbers, ToDoubleFunction<NodeNumbers> value) {
        FunctionCounter.builder(name, numbers, supplier -> value.applyAsDouble(supplier.get()))
                .description(description)
                .register(registry);
    }
}

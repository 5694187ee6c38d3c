package dev.henge.router.http;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts what the endpoint holds for its clients, against the bounds. Safe for use by many threads: each counter is
 * raised first and lowered again when that went past its bound.
 */
final class EndpointLoad {

    private final HttpLimits limits;
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private final AtomicLong bytes = new AtomicLong();

    EndpointLoad(HttpLimits limits) {
        this.limits = limits;
    }

    boolean takeConnection() {
        if (connections.incrementAndGet() <= limits.connectionsMax()) {
            return true;
        }
        connections.decrementAndGet();
        return false;
    }

    void releaseConnection() {
        connections.decrementAndGet();
    }

    boolean takeRequest() {
        if (requests.incrementAndGet() <= limits.requestsInFlightMax()) {
            return true;
        }
        requests.decrementAndGet();
        return false;
    }

    void releaseRequest() {
        requests.decrementAndGet();
    }

    boolean takeBytes(long count) {
        if (bytes.addAndGet(count) <= limits.bytesInFlightMax()) {
            return true;
        }
        bytes.addAndGet(-count);
        return false;
    }

    void releaseBytes(long count) {
        bytes.addAndGet(-count);
    }

    int requests() {
        return requests.get();
    }

    int connections() {
        return connections.get();
    }

    long bytes() {
        return bytes.get();
    }
}

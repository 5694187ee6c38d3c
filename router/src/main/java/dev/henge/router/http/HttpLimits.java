package dev.henge.router.http;

import java.time.Duration;

/**
 * The bounds of an {@link HttpEndpoint}.
 *
 * @param bodyBytesMax longest request body; past it the request is turned away
 * @param headerBytesMax longest request head
 * @param connectionsMax most open connections; past it new ones are closed at once
 * @param requestsInFlightMax most requests being answered; past it requests are turned away
 * @param bytesInFlightMax most bytes of request bodies held; past it requests are turned away
 * @param idleTimeout how long a connection may stay open with no request on it
 * @param receiveTimeout how long a client may take to send one request
 */
public record HttpLimits(
        int bodyBytesMax,
        int headerBytesMax,
        int connectionsMax,
        int requestsInFlightMax,
        long bytesInFlightMax,
        Duration idleTimeout,
        Duration receiveTimeout) {

    /** Bounds that fit a heap of {@code heapBytes}: bodies in flight may take a quarter of it. */
    public static HttpLimits forHeap(long heapBytes) {
        int bodyBytesMax = 16 * 1024 * 1024 + 64 * 1024;
        return new HttpLimits(
                bodyBytesMax,
                32 * 1024,
                10_000,
                4_096,
                Math.max(bodyBytesMax, heapBytes / 4),
                Duration.ofMinutes(3),
                Duration.ofSeconds(60));
    }
}

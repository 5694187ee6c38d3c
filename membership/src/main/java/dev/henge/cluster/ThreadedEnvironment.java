package dev.henge.cluster;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** The real world: one timer thread, and one stream to each node. */
final class ThreadedEnvironment implements ClientEnvironment {

    private static final long SWEEP_MILLIS = 20;

    private final Map<String, NodeLink> linksByAddress = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("cluster-client-timer").factory());

    ThreadedEnvironment() {
        timer.scheduleWithFixedDelay(
                new RepeatedTask("the end of requests that take too long", this::sweep),
                SWEEP_MILLIS,
                SWEEP_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private void sweep() {
        long now = System.nanoTime();
        linksByAddress.values().forEach(link -> link.expire(now));
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long randomBetween(long low, long high) {
        return ThreadLocalRandom.current().nextLong(low, high);
    }

    @Override
    public void schedule(Runnable task, long delayNanos) {
        if (!timer.isShutdown()) {
            timer.schedule(task, delayNanos, TimeUnit.NANOSECONDS);
        }
    }

    @Override
    public NodeCalls node(String address) {
        return linksByAddress.computeIfAbsent(address, opened -> new NodeLink(opened, Channels.open(opened)));
    }

    @Override
    public void close() {
        timer.shutdownNow();
        linksByAddress.values().forEach(NodeLink::close);
    }
}

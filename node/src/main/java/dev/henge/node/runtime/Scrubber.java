package dev.henge.node.runtime;

import dev.henge.node.partition.ScrubResult;
import dev.henge.node.storage.StorageEngine;
import dev.henge.proto.ReplicaStatus;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Scrubs the partitions that this node leads, one at a time: those that someone asks for, and each once per interval. When
 * one is due is told by the time of the last checkpoint, which is replicated: leaders and restarts may change in between.
 * Once per interval, and when all is scrubbed on demand, the storage's files are verified as well, past all caches.
 */
final class Scrubber implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Scrubber.class);
    private static final long PAUSE_MILLIS = 1000;
    private static final long RETRY_MILLIS = 300_000;
    private static final int WAITING_MAX = 100_000;

    /** A run ends by its own time limits; this is against a bug. */
    private static final long RUN_HOURS_MAX = 24;

    private record Request(int partition, Consumer<ScrubResult> onDone) {}

    private final Partitions partitions;
    private final StorageEngine storage;
    private final long intervalMillis;
    private final LongSupplier wallMillis;
    private final long startedWallMillis;
    private final Consumer<Throwable> onFault;
    private final Deque<Request> requests = new ArrayDeque<>();
    private final Map<ScrubResult.Outcome, LongAdder> outcomes = new EnumMap<>(ScrubResult.Outcome.class);
    private final LongAdder mismatches = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    /** When a scrub that was due was last tried; only the scrubber's thread uses it. */
    private final Map<Integer, Long> attemptedWallMillis = new HashMap<>();

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;
    private volatile long lastDoneWallMillis;
    private boolean verifyRequested;
    private long lastVerifyWallMillis;

    /** @param interval how often each partition is scrubbed; zero for never but on demand */
    Scrubber(
            String node,
            Partitions partitions,
            StorageEngine storage,
            Duration interval,
            LongSupplier wallMillis,
            Consumer<Throwable> onFault) {
        this.partitions = partitions;
        this.storage = storage;
        this.intervalMillis = interval.toMillis();
        this.wallMillis = wallMillis;
        this.startedWallMillis = wallMillis.getAsLong();
        this.lastVerifyWallMillis = startedWallMillis;
        this.onFault = onFault;
        for (ScrubResult.Outcome outcome : ScrubResult.Outcome.values()) {
            outcomes.put(outcome, new LongAdder());
        }
        this.thread = Thread.ofPlatform().daemon().name(node + "-scrubber").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** How many runs that this node led came to this outcome. */
    long count(ScrubResult.Outcome outcome) {
        LongAdder count = outcomes.get(outcome);
        return count == null ? 0 : count.sum();
    }

    /** How many replicas were found to differ from a majority. */
    long mismatchCount() {
        return mismatches.sum();
    }

    long bytesCompared() {
        return bytes.sum();
    }

    /** When the last run ended that told something; 0 for never. */
    long lastDoneWallMillis() {
        return lastDoneWallMillis;
    }

    /**
     * Scrubs those of the partitions that this node leads, or all of them when none is named, and verifies the files.
     *
     * @param onDone told each result
     * @return how many there are
     */
    int request(Collection<Integer> wanted, Consumer<ScrubResult> onDone) {
        List<Request> accepted = new ArrayList<>();
        for (Partitions.Hosted hosted : partitions.all()) {
            int partition = hosted.replica().partition();
            if (hosted.replica().status().getRole() == ReplicaStatus.Role.LEADER
                    && (wanted.isEmpty() || wanted.contains(partition))) {
                accepted.add(new Request(partition, onDone));
            }
        }
        synchronized (this) {
            if (requests.size() + accepted.size() > WAITING_MAX) {
                return 0;
            }
            requests.addAll(accepted);
            verifyRequested |= wanted.isEmpty();
            notifyAll();
        }
        return accepted.size();
    }

    private void run() {
        try {
            while (closed.getCount() > 0) {
                Request next = next();
                if (next != null) {
                    scrub(next);
                }
                verifyWhenDue();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // The storage may close under a verification when the node stops.
            if (closed.getCount() > 0) {
                onFault.accept(e);
            }
        }
    }

    private @Nullable Request next() throws InterruptedException {
        synchronized (this) {
            if (requests.isEmpty() && closed.getCount() > 0) {
                wait(PAUSE_MILLIS);
            }
            if (!requests.isEmpty()) {
                return requests.removeFirst();
            }
        }
        long now = wallMillis.getAsLong();
        for (Partitions.Hosted hosted : partitions.all()) {
            if (isDue(hosted, now)) {
                attemptedWallMillis.put(hosted.replica().partition(), now);
                return new Request(hosted.replica().partition(), result -> {});
            }
        }
        return null;
    }

    private boolean isDue(Partitions.Hosted hosted, long now) {
        if (intervalMillis == 0 || hosted.replica().status().getRole() != ReplicaStatus.Role.LEADER) {
            return false;
        }
        Long attempted = attemptedWallMillis.get(hosted.replica().partition());
        if (attempted != null && Math.abs(now - attempted) < Math.min(intervalMillis, RETRY_MILLIS)) {
            return false;
        }
        long last = hosted.replica().status().getLastScrubWallMillis();
        if (last == 0) {
            // Never yet: spread over the interval, so that a new node does not read everything at once.
            long spread = Math.floorMod(hosted.replica().partition() * 0x9E3779B97F4A7C15L, intervalMillis);
            return now >= startedWallMillis + spread;
        }
        // A last time in the future is a clock that was set back.
        return now >= last + intervalMillis || last > now + intervalMillis;
    }

    private void scrub(Request request) throws InterruptedException {
        CompletableFuture<ScrubResult> done = new CompletableFuture<>();
        partitions
                .find(request.partition())
                .ifPresent(hosted -> hosted.post(replica -> replica.scrub(wallMillis.getAsLong(), done::complete)));
        ScrubResult result;
        try {
            result = await(done);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a scrub did not end", e);
        }
        LongAdder count = outcomes.get(result.outcome());
        if (count != null) {
            count.increment();
        }
        mismatches.add(result.replicasDiffering());
        bytes.add(result.bytes());
        if (result.outcome() != ScrubResult.Outcome.INTERRUPTED) {
            lastDoneWallMillis = wallMillis.getAsLong();
        }
        request.onDone().accept(result);
    }

    private ScrubResult await(CompletableFuture<ScrubResult> done)
            throws InterruptedException, ExecutionException, TimeoutException {
        return done.get(RUN_HOURS_MAX, TimeUnit.HOURS);
    }

    private void verifyWhenDue() {
        long now = wallMillis.getAsLong();
        synchronized (this) {
            boolean due = intervalMillis > 0 && now >= lastVerifyWallMillis + intervalMillis;
            if (!due && !(verifyRequested && requests.isEmpty())) {
                return;
            }
            verifyRequested = false;
            lastVerifyWallMillis = now;
        }
        storage.verify();
        log.info("all files of the storage match their checksums");
    }

    @Override
    public void close() {
        closed.countDown();
        synchronized (this) {
            notifyAll();
        }
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive() && Thread.currentThread() != thread) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

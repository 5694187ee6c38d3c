package dev.henge.node.runtime;

import dev.henge.node.partition.Replica;
import dev.henge.node.runtime.Partitions.Hosted;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The leadership of all partitions that this node leads goes to others, of a few at a time: while a partition is handed over
 * its writes wait, and the fewer share the disks and processors of those that take over, the shorter. Where nobody took over in
 * time, and somebody still could, it is tried again.
 */
final class Handover {

    private static final int AT_ONCE = 4;
    private static final long RETRY_MILLIS = 20;

    private final Queue<Hosted> left;
    private final long giveUpNanos;
    private final AtomicInteger unfinished;
    private final AtomicInteger handedOver = new AtomicInteger();
    private final AtomicInteger kept = new AtomicInteger();
    private final CompletableFuture<Result> result = new CompletableFuture<>();

    private Handover(Collection<Hosted> hosted, long giveUpNanos) {
        this.giveUpNanos = giveUpNanos;
        left = new ConcurrentLinkedQueue<>(hosted);
        unfinished = new AtomicInteger(left.size());
    }

    /**
     * What came of it.
     *
     * @param handedOver partitions that others lead now
     * @param kept partitions that this node still leads
     */
    record Result(int handedOver, int kept) {}

    /**
     * Completes when each partition that this node leads has been tried.
     *
     * @param giveUpNanos by {@link MonotonicClock}; what has begun by then ends by itself
     */
    static CompletableFuture<Result> of(Collection<Hosted> hosted, long giveUpNanos) {
        Handover handover = new Handover(hosted, giveUpNanos);
        if (hosted.isEmpty()) {
            return CompletableFuture.completedFuture(new Result(0, 0));
        }
        for (int i = 0; i < AT_ONCE; i++) {
            handover.next();
        }
        return handover.result;
    }

    private void next() {
        Hosted target = left.poll();
        if (target != null) {
            target.post(replica -> handOver(target, replica));
        }
    }

    private void handOver(Hosted target, Replica replica) {
        if (replica.leads()) {
            replica.transferLeadership(null, () -> tried(target, replica));
        } else {
            over();
        }
    }

    private void tried(Hosted target, Replica replica) {
        boolean again = replica.leads() && replica.hasSuccessor() && MonotonicClock.nanoTime() < giveUpNanos;
        if (again) {
            CompletableFuture.delayedExecutor(RETRY_MILLIS, TimeUnit.MILLISECONDS)
                    .execute(() -> target.post(same -> handOver(target, same)));
            return;
        }
        (replica.leads() ? kept : handedOver).incrementAndGet();
        over();
    }

    private void over() {
        next();
        if (unfinished.decrementAndGet() == 0) {
            result.complete(new Result(handedOver.get(), kept.get()));
        }
    }
}

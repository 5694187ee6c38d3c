package dev.henge.node.runtime;

import dev.henge.node.partition.Replica;
import dev.henge.node.runtime.Partitions.Hosted;
import java.util.Collection;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The leadership of all partitions that this node leads goes to others, of a few at a time: while a partition is handed over
 * its writes wait, and the fewer share the disks and processors of those that take over, the shorter.
 */
final class Handover {

    private static final int AT_ONCE = 4;

    private final Queue<Hosted> left;
    private final AtomicInteger unfinished;
    private final AtomicInteger handedOver = new AtomicInteger();
    private final CompletableFuture<Integer> result = new CompletableFuture<>();

    private Handover(Collection<Hosted> hosted) {
        left = new ConcurrentLinkedQueue<>(hosted);
        unfinished = new AtomicInteger(left.size());
    }

    /** Completes with the number of partitions that others lead now, when each has been tried. */
    static CompletableFuture<Integer> of(Collection<Hosted> hosted) {
        Handover handover = new Handover(hosted);
        if (hosted.isEmpty()) {
            return CompletableFuture.completedFuture(0);
        }
        for (int i = 0; i < AT_ONCE; i++) {
            handover.next();
        }
        return handover.result;
    }

    private void next() {
        Hosted target = left.poll();
        if (target != null) {
            target.post(this::handOver);
        }
    }

    private void handOver(Replica replica) {
        if (replica.leads()) {
            replica.transferLeadership(null, () -> over(!replica.leads()));
        } else {
            over(false);
        }
    }

    private void over(boolean othersLead) {
        if (othersLead) {
            handedOver.incrementAndGet();
        }
        next();
        if (unfinished.decrementAndGet() == 0) {
            result.complete(handedOver.get());
        }
    }
}

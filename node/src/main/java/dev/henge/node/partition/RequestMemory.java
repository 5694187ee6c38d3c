package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.proto.RememberedRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/**
 * The requests a partition has applied lately, by their ids: a router that does not know what became of a write sends it
 * again, and gets the first outcome.
 *
 * <p>Part of the replicated state: what is forgotten follows from the entries' own timestamps and their number alone, so
 * all replicas remember the same. How far back it reaches is known ({@link #reachesBackToMillis}), so a request that is older
 * can be refused, however late a copy of it arrives.
 */
final class RequestMemory {

    /** A request is remembered this long, by the partition's own time, which never runs ahead of real time. */
    static final long KEPT_MILLIS = 30_000;

    /** Most requests remembered: what a partition can apply in {@link #KEPT_MILLIS} at 4,000 writes a second. */
    static final int KEPT_MAX = 120_000;

    private record Place(long index, RememberedRequest request) {}

    private final Map<ByteString, RememberedRequest> byId = new HashMap<>();
    private final Deque<Place> inOrder = new ArrayDeque<>();
    private boolean forgot;

    Optional<RememberedRequest> find(ByteString requestId) {
        return Optional.ofNullable(byId.get(requestId));
    }

    void add(long index, RememberedRequest request) {
        byId.put(request.getRequestId(), request);
        inOrder.addLast(new Place(index, request));
    }

    /** What was added is what a storage still holds of entries before: older requests may have been forgotten. */
    void loaded() {
        forgot = true;
    }

    /**
     * Forgets what is too old or too much at the given time, and says the log index of each. Requests of one millisecond are
     * forgotten together, and those of this one never.
     */
    void expire(long timestampMillis, LongConsumer forgotten) {
        long lastForgottenMillis = Long.MIN_VALUE;
        while (!inOrder.isEmpty()) {
            Place oldest = inOrder.getFirst();
            long oldestMillis = oldest.request().getTimestampMillis();
            boolean old = oldestMillis < timestampMillis - KEPT_MILLIS
                    || inOrder.size() > KEPT_MAX
                    || oldestMillis == lastForgottenMillis;
            if (!old || oldestMillis >= timestampMillis) {
                return;
            }
            inOrder.removeFirst();
            byId.remove(oldest.request().getRequestId());
            forgotten.accept(oldest.index());
            forgot = true;
            lastForgottenMillis = oldestMillis;
        }
    }

    /** Every request applied at this time of the partition or later is remembered; 0 when all are. */
    long reachesBackToMillis() {
        // The newest request is never forgotten: an empty memory never held any.
        return !forgot || inOrder.isEmpty() ? 0 : inOrder.getFirst().request().getTimestampMillis();
    }

    int size() {
        return inOrder.size();
    }
}

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
 * all replicas remember the same. A router gives up on a request long before {@link #KEPT_MILLIS}.
 */
final class RequestMemory {

    /** A request is remembered this long, by the partition's own time, which never runs ahead of real time. */
    static final long KEPT_MILLIS = 30_000;

    /** Most requests remembered: what a partition can apply in {@link #KEPT_MILLIS} at 4,000 writes a second. */
    static final int KEPT_MAX = 120_000;

    private record Place(long index, RememberedRequest request) {}

    private final Map<ByteString, RememberedRequest> byId = new HashMap<>();
    private final Deque<Place> inOrder = new ArrayDeque<>();

    Optional<RememberedRequest> find(ByteString requestId) {
        return Optional.ofNullable(byId.get(requestId));
    }

    void add(long index, RememberedRequest request) {
        byId.put(request.getRequestId(), request);
        inOrder.addLast(new Place(index, request));
    }

    /** Forgets what is too old at the given time, and says the log index of each. */
    void expire(long timestampMillis, LongConsumer forgotten) {
        while (!inOrder.isEmpty()) {
            Place oldest = inOrder.getFirst();
            boolean old = oldest.request().getTimestampMillis() < timestampMillis - KEPT_MILLIS;
            if (!old && inOrder.size() <= KEPT_MAX) {
                return;
            }
            inOrder.removeFirst();
            byId.remove(oldest.request().getRequestId());
            forgotten.accept(oldest.index());
        }
    }

    int size() {
        return inOrder.size();
    }
}

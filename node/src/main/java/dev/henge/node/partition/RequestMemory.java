package dev.henge.node.partition;

import com.google.protobuf.ByteString;
import dev.henge.proto.RememberedRequest;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

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

    /**
     * A request and where it was carried out.
     *
     * @param source 0 for the partition's own log, else the partition that became part of it
     * @param index in that log
     */
    record Place(int source, long index, RememberedRequest request) {}

    private final Map<ByteString, RememberedRequest> byId = new HashMap<>();
    private final Deque<Place> inOrder = new ArrayDeque<>();
    private boolean forgot;

    Optional<RememberedRequest> find(ByteString requestId) {
        return Optional.ofNullable(byId.get(requestId));
    }

    void add(long index, RememberedRequest request) {
        add(new Place(0, index, request));
    }

    private void add(Place place) {
        byId.put(place.request().getRequestId(), place.request());
        inOrder.addLast(place);
    }

    /** Takes what a storage still holds of entries before, in any order: older requests may have been forgotten. */
    void load(List<Place> stored) {
        stored.stream()
                .sorted(Comparator.comparingLong(place -> place.request().getTimestampMillis()))
                .forEach(this::add);
        forgot = true;
    }

    /** What is remembered, the oldest first. */
    Iterable<Place> places() {
        return inOrder;
    }

    /**
     * Every request applied at this time or later is remembered, whatever happened to the process since: the same on all
     * replicas. What was forgotten for its number is older than what was forgotten for its age, unless there is still much.
     */
    long surelyReachesBackToMillis() {
        if (inOrder.isEmpty()) {
            return Long.MIN_VALUE;
        }
        return inOrder.size() >= KEPT_MAX / 2
                ? inOrder.getFirst().request().getTimestampMillis()
                : inOrder.getLast().request().getTimestampMillis() - KEPT_MILLIS;
    }

    /**
     * Forgets what is too old or too much at the given time, and says the place of each. Requests of one millisecond are
     * forgotten together, and those of this one never.
     */
    void expire(long timestampMillis, Consumer<Place> forgotten) {
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
            forgotten.accept(oldest);
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

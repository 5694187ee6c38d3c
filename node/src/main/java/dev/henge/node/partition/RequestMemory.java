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
import java.util.function.Function;

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

    /** A request that takes more than this, because of what it answered, is read from the storage when it is asked for. */
    static final int HELD_BYTES_MAX = 256;

    /**
     * A request and where it was carried out.
     *
     * @param source 0 for the partition's own log, else the partition that became part of it
     * @param index in that log
     * @param held the request; of a large one only the id and the time
     * @param whole whether {@code held} is all of it
     */
    record Place(int source, long index, RememberedRequest held, boolean whole) {

        static Place of(int source, long index, RememberedRequest request) {
            return request.getSerializedSize() <= HELD_BYTES_MAX
                    ? new Place(source, index, request, true)
                    : new Place(
                            source, index, request.toBuilder().clearOutcome().build(), false);
        }

        ByteString requestId() {
            return held.getRequestId();
        }

        long timestampMillis() {
            return held.getTimestampMillis();
        }
    }

    private final Function<Place, RememberedRequest> storage;
    private final Map<ByteString, Place> byId = new HashMap<>();
    private final Deque<Place> inOrder = new ArrayDeque<>();
    private boolean forgot;

    /** @param storage reads what was remembered at a place, whole, once the entry's batch is written */
    RequestMemory(Function<Place, RememberedRequest> storage) {
        this.storage = storage;
    }

    /** What was remembered of the request, once the batch of the entry that carried it out is written. */
    Optional<RememberedRequest> find(ByteString requestId) {
        return Optional.ofNullable(byId.get(requestId)).map(this::request);
    }

    boolean contains(ByteString requestId) {
        return byId.containsKey(requestId);
    }

    /** What was remembered at one of its places. */
    RememberedRequest request(Place place) {
        return place.whole() ? place.held() : storage.apply(place);
    }

    void add(long index, RememberedRequest request) {
        add(Place.of(0, index, request));
    }

    private void add(Place place) {
        byId.put(place.requestId(), place);
        inOrder.addLast(place);
    }

    /**
     * Takes what a storage holds of entries before, in any order.
     *
     * @param forgotNothing whether these are known to be all that there ever were
     */
    void load(List<Place> stored, boolean forgotNothing) {
        stored.stream().sorted(Comparator.comparingLong(Place::timestampMillis)).forEach(this::add);
        // The newest request is never forgotten: an empty memory never held any.
        forgot = !forgotNothing && !stored.isEmpty();
    }

    boolean forgotNothing() {
        return !forgot;
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
                ? inOrder.getFirst().timestampMillis()
                : inOrder.getLast().timestampMillis() - KEPT_MILLIS;
    }

    /**
     * Forgets what is too old or too much at the given time, and says the place of each. Requests of one millisecond are
     * forgotten together, and those of this one never.
     */
    void expire(long timestampMillis, Consumer<Place> forgotten) {
        long lastForgottenMillis = Long.MIN_VALUE;
        while (!inOrder.isEmpty()) {
            Place oldest = inOrder.getFirst();
            long oldestMillis = oldest.timestampMillis();
            boolean old = oldestMillis < timestampMillis - KEPT_MILLIS
                    || inOrder.size() > KEPT_MAX
                    || oldestMillis == lastForgottenMillis;
            if (!old || oldestMillis >= timestampMillis) {
                return;
            }
            inOrder.removeFirst();
            byId.remove(oldest.requestId());
            forgotten.accept(oldest);
            forgot = true;
            lastForgottenMillis = oldestMillis;
        }
    }

    /** Every request applied at this time of the partition or later is remembered; 0 when all are. */
    long reachesBackToMillis() {
        return !forgot || inOrder.isEmpty() ? 0 : inOrder.getFirst().timestampMillis();
    }

    int size() {
        return inOrder.size();
    }
}

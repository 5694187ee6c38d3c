package dev.henge.node.index;

import com.google.protobuf.ByteString;
import dev.henge.membership.Tokens;
import dev.henge.node.storage.StorageEngine;
import dev.henge.proto.IndexBatch;
import dev.henge.proto.IndexChanges;
import dev.henge.proto.IndexMutation;
import dev.henge.proto.PartitionRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands a partition's outbox on, while its replica here leads: to each receiving partition in the order of the log, one
 * batch at a time, the next once that has arrived. Belongs to the replica's event loop.
 */
public final class OutboxShipper {

    private static final Logger log = LoggerFactory.getLogger(OutboxShipper.class);

    /** What is read ahead of what has arrived. */
    static final long LOADED_BYTES_MAX = 2 << 20;

    static final long BATCH_BYTES_MAX = 1 << 20;

    private static final long RETRY_NANOS_MIN = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long RETRY_NANOS_MAX = TimeUnit.SECONDS.toNanos(1);

    /**
     * What is for one receiver of what one entry of a log changes.
     *
     * @param position in the outbox
     * @param source the partition whose log it is
     */
    private record Waiting(long position, int source, IndexChanges changes) {}

    /** What a shipper needs of its replica's world. */
    public interface Port {

        /** The partition that a token belongs to; empty while there is no catalog. */
        OptionalInt partitionOf(long token);

        /** The range of a partition in the map that {@link #partitionOf} goes by. */
        default Optional<PartitionRange> rangeOf(int partition) {
            return Optional.empty();
        }

        /** Which map {@link #partitionOf} goes by: another number when that may have changed. */
        long mapEpoch();

        /** Completes, on any thread, once the partition has the batch; fails when that isn't known in time. */
        CompletableFuture<Void> send(int partition, IndexBatch batch);

        /** Runs something on the replica's event loop, and {@link #pump pumps} behind it. */
        void post(Runnable task);

        long nanoTime();
    }

    private static final class Receiver {
        private final Deque<Waiting> waiting = new ArrayDeque<>();

        /** What the batch is made of. */
        private List<Waiting> sent = List.of();

        /** What has not arrived of what was sent last; null when all has. */
        private @Nullable IndexBatch batch;

        private boolean onItsWay;
        private long notBeforeNanos;
        private int failures;
    }

    private final int partition;
    private final Outbox outbox;
    private final StorageEngine storage;
    private final Port port;
    private final Map<Integer, Receiver> receivers = new LinkedHashMap<>();

    /** How many receivers still wait for the changes of an entry, by its index in the log. */
    private final TreeMap<Long, Integer> outstanding = new TreeMap<>();

    private long loadedTo;
    private long loadedBytes;

    /** The map by which everything that is loaded was sorted. */
    private long mapEpoch;

    /** When to look again whose the entries are; {@code Long.MAX_VALUE} while that is known of all. */
    private long loadAgainNanos = Long.MAX_VALUE;

    /** Counts up when it stops, so that answers to what was sent before are told from later ones. */
    private long run;

    public OutboxShipper(int partition, Outbox outbox, StorageEngine storage, Port port) {
        this.partition = partition;
        this.outbox = outbox;
        this.storage = storage;
        this.port = port;
    }

    /** Forgets everything; the outbox is as it was. */
    public void stop() {
        run++;
        receivers.clear();
        outstanding.clear();
        loadedTo = 0;
        loadedBytes = 0;
        loadAgainNanos = Long.MAX_VALUE;
    }

    /** Reads what has come, and sends what can be sent. */
    public void pump() {
        sortByOneMap();
        receivers.forEach(this::sendNext);
    }

    /**
     * A receiver that was split or merged must not get later changes by the new map while earlier ones are on their way by the old: it
     * would take the earlier ones, which come again, for taken.
     */
    private void sortByOneMap() {
        boolean sorted = false;
        while (!sorted) {
            long epoch = port.mapEpoch();
            if (epoch != mapEpoch && !receivers.entrySet().stream().allMatch(this::isWhereItBelongs)) {
                stop();
            }
            mapEpoch = epoch;
            load();
            sorted = port.mapEpoch() == epoch;
        }
    }

    private boolean isWhereItBelongs(Map.Entry<Integer, Receiver> receiver) {
        Receiver state = receiver.getValue();
        return belongTo(receiver.getKey(), Stream.concat(state.sent.stream(), state.waiting.stream()));
    }

    private void load() {
        while (loadedBytes < LOADED_BYTES_MAX && outbox.lastIndexOr(0) > loadedTo) {
            for (IndexChanges changes : outbox.read(storage, loadedTo + 1, LOADED_BYTES_MAX - loadedBytes)) {
                if (!distribute(changes)) {
                    loadAgainNanos = port.nanoTime() + RETRY_NANOS_MAX;
                    return;
                }
            }
        }
        loadAgainNanos = Long.MAX_VALUE;
    }

    /** False while nobody knows whose the entries are. */
    private boolean distribute(IndexChanges stored) {
        List<Waiting> parts = stored.getTakenCount() == 0
                ? List.of(new Waiting(stored.getSourceIndex(), outbox.sourceOf(stored.getSourceIndex()), stored))
                : stored.getTakenList().stream()
                        .map(taken -> new Waiting(stored.getSourceIndex(), taken.getSource(), taken.getChanges()))
                        .toList();
        List<Map<Integer, IndexChanges.Builder>> sorted = new ArrayList<>();
        for (Waiting part : parts) {
            Map<Integer, IndexChanges.Builder> byReceiver = new LinkedHashMap<>();
            if (!distribute(part.changes(), byReceiver)) {
                return false;
            }
            sorted.add(byReceiver);
        }
        for (int place = 0; place < parts.size(); place++) {
            Waiting part = parts.get(place);
            sorted.get(place).forEach((receiver, changes) -> {
                IndexChanges built = changes.build();
                receivers
                        .computeIfAbsent(receiver, id -> new Receiver())
                        .waiting
                        .addLast(new Waiting(part.position(), part.source(), built));
                loadedBytes += built.getSerializedSize();
                outstanding.merge(part.position(), 1, Integer::sum);
            });
        }
        loadedTo = stored.getSourceIndex();
        return true;
    }

    private boolean distribute(IndexChanges changes, Map<Integer, IndexChanges.Builder> byReceiver) {
        for (IndexMutation mutation : changes.getMutationsList()) {
            OptionalInt removesFrom = receiver(mutation.getRemovedKey());
            OptionalInt putsInto = receiver(mutation.getPutKey());
            boolean unknown =
                    (removesFrom.isEmpty() && !mutation.getRemovedKey().isEmpty())
                            || (putsInto.isEmpty() && !mutation.getPutKey().isEmpty());
            if (unknown) {
                return false;
            }
            if (removesFrom.isEmpty() || putsInto.isEmpty() || removesFrom.equals(putsInto)) {
                int receiver = removesFrom.isPresent() ? removesFrom.getAsInt() : putsInto.getAsInt();
                changesFor(receiver, changes, byReceiver).addMutations(mutation);
                continue;
            }
            changesFor(removesFrom.getAsInt(), changes, byReceiver)
                    .addMutations(mutation.toBuilder().clearPutKey().clearItem().setPutBytes(0));
            changesFor(putsInto.getAsInt(), changes, byReceiver)
                    .addMutations(mutation.toBuilder().clearRemovedKey().setRemovedBytes(0));
        }
        return true;
    }

    private OptionalInt receiver(ByteString entryKey) {
        return entryKey.isEmpty() ? OptionalInt.empty() : port.partitionOf(Tokens.ofItemKey(entryKey.toByteArray()));
    }

    private static IndexChanges.Builder changesFor(
            int receiver, IndexChanges whole, Map<Integer, IndexChanges.Builder> byReceiver) {
        return byReceiver.computeIfAbsent(
                receiver, id -> IndexChanges.newBuilder().setSourceIndex(whole.getSourceIndex()));
    }

    private void sendNext(int receiver, Receiver state) {
        if (state.onItsWay || port.nanoTime() < state.notBeforeNanos) {
            return;
        }
        if (state.batch == null) {
            state.batch = nextBatch(state);
        }
        IndexBatch made = state.batch;
        if (made == null) {
            return;
        }
        // By the map of now: where it was another one when the batch was made, nothing has changed owners since.
        Optional<PartitionRange> covered = port.rangeOf(receiver);
        if (port.mapEpoch() != mapEpoch) {
            state.notBeforeNanos =
                    port.nanoTime() + RETRY_NANOS_MIN; // all that is loaded is to be sorted by the new one first
            return;
        }
        IndexBatch batch =
                covered.map(range -> made.toBuilder().setCovers(range).build()).orElse(made);
        state.onItsWay = true;
        long sentInRun = run;
        port.send(receiver, batch)
                .whenComplete((done, failure) -> port.post(() -> {
                    if (sentInRun == run) {
                        onAnswer(receiver, state, failure);
                    }
                }));
    }

    private void onAnswer(int receiver, Receiver state, @Nullable Throwable failure) {
        state.onItsWay = false;
        if (failure == null) {
            List<Waiting> arrived = state.sent;
            state.batch = null;
            state.sent = List.of();
            state.failures = 0;
            arrived.forEach(this::arrived);
        } else if (!belongTo(receiver, state.sent.stream())) {
            // The receiver was split, or is part of another one. Whose what is, is looked at anew; what has arrived is
            // left out by who has it.
            stop();
        } else {
            state.failures++;
            state.notBeforeNanos =
                    port.nanoTime() + Math.min(RETRY_NANOS_MAX, RETRY_NANOS_MIN << Math.min(state.failures, 10));
            log.debug(
                    "partition {}: partition {} has not taken index changes: {}",
                    partition,
                    receiver,
                    failure.toString());
        }
    }

    private boolean belongTo(int receiver, Stream<Waiting> all) {
        return all.flatMap(waiting -> waiting.changes().getMutationsList().stream())
                .flatMap(mutation -> Stream.of(mutation.getRemovedKey(), mutation.getPutKey()))
                .filter(key -> !key.isEmpty())
                .allMatch(key -> receiver(key).equals(OptionalInt.of(receiver)));
    }

    private void arrived(Waiting sent) {
        loadedBytes -= sent.changes().getSerializedSize();
        outstanding.computeIfPresent(sent.position(), (index, count) -> count == 1 ? null : count - 1);
    }

    private @Nullable IndexBatch nextBatch(Receiver state) {
        if (state.waiting.isEmpty()) {
            return null;
        }
        int source = state.waiting.getFirst().source();
        IndexBatch.Builder batch = IndexBatch.newBuilder().setSource(source);
        List<Waiting> sent = new ArrayList<>();
        long batchBytes = 0;
        long lastIndex = -1;
        // What another partition had still to hand on may be of this one's own log, from before the two were split: a
        // batch
        // is in the order of one log.
        while (!state.waiting.isEmpty()
                && batchBytes < BATCH_BYTES_MAX
                && state.waiting.getFirst().source() == source
                && state.waiting.getFirst().changes().getSourceIndex() > lastIndex) {
            lastIndex = state.waiting.getFirst().changes().getSourceIndex();
            Waiting next = state.waiting.removeFirst();
            sent.add(next);
            batch.addChanges(next.changes());
            batchBytes += next.changes().getSerializedSize();
        }
        state.sent = sent;
        return batch.build();
    }

    /** Changes of entries of the log up to this index have arrived everywhere; 0 when that isn't known of any. */
    public long arrivedTo() {
        return outstanding.isEmpty() ? loadedTo : outstanding.firstKey() - 1;
    }

    /** When to {@link #pump} although nothing new has come; {@code Long.MAX_VALUE} for never. */
    public long nextPumpNanos() {
        long next = loadAgainNanos;
        for (Receiver state : receivers.values()) {
            if (!state.onItsWay && state.batch != null) {
                next = Math.min(next, state.notBeforeNanos);
            }
        }
        return next;
    }
}

package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.History;
import dev.henge.chaos.checker.Outcome;
import dev.henge.proto.DataRequest;
import dev.henge.proto.DataResponse;
import dev.henge.proto.Refusal;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A client and its router in one: makes one call at a time, asks whom it holds to be the leader, and tries again with the
 * same request id until it has an answer or its deadline has passed.
 */
final class SimulatedClient {

    private static final long BACKOFF_NANOS_MAX = TimeUnit.MILLISECONDS.toNanos(150);

    private final World world;
    private final int number;
    private final String name;
    private final Workload workload;
    private final History history;
    private final Chance chance;
    private final Map<Integer, String> leaders = new HashMap<>();
    private final Map<Integer, Long> partitionTimesMillis = new HashMap<>();

    /** Some clients only read, so they go on where no write is answered. */
    private final boolean onlyReads;

    private @Nullable Request current;
    private boolean stopping;
    private long answeredCount;

    SimulatedClient(World world, int number, Workload workload, History history) {
        this.world = world;
        this.number = number;
        this.name = "client" + number;
        this.workload = workload;
        this.history = history;
        this.chance = world.chanceFor();
        this.onlyReads = chance.happens(0.2);
    }

    String name() {
        return name;
    }

    boolean idle() {
        return current == null;
    }

    long answeredCount() {
        return answeredCount;
    }

    void start() {
        think();
    }

    /** Makes no further calls. */
    void stop() {
        stopping = true;
    }

    private void think() {
        world.scheduler.after(chance.below(world.settings.thinkNanosMax()), () -> {
            if (!stopping) {
                Workload.Wish choice = workload.next(chance);
                call(choice.key(), onlyReads ? new Call.Get() : choice.call(), chance.betweenMillis(2_000, 10_000));
            }
        });
    }

    void call(Requests.Key key, Call call, long deadlineNanos) {
        Request request = new Request(key, call, deadlineNanos);
        current = request;
        request.attempt();
    }

    private final class Request {
        private final Requests.Key key;
        private final Call call;
        private final History.Pending pending;
        private final boolean tellMore = chance.happens(0.7);
        private final int partition;
        private final long deadlineNanos;
        private ByteString requestId = newRequestId();
        private long knownTimeMillis;
        private int attempts;

        Request(Requests.Key key, Call call, long timeoutNanos) {
            this.key = key;
            this.call = call;
            this.pending = history.call(number, key.name(), call);
            this.partition = world.partitionOf(key.token()).id();
            this.deadlineNanos = world.scheduler.nowNanos() + timeoutNanos;
            traced("calls", 0, key.name() + ": " + call);
        }

        private void traced(String what, long detail, String text) {
            world.trace.event(world.scheduler.nowNanos(), name, what, detail, () -> text);
        }

        void attempt() {
            if (current != this) {
                return;
            }
            if (world.scheduler.nowNanos() >= deadlineNanos) {
                end(Outcome.UNKNOWN);
                return;
            }
            attempts++;
            int attempt = attempts;
            if (attempt == 1) {
                knownTimeMillis = partitionTimesMillis.getOrDefault(partition, 0L);
            }
            if (attempt > 1 && world.settings.sabotage() == Sabotage.RETRIES_ARE_NEW_WRITES) {
                requestId = newRequestId();
            }
            String node = leaders.computeIfAbsent(partition, any -> chance.oneOf(world.nodeNames));
            DataRequest.Builder asked = Requests.request(key, call, requestId, tellMore)
                    .setId(attempt)
                    .setPartition(partition)
                    .setKnownTimeMillis(knownTimeMillis);
            if (attempt > 1
                    && asked.hasWriteItem()
                    && world.settings.sabotage() != Sabotage.RETRIES_HIDE_THAT_THEY_ARE) {
                // As the router does it: a copy of this request may still be on its way.
                asked.getWriteItemBuilder().setRepeated(true);
            }
            DataRequest request = asked.build();
            traced("asks", attempt, node + " for " + call + " on " + key.name());
            world.network.sendOnce(name, node, () -> world.node(node).receive(request, response -> {
                DataResponse answer = response.build();
                world.network.sendOnce(node, name, () -> onAnswer(attempt, node, answer));
            }));
            world.scheduler.after(chance.betweenMillis(300, 2_500), () -> onSilence(attempt));
        }

        private void onSilence(int attempt) {
            if (current == this && attempt == attempts) {
                leaders.put(partition, chance.oneOf(world.nodeNames));
                attempt();
            }
        }

        private void onAnswer(int attempt, String node, DataResponse answer) {
            if (current != this || attempt != attempts) {
                return;
            }
            if (answer.getPartitionTimeMillis() != 0) {
                partitionTimesMillis.merge(partition, answer.getPartitionTimeMillis(), Math::max);
            }
            switch (answer.getOutcomeCase()) {
                case ITEM_READ -> end(Requests.outcome(answer.getItemRead()));
                case ITEM_WRITTEN -> end(Requests.outcome(call, tellMore, answer.getItemWritten()));
                case REFUSAL -> onRefusal(node, answer.getRefusal());
                case RANGE_READ, CATALOG, TABLE_DROPPED, OUTCOME_NOT_SET ->
                    throw new SimulationFailure(call + " was answered with " + answer);
            }
        }

        private void onRefusal(String node, Refusal refusal) {
            traced("refused", refusal.getCodeValue(), node + " refuses: " + refusal.getCode());
            switch (refusal.getCode()) {
                case CONDITION_FAILED -> end(Requests.conditionFailed(tellMore, refusal));
                case NOT_LEADER ->
                    retry(refusal.getLeader().isEmpty() ? chance.oneOf(world.nodeNames) : refusal.getLeader());
                case UNKNOWN_PARTITION, OVERLOADED, TIMED_OUT -> retry(chance.oneOf(world.nodeNames));
                case REQUEST_TOO_OLD -> {
                    if (attempts == 1) {
                        attempts = 0;
                        attempt();
                    } else {
                        end(Outcome.UNKNOWN);
                    }
                }
                case STALE_EPOCH, INVALID, TABLE_DROPPED, INTERNAL, CODE_UNSPECIFIED, UNRECOGNIZED ->
                    throw new SimulationFailure(call + " was refused with " + refusal);
            }
        }

        private void retry(String node) {
            leaders.put(partition, node);
            world.scheduler.after(chance.below(BACKOFF_NANOS_MAX), this::attempt);
        }

        private void end(Outcome outcome) {
            traced("learns", attempts, key.name() + ": " + call + " -> " + outcome);
            current = null;
            if (!(outcome instanceof Outcome.Unknown)) {
                answeredCount++;
            }
            pending.returned(outcome);
            workload.learn(key, outcome);
            if (!stopping) {
                think();
            }
        }
    }

    private ByteString newRequestId() {
        return ByteString.copyFrom(ByteBuffer.allocate(2 * Long.BYTES)
                .putLong(chance.any())
                .putLong(chance.any())
                .flip());
    }
}

package dev.henge.chaos.simulation;

import com.google.protobuf.ByteString;
import dev.henge.chaos.checker.Call;
import dev.henge.chaos.checker.History;
import dev.henge.chaos.checker.Outcome;
import dev.henge.cluster.ClusterException;
import dev.henge.cluster.Deadline;
import dev.henge.cluster.RoutedClusterClient;
import dev.henge.proto.ItemWritten;
import dev.henge.proto.WriteItem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A client: makes one call at a time, or several writes together, through its router, and writes down what it learned. */
final class SimulatedClient {

    private final World world;
    private final SimulatedRouter router;
    private final int number;
    private final String name;
    private final Workload workload;
    private final Observations observations;
    private final Chance chance;

    /** Some clients only read, so they go on where no write is answered. */
    private final boolean onlyReads;

    private int callsUnderWay;
    private boolean stopping;
    private long answeredCount;
    private long failedCount;

    SimulatedClient(World world, SimulatedRouter router, int number, Workload workload, Observations observations) {
        this.world = world;
        this.router = router;
        this.number = number;
        this.name = "client" + number;
        this.workload = workload;
        this.observations = observations;
        this.chance = world.chanceFor();
        this.onlyReads = chance.happens(0.2);
    }

    boolean idle() {
        return callsUnderWay == 0;
    }

    long answeredCount() {
        return answeredCount;
    }

    long failedCount() {
        return failedCount;
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
            if (!stopping && !workload.hasTable()) {
                think();
            } else if (!stopping) {
                Workload.Wish wish = onlyReads
                        ? workload.nextRead(chance)
                        : workload.next(chance, router.client()::knownPartitionOf);
                // Who gives up early hears more often that something failed, or may have.
                perform(
                        wish,
                        chance.happens(0.2) ? chance.betweenMillis(200, 2_000) : chance.betweenMillis(2_000, 10_000));
            }
        });
    }

    private void perform(Workload.Wish wish, long timeoutNanos) {
        switch (wish) {
            case Workload.Wish.OnKey(Requests.Key key, Call call) -> call(key, call, timeoutNanos);
            case Workload.Wish.Batch(List<Workload.Wish.OnKey> writes) -> callTogether(writes, timeoutNanos);
            case Workload.Wish.EventualGet(Requests.Key key) -> readEventually(key, timeoutNanos);
            case Workload.Wish.ReadRange range -> new RangeScan(range, timeoutNanos).nextPage();
        }
    }

    /** Calls now; the outcome is in the history once the client is idle again. */
    void call(Requests.Key key, Call call, long timeoutNanos) {
        boolean tellMore = chance.happens(0.7);
        History.Pending pending = observations.history().call(number, key.name(), call);
        traced("calls", () -> key.name() + ": " + call);
        CompletableFuture<Outcome> outcome = asked(key, call, tellMore, deadline(timeoutNanos));
        whenDone(outcome, (learned, failure) -> onOutcome(pending, tellMore, key, call, learned, failure));
    }

    /** Each write is a call of its own to the checkers. */
    private void callTogether(List<Workload.Wish.OnKey> calls, long timeoutNanos) {
        boolean tellMore = chance.happens(0.7);
        RoutedClusterClient client = router.client();
        List<WriteItem> writes = new ArrayList<>();
        List<History.Pending> pending = new ArrayList<>();
        for (Workload.Wish.OnKey wish : calls) {
            Requests.Key key = wish.key();
            Call call = wish.call();
            pending.add(observations.history().call(number, key.name(), call));
            traced("calls", () -> key.name() + ": " + call + ", with others");
            writes.add(Requests.write(
                    key,
                    workload.tableEpoch(key.table(), client.catalog()),
                    call,
                    RoutingEnvironment.requestId(chance),
                    tellMore));
        }
        List<CompletableFuture<ItemWritten>> answers = client.writeAll(writes, deadline(timeoutNanos));
        for (int place = 0; place < calls.size(); place++) {
            Workload.Wish.OnKey one = calls.get(place);
            History.Pending pendingOne = pending.get(place);
            whenDone(
                    answers.get(place).thenApply(written -> Requests.outcome(one.call(), tellMore, written)),
                    (learned, failure) -> onOutcome(pendingOne, tellMore, one.key(), one.call(), learned, failure));
        }
    }

    private void onOutcome(
            History.Pending pending,
            boolean tellMore,
            Requests.Key key,
            Call call,
            @Nullable Outcome learned,
            @Nullable Throwable failure) {
        if (learned != null) {
            traced("learns", () -> key.name() + ": " + call + " -> " + learned);
            answeredCount++;
            pending.returned(learned);
            workload.learn(key, learned);
            return;
        }
        traced("fails", () -> key.name() + ": " + call + " -> " + failure);
        onFailure(pending, tellMore, key, call, failure);
    }

    private CompletableFuture<Outcome> asked(Requests.Key key, Call call, boolean tellMore, Deadline deadline) {
        RoutedClusterClient client = router.client();
        if (call.isRead()) {
            return client.read(key.token(), Requests.read(key, true), deadline).thenApply(Requests::outcome);
        }
        ByteString requestId = RoutingEnvironment.requestId(chance);
        return client.write(
                        key.token(),
                        Requests.write(
                                key, workload.tableEpoch(key.table(), client.catalog()), call, requestId, tellMore),
                        deadline)
                .thenApply(written -> Requests.outcome(call, tellMore, written));
    }

    private void onFailure(
            History.Pending pending, boolean tellMore, Requests.Key key, Call call, @Nullable Throwable failure) {
        if (!(failure instanceof ClusterException refused)) {
            throw new SimulationFailure(call + " failed", failure);
        }
        switch (refused.code()) {
            case CONDITION_FAILED -> {
                answeredCount++;
                pending.returned(Requests.conditionFailed(tellMore, refused.item()));
            }
            // "Nothing was changed" is a promise, which the checkers hold the client to.
            case UNAVAILABLE, OVERLOADED, RANGE_SPLIT -> {
                failedCount++;
                pending.withoutEffect();
            }
            case TIMED_OUT -> {
                failedCount++;
                pending.unknown();
            }
            case TABLE_DROPPED -> {
                if (key.table() == Requests.TABLE) {
                    throw new SimulationFailure(call + " on a table that stays was refused", refused);
                }
                // An earlier attempt may have come before the table was dropped.
                pending.unknown();
            }
            case INVALID, COLLECTION_FULL, INTERNAL -> throw new SimulationFailure(call + " was refused", refused);
        }
    }

    private void readEventually(Requests.Key key, long timeoutNanos) {
        long invokedNanos = world.scheduler.nowNanos();
        traced("calls", () -> key.name() + ": eventual get");
        whenDone(
                router.client().read(key.token(), Requests.read(key, false), deadline(timeoutNanos)),
                (read, failure) -> {
                    if (read == null) {
                        onReadFailure("an eventual get", failure);
                        return;
                    }
                    Outcome.Holds seen = Requests.outcome(read);
                    traced("learns", () -> key.name() + ": eventual get -> " + seen);
                    answeredCount++;
                    observations.sawEventually(number, key, seen.value(), invokedNanos);
                });
    }

    private void onReadFailure(String what, @Nullable Throwable failure) {
        if (!(failure instanceof ClusterException refused)) {
            throw new SimulationFailure(what + " failed", failure);
        }
        switch (refused.code()) {
            case UNAVAILABLE, OVERLOADED, TIMED_OUT, RANGE_SPLIT -> {
                failedCount++;
                traced("fails", () -> what + ": " + refused.code());
            }
            case CONDITION_FAILED, INVALID, COLLECTION_FULL, TABLE_DROPPED, INTERNAL ->
                throw new SimulationFailure(what + " was refused", refused);
        }
    }

    private Deadline deadline(long timeoutNanos) {
        return new Deadline(router.nanoTime() + timeoutNanos);
    }

    /** Goes on in an event of its own: what it throws must not vanish in a future. */
    private <T> void whenDone(CompletableFuture<T> call, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        callsUnderWay++;
        call.whenComplete((answer, failure) -> world.scheduler.after(0, () -> {
            callsUnderWay--;
            then.accept(
                    answer,
                    failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure);
            if (callsUnderWay == 0 && !stopping) {
                think();
            }
        }));
    }

    private void traced(String what, Supplier<String> text) {
        world.trace.event(world.scheduler.nowNanos(), name, what, 0, text);
    }

    /** The pages of one range, one after the other, while others write. */
    private final class RangeScan {
        private final Workload.Wish.ReadRange wish;
        private final Deadline deadline;
        private final long mapEpoch;
        private ByteString start;
        private ByteString end;

        RangeScan(Workload.Wish.ReadRange wish, long timeoutNanos) {
            this.wish = wish;
            this.deadline = deadline(timeoutNanos);
            this.mapEpoch = router.client().partitionOf(wish.token()).getEpoch();
            this.start = wish.start();
            this.end = wish.end();
        }

        void nextPage() {
            long invokedNanos = world.scheduler.nowNanos();
            traced("calls", () -> "a page of " + wish);
            whenDone(
                    router.client().readRange(wish.token(), Requests.page(wish, start, end), deadline),
                    (read, failure) -> {
                        if (read == null) {
                            onPageFailure(failure);
                            return;
                        }
                        traced("learns", () -> "a page -> " + Requests.items(read));
                        answeredCount++;
                        observations.sawPage(number, wish, start, end, read, invokedNanos);
                        if (!read.getLastKey().isEmpty()) {
                            goOnBehind(read.getLastKey());
                        }
                    });
        }

        /** Where the map has the partition in two by now, whoever scans plans anew, as a router does: no call failed. */
        private void onPageFailure(@Nullable Throwable failure) {
            boolean split = failure instanceof ClusterException refused
                    && refused.code() == ClusterException.Code.RANGE_SPLIT
                    && router.client().partitionOf(wish.token()).getEpoch() > mapEpoch;
            if (split) {
                traced("plans", () -> "anew, as the partition was split");
                return;
            }
            onReadFailure("a page", failure);
        }

        private void goOnBehind(ByteString lastKey) {
            if (wish.backwards()) {
                end = lastKey;
            } else {
                start = lastKey.concat(ByteString.copyFrom(new byte[1]));
            }
            nextPage();
        }
    }
}

package dev.henge.chaos.checker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * What the clients of one run called and learned. May be recorded from many threads; one lock guards all, taken for
 * moments only.
 */
public final class History {

    /** A call under way. Ends by exactly one of its methods; one that never ends counts as unknown. */
    public final class Pending {
        private final int client;
        private final String key;
        private final Call call;
        private final long invokedNanos;

        private Pending(int client, String key, Call call, long invokedNanos) {
            this.client = client;
            this.key = key;
            this.call = call;
            this.invokedNanos = invokedNanos;
        }

        public void returned(Outcome outcome) {
            if (outcome instanceof Outcome.Unknown) {
                unknown();
                return;
            }
            end(new Operation(client, key, call, outcome, invokedNanos, clockNanos.getAsLong()));
        }

        /** It may take effect at any time from its call on, or never. */
        public void unknown() {
            end(asUnknown());
        }

        /** It surely had no effect and never will: it is no part of the history. */
        public void withoutEffect() {
            synchronized (lock) {
                remove();
            }
        }

        private Operation asUnknown() {
            return new Operation(client, key, call, Outcome.UNKNOWN, invokedNanos, Operation.NEVER);
        }

        private void end(Operation operation) {
            synchronized (lock) {
                remove();
                ended.add(operation);
            }
        }

        private void remove() {
            if (pending.remove(this) == null) {
                throw new IllegalStateException("this call has ended already: " + call);
            }
        }
    }

    private final Object lock = new Object();
    private final LongSupplier clockNanos;
    private final List<Operation> ended = new ArrayList<>();
    private final Map<Pending, Pending> pending = new HashMap<>();

    /** @param clockNanos the one clock of the run; never runs backwards */
    public History(LongSupplier clockNanos) {
        this.clockNanos = clockNanos;
    }

    public Pending call(int client, String key, Call call) {
        Pending started = new Pending(client, key, call, clockNanos.getAsLong());
        synchronized (lock) {
            pending.put(started, started);
        }
        return started;
    }

    /** A page of a range read, called at the given time, has returned. */
    public void pageReturned(int client, RangePage page, long invokedNanos) {
        List<Operation> reads = page.reads(client, invokedNanos, clockNanos.getAsLong());
        synchronized (lock) {
            ended.addAll(reads);
        }
    }

    /** All operations, those under way as unknown, by the time of their call. */
    public List<Operation> operations() {
        List<Operation> all;
        synchronized (lock) {
            all = new ArrayList<>(ended);
            pending.keySet().forEach(started -> all.add(started.asUnknown()));
        }
        all.sort(Comparator.comparingLong(Operation::invokedNanos).thenComparingInt(Operation::client));
        return all;
    }

    /** {@link #operations()} by key, in the keys' order. */
    public Map<String, List<Operation>> operationsByKey() {
        Map<String, List<Operation>> byKey = new TreeMap<>();
        operations().forEach(operation -> byKey.computeIfAbsent(operation.key(), key -> new ArrayList<>())
                .add(operation));
        return byKey;
    }
}

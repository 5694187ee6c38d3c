package dev.henge.chaos.checker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Judges reads that may be stale: what they show was written by a call made before the read returned.
 *
 * <ul>
 *   <li>Register: the value of a write that was not refused.
 *   <li>Counter: no more than all additions called by then make, and at least one of them.
 *   <li>List: the beginning of what it holds at the end, and only of elements whose append was called by then.
 * </ul>
 *
 * <p>Absent is always possible: every key was absent once. Counters are only added to, by positive numbers, and lists are
 * only appended to.
 */
public final class EventualReadsChecker {

    /** One key as a stale read showed it. */
    public record Read(int client, String key, Value shown, long invokedNanos, long returnedNanos) {
        @Override
        public String toString() {
            return "[" + invokedNanos + " .. " + returnedNanos + "] client " + client + " on " + key
                    + ": eventual read -> " + shown;
        }
    }

    /** An addition, and the sum of all called up to then. */
    private record Sum(long invokedNanos, long sum) {}

    /** What was written to one key, by the time of the first call that may have. */
    private static final class Writes {
        private final Map<Value, Long> registerNanos = new HashMap<>();
        private final Map<String, Long> elementNanos = new HashMap<>();
        private final List<Sum> sums = new ArrayList<>();
        private long leastDelta = Long.MAX_VALUE;

        /** @param operations by the time of their call */
        Writes(List<Operation> operations) {
            long sum = 0;
            for (Operation operation : operations) {
                if (operation.outcome() instanceof Outcome.ConditionFailed
                        || operation.outcome() instanceof Outcome.ConditionFailedOn) {
                    continue;
                }
                long nanos = operation.invokedNanos();
                switch (operation.call()) {
                    case Call.Put(Value value) -> registerNanos.putIfAbsent(value, nanos);
                    case Call.CompareAndSet swap -> registerNanos.putIfAbsent(swap.value(), nanos);
                    case Call.Append(String element) -> elementNanos.putIfAbsent(element, nanos);
                    case Call.Add(long delta) -> {
                        sum += delta;
                        leastDelta = Math.min(leastDelta, delta);
                        sums.add(new Sum(nanos, sum));
                    }
                    case Call.Get _, Call.Delete _ -> {}
                }
            }
        }

        long sumBy(long nanos) {
            int low = 0;
            int high = sums.size();
            while (low < high) {
                int middle = (low + high) >>> 1;
                if (sums.get(middle).invokedNanos() <= nanos) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            return low == 0 ? 0 : sums.get(low - 1).sum();
        }
    }

    private EventualReadsChecker() {}

    /**
     * Says what was shown without a reason.
     *
     * @param operationsByKey everything that was called, each key's by the time of the call
     * @param finalValues what keys held at the end; may lack keys
     */
    public static List<String> complaints(
            List<Read> reads, Map<String, List<Operation>> operationsByKey, Map<String, Value> finalValues) {
        Map<String, Writes> writesByKey = new HashMap<>();
        List<String> complaints = new ArrayList<>();
        for (Read read : reads) {
            Writes writes = writesByKey.computeIfAbsent(
                    read.key(), key -> new Writes(operationsByKey.getOrDefault(key, List.of())));
            String complaint = complaint(read, writes, finalValues.get(read.key()));
            if (complaint != null) {
                complaints.add(read + ": " + complaint);
            }
        }
        return complaints;
    }

    private static @Nullable String complaint(Read read, Writes writes, @Nullable Value finalValue) {
        long byNanos = read.returnedNanos();
        return switch (read.shown()) {
            case Value.Absent _ -> null;
            case Value.Text text ->
                writes.registerNanos.getOrDefault(text, Long.MAX_VALUE) <= byNanos
                        ? null
                        : "nobody had written this by then";
            case Value.Counter(long number) -> {
                long most = writes.sumBy(byNanos);
                yield number >= writes.leastDelta && number <= most
                        ? null
                        : "the additions called by then make at most " + most;
            }
            case Value.Elements(List<String> elements) -> listComplaint(elements, byNanos, writes, finalValue);
        };
    }

    private static @Nullable String listComplaint(
            List<String> elements, long byNanos, Writes writes, @Nullable Value finalValue) {
        Set<String> seen = new HashSet<>();
        for (String element : elements) {
            if (!seen.add(element)) {
                return "'" + element + "' is there twice";
            }
            if (writes.elementNanos.getOrDefault(element, Long.MAX_VALUE) > byNanos) {
                return "'" + element + "' was not appended by then";
            }
        }
        if (finalValue == null) {
            return null;
        }
        boolean beginning = finalValue instanceof Value.Elements(List<String> last)
                && last.size() >= elements.size()
                && last.subList(0, elements.size()).equals(elements);
        return beginning ? null : "this is not how the list at the end begins: " + finalValue;
    }
}

package dev.henge.chaos.checker;

import java.util.ArrayList;
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

    private EventualReadsChecker() {}

    /**
     * Says what was shown without a reason.
     *
     * @param operationsByKey everything that was called
     * @param finalValues what keys held at the end; may lack keys
     */
    public static List<String> complaints(
            List<Read> reads, Map<String, List<Operation>> operationsByKey, Map<String, Value> finalValues) {
        List<String> complaints = new ArrayList<>();
        for (Read read : reads) {
            List<Operation> possible = operationsByKey.getOrDefault(read.key(), List.of()).stream()
                    .filter(operation -> !operation.call().isRead())
                    .filter(operation -> operation.invokedNanos() <= read.returnedNanos())
                    .filter(operation -> !(operation.outcome() instanceof Outcome.ConditionFailed))
                    .filter(operation -> !(operation.outcome() instanceof Outcome.ConditionFailedOn))
                    .toList();
            String complaint = complaint(read, possible, finalValues.get(read.key()));
            if (complaint != null) {
                complaints.add(read + ": " + complaint);
            }
        }
        return complaints;
    }

    private static @Nullable String complaint(Read read, List<Operation> possible, @Nullable Value finalValue) {
        return switch (read.shown()) {
            case Value.Absent _ -> null;
            case Value.Text text -> registerComplaint(text, possible);
            case Value.Counter(long number) -> counterComplaint(number, possible);
            case Value.Elements(List<String> elements) -> listComplaint(elements, possible, finalValue);
        };
    }

    private static @Nullable String registerComplaint(Value.Text text, List<Operation> possible) {
        for (Operation write : possible) {
            if (write.call() instanceof Call.Put(Value value) && value.equals(text)) {
                return null;
            }
            if (write.call() instanceof Call.CompareAndSet swap && swap.value().equals(text)) {
                return null;
            }
        }
        return "nobody had written this";
    }

    private static @Nullable String counterComplaint(long number, List<Operation> possible) {
        long sum = 0;
        long least = Long.MAX_VALUE;
        for (Operation write : possible) {
            if (write.call() instanceof Call.Add(long delta)) {
                sum += delta;
                least = Math.min(least, delta);
            }
        }
        return number >= least && number <= sum ? null : "the additions by then make at most " + sum;
    }

    private static @Nullable String listComplaint(
            List<String> elements, List<Operation> possible, @Nullable Value finalValue) {
        Set<String> appended = new HashSet<>();
        for (Operation write : possible) {
            if (write.call() instanceof Call.Append(String element)) {
                appended.add(element);
            }
        }
        for (String element : elements) {
            if (!appended.remove(element)) {
                return "'" + element + "' is there twice or was not appended by then";
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

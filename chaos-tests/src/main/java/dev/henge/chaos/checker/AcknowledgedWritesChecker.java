package dev.henge.chaos.checker;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Is every acknowledged write in what was read at the end, after everything was quiet? Weaker than linearizability and
 * independent of it, and in linear time whatever the concurrency and however many outcomes are unknown.
 *
 * <ul>
 *   <li>Register: the final value was written by a write that no acknowledged write surely followed.
 *   <li>Counter: the final value is the sum of the acknowledged deltas and of some of unknown outcome.
 *   <li>List: every acknowledged element is there once, those of unknown outcome at most once, and no others.
 * </ul>
 */
public final class AcknowledgedWritesChecker {

    private enum Family {
        REGISTER,
        COUNTER,
        LIST
    }

    /**
     * Says what is missing, or there without a reason.
     *
     * @param operationsByKey everything that was called; a key takes calls of one family only
     * @param finalValues a read of every key, made after every known operation returned
     * @return what is wrong, as text for a person; empty when nothing was lost
     */
    public List<String> complaints(Map<String, List<Operation>> operationsByKey, Map<String, Value> finalValues) {
        List<String> complaints = new ArrayList<>();
        operationsByKey.forEach((key, operations) -> {
            Value value = finalValues.get(key);
            String complaint = value == null ? "was not read at the end" : complaint(operations, value);
            if (complaint != null) {
                complaints.add("key " + key + ": " + complaint);
            }
        });
        return complaints;
    }

    private static @Nullable String complaint(List<Operation> operations, Value value) {
        List<Operation> writes = operations.stream()
                .filter(operation -> !operation.call().isRead())
                .filter(operation -> !(operation.outcome() instanceof Outcome.ConditionFailed))
                .filter(operation -> !(operation.outcome() instanceof Outcome.ConditionFailedOn))
                .toList();
        Set<Family> families = new HashSet<>();
        writes.forEach(write -> families.add(family(write.call())));
        if (families.size() > 1) {
            throw new IllegalArgumentException("a key's calls must be of one family, but are of " + families);
        }
        if (families.contains(Family.COUNTER)) {
            return counterComplaint(writes, value);
        }
        if (families.contains(Family.LIST)) {
            return listComplaint(writes, value);
        }
        return registerComplaint(writes, value);
    }

    private static Family family(Call call) {
        return switch (call) {
            case Call.Add _ -> Family.COUNTER;
            case Call.Append _ -> Family.LIST;
            case Call.Get _, Call.Put _, Call.Delete _, Call.CompareAndSet _ -> Family.REGISTER;
        };
    }

    private static @Nullable String registerComplaint(List<Operation> writes, Value value) {
        Operation lastCalled = null;
        for (Operation write : writes) {
            if (!write.isUnknown() && (lastCalled == null || write.invokedNanos() > lastCalled.invokedNanos())) {
                lastCalled = write;
            }
        }
        if (lastCalled == null && value.equals(Value.ABSENT)) {
            return null;
        }
        Operation overwritten = null;
        for (Operation write : writes) {
            if (!value.equals(written(write.call()))) {
                continue;
            }
            // Strictly later in real time than the write that explains the value: then the value should be gone.
            if (lastCalled == null || write.returnedNanos() >= lastCalled.invokedNanos()) {
                return null;
            }
            overwritten = write;
        }
        if (overwritten == null) {
            return "holds " + value + ", which nobody wrote; the last acknowledged write was " + lastCalled;
        }
        return "holds " + value + " of " + overwritten + ", but " + lastCalled + " was acknowledged and is lost";
    }

    private static Value written(Call call) {
        return switch (call) {
            case Call.Put(Value value) -> value;
            case Call.CompareAndSet swap -> swap.value();
            case Call.Delete _ -> Value.ABSENT;
            case Call.Get _, Call.Add _, Call.Append _ ->
                throw new IllegalArgumentException("writes no register: " + call);
        };
    }

    private static @Nullable String counterComplaint(List<Operation> writes, Value value) {
        long acknowledged = 0;
        long unknownLow = 0;
        long unknownHigh = 0;
        int acknowledgedCount = 0;
        for (Operation write : writes) {
            long delta = ((Call.Add) write.call()).delta();
            if (!write.isUnknown()) {
                acknowledged += delta;
                acknowledgedCount++;
            } else if (delta < 0) {
                unknownLow += delta;
            } else {
                unknownHigh += delta;
            }
        }
        if (value.equals(Value.ABSENT)) {
            return acknowledgedCount == 0 ? null : acknowledgedCount + " additions were acknowledged, but it is absent";
        }
        if (!(value instanceof Value.Counter(long number))) {
            return "a counter holds " + value;
        }
        if (number >= acknowledged + unknownLow && number <= acknowledged + unknownHigh) {
            return null;
        }
        return "holds " + number + ", but the acknowledged additions make " + acknowledged
                + ", and those of unknown outcome between " + unknownLow + " and " + unknownHigh + " more";
    }

    private static @Nullable String listComplaint(List<Operation> writes, Value value) {
        if (!(value instanceof Value.Absent) && !(value instanceof Value.Elements)) {
            return "a list holds " + value;
        }
        List<String> elements = value instanceof Value.Elements(List<String> held) ? held : List.of();
        Set<String> seen = new HashSet<>();
        for (String element : elements) {
            if (!seen.add(element)) {
                return "holds the element '" + element + "' twice";
            }
        }
        Set<String> possible = new HashSet<>();
        for (Operation write : writes) {
            String element = ((Call.Append) write.call()).element();
            possible.add(element);
            if (!write.isUnknown() && !seen.contains(element)) {
                return "misses the element of " + write;
            }
        }
        for (String element : elements) {
            if (!possible.contains(element)) {
                return "holds the element '" + element + "', which nobody appended";
            }
        }
        return null;
    }
}

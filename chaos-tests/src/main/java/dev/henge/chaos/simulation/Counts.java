package dev.henge.chaos.simulation;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What one run went through, or many together. */
final class Counts {

    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);

    void fault(Fault fault) {
        faults.merge(fault, 1L, Long::sum);
    }

    long faultCount() {
        return faults.values().stream().mapToLong(Long::longValue).sum();
    }

    void add(Counts other) {
        other.faults.forEach((fault, count) -> faults.merge(fault, count, Long::sum));
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Counts that && faults.equals(that.faults);
    }

    @Override
    public int hashCode() {
        return faults.hashCode();
    }

    @Override
    public String toString() {
        return "faults: "
                + faults.entrySet().stream()
                        .map(entry ->
                                entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " "
                                        + entry.getValue())
                        .collect(Collectors.joining(", "));
    }
}

package dev.henge.chaos.simulation;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What one run went through, or many together. */
final class Counts {

    private final Map<Fault, Long> faults = new EnumMap<>(Fault.class);
    private long snapshots;
    private long damagedReplicas;

    void fault(Fault fault) {
        faults.merge(fault, 1L, Long::sum);
    }

    void snapshotInstalled() {
        snapshots++;
    }

    /** A replica lost its log, and is to be replaced by a new member. */
    void replicaDamaged() {
        damagedReplicas++;
    }

    long faultCount() {
        return faults.values().stream().mapToLong(Long::longValue).sum();
    }

    void add(Counts other) {
        other.faults.forEach((fault, count) -> faults.merge(fault, count, Long::sum));
        snapshots += other.snapshots;
        damagedReplicas += other.damagedReplicas;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Counts that
                && faults.equals(that.faults)
                && snapshots == that.snapshots
                && damagedReplicas == that.damagedReplicas;
    }

    @Override
    public int hashCode() {
        return faults.hashCode() * 31 + Long.hashCode(snapshots);
    }

    @Override
    public String toString() {
        return snapshots + " snapshots installed, " + damagedReplicas + " replicas lost their log; faults: "
                + faults.entrySet().stream()
                        .map(entry ->
                                entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " "
                                        + entry.getValue())
                        .collect(Collectors.joining(", "));
    }
}

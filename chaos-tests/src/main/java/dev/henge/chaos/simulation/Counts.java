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
    private long erasedReplicas;
    private long finishedIndexes;
    private long standIns;
    private long lostMachines;
    private long splitReplicas;
    private long takenReplicas;
    private long gaveWay;
    private long plannedMerges;

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

    /** A replica went after its partition had moved away. */
    void replicaErased() {
        erasedReplicas++;
    }

    /** A node keeps a partition's log, and votes, in the place of one that was away. */
    void standsIn() {
        standIns++;
    }

    /** A machine was lost with all that it held. */
    void machineLost() {
        lostMachines++;
    }

    /** An index that was added to a table in use was whole when it became active. */
    void indexFinished() {
        finishedIndexes++;
    }

    /** A replica has applied the split of its partition. */
    void partitionSplit() {
        splitReplicas++;
    }

    /** A replica has applied the merge of its partition with another. */
    void partitionTaken() {
        takenReplicas++;
    }

    /** A replica of a partition that had become part of another went for a snapshot of that one. */
    void replicaGaveWay() {
        gaveWay++;
    }

    /** The coordinator has begun a merge. */
    void mergePlanned() {
        plannedMerges++;
    }

    long plannedMerges() {
        return plannedMerges;
    }

    long faultCount() {
        return faults.values().stream().mapToLong(Long::longValue).sum();
    }

    void add(Counts other) {
        other.faults.forEach((fault, count) -> faults.merge(fault, count, Long::sum));
        snapshots += other.snapshots;
        damagedReplicas += other.damagedReplicas;
        erasedReplicas += other.erasedReplicas;
        finishedIndexes += other.finishedIndexes;
        standIns += other.standIns;
        lostMachines += other.lostMachines;
        splitReplicas += other.splitReplicas;
        takenReplicas += other.takenReplicas;
        gaveWay += other.gaveWay;
        plannedMerges += other.plannedMerges;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Counts that
                && faults.equals(that.faults)
                && snapshots == that.snapshots
                && damagedReplicas == that.damagedReplicas
                && erasedReplicas == that.erasedReplicas
                && finishedIndexes == that.finishedIndexes
                && standIns == that.standIns
                && lostMachines == that.lostMachines
                && splitReplicas == that.splitReplicas
                && takenReplicas == that.takenReplicas
                && gaveWay == that.gaveWay
                && plannedMerges == that.plannedMerges;
    }

    @Override
    public int hashCode() {
        return faults.hashCode() * 31 + Long.hashCode(snapshots);
    }

    @Override
    public String toString() {
        return snapshots + " snapshots installed, " + damagedReplicas + " replicas lost their log, " + erasedReplicas
                + " were moved, " + standIns + " logs stood in for one that was away, " + lostMachines
                + " machines lost, "
                + finishedIndexes + " indexes filled on tables in use, " + splitReplicas
                + " replicas were split, " + takenReplicas + " merged, " + gaveWay
                + " of which gave way to a snapshot, " + plannedMerges + " merges begun by coordinators; faults: "
                + faults.entrySet().stream()
                        .map(entry ->
                                entry.getKey().name().toLowerCase(Locale.ROOT).replace('_', ' ') + " "
                                        + entry.getValue())
                        .collect(Collectors.joining(", "));
    }
}

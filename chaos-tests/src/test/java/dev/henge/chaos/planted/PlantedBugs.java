package dev.henge.chaos.planted;

import java.util.List;
import java.util.stream.Stream;

/**
 * All planted bugs.
 *
 * <p>Not among them, because another guard makes them harmless:
 *
 * <ul>
 *   <li>The applied index is stored after the batch that it speaks for: what is applied again after a crash is remembered,
 *       and left alone.
 *   <li>A leader lingers that no majority supports: it has no lease, and ReadIndex finds nobody to confirm it. What that
 *       costs is availability; {@code RaftElectionTest} has it step down.
 *   <li>ReadIndex before the term's first entry is committed: the replica asks only once it has applied that entry.
 *   <li>A follower commits up to the leader's commit index without comparing: a leader's append to a log that may differ
 *       carries the entry at which it differs.
 *   <li>A node extends the support that it gave to another's last life to the next: a leader that comes back leads no more,
 *       and gets promises of its new term first. What that costs is a later election.
 *   <li>Nothing marks a state that a snapshot is only half taken into: the old state's end and the whole new one are taken
 *       into the storage at once, and an emptied state below the log's base counts as lost without a mark too.
 *   <li>A damaged replica campaigns: as a leader it serves nothing, for it has not applied what was committed, and hands
 *       over. What that costs is availability.
 *   <li>The log of a partition that is part of another one goes before what was taken of it is durable: a node that crashes then
 *       takes a snapshot, unless a majority crashes in those milliseconds.
 *   <li>A snapshot is told installed before it is flushed: the log it was taken at is on a majority of the others.
 * </ul>
 *
 * <p>And what the simulation can't see yet: a lease that is not revoked when its leader steps down, for simulated reads take
 * no time; changes of the members other than those
 * in the place of members that lost their log ({@code RaftSimulation} plants bugs in them); a restart that forgets that a
 * scrub found damage, for the repair is over before a node restarts.
 */
final class PlantedBugs {

    private PlantedBugs() {}

    private static final List<PlantedBug> SABOTAGES = List.of(
            PlantedBug.sabotage("disk-lies", 20, "the log's disk says it has synced, and has not", "SYNC_DOES_NOTHING"),
            PlantedBug.sabotage(
                    "durable-told-early", 60, "durability is told when the sync begins", "DURABLE_TOLD_EARLY"),
            PlantedBug.sabotage(
                    "flush-lies",
                    20,
                    "the storage says it has flushed, and has not; the log is cut",
                    "FLUSH_DOES_NOTHING"),
            PlantedBug.sabotage(
                    "reads-without-lease", 60, "whoever thinks it leads answers strong reads", "READS_WITHOUT_LEASE"),
            PlantedBug.sabotage(
                    "reads-from-followers", 20, "strong reads are sent as eventual ones", "READS_FROM_FOLLOWERS"),
            PlantedBug.sabotage(
                    "clocks-drift-too-far",
                    60,
                    "clocks drift apart further than the lease allows for",
                    "CLOCKS_DRIFT_TOO_FAR"),
            PlantedBug.sabotage(
                    "retries-are-new-writes", 20, "a retransmission has a new request id", "RETRIES_ARE_NEW_WRITES"),
            PlantedBug.sabotage(
                    "retries-hide-that-they-are",
                    60,
                    "a retransmission does not say that it is one",
                    "RETRIES_HIDE_THAT_THEY_ARE"));

    static final List<PlantedBug> ALL = Stream.of(
                    ConsensusBugs.ALL,
                    LeaseAndReadBugs.ALL,
                    LogBugs.ALL,
                    PartitionBugs.ALL,
                    RepairBugs.ALL,
                    ClusterBugs.ALL,
                    IndexBugs.ALL,
                    MoveBugs.ALL,
                    PlanBugs.ALL,
                    StandInBugs.ALL,
                    SplitBugs.ALL,
                    MergeBugs.ALL,
                    SABOTAGES)
            .flatMap(List::stream)
            .toList();
}

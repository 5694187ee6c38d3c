package dev.henge.membership.plan;

import dev.henge.membership.TokenRange;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A partition as the coordinator sees it.
 *
 * @param id its number; {@link #SYSTEM} is the system partition
 * @param range its tokens; of the system partition, anything
 * @param voters nodes with a full replica, by the catalog, preferred leader first; one that is lost stays here until it is
 *     replaced
 * @param learners nodes with a replica that does not vote
 * @param logReplicas nodes that keep the log alone, in the place of lost voters
 * @param lagging voters that are reachable and don't have the end of the log yet, and nodes that are to keep the log alone and
 *     have no vote yet
 * @param leader a node, or empty when none is known
 * @param load windows of time, oldest first
 * @param sizeSamples tokens weighted by the bytes from there to the next; empty where nobody measured, then keys are taken to be
 *     spread evenly
 * @param changedMillis when it was last made by a split or a merge; now, while not all of its replicas have taken what was
 *     merged into it; {@link #LONG_AGO} if never
 * @param coldSinceMillis since when its load has been below {@link PlanSettings.Merges#coldOperationsPerSecond}, or {@link
 *     #NOT_COLD}
 */
public record PartitionView(
        int id,
        TokenRange range,
        List<String> voters,
        List<String> learners,
        List<LogReplica> logReplicas,
        Set<String> lagging,
        String leader,
        long sizeBytes,
        List<LoadWindow> load,
        List<WeightedToken> sizeSamples,
        long changedMillis,
        long coldSinceMillis) {

    public static final int SYSTEM = 0;
    public static final long LONG_AGO = Long.MIN_VALUE / 2;
    public static final long NOT_COLD = Long.MAX_VALUE;

    /** A node that keeps the log in the place of a lost voter. */
    public record LogReplica(String node, String inPlaceOf) {}

    public PartitionView {
        voters = List.copyOf(voters);
        learners = List.copyOf(learners);
        logReplicas = List.copyOf(logReplicas);
        lagging = Set.copyOf(lagging);
        load = List.copyOf(load);
        sizeSamples = List.copyOf(sizeSamples);
    }

    /**
     * How many of a partition's replicas may be stood in for at once: fewer than half, so that no loss that a group is to stand
     * leaves it with logs and too few that have the items.
     */
    public static int logReplicasMax(int replicas) {
        return (replicas - 1) / 2;
    }

    public boolean isSystem() {
        return id == SYSTEM;
    }

    /** Those whose acknowledgements count: the voters, and in the place of lost ones the log replicas. */
    public Set<String> electorate() {
        Set<String> electorate = new LinkedHashSet<>(voters);
        for (LogReplica replica : logReplicas) {
            electorate.remove(replica.inPlaceOf());
            electorate.add(replica.node());
        }
        return electorate;
    }

    /** All nodes with something of it. */
    Set<String> holders() {
        Set<String> holders = new LinkedHashSet<>(voters);
        holders.addAll(learners);
        logReplicas.forEach(replica -> holders.add(replica.node()));
        return holders;
    }
}

package dev.henge.membership.plan;

import dev.henge.membership.TokenRange;
import dev.henge.membership.plan.NodeView.Intent;
import dev.henge.membership.plan.PartitionView.LogReplica;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Views for tests: each test changes what it is about. */
final class Views {

    static final long NOW_MILLIS = 10_000_000;
    static final long MINUTE_MILLIS = 60_000;

    final TreeMap<String, NodeView> nodes = new TreeMap<>();
    final TreeMap<Integer, PartitionView> partitions = new TreeMap<>();
    final List<Step> running = new ArrayList<>();
    PlanSettings settings = PlanSettings.defaults();

    /** Nodes n1, n2 ... in one zone, and that many partitions, each on three nodes in turn and led by the first. */
    static Views of(int nodeCount, int partitionCount) {
        Views views = new Views();
        for (int i = 1; i <= nodeCount; i++) {
            views.node("n" + i, Intent.SERVE, NodeView.UP);
        }
        List<TokenRange> ranges = TokenRange.cut(partitionCount);
        for (int i = 0; i < partitionCount; i++) {
            List<String> voters = new ArrayList<>();
            for (int j = 0; j < Math.min(3, nodeCount); j++) {
                voters.add("n" + (1 + (i + j) % nodeCount));
            }
            views.partition(i + 1, ranges.get(i), voters);
        }
        return views;
    }

    Views node(String name, Intent intent, long downSinceMillis) {
        nodes.put(name, new NodeView(name, "zone", 1, intent, downSinceMillis, 10, 100, 10_000));
        return this;
    }

    Views replaced(String name, String by, long downSinceMillis) {
        nodes.put(name, new NodeView(name, "zone", 1, Intent.DECOMMISSION, downSinceMillis, 10, 100, 10_000, by));
        return this;
    }

    Views down(String name, long sinceMillis) {
        return node(name, Intent.SERVE, NOW_MILLIS - sinceMillis);
    }

    Views full(String name) {
        nodes.put(name, new NodeView(name, "zone", 1, Intent.SERVE, NodeView.UP, 90, 100, 10_000));
        return this;
    }

    Views partition(int id, TokenRange range, List<String> voters) {
        return partition(id, range, voters, List.of(), 1, List.of());
    }

    Views partition(
            int id,
            TokenRange range,
            List<String> voters,
            List<LogReplica> logReplicas,
            long sizeBytes,
            List<LoadWindow> load) {
        partitions.put(
                id,
                new PartitionView(
                        id,
                        range,
                        voters,
                        List.of(),
                        logReplicas,
                        Set.of(),
                        voters.getFirst(),
                        sizeBytes,
                        load,
                        List.of(),
                        PartitionView.LONG_AGO,
                        PartitionView.NOT_COLD));
        return this;
    }

    /** Not all of the partition's replicas have taken what was merged into it. */
    Views changing(int id) {
        PartitionView before = Optional.ofNullable(partitions.get(id)).orElseThrow();
        partitions.put(
                id,
                new PartitionView(
                        id,
                        before.range(),
                        before.voters(),
                        before.learners(),
                        before.logReplicas(),
                        before.lagging(),
                        before.leader(),
                        before.sizeBytes(),
                        before.load(),
                        before.sizeSamples(),
                        NOW_MILLIS,
                        before.coldSinceMillis()));
        return this;
    }

    ClusterView view() {
        return new ClusterView(
                NOW_MILLIS, List.copyOf(nodes.values()), List.copyOf(partitions.values()), running, settings);
    }

    Plan plan() {
        ClusterView view = view();
        Plan plan = Planner.plan(view);
        PlanChecks.assertSound(view, plan);
        return plan;
    }
}

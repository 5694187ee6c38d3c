package dev.henge.node.coordinator;

import dev.henge.membership.plan.LoadWindow;
import dev.henge.membership.plan.PartitionView;
import dev.henge.membership.plan.WeightedToken;
import dev.henge.proto.NodeStatusReply;
import dev.henge.proto.ReplicaStatus;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What partitions did between one round of asking and the next. Nodes tell counts since their start; the differences make
 * windows of time. A window of a partition goes on until its leader answers: what a leader that is too busy to answer does must
 * not look like nothing.
 */
public final class Loads {

    private static final int WINDOWS_MAX = 64;

    /** Of a window, however long its leader is silent; more than all replicas of a partition tell in one round. */
    static final int SAMPLES_MAX = 1024;

    /** What a node had counted of a partition when it was asked last. */
    private record Count(long operations, long samplesTaken) {}

    private static final class Load {
        final Map<String, Count> countsByNode = new HashMap<>();
        final Deque<LoadWindow> windows = new ArrayDeque<>();
        final long firstSeenMillis;

        /** Of the range, as the replica that told it first knew. */
        final long epoch;

        long coldSinceMillis = PartitionView.NOT_COLD;

        /** When the window began that goes on, and what there is of it. */
        long openSinceMillis;

        long openOperations;
        List<WeightedToken> openSamples = new ArrayList<>();

        Load(long firstSeenMillis, long nowMillis, long epoch) {
            this.firstSeenMillis = firstSeenMillis;
            this.openSinceMillis = nowMillis;
            this.epoch = epoch;
        }

        void addSamples(List<WeightedToken> samples) {
            openSamples.addAll(samples.subList(0, Math.min(samples.size(), SAMPLES_MAX - openSamples.size())));
        }

        /** Ends the window that goes on, and begins the next one. */
        LoadWindow close(long nowMillis) {
            LoadWindow window = new LoadWindow(openSinceMillis, nowMillis, openOperations, openSamples);
            beginAt(nowMillis);
            return window;
        }

        void beginAt(long nowMillis) {
            openSinceMillis = nowMillis;
            openOperations = 0;
            openSamples = new ArrayList<>();
        }
    }

    private final Map<Integer, Load> loads = new HashMap<>();
    private long lastMillis;
    private boolean began;

    /**
     * Takes a round of answers.
     *
     * @param keptMillis how old windows may get
     * @param coldOperationsPerSecond the load under which a partition is cold
     */
    void take(Map<String, NodeStatusReply> replies, long nowMillis, long keptMillis, double coldOperationsPerSecond) {
        boolean first = !began;
        began = true;
        if (!first && nowMillis <= lastMillis) {
            return;
        }
        lastMillis = nowMillis;
        Set<Integer> seen = new HashSet<>();
        Set<Load> complete = new HashSet<>();
        replies.forEach((node, reply) -> {
            for (ReplicaStatus replica : reply.getReplicasList()) {
                int partition = replica.getPartition();
                seen.add(partition);
                Load known = loads.get(partition);
                if (known != null && replica.getEpoch() < known.epoch) {
                    continue;
                }
                // What it did before a split, or a merge, says nothing of the range that it has now.
                Load load = known != null && replica.getEpoch() == known.epoch
                        ? known
                        : new Load(first ? PartitionView.LONG_AGO : nowMillis, nowMillis, replica.getEpoch());
                loads.put(partition, load);
                @Nullable
                Count before =
                        load.countsByNode.put(node, new Count(replica.getOperations(), replica.getSamplesTaken()));
                boolean leads = replica.getRole() == ReplicaStatus.Role.LEADER;
                if (before != null) {
                    load.openOperations += sinceLast(before.operations(), replica.getOperations());
                    load.addSamples(newSamples(before, replica));
                    if (leads && nowMillis > load.openSinceMillis) {
                        complete.add(load);
                    }
                } else if (leads) {
                    load.beginAt(nowMillis); // what it did so far is not known
                }
            }
        });
        // A round in which nobody answered tells of no partition that it is gone.
        if (!replies.isEmpty()) {
            loads.keySet().retainAll(seen);
        }
        complete.forEach(load -> add(load, load.close(nowMillis), keptMillis, coldOperationsPerSecond));
    }

    private static void add(Load load, LoadWindow window, long keptMillis, double coldOperationsPerSecond) {
        load.windows.addLast(window);
        while (load.windows.size() > WINDOWS_MAX
                || load.windows.getFirst().endMillis() < window.endMillis() - keptMillis) {
            load.windows.removeFirst();
        }
        double rate = rate(window);
        if (rate >= coldOperationsPerSecond) {
            load.coldSinceMillis = PartitionView.NOT_COLD;
        } else if (load.coldSinceMillis == PartitionView.NOT_COLD) {
            load.coldSinceMillis = window.startMillis();
        }
    }

    private static double rate(LoadWindow window) {
        return window.operations() * 1_000 / (window.endMillis() - window.startMillis());
    }

    /** Less than before: the node was started again. */
    private static long sinceLast(long before, long now) {
        return now >= before ? now - before : now;
    }

    private static List<WeightedToken> newSamples(Count before, ReplicaStatus replica) {
        List<Long> all = replica.getSamplesList();
        long taken = sinceLast(before.samplesTaken(), replica.getSamplesTaken());
        int from = (int) Math.max(0, all.size() - taken);
        return all.subList(from, all.size()).stream()
                .map(token -> new WeightedToken(token, 1))
                .toList();
    }

    /** What is known is of no worth any more. */
    void forget() {
        loads.clear();
        began = false;
    }

    List<LoadWindow> windows(int partition) {
        Load load = loads.get(partition);
        return load == null ? List.of() : List.copyOf(load.windows);
    }

    long coldSinceMillis(int partition) {
        Load load = loads.get(partition);
        return load == null ? PartitionView.NOT_COLD : load.coldSinceMillis;
    }

    /** When a partition came up that was not there in the first round. */
    long changedMillis(int partition) {
        Load load = loads.get(partition);
        return load == null ? PartitionView.LONG_AGO : load.firstSeenMillis;
    }
}

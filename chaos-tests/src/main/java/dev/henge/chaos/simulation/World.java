package dev.henge.chaos.simulation;

import dev.henge.membership.TokenRange;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** What all parts of one simulation share. */
final class World {

    static final long EPOCH = 1;

    /** One partition of the simulated cluster: all nodes hold it. */
    record Partition(int id, TokenRange tokens) {}

    final Settings settings;
    final Trace trace;
    final Scheduler scheduler;
    final SimulatedNetwork network;
    final List<String> nodeNames;
    final List<Partition> partitions;
    final Map<String, SimulatedNode> nodes = new LinkedHashMap<>();
    final Invariants invariants;
    private final Set<Long> installedSnapshots = new HashSet<>();
    private final Chance chance;

    World(Settings settings, Trace trace) {
        this.settings = settings;
        this.trace = trace;
        SplittableRandom random = new SplittableRandom(settings.seed());
        this.scheduler = new Scheduler(random.split());
        this.chance = new Chance(random.split());
        this.network = new SimulatedNetwork(scheduler, chance.split(), settings.network());
        this.nodeNames = IntStream.rangeClosed(1, settings.nodeCount())
                .mapToObj(number -> "n" + number)
                .toList();
        List<TokenRange> ranges = TokenRange.cut(settings.partitionCount());
        List<Partition> made = new ArrayList<>();
        for (int place = 0; place < ranges.size(); place++) {
            made.add(new Partition(place + 1, ranges.get(place)));
        }
        this.partitions = List.copyOf(made);
        this.invariants = new Invariants(this);
        for (String name : nodeNames) {
            nodes.put(name, new SimulatedNode(this, name));
        }
    }

    /** Called whenever a node says that it installed a snapshot; it may say so more than once. */
    void snapshotInstalled(long transfer) {
        installedSnapshots.add(transfer);
    }

    int snapshotCount() {
        return installedSnapshots.size();
    }

    /** A stream of choices of its own for a part. */
    Chance chanceFor() {
        return chance.split();
    }

    SimulatedNode node(String name) {
        SimulatedNode node = nodes.get(name);
        if (node == null) {
            throw new IllegalArgumentException("no node " + name);
        }
        return node;
    }

    Partition partitionOf(long token) {
        return partitions.stream()
                .filter(partition -> partition.tokens().contains(token))
                .findFirst()
                .orElseThrow();
    }
}

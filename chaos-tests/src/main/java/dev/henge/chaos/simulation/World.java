package dev.henge.chaos.simulation;

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

    final Settings settings;
    final Trace trace;
    final Scheduler scheduler;
    final SimulatedNetwork network;
    final List<String> nodeNames;
    final Map<String, SimulatedNode> nodes = new LinkedHashMap<>();
    final List<SimulatedRouter> routers = new ArrayList<>();
    final Counts counts = new Counts();
    final Catalogs catalogs = new Catalogs();
    final Invariants invariants;
    private final Set<Long> installedSnapshots = new HashSet<>();
    private final Chance chance;
    private boolean systemPartitionCut;

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
        this.invariants = new Invariants(this);
        for (String name : nodeNames) {
            nodes.put(name, new SimulatedNode(this, name));
        }
        for (int number = 1; number <= settings.routerCount(); number++) {
            routers.add(new SimulatedRouter(this, "router" + number));
        }
    }

    /** Whether the replicas of the system partition are cut off from each other, and nothing else is. */
    boolean systemPartitionCut() {
        return systemPartitionCut;
    }

    void cutSystemPartition(boolean cut) {
        systemPartitionCut = cut;
    }

    /** The cluster's first members: nodes have their name for an address. */
    Map<String, String> addresses() {
        Map<String, String> addresses = new LinkedHashMap<>();
        nodeNames.forEach(name -> addresses.put(name, name));
        return addresses;
    }

    /** Called whenever a node says that it installed a snapshot; it may say so more than once. */
    void snapshotInstalled(long transfer) {
        if (installedSnapshots.add(transfer)) {
            counts.snapshotInstalled();
        }
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
}

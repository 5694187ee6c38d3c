package dev.henge.chaos.simulation;

import dev.henge.proto.Catalog;
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
    final Catalogs catalogs = new Catalogs(this::newCatalog);
    final Invariants invariants;
    private static final int FOUNDERS_MIN = 3;

    private final Set<Long> installedSnapshots = new HashSet<>();
    private final Chance chance;
    private final Chance planningChance;
    private final FinishedIndexes finishedIndexes = new FinishedIndexes(this);
    private final TaskRules taskRules = new TaskRules();
    private boolean systemPartitionCut;
    private boolean planningOver;

    World(Settings settings, Trace trace) {
        this.settings = settings;
        this.trace = trace;
        SplittableRandom random = new SplittableRandom(settings.seed());
        this.scheduler = new Scheduler(random.split());
        this.chance = new Chance(random.split());
        this.planningChance = new Chance(new SplittableRandom(settings.seed() ^ 0x91a44e5L));
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

    /** The cluster's first members, name to address; the others join. */
    Map<String, String> founders() {
        int founders = settings.movePauseNanosMax() > 0 || settings.planPauseNanosMax() > 0
                ? FOUNDERS_MIN + (int) Math.floorMod(settings.seed(), (long) (nodeNames.size() - FOUNDERS_MIN + 1))
                : nodeNames.size();
        Map<String, String> addresses = new LinkedHashMap<>();
        nodeNames.subList(0, founders).forEach(name -> addresses.put(name, addressOf(name)));
        return addresses;
    }

    /** Nodes have their name for a host. */
    static String addressOf(String node) {
        return node + ":1";
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

    private void newCatalog(Catalog catalog) {
        finishedIndexes.applied(catalog);
        taskRules.applied(catalog);
    }

    /** Whether coordinators have ceased to plan: what follows is to be judged as it is. */
    boolean planningIsOver() {
        return planningOver;
    }

    void endPlanning() {
        planningOver = true;
    }

    /** A stream of choices of its own for what plans, and for those who set what it plans by. */
    Chance planningChanceFor() {
        return planningChance.split();
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

package dev.henge.membership.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.Leaders;
import dev.henge.membership.Placement;
import dev.henge.membership.Placement.Holding;
import dev.henge.membership.PlacementNode;
import dev.henge.membership.plan.ModelCluster.Group;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Carries plans out on a model of a cluster, to the end and with failures; the model checks every plan on the way. */
class PlannerSimulationTest {

    private static final long MEGABYTES_100 = 100_000_000;

    @Property(tries = 40)
    void joinsEndBalancedAndMoveNoMoreThanTheyMust(
            @ForAll @IntRange(min = 3, max = 12) int nodesBefore,
            @ForAll @IntRange(min = 1, max = 4) int joining,
            @ForAll @IntRange(min = 8, max = 64) int partitions,
            @ForAll @IntRange(min = 1, max = 5) int zones,
            @ForAll long seed) {
        ModelCluster cluster = started(nodesBefore, partitions, zones, seed);
        for (int i = 0; i < joining; i++) {
            cluster.join("j" + i, "zone-" + i % zones, 1);
        }
        int mustMove = mustMove(cluster);
        cluster.done.clear();

        cluster.runUntilQuiet(40 + 20 * mustMove);

        assertWholeAndBalanced(cluster);
        long moved = PlanChecks.moves(
                cluster.done.stream().filter(step -> !step.partitions().contains(0)));
        assertThat(moved).isLessThanOrEqualTo(mustMove);
    }

    @Property(tries = 40)
    void whateverHappensToNodesItEndsWholeAndBalanced(
            @ForAll @IntRange(min = 4, max = 10) int nodesBefore,
            @ForAll @IntRange(min = 4, max = 40) int partitions,
            @ForAll @IntRange(min = 1, max = 5) int zones,
            @ForAll long seed) {
        Random random = new Random(seed);
        ModelCluster cluster = started(nodesBefore, partitions, zones, seed);
        cluster.failureShare = 0.3;
        cluster.durableCopiesMin = 2;
        for (int event = 0; event < 8; event++) {
            List<String> serving = cluster.nodes.values().stream()
                    .filter(NodeView::serves)
                    .map(NodeView::name)
                    .toList();
            String any = serving.get(random.nextInt(serving.size()));
            switch (random.nextInt(5)) {
                case 0 -> cluster.join("e" + event, "zone-" + random.nextInt(zones), 0.5 + random.nextInt(3));
                case 1 -> restart(cluster, any, random);
                case 2 -> drainAndRestart(cluster, any);
                case 3 -> decommission(cluster, any, serving.size());
                default -> destroy(cluster, any, serving.size());
            }
            cluster.run(random.nextInt(30));
        }
        cluster.failureShare = 0;

        cluster.run(360);
        cluster.runUntilQuiet(20_000);

        assertWholeAndBalanced(cluster);
    }

    /** Three nodes become five, two of the old go and two others come, a zone is lost; steps fail throughout. */
    @Property(tries = 20)
    void aClusterIsExchangedUnderFailures(@ForAll long seed) {
        ModelCluster cluster = started(3, 16, 3, seed);
        cluster.failureShare = 0.2;
        cluster.durableCopiesMin = 2;
        cluster.join("n3", "zone-0", 1);
        cluster.run(40);
        cluster.join("n4", "zone-1", 1);
        cluster.runUntilQuiet(5_000);
        assertWholeAndBalanced(cluster);

        cluster.intend("n0", NodeView.Intent.DECOMMISSION);
        cluster.intend("n1", NodeView.Intent.DECOMMISSION);
        cluster.join("n5", "zone-2", 1);
        cluster.run(50);
        cluster.join("n6", "zone-1", 1);
        cluster.runUntilQuiet(5_000);
        assertWholeAndBalanced(cluster);
        cluster.forget("n0");
        cluster.forget("n1");

        List<String> zone = cluster.nodes.values().stream()
                .filter(node -> node.zone().equals("zone-2"))
                .map(NodeView::name)
                .toList();
        zone.forEach(cluster::destroy);
        cluster.run(360);
        cluster.runUntilQuiet(5_000);

        assertThat(cluster.groups.values()).allSatisfy(group -> assertThat(group.voters)
                .doesNotContainAnyElementsOf(zone)
                .hasSize(3));
        zone.forEach(cluster::forget);
        assertWholeAndBalanced(cluster);
    }

    @Property(tries = 15)
    void aGrowingTableIsSplitAndSpread(@ForAll @IntRange(min = 3, max = 9) int nodeCount, @ForAll long seed) {
        ModelCluster cluster = started(nodeCount, 4, 3, seed);
        cluster.groups.values().stream()
                .filter(group -> group.id != 0)
                .forEach(group -> group.sizeBytes = 20_000_000_000L);

        cluster.runUntilQuiet(20_000);

        assertWholeAndBalanced(cluster);
        long largest = cluster.groups.values().stream()
                .mapToLong(group -> group.sizeBytes)
                .max()
                .orElse(0);
        assertThat(largest).isLessThan(10_000_000_000L);
        assertThat(cluster.groups.size() - 1).isGreaterThanOrEqualTo(8 * nodeCount);
    }

    @Property(tries = 15)
    void coldNeighboursAreMergedAndNotSplitAgain(@ForAll @IntRange(min = 3, max = 7) int nodeCount, @ForAll long seed) {
        ModelCluster cluster = started(nodeCount, 8 * nodeCount + 8, 3, seed);
        cluster.groups.values().forEach(group -> group.coldSinceMillis = cluster.nowMillis - 3_600_000);
        cluster.failureShare = 0.1;

        cluster.runUntilQuiet(50_000);

        cluster.done.forEach(step -> assertThat(step).isNotInstanceOf(Step.Split.class));
        assertThat(cluster.done).anyMatch(step -> step instanceof Step.Merge);
        assertThat(cluster.groups.size() - 1).isGreaterThanOrEqualTo(8 * nodeCount);
        assertWholeAndBalanced(cluster);
    }

    /** Partitions of very different sizes: bytes are evened out as well, by exchanges that leave numbers as they are. */
    @Property(tries = 20)
    void bytesAreEvenedOut(
            @ForAll @IntRange(min = 3, max = 8) int nodeCount,
            @ForAll @IntRange(min = 1, max = 4) int zones,
            @ForAll long seed) {
        Random random = new Random(seed);
        ModelCluster cluster = started(nodeCount, 48, zones, seed);
        cluster.groups.values().stream()
                .filter(group -> group.id != 0)
                .forEach(group -> group.sizeBytes = 1_000_000L * (1 + random.nextInt(400)));
        cluster.settings = cluster.settings.withSplits(
                new PlanSettings.Splits(10_000_000_000L, 10_000_000_000L, 8, 1_000, 0.25, 30_000, 0.25, 60_000, 2));
        cluster.failureShare = 0.2;

        cluster.runUntilQuiet(5_000);

        assertWholeAndBalanced(cluster);
        BalanceReport report = BalanceReport.of(cluster.view());
        assertThat(report.balanced()).as("%s", report).isTrue();
        assertThat(report.deviation()).as("%s", report).isLessThanOrEqualTo(BalanceReport.DEVIATION_MAX);
    }

    @Test
    void aSingleNodeGrowsToFive() {
        ModelCluster cluster = started(1, 16, 1, 7);
        for (int i = 1; i < 5; i++) {
            cluster.join("n" + i, "zone-0", 1);
            cluster.runUntilQuiet(2_000);
            assertWholeAndBalanced(cluster);
        }

        assertThat(cluster.group(0).voters).hasSize(5);
    }

    private static ModelCluster started(int nodes, int partitions, int zones, long seed) {
        ModelCluster cluster = new ModelCluster(seed);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            cluster.join("n" + i, "zone-" + i % zones, 1);
            names.add("n" + i);
        }
        cluster.cut(partitions, names.subList(0, Math.min(3, nodes)), MEGABYTES_100);
        cluster.runUntilQuiet(10_000);
        return cluster;
    }

    private static void restart(ModelCluster cluster, String name, Random random) {
        cluster.stop(name);
        cluster.run(1 + random.nextInt(60));
        cluster.start(name);
    }

    private static void drainAndRestart(ModelCluster cluster, String name) {
        cluster.intend(name, NodeView.Intent.DRAIN);
        cluster.run(30);
        if (Safety.ofStopping(cluster.view(), Set.of(name)).isEmpty()) {
            cluster.stop(name);
            cluster.run(20);
            cluster.start(name);
        }
        cluster.intend(name, NodeView.Intent.SERVE);
    }

    private static void decommission(ModelCluster cluster, String name, int serving) {
        if (serving > 4) {
            cluster.intend(name, NodeView.Intent.DECOMMISSION);
        }
    }

    /** Only when all is as durable as it should be: what is tested is the planner, not luck. */
    private static void destroy(ModelCluster cluster, String name, int serving) {
        boolean whole = cluster.groups.values().stream()
                .allMatch(group -> group.voters.size() >= 3 && cluster.durableCopies(group) >= 3);
        if (whole
                && serving > 4
                && Safety.ofStopping(cluster.view(), Set.of(name)).isEmpty()) {
            cluster.destroy(name);
        }
    }

    private static int mustMove(ModelCluster cluster) {
        List<Holding> holdings = holdings(cluster);
        List<List<String>> target = Placement.of(placementNodes(cluster)).target(holdings, 3);
        int moves = 0;
        for (int i = 0; i < target.size(); i++) {
            Set<String> added = new HashSet<>(target.get(i));
            holdings.get(i).replicas().forEach(added::remove);
            moves += added.size();
        }
        return moves;
    }

    private static List<PlacementNode> placementNodes(ModelCluster cluster) {
        return cluster.nodes.values().stream()
                .filter(NodeView::serves)
                .map(node -> new PlacementNode(node.name(), node.zone(), node.weight()))
                .toList();
    }

    private static List<Holding> holdings(ModelCluster cluster) {
        return cluster.groups.values().stream()
                .filter(group -> group.id != 0)
                .map(group -> new Holding(group.range, group.voters))
                .toList();
    }

    private static void assertWholeAndBalanced(ModelCluster cluster) {
        List<PlacementNode> serving = placementNodes(cluster);
        List<String> names = serving.stream().map(PlacementNode::name).toList();
        int copies = Math.min(3, serving.size());
        List<List<String>> candidates = new ArrayList<>();
        Map<String, Integer> led = new HashMap<>();
        for (Group group : cluster.groups.values()) {
            assertThat(group.voters).doesNotHaveDuplicates().isSubsetOf(names);
            assertThat(group.logReplicas).isEmpty();
            assertThat(group.learners).isEmpty();
            assertThat(group.voters).contains(group.leader);
            if (group.id != 0) {
                assertThat(group.voters).hasSize(copies);
            } else {
                assertThat(group.voters.size() % 2).isOne();
            }
            candidates.add(group.voters);
            led.merge(group.leader, 1, Integer::sum);
        }
        Leaders.shares(candidates).forEach((node, share) -> assertThat((double) led.getOrDefault(node, 0))
                .as("leaderships of %s", node)
                .isBetween(Math.floor(share + 1e-6), Math.ceil(share - 1e-6)));
        assertThat(Placement.of(serving).target(holdings(cluster), 3).stream()
                        .map(HashSet::new)
                        .toList())
                .as("where replicas should be is where they are")
                .isEqualTo(holdings(cluster).stream()
                        .map(holding -> new HashSet<>(holding.replicas()))
                        .toList());
        BalanceReport report = BalanceReport.of(cluster.view());
        assertThat(report.reasons().stream().filter(reason -> reason.contains("replicas")))
                .isEmpty();
    }
}

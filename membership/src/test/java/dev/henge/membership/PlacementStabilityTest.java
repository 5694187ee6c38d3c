package dev.henge.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.Placement.Holding;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * How little a change of the cluster moves. With equal weights a join moves the newcomer's share, rounded up, and a leave
 * what the leaver held; not a replica more.
 */
class PlacementStabilityTest {

    private static final int REPLICAS = 3;

    @Property(tries = 100)
    void aJoinMovesTheNewcomersShareAndNoMore(
            @ForAll @IntRange(min = 3, max = 50) int nodeCount,
            @ForAll @IntRange(min = 16, max = 512) int ranges,
            @ForAll @IntRange(min = 1, max = 5) int zones) {
        List<PlacementNode> nodes = equal(nodeCount, zones);
        List<Holding> before = PlacementChecks.placed(nodes, ranges);
        List<PlacementNode> more = equal(nodeCount + 1, zones);

        List<Holding> after = PlacementChecks.target(more, before, REPLICAS);

        PlacementChecks.assertAllBounds(more, after, REPLICAS);
        double share = Placement.of(more).shares(before, REPLICAS).getOrDefault("n" + nodeCount, 0.0);
        int moves = PlacementChecks.moves(before, after);
        if (zones <= REPLICAS && nodeCount >= zones) {
            assertThat((double) moves).isLessThanOrEqualTo(Math.ceil(share));
            assertThat(after).zipSatisfy(before, (to, from) -> assertThat(onlyAdded(from, to))
                    .isIn(List.of(), List.of("n" + nodeCount)));
        }
        assertThat((double) moves).isLessThanOrEqualTo(Math.ceil(share) + zones);
    }

    @Property(tries = 100)
    void aLeaveMovesWhatTheLeaverHeldAndNoMore(
            @ForAll @IntRange(min = 4, max = 50) int nodeCount,
            @ForAll @IntRange(min = 16, max = 512) int ranges,
            @ForAll @IntRange(min = 0, max = 49) int leaver) {
        List<PlacementNode> nodes = equal(nodeCount, 1);
        List<Holding> before = PlacementChecks.placed(nodes, ranges);
        List<PlacementNode> fewer = new ArrayList<>(nodes);
        PlacementNode gone = fewer.remove(leaver % nodeCount);

        List<Holding> after = PlacementChecks.target(fewer, before, REPLICAS);

        PlacementChecks.assertAllBounds(fewer, after, REPLICAS);
        assertThat(PlacementChecks.moves(before, after))
                .isEqualTo(PlacementChecks.loads(before).getOrDefault(gone.name(), 0));
    }

    /** The children of a split begin with their parent's replicas; one more range moves at most its own copies. */
    @Property(tries = 150)
    void aSplitMovesAtMostAsManyReplicasAsARangeHas(
            @ForAll @IntRange(min = 3, max = 50) int nodeCount,
            @ForAll @IntRange(min = 16, max = 512) int ranges,
            @ForAll @IntRange(min = 1, max = 3) int zones,
            @ForAll long seed) {
        List<PlacementNode> nodes = equal(nodeCount, zones);
        List<Holding> before = split(PlacementChecks.placed(nodes, ranges), new Random(seed));

        List<Holding> after = PlacementChecks.target(nodes, before, REPLICAS);

        PlacementChecks.assertAllBounds(nodes, after, REPLICAS);
        assertThat(PlacementChecks.moves(before, after)).isLessThanOrEqualTo(REPLICAS);
    }

    @Property(tries = 40)
    void manyNodesOfAnyKindComeAndGoAndAllBoundsHoldAtEachStep(
            @ForAll @IntRange(min = 1, max = 5) int zones,
            @ForAll @IntRange(min = 1, max = 128) int ranges,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<PlacementNode> nodes = PlacementChecks.nodes(3, zones, random);
        List<Holding> holdings = PlacementChecks.placed(nodes, ranges);
        for (int step = 0; step < 26; step++) {
            boolean joins = step < 12 || random.nextInt(4) == 0;
            if (joins || nodes.size() == 1) {
                nodes.add(PlacementChecks.node("m" + random.nextInt(1_000_000_000), zones, random));
            } else {
                nodes.remove(random.nextInt(nodes.size()));
            }
            if (random.nextInt(3) == 0) {
                holdings = split(holdings, random);
            }

            holdings = PlacementChecks.target(nodes, holdings, REPLICAS);

            PlacementChecks.assertAllBounds(nodes, holdings, REPLICAS);
        }
    }

    /** What weights and zones ask for may shift others' shares as well; only what shares ask for moves. */
    @Property(tries = 100)
    void aJoinOfAnyNodeMovesLittleMoreThanSharesGrow(
            @ForAll @IntRange(min = 3, max = 24) int nodeCount,
            @ForAll @IntRange(min = 16, max = 256) int ranges,
            @ForAll @IntRange(min = 1, max = 5) int zones,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<PlacementNode> nodes = PlacementChecks.nodes(nodeCount, zones, random);
        List<Holding> before = PlacementChecks.placed(nodes, ranges);
        List<PlacementNode> more = new ArrayList<>(nodes);
        more.add(PlacementChecks.node("new", zones, random));

        List<Holding> after = PlacementChecks.target(more, before, REPLICAS);

        Map<String, Double> shares = Placement.of(more).shares(before, REPLICAS);
        Map<String, Integer> loads = PlacementChecks.loads(before);
        double grown = shares.entrySet().stream()
                .mapToDouble(share -> Math.max(0, share.getValue() - loads.getOrDefault(share.getKey(), 0)))
                .sum();
        assertThat((double) PlacementChecks.moves(before, after)).isLessThanOrEqualTo(1.5 * grown + nodeCount);
    }

    private static List<PlacementNode> equal(int count, int zones) {
        return IntStream.range(0, count)
                .mapToObj(i -> new PlacementNode("n" + i, "zone-" + i % zones, 1))
                .toList();
    }

    private static List<String> onlyAdded(Holding from, Holding to) {
        List<String> added = new ArrayList<>(to.replicas());
        added.removeAll(new HashSet<>(from.replicas()));
        return added;
    }

    private static List<Holding> split(List<Holding> holdings, Random random) {
        List<Holding> split = new ArrayList<>(holdings);
        Holding parent = split.remove(random.nextInt(split.size()));
        long size = parent.range().end() - parent.range().start();
        // A range that is the whole ring has the size 0, which is 2^64.
        long middle = size == 0 ? Long.MIN_VALUE : parent.range().start() + (size >>> 1);
        split.add(new Holding(new TokenRange(parent.range().start(), middle), parent.replicas()));
        split.add(new Holding(new TokenRange(middle, parent.range().end()), parent.replicas()));
        return split;
    }
}

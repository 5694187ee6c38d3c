package dev.henge.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.henge.membership.Placement.Holding;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What {@link Placement} promises of a target, and how little it moves. */
class PlacementTest {

    private static final int REPLICAS = 3;

    @Property
    void rangesCoverTheRingWithoutGapOrOverlap(@ForAll @IntRange(min = 1, max = 500) int count) {
        List<TokenRange> ranges = TokenRange.cut(count);

        assertThat(ranges).hasSize(count);
        assertThat(ranges.getFirst().start()).isZero();
        assertThat(ranges.getLast().end()).isZero();
        for (int i = 1; i < count; i++) {
            assertThat(ranges.get(i).start()).isEqualTo(ranges.get(i - 1).end());
            assertThat(Long.compareUnsigned(
                            ranges.get(i).start(), ranges.get(i - 1).start()))
                    .isPositive();
        }
    }

    @Property
    void aTokenLiesInExactlyOneRange(@ForAll long token, @ForAll @IntRange(min = 1, max = 64) int count) {
        assertThat(TokenRange.cut(count).stream().filter(range -> range.contains(token)))
                .hasSize(1);
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void equalNodesHoldAndLeadEquallyMuch(
            @ForAll @IntRange(min = 1, max = 20) int nodeCount, @ForAll @IntRange(min = 1, max = 128) int rangeCount) {
        List<String> nodes =
                IntStream.rangeClosed(1, nodeCount).mapToObj(i -> "n" + i).toList();
        int copies = Math.min(REPLICAS, nodeCount);

        List<List<String>> lists = new Placement(nodes).preferenceLists(TokenRange.cut(rangeCount), REPLICAS);

        Map<String, Integer> replicas = zeroes(nodes);
        Map<String, Integer> leaders = zeroes(nodes);
        for (List<String> list : lists) {
            assertThat(list).hasSize(copies).doesNotHaveDuplicates().isSubsetOf(nodes);
            list.forEach(node -> replicas.merge(node, 1, Integer::sum));
            leaders.merge(list.getFirst(), 1, Integer::sum);
        }
        assertAtMostOneApart(replicas, rangeCount * copies);
        double average = (double) rangeCount / nodeCount;
        assertThat(leaders.values()).allMatch(led -> Math.abs(led - average) < 1 + 1.0 / copies);
    }

    @Property(tries = 50)
    void placementDependsOnTheSetOfNodesAlone(@ForAll @IntRange(min = 1, max = 9) int nodeCount, @ForAll long seed) {
        List<PlacementNode> nodes = new ArrayList<>(PlacementChecks.nodes(nodeCount, 2, new Random(seed)));
        List<Holding> holdings = PlacementChecks.placed(nodes, 16);
        nodes.removeFirst();
        nodes.add(new PlacementNode("another", "zone-1", 1));
        List<List<String>> lists = Placement.of(nodes).target(holdings, REPLICAS);

        Collections.shuffle(nodes, new Random(seed));

        assertThat(Placement.of(nodes).target(holdings, REPLICAS)).isEqualTo(lists);
        assertThat(Placement.of(nodes).target(holdings.reversed(), REPLICAS)).isEqualTo(lists.reversed());
    }

    @Property(tries = 300)
    void allBoundsHoldForAnyWeightsAndZones(
            @ForAll @IntRange(min = 1, max = 24) int nodeCount,
            @ForAll @IntRange(min = 1, max = 5) int zones,
            @ForAll @IntRange(min = 1, max = 200) int ranges,
            @ForAll @IntRange(min = 1, max = 5) int replicas,
            @ForAll long seed) {
        List<PlacementNode> nodes = PlacementChecks.nodes(nodeCount, zones, new Random(seed));

        List<Holding> placed = PlacementChecks.placed(nodes, ranges, replicas);

        PlacementChecks.assertAllBounds(nodes, placed, replicas);
    }

    @Property(tries = 150)
    void allBoundsHoldWhateverTheReplicasAreOn(
            @ForAll @IntRange(min = 1, max = 16) int nodeCount,
            @ForAll @IntRange(min = 1, max = 5) int zones,
            @ForAll @IntRange(min = 1, max = 100) int ranges,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<PlacementNode> nodes = PlacementChecks.nodes(nodeCount, zones, random);
        List<Holding> anyhow = new ArrayList<>();
        for (TokenRange range : TokenRange.cut(ranges)) {
            List<String> names =
                    new ArrayList<>(nodes.stream().map(PlacementNode::name).toList());
            names.add("gone");
            Collections.shuffle(names, random);
            Set<String> ratherNot = Set.copyOf(names.subList(0, random.nextInt(Math.min(3, names.size()))));
            Collections.shuffle(names, random);
            anyhow.add(new Holding(range, names.subList(0, random.nextInt(Math.min(5, names.size()) + 1)), ratherNot));
        }

        List<Holding> target = PlacementChecks.target(nodes, anyhow, REPLICAS);

        PlacementChecks.assertAllBounds(nodes, target, REPLICAS);
    }

    @Property(tries = 150)
    void whatIsAtItsTargetStays(
            @ForAll @IntRange(min = 1, max = 24) int nodeCount,
            @ForAll @IntRange(min = 1, max = 5) int zones,
            @ForAll @IntRange(min = 1, max = 200) int ranges,
            @ForAll long seed) {
        List<PlacementNode> nodes = PlacementChecks.nodes(nodeCount, zones, new Random(seed));
        List<Holding> placed = PlacementChecks.placed(nodes, ranges);

        assertThat(PlacementChecks.target(nodes, placed, REPLICAS)).isEqualTo(placed);
    }

    /** Three zones of as many nodes each, equal weights: no reason to put two copies into one zone. */
    @Property(tries = 150)
    void equalZonesGetOneReplicaOfEachRange(
            @ForAll @IntRange(min = 1, max = 8) int nodesPerZone, @ForAll @IntRange(min = 1, max = 200) int ranges) {
        List<PlacementNode> nodes = new ArrayList<>();
        for (int i = 0; i < 3 * nodesPerZone; i++) {
            nodes.add(new PlacementNode("n" + i, "zone-" + i % 3, 1));
        }

        List<Holding> placed = PlacementChecks.placed(nodes, ranges);

        Map<String, String> zones = PlacementChecks.zones(nodes);
        assertThat(placed)
                .allSatisfy(holding ->
                        assertThat(holding.replicas().stream().map(zones::get)).doesNotHaveDuplicates());
    }

    @Property(tries = 150)
    void aNodeOfTwiceTheWeightHoldsAndLeadsTwiceAsMuch(
            @ForAll @IntRange(min = 6, max = 20) int nodeCount, @ForAll @IntRange(min = 64, max = 256) int ranges) {
        List<PlacementNode> nodes = new ArrayList<>();
        for (int i = 0; i < nodeCount; i++) {
            nodes.add(new PlacementNode("n" + i, "", i == 0 ? 2 : 1));
        }

        List<Holding> placed = PlacementChecks.placed(nodes, ranges);

        Map<String, Integer> loads = PlacementChecks.loads(placed);
        double ofWeightOne = (double) ranges * REPLICAS / (nodeCount + 1);
        assertThat(loads.getOrDefault("n0", 0).doubleValue()).isBetween(2 * ofWeightOne - 1, 2 * ofWeightOne + 1);
        long led = placed.stream()
                .filter(holding -> holding.replicas().getFirst().equals("n0"))
                .count();
        assertThat((double) led).isBetween(2 * ofWeightOne / REPLICAS - 2, 2 * ofWeightOne / REPLICAS + 2);
    }

    /** A small zone's nodes take up to twice their share for the zones' sake; past that balance comes first. */
    @Test
    void aZoneTooSmallIsNotOverwhelmed() {
        List<PlacementNode> nodes = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            nodes.add(new PlacementNode("n" + i, i == 0 ? "small" : "zone-" + i % 2, 1));
        }

        List<Holding> placed = PlacementChecks.placed(nodes, 90);

        assertThat(PlacementChecks.loads(placed)).containsEntry("n0", 60);
        PlacementChecks.assertAllBounds(nodes, placed, REPLICAS);
    }

    @Test
    void aNodeThatTakesNoMoreKeepsWhatItHasAndGetsNothing() {
        List<PlacementNode> nodes = List.of(
                new PlacementNode("a", "", 1),
                new PlacementNode("b", "", 1),
                new PlacementNode("c", "", 1),
                new PlacementNode("d", "", 1, false));
        List<Holding> current = TokenRange.cut(8).stream()
                .map(range ->
                        new Holding(range, range.start() == 0 ? List.of("a", "b", "d") : List.of("a", "b", "gone")))
                .toList();

        List<Holding> target = PlacementChecks.target(nodes, current, REPLICAS);

        assertThat(target.getFirst().replicas()).containsExactlyInAnyOrder("a", "b", "d");
        assertThat(target.subList(1, 8))
                .allSatisfy(holding -> assertThat(holding.replicas()).containsExactlyInAnyOrder("a", "b", "c"));
    }

    @Test
    void aNodeThatShouldRatherNotGetARangeGetsItOnlyWhereNoOtherHasRoom() {
        List<PlacementNode> nodes = Stream.of("a", "b", "c", "d", "e")
                .map(name -> new PlacementNode(name, "", 1))
                .toList();
        for (TokenRange range : TokenRange.cut(32)) {
            Holding holding = new Holding(range, List.of("a", "b"), Set.of("c", "d"));
            assertThat(PlacementChecks.target(nodes, List.of(holding), REPLICAS)
                            .getFirst()
                            .replicas())
                    .containsExactlyInAnyOrder("a", "b", "e");
            assertThat(PlacementChecks.target(nodes.subList(0, 4), List.of(holding), REPLICAS)
                            .getFirst()
                            .replicas())
                    .hasSize(3)
                    .contains("a", "b");
        }
    }

    @Test
    void withTooFewNodesThatTakeMoreListsStayShort() {
        List<PlacementNode> nodes = List.of(
                new PlacementNode("a", "", 1), new PlacementNode("b", "", 1), new PlacementNode("c", "", 1, false));

        assertThat(Placement.of(nodes).preferenceLists(TokenRange.cut(4), REPLICAS))
                .allSatisfy(list -> assertThat(list).containsExactlyInAnyOrder("a", "b"));
    }

    @Test
    void twoNodesOfOneNameAreNoRing() {
        assertThatThrownBy(() -> new Placement(List.of("a", "a"))).hasMessageContaining("two nodes are called a");
    }

    private static Map<String, Integer> zeroes(List<String> nodes) {
        Map<String, Integer> zeroes = new TreeMap<>();
        nodes.forEach(node -> zeroes.put(node, 0));
        return zeroes;
    }

    private static void assertAtMostOneApart(Map<String, Integer> counts, int total) {
        Set<Integer> allowed =
                new HashSet<>(List.of(Math.floorDiv(total, counts.size()), Math.ceilDiv(total, counts.size())));
        assertThat(allowed).containsAll(counts.values());
    }
}

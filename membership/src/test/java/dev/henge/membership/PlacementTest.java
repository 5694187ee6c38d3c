package dev.henge.membership;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class PlacementTest {

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
    void replicasAreOnDistinctNodesAndLoadIsBounded(
            @ForAll @IntRange(min = 1, max = 20) int nodeCount, @ForAll @IntRange(min = 1, max = 128) int rangeCount) {
        List<String> nodes =
                IntStream.rangeClosed(1, nodeCount).mapToObj(i -> "n" + i).toList();
        int copies = Math.min(3, nodeCount);

        List<List<String>> lists = new Placement(nodes).preferenceLists(TokenRange.cut(rangeCount), 3);

        Map<String, Integer> replicas = new HashMap<>();
        Map<String, Integer> leaders = new HashMap<>();
        for (List<String> list : lists) {
            assertThat(list).hasSize(copies).doesNotHaveDuplicates().isSubsetOf(nodes);
            list.forEach(node -> replicas.merge(node, 1, Integer::sum));
            leaders.merge(list.getFirst(), 1, Integer::sum);
        }
        double average = (double) rangeCount * copies / nodeCount;
        assertThat(replicas.values()).allMatch(held -> held <= Math.ceil(average) + copies);
        if (nodeCount <= 3) {
            assertThat(leaders.values()).allMatch(held -> held <= Math.ceilDiv(rangeCount, nodeCount));
        }
    }

    @Property(tries = 50)
    void placementDependsOnTheSetOfNodesAlone(@ForAll @IntRange(min = 1, max = 9) int nodeCount) {
        List<String> nodes = new ArrayList<>(
                IntStream.rangeClosed(1, nodeCount).mapToObj(i -> "n" + i).toList());
        List<List<String>> lists = new Placement(nodes).preferenceLists(TokenRange.cut(16), 3);

        assertThat(new Placement(nodes.reversed()).preferenceLists(TokenRange.cut(16), 3))
                .isEqualTo(lists);
    }
}

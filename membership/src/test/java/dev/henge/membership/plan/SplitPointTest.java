package dev.henge.membership.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.membership.TokenRange;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class SplitPointTest {

    private static final TokenRange RING = new TokenRange(0, 0);
    private static final double QUARTER = 0.25;

    @Property(tries = 300)
    void aBoundaryLeavesEnoughOnBothSidesAndCutsNoToken(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(min = 0, max = 40) Integer> tokens,
            @ForAll @IntRange(min = 1, max = 40) int start) {
        TokenRange range = new TokenRange(start, 41);
        List<WeightedToken> samples =
                tokens.stream().map(token -> new WeightedToken(token, 1)).toList();

        OptionalLong boundary = SplitPoint.median(range, samples, QUARTER);

        long inside = tokens.stream().filter(range::contains).count();
        boundary.ifPresent(first -> {
            long left = tokens.stream()
                    .filter(token -> token >= start && token < first)
                    .count();
            assertThat(range.contains(first)).isTrue();
            assertThat(first).isNotEqualTo(range.start());
            assertThat(Math.min(left, inside - left)).isGreaterThanOrEqualTo(Math.ceilDiv(inside, 4L));
        });
        if (boundary.isEmpty()) {
            for (int first = start + 1; first < 41; first++) {
                long at = first;
                long left = tokens.stream()
                        .filter(token -> token >= start && token < at)
                        .count();
                assertThat(4 * Math.min(left, inside - left) < inside || inside == 0)
                        .isTrue();
            }
        }
    }

    @Test
    void tokensAreUnsigned() {
        List<WeightedToken> samples = List.of(
                new WeightedToken(1, 1), new WeightedToken(2, 1), new WeightedToken(-2, 1), new WeightedToken(-1, 1));

        assertThat(SplitPoint.median(RING, samples, QUARTER)).hasValue(-2);
    }

    @Test
    void aSingleHotKeyHasNoBoundary() {
        List<WeightedToken> samples =
                List.of(new WeightedToken(10, 1), new WeightedToken(20, 8), new WeightedToken(30, 1));

        assertThat(SplitPoint.median(RING, samples, QUARTER)).isEmpty();
    }

    @Test
    void aLoadOnManyKeysIsCutInTheMiddle() {
        Random random = new Random(1);
        List<LoadWindow> windows = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            windows.add(window(i, random, 0, 1_000_000));
        }

        assertThat(SplitPoint.ofLoad(RING, windows, QUARTER).orElse(0)).isBetween(350_000L, 650_000L);
    }

    /** A scan in the order of tokens: its window moves on, so that at most two windows see both sides of a boundary. */
    @Test
    void aMovingScanHasNoBoundary() {
        Random random = new Random(2);
        List<LoadWindow> windows = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            windows.add(window(i, random, i * 100_000L, 150_000));
        }

        assertThat(SplitPoint.ofLoad(RING, windows, QUARTER)).isEmpty();
    }

    @Test
    void twoWindowsDoNotTellAScanFromALoad() {
        Random random = new Random(3);

        assertThat(SplitPoint.ofLoad(RING, List.of(window(0, random, 0, 1_000), window(1, random, 0, 1_000)), QUARTER))
                .isEmpty();
    }

    @Test
    void withoutSamplesTheMiddleIsTaken() {
        assertThat(SplitPoint.ofSize(RING, List.of(), QUARTER)).hasValue(Long.MIN_VALUE);
        assertThat(SplitPoint.ofSize(new TokenRange(Long.MIN_VALUE, 0), List.of(), QUARTER))
                .hasValue(0xC000_0000_0000_0000L);
        assertThat(SplitPoint.ofSize(new TokenRange(5, 100), List.of(), QUARTER))
                .isEmpty();
    }

    private static LoadWindow window(int ordinal, Random random, long from, int width) {
        List<WeightedToken> samples = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            samples.add(new WeightedToken(from + random.nextInt(width), 1));
        }
        return new LoadWindow(ordinal * 10_000L, (ordinal + 1) * 10_000L, 50_000, samples);
    }
}

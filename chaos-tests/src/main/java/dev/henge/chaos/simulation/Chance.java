package dev.henge.chaos.simulation;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Where a simulation's random choices come from. Parts have streams of their own, so that a change to one moves no other. */
final class Chance {

    private final SplittableRandom random;

    Chance(SplittableRandom random) {
        this.random = random;
    }

    Chance split() {
        return new Chance(random.split());
    }

    boolean happens(double share) {
        return share > 0 && random.nextDouble() < share;
    }

    /** A number of {@code [0, bound)}. */
    long below(long bound) {
        return random.nextLong(bound);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    /** A number of {@code [low, high]}. */
    long between(long low, long high) {
        return low + random.nextLong(high - low + 1);
    }

    long betweenMillis(long lowMillis, long highMillis) {
        return between(TimeUnit.MILLISECONDS.toNanos(lowMillis), TimeUnit.MILLISECONDS.toNanos(highMillis));
    }

    double between(double low, double high) {
        return low + random.nextDouble() * (high - low);
    }

    long any() {
        return random.nextLong();
    }

    @SafeVarargs
    final <T> T oneOf(T... choices) {
        return choices[random.nextInt(choices.length)];
    }

    <T> T oneOf(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    <T> List<T> shuffled(List<T> all) {
        List<T> shuffled = new ArrayList<>(all);
        for (int i = shuffled.size() - 1; i > 0; i--) {
            Collections.swap(shuffled, i, below(i + 1));
        }
        return shuffled;
    }
}

package dev.henge.chaos.planted;

import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Looks for a planted bug with one seed after the other. */
final class Hunt {

    /**
     * What came of it.
     *
     * @param failure what the seed found, null when no seed found anything
     * @param seeds how many were run
     * @param reachedCount how often the changed place was reached
     * @param cpuNanos the thread's time on a processor, compiling and the run without the bug included
     */
    record Result(PlantedBug bug, @Nullable RuntimeException failure, int seeds, long reachedCount, long cpuNanos) {

        boolean caught() {
            return failure != null;
        }

        String caughtBy() {
            return failure == null ? "NOT CAUGHT" : Checks.nameOf(failure);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%s: %s, %d seeds, %.1f CPU-s, reached %d times",
                    bug.id(),
                    caughtBy(),
                    seeds,
                    cpuNanos / 1e9,
                    reachedCount);
        }
    }

    private Hunt() {}

    /**
     * Runs seeds from 1 on until one fails, at most {@code seedsMax}.
     *
     * @throws IllegalStateException when the bug can't be planted, was never reached, or the seed that found it fails
     *     without it too
     */
    static Result run(PlantedBug bug, int seedsMax) {
        long startedNanos = cpuNanos();
        List<Edit> edits =
                Stream.concat(bug.settings().stream(), bug.edits().stream()).toList();
        SeedRunner runner = runner(bug, edits);
        Reached.reset();
        RuntimeException failure = null;
        int seed = 0;
        while (failure == null && seed < seedsMax) {
            seed++;
            failure = runner.run(seed, bug.profile(), bug.sabotage());
        }
        long reachedCount = Reached.count();
        if (reachedCount == 0 && !bug.isSabotage()) {
            throw new IllegalStateException(
                    bug.id() + " was never reached in " + seed + " seeds; what they found: " + failure);
        }
        if (failure != null) {
            checkPassesWithout(bug, seed);
        }
        return new Result(bug, failure, seed, reachedCount, cpuNanos() - startedNanos);
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** It is the bug that was found, and not something else. */
    private static void checkPassesWithout(PlantedBug bug, int seed) {
        RuntimeException failure = runner(bug, bug.settings()).run(seed, bug.profile(), PlantedBug.NO_SABOTAGE);
        if (failure != null) {
            throw new IllegalStateException(
                    "seed " + seed + ", which found " + bug.id() + ", fails without it too", failure);
        }
    }

    private static SeedRunner runner(PlantedBug bug, List<Edit> edits) {
        try {
            return new ChangedLoader(ChangedClasses.compile(edits)).runner();
        } catch (IllegalStateException e) {
            throw new IllegalStateException(bug.id() + " can't be planted: " + e.getMessage(), e);
        }
    }

    /** A table of results, in Markdown. */
    static String table(List<Result> results) {
        StringBuilder text = new StringBuilder("| bug | what is broken | caught by | seeds | CPU-s |\n");
        text.append("| --- | --- | --- | ---: | ---: |\n");
        for (Result result : results) {
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %s | %d | %.1f |%n",
                    result.bug().id(),
                    result.bug().breaks(),
                    result.caughtBy().replace("|", "\\|"),
                    result.seeds(),
                    result.cpuNanos() / (double) TimeUnit.SECONDS.toNanos(1)));
        }
        return text.toString();
    }
}

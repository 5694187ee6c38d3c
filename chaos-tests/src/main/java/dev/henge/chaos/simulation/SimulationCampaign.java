package dev.henge.chaos.simulation;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs many seeds, says which fail and how to see them fail again. The README of this module says how to start it. */
public final class SimulationCampaign {

    private static final String USAGE =
            "usage: SimulationCampaign [--from SEED] [--seeds COUNT] [--minutes REAL_MINUTES]"
                    + " [--threads COUNT] [--sabotage KIND] [--trace]";
    private static final int PROGRESS_SECONDS = 60;

    /**
     * What was run and found.
     *
     * @param nextSeed where a campaign that ran out of time goes on
     * @param went what the runs went through, as text
     * @param failures seeds that failed, with why, in the seeds' order
     */
    public record Report(
            int seedCount,
            long nextSeed,
            long operationCount,
            long leaderCount,
            long faultCount,
            String went,
            long snapshotCount,
            long simulatedNanos,
            long realNanos,
            List<Failure> failures) {

        public double timesRealTime() {
            return (double) simulatedNanos / Math.max(1, realNanos);
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d seeds (next: %d), %d failed; %d operations, %d leaders elected, %d faults, %d snapshots installed; "
                            + "%.1f simulated hours in %.1f real minutes: %.0f simulated hours per real hour; %s",
                    seedCount,
                    nextSeed,
                    failures.size(),
                    operationCount,
                    leaderCount,
                    faultCount,
                    snapshotCount,
                    simulatedNanos / 3.6e12,
                    realNanos / 6e10,
                    timesRealTime(),
                    went);
        }
    }

    /** A seed that failed. */
    public record Failure(long seed, Sabotage sabotage, RuntimeException cause) {
        @Override
        public String toString() {
            return "seed " + seed + (sabotage == Sabotage.NONE ? "" : " with " + sabotage) + ": " + cause.getMessage()
                    + "\n  see it again, step by step: " + replayCommand(seed, sabotage);
        }
    }

    private SimulationCampaign() {}

    static String replayCommand(long seed, Sabotage sabotage) {
        String more = sabotage == Sabotage.NONE ? "" : " -Dhenge.simulation.sabotage=" + sabotage;
        return "./mvnw -q -pl chaos-tests -am test -Dtest=SimulationOnDemand#replay -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dhenge.simulation.seed=" + seed + more;
    }

    /** Runs consecutive seeds in the calling thread until all are done or the real time is up. */
    public static Report run(long firstSeed, int seedCount, long realNanosMax, Sabotage sabotage) {
        Totals totals = new Totals(firstSeed, seedCount, realNanosMax, sabotage, line -> {});
        totals.work();
        return totals.report();
    }

    /**
     * Runs consecutive seeds in several threads, which share nothing but the count of what is done.
     *
     * @param output gets each failure as it is found, and each minute how far the campaign is
     */
    public static Report run(
            long firstSeed,
            int seedCount,
            long realNanosMax,
            Sabotage sabotage,
            int threadCount,
            Consumer<String> output) {
        Totals totals = new Totals(firstSeed, seedCount, realNanosMax, sabotage, output);
        CountDownLatch running = new CountDownLatch(threadCount);
        for (int number = 1; number <= threadCount; number++) {
            Thread.ofPlatform().daemon().name("simulation-" + number).start(() -> {
                try {
                    totals.work();
                } finally {
                    running.countDown();
                }
            });
        }
        try {
            while (!running.await(PROGRESS_SECONDS, TimeUnit.SECONDS)) {
                output.accept(totals.report().toString());
            }
        } catch (InterruptedException e) {
            totals.stop();
            Thread.currentThread().interrupt();
        }
        return totals.report();
    }

    /** What the threads of a campaign have done so far, and which seed is next. */
    private static final class Totals {
        private final long firstSeed;
        private final int seedCountMax;
        private final long realNanosMax;
        private final Sabotage sabotage;
        private final Consumer<String> output;
        private final long startedNanos = System.nanoTime();
        private final List<Failure> failures = new ArrayList<>();
        private final Counts counts = new Counts();
        private int begun;
        private int done;
        private long operations;
        private long leaders;
        private long snapshots;
        private long simulatedNanos;
        private boolean stopped;

        Totals(long firstSeed, int seedCountMax, long realNanosMax, Sabotage sabotage, Consumer<String> output) {
            this.firstSeed = firstSeed;
            this.seedCountMax = seedCountMax;
            this.realNanosMax = realNanosMax;
            this.sabotage = sabotage;
            this.output = output;
        }

        void work() {
            for (long offset = next(); offset >= 0; offset = next()) {
                Settings settings = Settings.ofSeed(firstSeed + offset, sabotage);
                try {
                    add(Simulation.run(settings, Trace.silent()));
                } catch (RuntimeException e) {
                    add(new Failure(settings.seed(), sabotage, e));
                } catch (AssertionError e) {
                    add(new Failure(
                            settings.seed(), sabotage, new SimulationFailure(String.valueOf(e.getMessage()), e)));
                }
            }
        }

        private synchronized long next() {
            boolean over = stopped || begun >= seedCountMax || System.nanoTime() - startedNanos >= realNanosMax;
            return over ? -1 : begun++;
        }

        private synchronized void add(Simulation.Result result) {
            done++;
            operations += result.operationCount();
            leaders += result.leaderCount();
            snapshots += result.snapshotCount();
            simulatedNanos += result.simulatedNanos();
            counts.add(result.counts());
        }

        private synchronized void add(Failure failure) {
            done++;
            failures.add(failure);
            output.accept(failure.toString());
        }

        synchronized void stop() {
            stopped = true;
        }

        synchronized Report report() {
            return new Report(
                    done,
                    firstSeed + begun,
                    operations,
                    leaders,
                    counts.faultCount(),
                    counts.toString(),
                    snapshots,
                    simulatedNanos,
                    System.nanoTime() - startedNanos,
                    failures.stream()
                            .sorted(Comparator.comparingLong(Failure::seed))
                            .toList());
        }
    }

    /** Runs one seed and prints every step. */
    static void replay(long seed, Sabotage sabotage, PrintStream output) {
        Settings settings = Settings.ofSeed(seed, sabotage);
        output.println(settings);
        Simulation.Result result = Simulation.run(settings, Trace.to(output::println));
        output.println(result);
    }

    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) {
        long from = 1;
        int seeds = 100;
        long minutes = 24L * 60;
        int threads = 1;
        Sabotage sabotage = Sabotage.NONE;
        boolean trace = false;
        for (int place = 0; place < arguments.length; place++) {
            boolean hasValue = place + 1 < arguments.length;
            if (arguments[place].equals("--trace")) {
                trace = true;
            } else if (arguments[place].equals("--from") && hasValue) {
                from = Long.parseLong(arguments[++place]);
            } else if (arguments[place].equals("--seeds") && hasValue) {
                seeds = Integer.parseInt(arguments[++place]);
            } else if (arguments[place].equals("--minutes") && hasValue) {
                minutes = Long.parseLong(arguments[++place]);
            } else if (arguments[place].equals("--threads") && hasValue) {
                threads = Integer.parseInt(arguments[++place]);
            } else if (arguments[place].equals("--sabotage") && hasValue) {
                sabotage = Sabotage.valueOf(arguments[++place]);
            } else {
                System.err.println(USAGE);
                System.exit(2);
            }
        }
        if (trace) {
            replay(from, sabotage, System.out);
            return;
        }
        Report report = run(from, seeds, TimeUnit.MINUTES.toNanos(minutes), sabotage, threads, System.out::println);
        report.failures().forEach(failure -> System.out.println("failed: seed " + failure.seed()));
        System.out.println(report);
        if (!report.failures().isEmpty()) {
            System.exit(1);
        }
    }
}

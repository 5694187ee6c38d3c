package dev.henge.chaos.simulation;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Runs many seeds, says which fail and how to see them fail again. The README of this module says how to start it. */
public final class SimulationCampaign {

    private static final String USAGE =
            "usage: SimulationCampaign [--from SEED] [--seeds COUNT] [--minutes REAL_MINUTES] [--sabotage KIND] [--trace]";

    /**
     * What was run and found.
     *
     * @param failures seeds that failed, with why
     */
    public record Report(
            int seedCount,
            long operationCount,
            long leaderCount,
            long faultCount,
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
                    "%d seeds, %d failed; %d operations, %d leaders, %d faults, %d snapshots installed; "
                            + "%.1f simulated hours in %.1f real minutes: %.0f simulated hours per real hour",
                    seedCount,
                    failures.size(),
                    operationCount,
                    leaderCount,
                    faultCount,
                    snapshotCount,
                    simulatedNanos / 3.6e12,
                    realNanos / 6e10,
                    timesRealTime());
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

    /** Runs consecutive seeds until all are done or the real time is up. */
    public static Report run(long firstSeed, int seedCount, long realNanosMax, Sabotage sabotage) {
        long startedNanos = System.nanoTime();
        List<Failure> failures = new ArrayList<>();
        int done = 0;
        long operations = 0;
        long leaders = 0;
        long faults = 0;
        long snapshots = 0;
        long simulatedNanos = 0;
        while (done < seedCount && System.nanoTime() - startedNanos < realNanosMax) {
            Settings settings = Settings.ofSeed(firstSeed + done, sabotage);
            done++;
            try {
                Simulation.Result result = Simulation.run(settings, Trace.silent());
                operations += result.operationCount();
                leaders += result.leaderCount();
                faults += result.faultCount();
                snapshots += result.snapshotCount();
                simulatedNanos += result.simulatedNanos();
            } catch (RuntimeException e) {
                failures.add(new Failure(settings.seed(), sabotage, e));
            }
        }
        return new Report(
                done,
                operations,
                leaders,
                faults,
                snapshots,
                simulatedNanos,
                System.nanoTime() - startedNanos,
                failures);
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
        Report report = run(from, seeds, TimeUnit.MINUTES.toNanos(minutes), sabotage);
        report.failures().forEach(System.out::println);
        System.out.println(report);
        if (!report.failures().isEmpty()) {
            System.exit(1);
        }
    }
}

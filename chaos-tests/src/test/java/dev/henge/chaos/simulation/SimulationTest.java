package dev.henge.chaos.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

final class SimulationTest {

    private static final long NO_TIME_LIMIT = Long.MAX_VALUE;
    private static final int SABOTAGE_SEEDS_MAX = 200;

    @Test
    void aClusterSurvivesWhatHundredsOfSeedsDoToIt() {
        SimulationCampaign.Report report = SimulationCampaign.run(1, 500, NO_TIME_LIMIT, Sabotage.NONE);
        System.out.println(report);

        assertThat(report.failures()).isEmpty();
        assertThat(report.seedCount()).isEqualTo(500);
        // The runs did something: clients were served, leaders fell, things went wrong.
        assertThat(report.operationCount()).isGreaterThan(100_000);
        assertThat(report.leaderCount()).isGreaterThan(2_000);
        assertThat(report.faultCount()).isGreaterThan(5_000);
    }

    /** Seeds that once found a fault. */
    @ParameterizedTest
    @ValueSource(
            longs = {
                // A follower that restarted under an idle leader did not commit what it held until the next append.
                123,
                177,
                291,
                // A voter that learned of a term before it was asked for its vote forgot its loyalty: two leases at a
                // time.
                2070
            })
    void aFaultThatWasFoundStaysMended(long seed) {
        assertThat(SimulationCampaign.run(seed, 1, NO_TIME_LIMIT, Sabotage.NONE).failures())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void dataFlowsWhileTheSystemPartitionHasNoQuorum(long seed) {
        Settings settings = Settings.ofSeed(seed, EnumSet.of(Fault.SYSTEM_PARTITION_CUT));
        Simulation.Result result = Simulation.run(settings, Trace.silent());

        assertThat(result.faultCount()).isPositive();
        assertThat(result.answeredCount()).isGreaterThan(100);
        assertThat(result.failedCount()).isZero();
    }

    @ParameterizedTest
    @EnumSource(value = Sabotage.class, mode = Mode.EXCLUDE, names = "NONE")
    void sabotageIsFound(Sabotage sabotage) {
        int seed = 0;
        List<SimulationCampaign.Failure> found = List.of();
        while (found.isEmpty() && seed < SABOTAGE_SEEDS_MAX) {
            seed++;
            found = SimulationCampaign.run(seed, 1, NO_TIME_LIMIT, sabotage).failures();
        }
        assertThat(found).as("what %d seeds found", seed).hasSize(1);
        System.out.println(found.getFirst());
        assertThat(found.getFirst().cause()).isInstanceOf(SimulationFailure.class);
        // It is the sabotage that was found, and not something else.
        assertThat(SimulationCampaign.run(seed, 1, NO_TIME_LIMIT, Sabotage.NONE).failures())
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(longs = {7, 8, 9})
    void aSeedReproducesItsRun(long seed) {
        Settings settings = Settings.ofSeed(seed, Sabotage.NONE);
        List<String> steps = new ArrayList<>();
        Simulation.Result first = Simulation.run(settings, Trace.silent());
        Simulation.Result second = Simulation.run(settings, Trace.to(steps::add));

        assertThat(second).isEqualTo(first);
        assertThat(steps).isNotEmpty();
        assertThat(first.fingerprint())
                .isNotEqualTo(Simulation.run(Settings.ofSeed(seed + 100, Sabotage.NONE), Trace.silent())
                        .fingerprint());
    }

    @Test
    void simulatedTimeRunsMuchFasterThanRealTime() {
        SimulationCampaign.run(1, 20, NO_TIME_LIMIT, Sabotage.NONE); // until the code is compiled
        SimulationCampaign.Report report =
                SimulationCampaign.run(21, 1_000, TimeUnit.SECONDS.toNanos(3), Sabotage.NONE);

        assertThat(report.timesRealTime()).isGreaterThan(20);
    }
}

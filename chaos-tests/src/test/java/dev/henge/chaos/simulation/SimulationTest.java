package dev.henge.chaos.simulation;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.henge.chaos.planted.Profile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SimulationTest {

    private static final long NO_TIME_LIMIT = Long.MAX_VALUE;
    private static final int THREADS_MAX = 4;
    private static final int SABOTAGE_SEEDS_MAX = 200;

    @Test
    void aClusterSurvivesWhatAThousandSeedsDoToIt() {
        int threads = Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors());
        SimulationCampaign.Report report =
                SimulationCampaign.run(1, 1_000, NO_TIME_LIMIT, Sabotage.NONE, threads, System.out::println);
        System.out.println(report);

        assertThat(report.failures()).isEmpty();
        assertThat(report.seedCount()).isEqualTo(1_000);
        // The runs did something: clients were served, leaders fell, things went wrong.
        assertThat(report.operationCount()).isGreaterThan(200_000);
        assertThat(report.leaderCount()).isGreaterThan(4_000);
        assertThat(report.faultCount()).isGreaterThan(10_000);
        assertThat(report.snapshotCount()).isGreaterThan(200);
    }

    /** The file says what each of them found. */
    static List<Long> keptSeeds() throws IOException {
        try (InputStream file = SimulationTest.class.getResourceAsStream("kept-seeds.txt")) {
            return new String(requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .map(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("keptSeeds")
    void aFaultThatWasFoundStaysMended(long seed) {
        assertThat(SimulationCampaign.run(seed, 1, NO_TIME_LIMIT, Sabotage.NONE).failures())
                .isEmpty();
    }

    /**
     * 1396: a replica waited to hear that something is durable which was so before it began to wait. 21399: a move that was given up
     * waited for a lost replica whose log another node keeps.
     */
    @ParameterizedTest
    @ValueSource(longs = {1396, 21399})
    void aFaultThatWasFoundWithLossesStaysMended(long seed) {
        assertThat(new SimulatedSeedRunner().run(seed, Profile.LOSSES, "NONE")).isNull();
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

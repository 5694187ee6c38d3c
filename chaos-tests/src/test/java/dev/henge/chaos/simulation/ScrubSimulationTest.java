package dev.henge.chaos.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ScrubSimulationTest {

    @Test
    void scrubsUnderFaultsAndLoadNeverFindADifferenceThatIsNotThere() {
        int equal = 0;
        for (long seed = 10_001; seed <= 10_060; seed++) {
            Simulation.Result result =
                    Simulation.run(Settings.ofSeed(seed, Sabotage.NONE), Trace.silent(), Scrubs.Mode.WATCHING);
            assertThat(result.scrubsFound()).isZero();
            equal += result.scrubsEqual();
        }
        assertThat(equal).as("scrubs that came to their end").isGreaterThan(200);
    }

    /** The run itself fails when the replicas are not equal in the end. */
    @Test
    void aReplicaThatDiffersIsFoundAndRebuiltWhateverElseGoesWrong() {
        int runsThatFound = 0;
        for (long seed = 20_001; seed <= 20_060; seed++) {
            Simulation.Result result =
                    Simulation.run(Settings.ofSeed(seed, Sabotage.NONE), Trace.silent(), Scrubs.Mode.PLANTED);
            if (result.scrubsFound() > 0) {
                runsThatFound++;
            }
        }
        // In the others a snapshot replaced the replica's state before a scrub came by. A scrub that misses what is
        // there
        // fails the run.
        assertThat(runsThatFound).isGreaterThan(25);
    }
}

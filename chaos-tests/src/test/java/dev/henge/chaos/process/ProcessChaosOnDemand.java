package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Long runs; the name keeps them out of the build. The README of this module says how to start them. */
final class ProcessChaosOnDemand {

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void mixedFaults() throws IOException, InterruptedException {
        SandboxedRuns.assumePossible();
        List<String> arguments = new ArrayList<>(List.of(
                "--minutes",
                System.getProperty("henge.chaos.minutes", "5"),
                "--seed",
                System.getProperty("henge.chaos.seed", "1"),
                "--nodes",
                System.getProperty("henge.chaos.nodes", "3"),
                "--directory",
                directory.toString()));
        String faults = System.getProperty("henge.chaos.faults");
        if (faults != null) {
            arguments.addAll(List.of("--faults", faults));
        }

        assertThat(SandboxedRuns.run(ProcessChaos.class, arguments))
                .as("outputs and histories are in %s", directory)
                .isZero();
    }

    @Test
    void availability() throws IOException, InterruptedException {
        SandboxedRuns.assumePossible();

        assertThat(SandboxedRuns.run(
                        AvailabilityBenchmark.class,
                        List.of(
                                "--repeat",
                                System.getProperty("henge.chaos.repeat", "5"),
                                "--directory",
                                directory.toString())))
                .isZero();
    }

    @Test
    void restart() throws IOException, InterruptedException {
        SandboxedRuns.assumePossible();

        assertThat(SandboxedRuns.run(RestartBenchmark.class, List.of("--directory", directory.toString())))
                .isZero();
    }

    @Test
    void idle() throws IOException, InterruptedException {
        SandboxedRuns.assumePossible();

        assertThat(SandboxedRuns.run(IdleBenchmark.class, List.of("--directory", directory.toString())))
                .isZero();
    }
}

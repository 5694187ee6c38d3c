package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of fault once, on three nodes and a router that are processes. */
@Timeout(900)
final class ProcessChaosTest {

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void clientsSeeOneDatabaseThroughEveryKindOfFault() throws IOException, InterruptedException {
        SandboxedRuns.assumePossible();

        // The run ends after the seconds given or after each kind of fault has come once, whichever is later.
        int code = SandboxedRuns.run(
                ProcessChaos.class, List.of("--seconds", "1", "--seed", "3", "--directory", directory.toString()));

        assertThat(code).as("outputs and histories are in %s", directory).isZero();
    }
}

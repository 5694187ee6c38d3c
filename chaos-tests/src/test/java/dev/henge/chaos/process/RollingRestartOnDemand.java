package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** Longer than a build may take; the name keeps it out. The README of this module says how to start it. */
final class RollingRestartOnDemand {

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void noCallOfTheSdkFailsInManyRounds() throws IOException {
        RollingRestart.Result result = RollingRestart.run(directory, Integer.getInteger("henge.rolling.rounds", 10));

        System.out.println("rolling: " + result);
        assertThat(result.failed()).isZero();
        assertThat(result.user().errors()).isEmpty();
        assertThat(result.user().failed()).isZero();
    }
}

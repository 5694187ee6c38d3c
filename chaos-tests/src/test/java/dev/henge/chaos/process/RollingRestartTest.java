package dev.henge.chaos.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One round; {@code RollingRestartOnDemand} has more of them. */
@Timeout(300)
final class RollingRestartTest {

    @TempDir
    private Path directory;

    @Test
    void noCallOfTheSdkFailsWhileEveryNodeAndRouterIsRestartedInTurn() throws IOException {
        RollingRestart.Result result = RollingRestart.run(directory, 1);

        System.out.println("rolling: " + result);
        assertThat(result.failed()).isZero();
        assertThat(result.user().errors()).isEmpty();
        assertThat(result.user().failed()).isZero();
        assertThat(result.user().calls()).isPositive();
    }
}

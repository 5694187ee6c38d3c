package dev.henge.chaos.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.henge.chaos.support.Commands;
import dev.henge.chaos.support.Commands.Ran;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** boto3's resource and client; what they do and check stands in the Python scripts beside this class. */
final class Boto3Test {

    private static final Duration SCRIPT_MAX = Duration.ofMinutes(2);
    private static final Pattern SWEPT =
            Pattern.compile("done: (?<round>\\w+), (?<operations>\\d+) operations of boto3 \\S+, \\d+ calls\n");
    private static final int OPERATIONS_MIN = 50;

    @RegisterExtension
    static final TestCluster CLUSTER = new TestCluster();

    @BeforeAll
    static void needsBoto3() {
        assumeTrue(
                Commands.works("python3", "-c", "import boto3"),
                "boto3 is not installed: `python3 -c 'import boto3'` fails; `pip install boto3` brings it");
    }

    @ParameterizedTest
    @ValueSource(strings = {"my_users_by_resource", "my_users_by_client", "players_by_resource", "players_by_client"})
    void runsTheProgram(String program, @TempDir Path directory) throws IOException {
        Ran ran = run(directory, "boto3_programs.py", program);

        assertThat(ran.code()).as("%s", ran).isZero();
        assertThat(ran.out()).isEqualTo("done: " + program + "\n");
    }

    /** All operations of both service models, as the script's head says. */
    @ParameterizedTest
    @ValueSource(strings = {"minimal", "sensible", "random"})
    void everyOperationAnswersAsItsModelSays(String round, @TempDir Path directory) throws IOException {
        Ran ran = run(directory, "boto3_sweep.py", round);

        assertThat(ran.code()).as("%s", ran).isZero();
        Matcher done = SWEPT.matcher(ran.out());
        assertThat(done.matches()).as(ran.out()).isTrue();
        assertThat(done.group("round")).isEqualTo(round);
        // Debian's boto3 is older and knows a few less than the 57 + 4 of today.
        assertThat(Integer.parseInt(done.group("operations"))).isGreaterThanOrEqualTo(OPERATIONS_MIN);
        System.out.print("sweep: " + ran.out());
    }

    private static Ran run(Path directory, String script, String argument) throws IOException {
        Path copied = directory.resolve(script);
        try (InputStream source = Objects.requireNonNull(Boto3Test.class.getResourceAsStream(script), script)) {
            Files.copy(source, copied);
        }
        return Commands.run(
                Commands.AWS_ENVIRONMENT,
                SCRIPT_MAX,
                List.of("python3", copied.toString(), CLUSTER.endpoint().toString(), argument));
    }
}

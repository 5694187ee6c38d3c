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
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** boto3's resource and client; what they do and check stands in the Python script beside this class. */
final class Boto3Test {

    private static final Duration SCRIPT_MAX = Duration.ofMinutes(2);

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
        Path script = directory.resolve("boto3_programs.py");
        try (InputStream source =
                Objects.requireNonNull(Boto3Test.class.getResourceAsStream("boto3_programs.py"), "the script")) {
            Files.copy(source, script);
        }

        Ran ran = Commands.run(
                Commands.AWS_ENVIRONMENT,
                SCRIPT_MAX,
                List.of("python3", script.toString(), CLUSTER.endpoint().toString(), program));

        assertThat(ran.code()).as("%s", ran).isZero();
        assertThat(ran.out()).isEqualTo("done: " + program + "\n");
    }
}

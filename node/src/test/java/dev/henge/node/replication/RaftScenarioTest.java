package dev.henge.node.replication;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Scenario files under {@code src/test/resources/raft}: commands, and below each what it prints ({@link RaftScenario}). After
 * a change that is meant, {@code -Dhenge.raft.scenarios=path/to/src/test/resources/raft} writes the transcripts anew; read
 * them.
 */
class RaftScenarioTest {

    private static final int SCENARIOS_MIN = 8;

    static List<Path> scenarios() throws IOException, URISyntaxException {
        String rewritten = System.getProperty("henge.raft.scenarios");
        Path directory = rewritten != null
                ? Path.of(rewritten)
                : Path.of(Objects.requireNonNull(RaftScenarioTest.class.getResource("/raft"))
                        .toURI());
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void everyCommandPrintsWhatTheScenarioSays(Path file) throws IOException {
        String scenario = Files.readString(file);

        String transcript = RaftScenario.run(scenario);

        if (System.getProperty("henge.raft.scenarios") != null) {
            Files.writeString(file, transcript);
            return;
        }
        assertThat(transcript).isEqualTo(scenario);
    }

    @Test
    void thereAreScenarios() throws IOException, URISyntaxException {
        assertThat(scenarios()).hasSizeGreaterThanOrEqualTo(SCENARIOS_MIN);
    }
}
